// Recent days: how often each class stood lately, a day counting half as much as one `halfLife` days later.
import type { Model } from "../history.ts"
import { countsOf, evenly, probabilitiesOf } from "./counts.ts"

export function recent({ halfLife }: { readonly halfLife: number }): Model {
  return {
    name: "recent",
    predict({ labels, values }) {
      const days = values.map((value, index) => ({
        value,
        weight: 2 ** (-(values.length - 1 - index) / halfLife),
      }))
      return probabilitiesOf(countsOf(labels.length, days), evenly(labels.length), 1)
    },
  }
}
