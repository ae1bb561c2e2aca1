// Momentum: the last price, and the mean log growth of the last `days` days once more.
import type { Model } from "../history.ts"

export function momentum({ days }: { readonly days: number }): Model {
  return {
    name: "momentum",
    predict({ values }) {
      const last = values.at(-1) as number
      const steps = Math.min(days, values.length - 1)
      if (steps < 1) return last
      return last * (last / (values.at(-(steps + 1)) as number)) ** (1 / steps)
    },
  }
}
