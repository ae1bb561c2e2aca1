// Seasonal: what the time of the year would say, and the part of today's departure from it that tends to last until
// tomorrow. The climate is the mean of past days within `halfWidth` days of the same day of the year. For a series with a
// row for every day.
import type { History, Model } from "./history.ts"
import { dayOf } from "./series.ts"

const YEAR_DAYS = 365.2425

export function seasonal({
  halfWidth,
  days,
}: {
  readonly halfWidth: number
  readonly days: number
}): Model {
  return {
    name: "seasonal",
    predict(history) {
      const { dates, values } = history
      const last = values.at(-1) as number
      const today = dayOf(dates.at(-1) as string) as number
      const climate = climateOf(history, halfWidth)
      // How much of a departure lasted a day, over the last `days` days: a slope through the origin.
      let both = 0
      let squares = 0
      for (let i = Math.max(1, values.length - days); i < values.length; i++) {
        const day = today - (values.length - 1 - i)
        const before = (values[i - 1] as number) - climate(day - 1)
        both += before * ((values[i] as number) - climate(day))
        squares += before ** 2
      }
      const lasting = squares > 0 ? Math.min(1, Math.max(0, both / squares)) : 1
      return climate(today + 1) + lasting * (last - climate(today))
    },
  }
}

/** The mean by day of the year, over a table of 366 places so that a prediction reads the history once. */
function climateOf({ dates, values }: History, halfWidth: number): (day: number) => number {
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
