// Multinomial logistic regression: a class's weight is the exponential of a linear function of today's features. Learnt
// by plain gradient steps, one a day from the oldest to the newest, `passes` times, from zero: so nothing is left to chance.
import type { Model } from "../history.ts"
import { featuresOf } from "./features.ts"

export type Logistic = {
  readonly passes: number
  /** Of the first pass; the step of pass n is an n-th of it. */
  readonly step: number
  /** The part of every coefficient that a step takes back. */
  readonly decay: number
}

export function logistic({ passes, step, decay }: Logistic): Model {
  return {
    name: "logistic",
    predict(history) {
      const { labels, values } = history
      const days = featuresOf(history)
      const size = (days[0] as readonly number[]).length
      const coefficients = labels.map(() => new Float64Array(size))
      const expected = new Float64Array(labels.length)
      for (let pass = 1; pass <= passes; pass++) {
        for (let day = 0; day < days.length - 1; day++) {
          const features = days[day] as readonly number[]
          softmax(coefficients, features, expected)
          for (let label = 0; label < coefficients.length; label++) {
            const row = coefficients[label] as Float64Array
            const off = (values[day + 1] === label ? 1 : 0) - (expected[label] as number)
            for (let i = 0; i < size; i++) {
              const gradient = off * (features[i] as number) - decay * (row[i] as number)
              row[i] = (row[i] as number) + (step / pass) * gradient
            }
          }
        }
      }
      softmax(coefficients, days.at(-1) as readonly number[], expected)
      return [...expected]
    },
  }
}

/** Writes the probabilities into `answer`: it runs some thousand times a prediction, so nothing is made anew. */
function softmax(
  coefficients: readonly Float64Array[],
  features: readonly number[],
  answer: Float64Array,
): void {
  let greatest = Number.NEGATIVE_INFINITY
  for (let label = 0; label < coefficients.length; label++) {
    const row = coefficients[label] as Float64Array
    let score = 0
    for (let i = 0; i < row.length; i++) score += (row[i] as number) * (features[i] as number)
    answer[label] = score
    greatest = Math.max(greatest, score)
  }
  // Less the greatest, so that no exponential overflows.
  let sum = 0
  for (let label = 0; label < answer.length; label++) {
    const weight = Math.exp((answer[label] as number) - greatest)
    answer[label] = weight
    sum += weight
  }
  for (let label = 0; label < answer.length; label++)
    answer[label] = (answer[label] as number) / sum
}
