// The bundled models: none sees the day that it predicts, all are worth having, no two are alike.
import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { NodeError } from "../../offchain/errors.ts"
import { CATALOGUE } from "../../offchain/models/catalogue.ts"
import { historyOf, type Model, predictWads } from "../../offchain/models/history.ts"
import { logLoss } from "../../offchain/models/losses.ts"
import { probabilityWads } from "../../offchain/models/prediction.ts"
import { createSeries, type Series } from "../../offchain/models/series.ts"
import { TOPICS, topicTemplate } from "../../offchain/models/topics.ts"
import { randomOf } from "../support/epochs.ts"
import { PREDICTED } from "../support/predictions.ts"

const ONE = 10n ** 18n
/** Rows of the file less the rows before the first epoch. */
const PREDICTIONS = {
  sp500: 5_105 - 252,
  "seattle-temperature": 1_461 - 366,
  "seattle-weather": 1_461 - 366,
} as const
/** Of persistence, from Python over the same files: the root of the mean square, or for classes the mean surprise. */
const PERSISTENCE = {
  sp500: 19.760327905536,
  "seattle-temperature": 2.880723209551,
  "seattle-weather": 1.160146912511,
} as const

const code = (expected: string) => (error: unknown) =>
  error instanceof NodeError && error.code === expected

describe("history", () => {
  const series = createSeries("sp500")

  it("ends before the day predicted, and holds nothing else", () => {
    const history = historyOf(series, 252)
    assert.deepEqual(Object.keys(history), ["labels", "dates", "values", "columns"])
    assert.deepEqual([history.dates.length, history.values.length], [252, 252])
    assert.equal(history.dates.at(-1), "2000-12-29")
    assert.equal(history.values[252], undefined)
    // Copies: a model that writes into one spoils nobody else's.
    ;(history.values as number[])[0] = 0
    assert.equal(historyOf(series, 252).values[0], 1_455.219971)
  })

  it("holds a class as its place among the labels, and cuts the other columns as well", () => {
    const history = historyOf(createSeries("seattle-weather"), 2)
    assert.deepEqual(history, {
      labels: ["drizzle", "fog", "rain", "snow", "sun"],
      dates: ["2012-01-01", "2012-01-02"],
      values: [0, 2],
      columns: {
        precipitation: [0, 10.9],
        temp_max: [12.8, 10.6],
        temp_min: [5, 2.8],
        wind: [4.7, 4.5],
      },
    })
  })

  it("reaches the day after the last row and no further", () => {
    assert.equal(historyOf(series, 5_105).values.length, 5_105)
    for (const rows of [5_106, 0, -1, 1.5, Number.NaN])
      assert.throws(() => historyOf(series, rows), code("SeriesExhausted"))
  })
})

describe("a prediction at the border", () => {
  const bounds = { minimum: -60n * ONE, maximum: 60n * ONE }
  const saying = (said: number | readonly number[]): Model => ({
    name: "saying",
    predict: () => said,
  })
  const history = historyOf(createSeries("sp500"), 1)

  it("becomes a Wad of six places within the bounds", () => {
    const given = (said: number) => predictWads(saying(said), history, bounds)
    assert.deepEqual(given(1.2345674), [1_234_567n * 10n ** 12n])
    assert.deepEqual(given(-0.0000006), [-(10n ** 12n)])
    assert.deepEqual(given(61), [bounds.maximum])
    assert.deepEqual(given(-1e300), [bounds.minimum])
    assert.deepEqual(given(1e308), [bounds.maximum])
  })

  it("is refused if it is not a number for each label", () => {
    for (const said of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, [1, 0], []])
      assert.throws(() => predictWads(saying(said), history, bounds), code("PredictionNotFinite"))
  })

  it("shares out probabilities by largest remainder, none below 0.001", () => {
    const millionths = (weights: number[]) =>
      probabilityWads(weights).map((wad) => wad / 10n ** 12n)
    // 0.001 each, and of 997,000 millionths a third each: 332,333.33, so the first gets the one left over.
    assert.deepEqual(millionths([1, 1, 1]), [333_334n, 333_333n, 333_333n])
    // 996,000 in parts of 1, 2 and 4 of 7, and nothing: 142,285.71, 284,571.43, 569,142.86. Two are left over.
    assert.deepEqual(millionths([1, 2, 4, 0]), [143_286n, 285_571n, 570_143n, 1_000n])
    assert.deepEqual(millionths([0, 0]), [500_000n, 500_000n])
    assert.deepEqual(millionths([-1, 3]), [1_000n, 999_000n])
    assert.deepEqual(millionths([5e-324, 0]), [999_000n, 1_000n])
  })

  it("sums to exactly 1 whatever the weights", () => {
    const random = randomOf(7)
    for (let turn = 0; turn < 2_000; turn++) {
      const weights = Array.from({ length: random.integer(2, 8) }, () =>
        random.chance(0.2) ? 0 : Number(random.bits(60)) * 10 ** -random.integer(0, 40),
      )
      const wads = probabilityWads(weights)
      assert.equal(
        wads.reduce((sum, wad) => sum + wad, 0n),
        ONE,
        String(weights),
      )
      assert.ok(wads.every((wad) => wad >= ONE / 1_000n))
    }
  })
})

/** The same series with every value from `row` on changed, beyond what a model could take for the old one. */
function changedFrom(series: Series, row: number): Series {
  const change = (value: bigint) => 3n * value + 7n * ONE
  const from = <T>(all: readonly T[], other: (value: T) => T) =>
    all.map((value, index) => (index < row ? value : other(value)))
  return {
    ...series,
    values: from(series.values, ([first = 0n, ...rest]) =>
      rest.length === 0 ? [change(first)] : [...rest, first],
    ),
    columns: Object.fromEntries(
      Object.entries(series.columns).map(([name, column]) => [name, from(column, change)]),
    ),
  }
}

const flat = (said: number | readonly number[] | undefined) => [said ?? Number.NaN].flat()

for (const topic of TOPICS) {
  const models = CATALOGUE[topic.name]
  const series = topic.series()
  const last = series.values.length

  describe(`the models of ${topic.name}`, () => {
    it("are seven of different names", () => {
      assert.equal(new Set(models.map(({ name }) => name)).size, 7)
    })

    it("say what a second implementation says", () => {
      let compared = 0
      for (const [rows, all] of Object.entries(PREDICTED[topic.name])) {
        for (const [index, expected] of all.entries()) {
          const { name, predict } = models[index] as Model
          const given = flat(predict(historyOf(series, Number(rows))))
          assert.equal(given.length, topic.labels.length)
          for (const [label, value] of flat(expected).entries())
            assert.ok(
              Math.abs((given[label] as number) - value) < 1e-9 * value,
              `${name} at ${rows}: ${given}`,
            )
          compared += 1
        }
      }
      assert.equal(compared, 3 * 7)
    })

    it("never see the day they predict, nor a later one", () => {
      let compared = 0
      for (let row = topic.firstRow; row < last; row += 97) {
        const changed = changedFrom(series, row)
        // The change is seen by whoever may see it: one row later.
        const told = models[0]?.predict(historyOf(changed, row + 1))
        assert.notDeepEqual(told, models[0]?.predict(historyOf(series, row + 1)))
        for (const model of models) {
          const before = model.predict(historyOf(series, row))
          assert.deepEqual(
            model.predict(historyOf(changed, row)),
            before,
            `${model.name} at ${row}`,
          )
          compared += 1
        }
      }
      assert.equal(compared, 7 * Math.ceil((last - topic.firstRow) / 97))
    })

    it("predict from any history, however short", () => {
      for (let rows = 1; rows <= 60; rows++) {
        for (const model of models)
          assert.ok(
            flat(model.predict(historyOf(series, rows))).every(Number.isFinite),
            `${model.name} ${rows}`,
          )
      }
    })

    // A number's error, signed; of classes the surprise at the one that it was.
    const parameters = topicTemplate(topic.name, { start: 0 })
    const errors = models.map((model) => {
      const all: number[] = []
      for (let row = topic.firstRow; row < last; row++) {
        const said = predictWads(model, historyOf(series, row), topic)
        const truth = series.values[row] as readonly bigint[]
        all.push(
          truth.length === 1
            ? Number((said[0] as bigint) - (truth[0] as bigint)) / 1e18
            : 10 ** logLoss(said, truth, parameters),
        )
      }
      return all
    })
    const mean = (all: readonly number[]) => all.reduce((sum, value) => sum + value, 0) / all.length
    const losses = errors.map((all) =>
      topic.labels.length === 1 ? Math.sqrt(mean(all.map((error) => error ** 2))) : mean(all),
    )

    it("have at most 1.5 times persistence's loss over the whole series", () => {
      for (const all of errors) assert.equal(all.length, PREDICTIONS[topic.name])
      const persistence = PERSISTENCE[topic.name]
      assert.ok(Math.abs((losses[0] as number) - persistence) < 1e-5)
      for (const [index, value] of losses.entries())
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
      assert.equal(pairs, 21)
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
