// The theta method (Assimakopoulos and Nikolopoulos, 2000) with two lines: the straight one through the last `days` days,
// and one that bends twice as much as the values, smoothed; the answer is the mean of both lines' next points.
import type { Model } from "../history.ts"

export function theta({ days, alpha }: { readonly days: number; readonly alpha: number }): Model {
  return {
    name: "theta",
    predict({ values }) {
      const seen = values.slice(-days)
      const { intercept, slope } = lineThrough(seen)
      let level = seen[0] as number
      for (const [day, value] of seen.entries()) {
        const bent = 2 * value - (intercept + slope * day)
        level = day === 0 ? bent : level + alpha * (bent - level)
      }
      return (intercept + slope * seen.length + level) / 2
    },
  }
}

/** Least squares of the values on their places 0, 1, 2 ... */
function lineThrough(values: readonly number[]): { intercept: number; slope: number } {
  const middle = (values.length - 1) / 2
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  let both = 0
  let squares = 0
  for (const [place, value] of values.entries()) {
    both += (place - middle) * (value - mean)
    squares += (place - middle) ** 2
  }
  const slope = squares > 0 ? both / squares : 0
  return { intercept: mean - slope * middle, slope }
}
