// Regression on what else was measured: the next step of the value is a linear function of the day's other columns and
// of the value itself, each as its distance from its mean over the last `days` days, fitted to those days by least squares.
import type { History, Model } from "../history.ts"
import { solve } from "./solve.ts"

export type Regression = {
  readonly days: number
  /** Added to the diagonal, relative to it. */
  readonly ridge: number
}

export function regression({ days, ridge }: Regression): Model {
  return {
    name: "regression",
    predict(history) {
      const last = history.values.at(-1) as number
      const features = featuresOf(history, days)
      const size = features.length
      const rows = (features[0] as readonly number[]).length
      // Too few days to fit: the persistent answer.
      if (rows < 8 * size) return last
      const seen = history.values.slice(-rows)
      const step = (day: number) => (seen[day + 1] as number) - (seen[day] as number)
      const at = (feature: number, day: number) => (features[feature] as number[])[day] as number
      const matrix = Array.from({ length: size }, () => new Array<number>(size).fill(0))
      const right = new Array<number>(size).fill(0)
      let mean = 0
      for (let day = 0; day < rows - 1; day++) {
        mean += step(day) / (rows - 1)
        for (let i = 0; i < size; i++) {
          const row = matrix[i] as number[]
          right[i] = (right[i] as number) + at(i, day) * step(day)
          for (let j = 0; j <= i; j++) row[j] = (row[j] as number) + at(i, day) * at(j, day)
        }
      }
      for (const [i, row] of matrix.entries()) row[i] = (row[i] as number) * (1 + ridge)
      const coefficients = solve(matrix, right)
      return coefficients.reduce(
        (sum, coefficient, feature) => sum + coefficient * at(feature, rows - 1),
        last + mean,
      )
    },
  }
}

/** The value and the other columns over the last days, each less its mean. */
function featuresOf({ values, columns }: History, days: number): readonly (readonly number[])[] {
  return [values, ...Object.values(columns)].map((column) => {
    const seen = column.slice(-days)
    const mean = seen.reduce((sum, value) => sum + value, 0) / seen.length
    return seen.map((value) => value - mean)
  })
}
