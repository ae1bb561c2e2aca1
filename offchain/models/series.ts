// The daily series that the bundled workers predict, read from npm's vega-datasets: real data, no network. Values
// become Wads from their decimal text, digit by digit; a class becomes 1 under its label and 0 under the others. A file
// with a row missing, doubled or out of order is refused.
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { parseDecimal } from "../decimal.ts"
import { NodeError } from "../errors.ts"

export type SeriesName = "sp500" | "seattle-temperature" | "seattle-weather"

/** What a file says, day by day. */
export type Days = {
  /** The classes in their order, or the one label of a number. */
  readonly labels: readonly string[]
  /** Days as yyyy-mm-dd, ascending. */
  readonly dates: readonly string[]
  /** Per day a Wad for each label. */
  readonly values: readonly (readonly bigint[])[]
  /** Further columns of the same days, a Wad a day. */
  readonly columns: Readonly<Record<string, readonly bigint[]>>
}

export type Series = Days & { readonly name: SeriesName }

/** What a file has to look like. */
export type Layout = {
  readonly file: string
  readonly header: string
  /** What is predicted. */
  readonly column: string
  /** The names that stand in it; without them it holds decimals. */
  readonly classes?: readonly string[]
  /** Decimals that models may look at besides. */
  readonly columns: readonly string[]
  /** No two rows in succession lie farther apart. */
  readonly maxGapDays: number
  /** How many there are: a row missing within a closure's length shows here alone. */
  readonly rows: number
}

export const LAYOUTS: Readonly<Record<SeriesName, Layout>> = {
  sp500: {
    file: "sp500-2000.csv",
    header: "date,open,high,low,close,adjclose,volume",
    column: "close",
    columns: [],
    // 2001-09-10 to 2001-09-17, the longest closure of the exchange in these years.
    maxGapDays: 7,
    // As many as the exchange had trading days from 2000-01-03 to 2020-04-17.
    rows: 5_105,
  },
  "seattle-temperature": {
    file: "seattle-weather.csv",
    header: "date,precipitation,temp_max,temp_min,wind,weather",
    column: "temp_max",
    columns: ["precipitation", "temp_min", "wind"],
    maxGapDays: 1,
    rows: 1_461,
  },
  "seattle-weather": {
    file: "seattle-weather.csv",
    header: "date,precipitation,temp_max,temp_min,wind,weather",
    column: "weather",
    classes: ["drizzle", "fog", "rain", "snow", "sun"],
    columns: ["precipitation", "temp_max", "temp_min", "wind"],
    maxGapDays: 1,
    rows: 1_461,
  },
}

const DAY_MS = 86_400_000
const ONE = 10n ** 18n

/** Reads one of the series. */
export function createSeries(name: SeriesName): Series {
  const layout = LAYOUTS[name]
  return { name, ...parseSeries(readData(layout.file), layout) }
}

/** Reads the text of such a file, strictly: any line that does not fit stops it, by its number. */
export function parseSeries(text: string, layout: Layout): Days {
  const malformed = (line: number, given: unknown, required: string) =>
    new NodeError("SeriesMalformed", {
      sentence: `line ${line} of ${layout.file} does not fit`,
      remedy: "stop",
      facts: { file: layout.file, line },
      given,
      required,
    })
  // One line break at the end is allowed, not required; an empty line anywhere else is malformed.
  const lines = text.replace(/\r?\n$/, "").split(/\r?\n/)
  if (lines[0] !== layout.header) throw malformed(1, lines[0], layout.header)
  const names = layout.header.split(",")
  const dates: string[] = []
  const values: (readonly bigint[])[] = []
  const columns = Object.fromEntries(layout.columns.map((name) => [name, [] as bigint[]]))
  let before: number | undefined
  for (const [index, line] of lines.entries()) {
    if (index === 0) continue
    const number = index + 1
    const fields = line.split(",")
    if (fields.length !== names.length)
      throw malformed(number, `${fields.length} fields`, `${names.length} fields`)
    const date = fields[0] as string
    const day = dayOf(date)
    if (day === undefined) throw malformed(number, date, "a day as yyyy-mm-dd")
    if (before !== undefined && (day <= before || day - before > layout.maxGapDays))
      throw malformed(
        number,
        `${date} after ${dates.at(-1)}`,
        `1 to ${layout.maxGapDays} days later`,
      )
    const fieldOf = (column: string) => fields[names.indexOf(column)] as string
    const decimalOf = (column: string) => {
      const value = parseDecimal(fieldOf(column))
      if (value !== undefined) return value
      throw malformed(number, fieldOf(column), `a decimal in the column ${column}`)
    }
    const classOf = (classes: readonly string[]) => {
      const given = fieldOf(layout.column)
      if (classes.includes(given)) return classes.map((name) => (name === given ? ONE : 0n))
      throw malformed(number, given, `${classes.join(" or ")} in the column ${layout.column}`)
    }
    before = day
    dates.push(date)
    values.push(layout.classes ? classOf(layout.classes) : [decimalOf(layout.column)])
    for (const [name, column] of Object.entries(columns)) column.push(decimalOf(name))
  }
  if (values.length !== layout.rows)
    throw malformed(lines.length, `${values.length} rows`, `${layout.rows} rows`)
  return { labels: layout.classes ?? ["y"], dates, values, columns }
}

/** Days since 1970 of a yyyy-mm-dd that stands in the calendar. */
export function dayOf(date: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) return undefined
  const time = Date.parse(`${date}T00:00:00Z`)
  // Date.parse answers 2013-02-30 with NaN or a later day, as the engine likes.
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== date) return undefined
  return time / DAY_MS
}

export const YEAR_DAYS = 365.2425

/** How many days two days lie apart in the year, whatever the years: 0 to about 183. */
export function yearDistance(one: number, other: number): number {
  const apart = Math.abs(one - other) % YEAR_DAYS
  return Math.min(apart, YEAR_DAYS - apart)
}

// The package exports its script alone, so its data is found from where that lies, whatever the working folder.
function readData(file: string): string {
  try {
    const entry = createRequire(import.meta.url).resolve("vega-datasets")
    return readFileSync(join(dirname(entry), "..", "data", file), "utf8")
  } catch (cause) {
    throw new NodeError("SeriesMissing", {
      sentence: `the data file ${file} of the package vega-datasets cannot be read; run npm ci`,
      remedy: "stop",
      facts: { file },
      cause,
    })
  }
}
