// The climate of a series with a row for every day: the mean of its past days by their place in the year.
import type { History } from "../history.ts"
import { dayOf, YEAR_DAYS } from "../series.ts"

/** The mean by day of the year, over a table of 366 places so that a prediction reads the history once. */
export function climateOf(
  { dates, values }: Pick<History, "dates" | "values">,
  halfWidth: number,
): (day: number) => number {
  const sums = new Float64Array(366)
  const counts = new Float64Array(366)
  const first = dayOf(dates[0] as string) as number
  for (let i = 0; i < values.length; i++) {
    const place = placeOf(first + i)
    sums[place] = (sums[place] as number) + (values[i] as number)
    counts[place] = (counts[place] as number) + 1
  }
  const overall = sums.reduce((a, b) => a + b, 0) / values.length
  const means = sums.map((_, place) => {
    let sum = 0
    let count = 0
    for (let offset = -halfWidth; offset <= halfWidth; offset++) {
      const near = (place + offset + 366) % 366
      sum += sums[near] as number
      count += counts[near] as number
    }
    return count > 0 ? sum / count : overall
  })
  return (day) => means[placeOf(day)] as number
}

/** Where in the year a day stands, 0 to 365. */
function placeOf(day: number): number {
  return Math.floor(day - Math.floor(day / YEAR_DAYS) * YEAR_DAYS)
}
