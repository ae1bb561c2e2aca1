// Autoregression: the next step is a linear function of the last `order` steps, with an intercept, fitted by least
// squares to the last `days` days. Steps are log growth rates of a price, or the values themselves.
import type { Model } from "../history.ts"
import { solve } from "./solve.ts"

export type Autoregression = {
  readonly order: number
  readonly days: number
  readonly of: "growth" | "value"
  /** Added to the diagonal, relative to it: holds coefficients of hardly correlated steps near zero. */
  readonly ridge: number
}

export function autoregression({ order, days, of, ridge }: Autoregression): Model {
  return {
    name: "autoregression",
    predict({ values }) {
      const last = values.at(-1) as number
      const seen = values.slice(-(days + 1))
      const steps = of === "growth" ? growth(seen) : seen
      // Too few days to fit: the persistent answer.
      if (steps.length < 4 * order) return last
      const mean = steps.reduce((sum, step) => sum + step, 0) / steps.length
      const centred = steps.map((step) => step - mean)
      const coefficients = leastSquares(centred, order, ridge)
      let next = mean
      for (let lag = 1; lag <= order; lag++) {
        next += (coefficients[lag - 1] as number) * (centred.at(-lag) as number)
      }
      return of === "growth" ? last * Math.exp(next) : next
    },
  }
}

function growth(values: readonly number[]): readonly number[] {
  return values.slice(1).map((value, index) => Math.log(value / (values[index] as number)))
}

/** Least squares of each step on the `order` before it: the normal equations, solved by Cholesky's method. */
function leastSquares(steps: readonly number[], order: number, ridge: number): readonly number[] {
  const matrix = Array.from({ length: order }, () => new Array<number>(order).fill(0))
  const right = new Array<number>(order).fill(0)
  for (let t = order; t < steps.length; t++) {
    for (let i = 0; i < order; i++) {
      const x = steps[t - 1 - i] as number
      const row = matrix[i] as number[]
      right[i] = (right[i] as number) + x * (steps[t] as number)
      for (let j = 0; j <= i; j++) row[j] = (row[j] as number) + x * (steps[t - 1 - j] as number)
    }
  }
  for (let i = 0; i < order; i++) {
    const row = matrix[i] as number[]
    row[i] = (row[i] as number) * (1 + ridge)
  }
  return solve(matrix, right)
}
