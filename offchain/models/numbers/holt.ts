// Holt's method with a damped trend: a level and a trend, each smoothed. The level moves `alpha` of the way to each new
// value, the trend `beta` of the way to each step of the level, and of the trend only the part `damping` lasts a day.
import type { Model } from "../history.ts"

export type Holt = {
  readonly days: number
  readonly alpha: number
  readonly beta: number
  readonly damping: number
}

export function holt({ days, alpha, beta, damping }: Holt): Model {
  return {
    name: "holt",
    predict({ values }) {
      const seen = values.slice(-days)
      let level = seen[0] as number
      let trend = 0
      for (const value of seen.slice(1)) {
        const expected = level + damping * trend
        const next = expected + alpha * (value - expected)
        trend = damping * trend + beta * (next - level - damping * trend)
        level = next
      }
      return level + damping * trend
    },
  }
}
