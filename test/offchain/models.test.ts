// The bundled models and their topics: no model sees the day it predicts, all are worth having. Expected
// predictions come from a second implementation in Python over the same files.
import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { NodeError } from "../../offchain/errors.ts"
import { CATALOGUE } from "../../offchain/models/catalogue.ts"
import { historyOf, type Model, predictWad } from "../../offchain/models/history.ts"
import { createSeries, type Series } from "../../offchain/models/series.ts"
import { rowOf, TOPICS, topicNamed, topicTemplate } from "../../offchain/models/topics.ts"

const ONE = 10n ** 18n
/** Rows of the file less the rows before the first epoch. */
const PREDICTIONS = { sp500: 5_105 - 252, "seattle-temperature": 1_461 - 366 } as const

const code = (expected: string) => (error: unknown) =>
  error instanceof NodeError && error.code === expected

describe("topics", () => {
  for (const { name, minimum, maximum, ...topic } of TOPICS) {
    it(`holds every value of ${name} within its bounds`, () => {
      const { values } = topic.series()
      assert.ok(values.every((value) => value > minimum && value < maximum))
    })
  }

  it("predicts the row that the epoch counts to", () => {
    const sp500 = topicNamed("sp500")
    assert.equal(rowOf(sp500, 1), 252)
    assert.equal(sp500.series().dates[rowOf(sp500, 2)], "2001-01-03")
    assert.equal(rowOf(sp500, 1_003, 1_001), 254)
    assert.equal(sp500.truth(1), 128_327_002n * 10n ** 13n)
    assert.equal(topicNamed("seattle-temperature").truth(1), 5n * ONE)
    assert.throws(() => sp500.truth(PREDICTIONS.sp500 + 1), code("SeriesExhausted"))
  })

  it("knows no other names", () => {
    assert.throws(() => topicTemplate("bitcoin", { start: 0 }), code("SeriesUnknown"))
  })

  it("keeps the day's window inside the day", () => {
    const { schedule, arithmetic } = topicTemplate("sp500", { start: 1_000 })
    assert.deepEqual(
      [schedule.start, schedule.firstEpoch, schedule.length, schedule.lag],
      [1_000, 1, 86_400, 86_400],
    )
    assert.ok(schedule.windowOpens + schedule.windowLength <= schedule.length)
    assert.equal(arithmetic.lossFloor, 10n ** 16n)
    assert.equal(
      topicTemplate("seattle-temperature", { start: 0 }).arithmetic.lossFloor,
      10n ** 17n,
    )
  })
})

describe("history", () => {
  const series = createSeries("sp500")

  it("ends before the day predicted, and holds nothing else", () => {
    const history = historyOf(series, 252)
    assert.deepEqual(Object.keys(history), ["dates", "values"])
    assert.deepEqual([history.dates.length, history.values.length], [252, 252])
    assert.equal(history.dates.at(-1), "2000-12-29")
    assert.equal(history.values[252], undefined)
    // Copies: a model that writes into one spoils nobody else's.
    ;(history.values as number[])[0] = 0
    assert.equal(historyOf(series, 252).values[0], 1_455.219971)
  })

  it("reaches the day after the last row and no further", () => {
    assert.equal(historyOf(series, 5_105).values.length, 5_105)
    for (const rows of [5_106, 0, -1, 1.5, Number.NaN])
      assert.throws(() => historyOf(series, rows), code("SeriesExhausted"))
  })
})

describe("a prediction at the border", () => {
  const bounds = { minimum: -60n * ONE, maximum: 60n * ONE }
  const saying = (number: number): Model => ({ name: "saying", predict: () => number })
  const history = historyOf(createSeries("sp500"), 1)

  it("becomes a Wad of six places within the bounds", () => {
    assert.equal(predictWad(saying(1.2345674), history, bounds), 1_234_567n * 10n ** 12n)
    assert.equal(predictWad(saying(-0.0000006), history, bounds), -(10n ** 12n))
    assert.equal(predictWad(saying(61), history, bounds), bounds.maximum)
    assert.equal(predictWad(saying(-1e300), history, bounds), bounds.minimum)
  })

  it("is refused if it is not a number", () => {
    for (const number of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
      assert.throws(() => predictWad(saying(number), history, bounds), code("PredictionNotFinite"))
  })
})

const EXPECTED: Readonly<Record<string, Readonly<Record<number, readonly number[]>>>> = {
  sp500: {
    252: [1320.280029, 1320.280029, 1319.1721063096898, 1316.1973891745133],
    2200: [1161.060059, 1160.0584552505186, 1160.6404530624095, 1158.2734439186138],
    5104: [2799.550049, 2798.170799091596, 2793.7294343552644, 2796.205031522374],
  },
  "seattle-temperature": {
    366: [3.3, 5.131431151605154, 4.53580037019746, 3.84],
    800: [12.2, 11.634214444470384, 12.176642937226536, 12.222],
    1460: [5.6, 6.347836713558619, 5.87947675799292, 5.472],
  },
}

/** The same series with every value from `row` on changed, beyond what a model could take for the old one. */
function changedFrom(series: Series, row: number): Series {
  const values = series.values.map((value, index) => (index < row ? value : 3n * value + 7n * ONE))
  return { ...series, values }
}

for (const topic of TOPICS) {
  const models = CATALOGUE[topic.name]
  const series = topic.series()
  const truths = historyOf(series, series.values.length).values
  const last = truths.length

  describe(`the models of ${topic.name}`, () => {
    it("are four of different names", () => {
      assert.equal(new Set(models.map(({ name }) => name)).size, 4)
    })

    it("say what a second implementation says", () => {
      let compared = 0
      for (const [rows, numbers] of Object.entries(EXPECTED[topic.name] ?? {})) {
        for (const [index, expected] of numbers.entries()) {
          const given = (models[index] as Model).predict(historyOf(series, Number(rows)))
          const model = models[index]?.name
          assert.ok(Math.abs(given - expected) < 1e-9 * expected, `${model} at ${rows}: ${given}`)
          compared += 1
        }
      }
      assert.equal(compared, 12)
    })

    it("never see the day they predict, nor a later one", () => {
      let compared = 0
      for (let row = topic.firstRow; row < last; row += 97) {
        const changed = changedFrom(series, row)
        // The change is seen by whoever may see it: one row later.
        const told = models[0]?.predict(historyOf(changed, row + 1))
        assert.notEqual(told, models[0]?.predict(historyOf(series, row + 1)))
        for (const model of models) {
          const before = model.predict(historyOf(series, row))
          assert.equal(model.predict(historyOf(changed, row)), before, `${model.name} at ${row}`)
          compared += 1
        }
      }
      assert.equal(compared, 4 * Math.ceil((last - topic.firstRow) / 97))
    })

    it("predict from any history, however short", () => {
      for (let rows = 1; rows <= 60; rows++) {
        for (const model of models)
          assert.ok(
            Number.isFinite(model.predict(historyOf(series, rows))),
            `${model.name} ${rows}`,
          )
      }
    })

    const errors = models.map((model) => {
      const all: number[] = []
      for (let row = topic.firstRow; row < last; row++)
        all.push(model.predict(historyOf(series, row)) - (truths[row] as number))
      return all
    })
    const rmse = errors.map((all) =>
      Math.sqrt(all.reduce((sum, error) => sum + error ** 2, 0) / all.length),
    )

    it("have at most 1.5 times persistence's RMSE over the whole series", () => {
      for (const all of errors) assert.equal(all.length, PREDICTIONS[topic.name])
      // Persistence's own, from Python over the same file.
      const persistence = { sp500: 19.760327905536, "seattle-temperature": 2.880723209551 }[
        topic.name
      ]
      assert.ok(Math.abs((rmse[0] as number) - persistence) < 1e-9)
      for (const [index, value] of rmse.entries())
        assert.ok(value <= 1.5 * persistence, `${models[index]?.name}: ${value}`)
    })

    it("differ: no two have errors that correlate by 0.999 or more", () => {
      let pairs = 0
      for (const [index, one] of errors.entries()) {
        for (const [other, two] of errors.slice(0, index).entries()) {
          const found = correlation(one, two)
          assert.ok(found < 0.999, `${models[index]?.name} and ${models[other]?.name}: ${found}`)
          pairs += 1
        }
      }
      assert.equal(pairs, 6)
    })

    it("take less than 5 ms a prediction at the end of the series", () => {
      for (const model of models) {
        // The quickest of some: another process may have had the machine in between.
        const each = Math.min(
          ...Array.from({ length: 20 }, () => {
            const began = performance.now()
            model.predict(historyOf(series, last))
            return performance.now() - began
          }),
        )
        assert.ok(each < 5, `${model.name}: ${each} ms`)
      }
    })
  })
}

function correlation(one: readonly number[], two: readonly number[]): number {
  const mean = (all: readonly number[]) => all.reduce((sum, value) => sum + value, 0) / all.length
  const [first, second] = [mean(one), mean(two)]
  let both = 0
  let squares = 0
  let others = 0
  for (const [index, value] of one.entries()) {
    const distance = (two[index] as number) - second
    both += (value - first) * distance
    squares += (value - first) ** 2
    others += distance ** 2
  }
  return both / Math.sqrt(squares * others)
}
