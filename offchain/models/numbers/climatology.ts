// Climatology: what the time of the year says and nothing else, moved by how much the last `days` days were off it.
// For a series with a row for every day.
import type { Model } from "../history.ts"
import { dayOf } from "../series.ts"
import { climateOf } from "./climate.ts"

export function climatology({
  halfWidth,
  days,
}: {
  readonly halfWidth: number
  readonly days: number
}): Model {
  return {
    name: "climatology",
    predict(history) {
      const { dates, values } = history
      const today = dayOf(dates.at(-1) as string) as number
      const climate = climateOf(history, halfWidth)
      const recent = values.slice(-days)
      const off = recent.reduce(
        (sum, value, index) => sum + value - climate(today - (recent.length - 1 - index)),
        0,
      )
      return climate(today + 1) + off / recent.length
    },
  }
}
