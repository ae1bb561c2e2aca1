// Seasonal: what the time of the year would say, and the part of today's departure from it that tends to last until
// tomorrow. The climate is the mean of past days within `halfWidth` days of the same day of the year. For a series with a
// row for every day.
import type { Model } from "../history.ts"
import { dayOf } from "../series.ts"
import { climateOf } from "./climate.ts"

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
