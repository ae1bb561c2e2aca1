// Exponential smoothing: the level moves a part of the way to each new value, level += alpha * (value - level).
// Alpha is the one of a grid that would have predicted the last `days` days best.
import type { Model } from "../history.ts"

export function smoothing({
  days,
  alphas,
}: {
  readonly days: number
  readonly alphas: readonly number[]
}): Model {
  return {
    name: "smoothing",
    predict({ values }) {
      const seen = values.slice(-days)
      let best = { error: Number.POSITIVE_INFINITY, level: Number.NaN }
      for (const alpha of alphas) {
        const tried = run(seen, alpha)
        if (tried.error < best.error) best = tried
      }
      return best.level
    },
  }
}

function run(values: readonly number[], alpha: number): { error: number; level: number } {
  let level = values[0] as number
  let error = 0
  for (const value of values) {
    error += (value - level) ** 2
    level += alpha * (value - level)
  }
  return { error, level }
}
