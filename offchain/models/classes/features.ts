// What a day looks like in numbers of about the same size: its class, its measurements, its place in the year.
import type { History } from "../history.ts"
import { dayOf, YEAR_DAYS } from "../series.ts"

/** Per day one number a feature; the first is always 1. */
export function featuresOf({
  labels,
  dates,
  values,
  columns,
}: History): readonly (readonly number[])[] {
  const measured = Object.entries(columns).map(([name, column]) => standardised(name, column))
  const first = dayOf(dates[0] as string) as number
  const classes = labels.map((_, label) => labels.map((_, other) => (label === other ? 1 : 0)))
  return values.map((value, index) => {
    const angle = (2 * Math.PI * (first + index)) / YEAR_DAYS
    const day = [1, Math.sin(angle), Math.cos(angle)].concat(classes[value] as number[])
    for (const column of measured) day.push(column[index] as number)
    return day
  })
}

/** Less the mean, by the standard deviation. Rain falls over three powers of ten, so its logarithm is taken. */
function standardised(name: string, column: readonly number[]): readonly number[] {
  const numbers = name === "precipitation" ? column.map(Math.log1p) : column
  const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length
  const squares = numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  const deviation = Math.sqrt(squares / numbers.length)
  return numbers.map((value) => (deviation > 0 ? (value - mean) / deviation : 0))
}
