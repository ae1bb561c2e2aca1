// The median of the last `days` days: one wild day moves it no further than to a neighbour.
import type { Model } from "../history.ts"

export function median({ days }: { readonly days: number }): Model {
  return {
    name: "median",
    predict({ values }) {
      const ordered = values.slice(-days).sort((a, b) => a - b)
      const upper = Math.floor(ordered.length / 2)
      const lower = Math.floor((ordered.length - 1) / 2)
      return ((ordered[lower] as number) + (ordered[upper] as number)) / 2
    },
  }
}
