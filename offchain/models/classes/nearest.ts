// Nearest days: which class followed the past days that were most like today, by class, measurements and season. The
// nearest count most; all together are drawn towards how often each class stands at all.
import type { Model } from "../history.ts"
import { countsOf, evenly, probabilitiesOf } from "./counts.ts"
import { featuresOf } from "./features.ts"

const PRIOR_DAYS = 5

export function nearest({ neighbours }: { readonly neighbours: number }): Model {
  return {
    name: "nearest",
    predict(history) {
      const { labels, values } = history
      const days = featuresOf(history)
      const today = days.at(-1) as readonly number[]
      // A day needs the one after it, so today is not among the candidates. Of equal ones the older.
      const near = days
        .slice(0, -1)
        .map((day, index) => ({
          value: values[index + 1] as number,
          distance: distanceOf(day, today),
        }))
        .sort((a, b) => a.distance - b.distance)
        .slice(0, neighbours)
        .map(({ value, distance }) => ({ value, weight: 1 / (1 + distance) }))
      const all = values.map((value) => ({ value, weight: 1 }))
      const usual = probabilitiesOf(countsOf(labels.length, all), evenly(labels.length), PRIOR_DAYS)
      return probabilitiesOf(countsOf(labels.length, near), usual, PRIOR_DAYS)
    },
  }
}

function distanceOf(one: readonly number[], other: readonly number[]): number {
  let squares = 0
  for (let i = 0; i < one.length; i++) squares += ((one[i] as number) - (other[i] as number)) ** 2
  return Math.sqrt(squares)
}
