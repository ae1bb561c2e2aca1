// The bundled series: real data, read to the last digit, and nothing read from a file with a fault in it.
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { describe, it } from "node:test"
import { NodeError } from "../../offchain/errors.ts"
import { createSeries, LAYOUTS, type Layout, parseSeries } from "../../offchain/models/series.ts"

const ONE = 10n ** 18n

const code = (expected: string) => (error: unknown) =>
  error instanceof NodeError && error.code === expected

describe("series", () => {
  it("reads every digit as it stands in the file", () => {
    const sp500 = createSeries("sp500")
    assert.equal(sp500.values.length, 5_105)
    assert.deepEqual([sp500.labels, sp500.columns], [["y"], {}])
    assert.deepEqual(
      [sp500.dates[0], sp500.values[0]],
      ["2000-01-03", [1_455_219_971n * 10n ** 12n]],
    )
    assert.deepEqual(
      [sp500.dates.at(-1), sp500.values.at(-1)],
      ["2020-04-17", [2_874_560_059n * 10n ** 12n]],
    )
    const seattle = createSeries("seattle-temperature")
    assert.equal(seattle.values.length, 1_461)
    assert.deepEqual([seattle.dates[0], seattle.values[0]], ["2012-01-01", [128n * 10n ** 17n]])
    const temperatures = seattle.values.flat()
    assert.equal(temperatures.filter((value) => value < 0n).length, 3)
    assert.equal(
      temperatures.reduce((low, value) => (value < low ? value : low)),
      -16n * 10n ** 17n,
    )
    assert.deepEqual(seattle.columns.wind?.slice(0, 2), [47n * 10n ** 17n, 45n * 10n ** 17n])
  })

  it("reads a class as 1 under its label and 0 under the others", () => {
    const { labels, dates, values, columns } = createSeries("seattle-weather")
    assert.deepEqual(labels, ["drizzle", "fog", "rain", "snow", "sun"])
    assert.deepEqual([dates[0], values[0]], ["2012-01-01", [ONE, 0n, 0n, 0n, 0n]])
    // Counted with cut, sort and uniq.
    const counts = labels.map((_, label) => values.filter((day) => day[label] === ONE).length)
    assert.deepEqual(counts, [53, 101, 641, 26, 640])
    assert.ok(values.every((day) => day.reduce((sum, value) => sum + value, 0n) === ONE))
    assert.deepEqual(Object.keys(columns), ["precipitation", "temp_max", "temp_min", "wind"])
    assert.equal(columns.precipitation?.[1], 109n * 10n ** 17n)
  })

  const layout: Layout = {
    file: "days.csv",
    header: "date,value",
    column: "value",
    columns: [],
    maxGapDays: 1,
    rows: 3,
  }
  const days = "date,value\n2012-02-28,1\n2012-02-29,-0.5\n2012-03-01,2.25\n"

  it("takes a file with or without a last line break", () => {
    const expected = {
      labels: ["y"],
      dates: ["2012-02-28", "2012-02-29", "2012-03-01"],
      values: [[ONE], [-ONE / 2n], [(9n * ONE) / 4n]],
      columns: {},
    }
    assert.deepEqual(parseSeries(days, layout), expected)
    assert.deepEqual(parseSeries(days.trimEnd(), layout), expected)
    assert.deepEqual(parseSeries(days.replaceAll("\n", "\r\n"), layout), expected)
  })

  const faults: readonly [string, string, number][] = [
    ["another header", days.replace("value", "price"), 1],
    ["a field too many", days.replace(",1\n", ",1,1\n"), 2],
    ["a field too few", days.replace(",1\n", "\n"), 2],
    ["a row missing", days.replace("2012-02-29,-0.5\n", ""), 3],
    ["a row doubled", days.replace("2012-02-29,-0.5\n", "2012-02-28,1\n"), 3],
    ["rows out of order", "date,value\n2012-02-29,1\n2012-02-28,1\n", 3],
    ["a day later than the next", days.replace("2012-03-01", "2012-03-02"), 4],
    ["a day that the calendar lacks", days.replace("2012-03-01", "2012-02-30"), 4],
    ["a day of another form", days.replace("2012-03-01", "2012-3-1"), 4],
    ["no number", days.replace("2.25", "n/a"), 4],
    ["a number with an exponent", days.replace("2.25", "2e3"), 4],
    ["more places than a Wad has", days.replace("2.25", "2.0000000000000000001"), 4],
    ["an empty value", days.replace("2.25", ""), 4],
    ["an empty line within", days.replace("\n2012-03", "\n\n2012-03"), 4],
    ["the last row missing", days.replace("2012-03-01,2.25\n", ""), 3],
    ["a row more", `${days}2012-03-02,1\n`, 5],
    ["no row", "date,value\n", 1],
    ["nothing", "", 1],
  ]
  for (const [name, text, line] of faults) {
    it(`refuses ${name}, by file and line`, () => {
      assert.throws(
        () => parseSeries(text, layout),
        (error) =>
          code("SeriesMalformed")(error) &&
          (error as NodeError).facts.file === "days.csv" &&
          (error as NodeError).facts.line === line,
      )
    })
  }

  it("refuses a class that it does not know, and a further column that is no number", () => {
    const classes = { ...layout, classes: ["1", "-0.5"] }
    const columns = { ...layout, columns: ["date"] }
    for (const [unfit, line] of [
      [classes, 4],
      [columns, 2],
    ] as const)
      assert.throws(
        () => parseSeries(days, unfit),
        (error) => code("SeriesMalformed")(error) && (error as NodeError).facts.line === line,
      )
  })

  for (const name of ["sp500", "seattle-temperature", "seattle-weather"] as const) {
    it(`notices any row of ${name} that is taken out, doubled or swapped`, () => {
      const real = LAYOUTS[name]
      const file = new URL(`../data/${real.file}`, import.meta.resolve("vega-datasets"))
      const lines = readFileSync(file, "utf8").trimEnd().split("\n")
      let refused = 0
      for (let row = 2; row < lines.length - 1; row += 100) {
        const [here, next] = lines.slice(row) as [string, string]
        for (const changed of [
          lines.toSpliced(row, 1),
          lines.toSpliced(row, 0, here),
          lines.toSpliced(row, 2, next, here),
        ]) {
          assert.throws(() => parseSeries(changed.join("\n"), real), code("SeriesMalformed"))
          refused += 1
        }
      }
      assert.equal(refused, 3 * Math.ceil((lines.length - 3) / 100))
    })
  }
})
