// Climatology: how often each class stood within `halfWidth` days of tomorrow's day of the year, in the years seen.
// For a series with a row for every day.
import type { Model } from "../history.ts"
import { dayOf, yearDistance } from "../series.ts"
import { countsOf, evenly, probabilitiesOf } from "./counts.ts"

/** Of days that are as every class alike: few, as a season of one year has twenty or more. */
const PRIOR_DAYS = 2

export function climatology({ halfWidth }: { readonly halfWidth: number }): Model {
  return {
    name: "climatology",
    predict({ labels, dates, values }) {
      const tomorrow = (dayOf(dates.at(-1) as string) as number) + 1
      const near = values.flatMap((value, index) =>
        yearDistance(tomorrow - values.length + index, tomorrow) <= halfWidth
          ? [{ value, weight: 1 }]
          : [],
      )
      return probabilitiesOf(countsOf(labels.length, near), evenly(labels.length), PRIOR_DAYS)
    },
  }
}
