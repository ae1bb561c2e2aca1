// A Markov chain: how often each class followed one day after today's. With `halfWidth`, days of another season count
// less, by how far they lie from tomorrow's day of the year; drawn towards how often each class stands at all.
import type { Model } from "../history.ts"
import { dayOf, yearDistance } from "../series.ts"
import { countsOf, evenly, probabilitiesOf } from "./counts.ts"

const PRIOR_DAYS = 5

export type Markov = {
  readonly name: string
  /** How many days from tomorrow's day of the year a day counts half; without it all days count alike. */
  readonly halfWidth?: number
}

export function markov({ name, halfWidth }: Markov): Model {
  return {
    name,
    predict({ labels, dates, values }) {
      const today = dayOf(dates.at(-1) as string) as number
      const last = values.at(-1)
      const weightOf = (index: number) => {
        if (halfWidth === undefined) return 1
        const day = today - (values.length - 1 - index)
        return 2 ** -((yearDistance(day, today + 1) / halfWidth) ** 2)
      }
      const all = values.map((value, index) => ({ value, index, weight: weightOf(index) }))
      const followers = all.filter(({ index }) => index > 0 && values[index - 1] === last)
      const usual = probabilitiesOf(countsOf(labels.length, all), evenly(labels.length), PRIOR_DAYS)
      return probabilitiesOf(countsOf(labels.length, followers), usual, PRIOR_DAYS)
    },
  }
}
