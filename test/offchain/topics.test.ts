// The bundled topics: which row of the series an epoch predicts, what was true of it, and when its windows are.
import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { NodeError } from "../../offchain/errors.ts"
import { rowOf, TOPICS, topicNamed, topicTemplate } from "../../offchain/models/topics.ts"
import { parametersFromJson, parametersToJson } from "../../offchain/parameters.ts"

const ONE = 10n ** 18n

const code = (expected: string) => (error: unknown) =>
  error instanceof NodeError && error.code === expected

describe("topics", () => {
  for (const { name, minimum, maximum, ...topic } of TOPICS) {
    it(`holds every value of ${name} within its bounds`, () => {
      const { values } = topic.series()
      const within = (value: bigint) => value >= minimum && value <= maximum
      assert.ok(values.every((day) => day.length === topic.labels.length && day.every(within)))
    })
  }

  it("predicts the row that the epoch counts to", () => {
    const sp500 = topicNamed("sp500")
    assert.equal(rowOf(sp500, 1), 252)
    assert.equal(sp500.series().dates[rowOf(sp500, 2)], "2001-01-03")
    assert.equal(rowOf(sp500, 1_003, 1_001), 254)
    assert.deepEqual(sp500.truth(1), [128_327_002n * 10n ** 13n])
    assert.deepEqual(sp500.truth(1_001, 1_001), sp500.truth(1))
    assert.deepEqual(topicNamed("seattle-temperature").truth(1), [5n * ONE])
    for (const epoch of [5_105 - 252 + 1, 0, -251])
      assert.throws(() => sp500.truth(epoch), code("SeriesExhausted"))
  })

  it("knows the truth of a class as 1 under its label and 0 under the others", () => {
    const weather = topicNamed("seattle-weather")
    assert.deepEqual(weather.labels, ["drizzle", "fog", "rain", "snow", "sun"])
    // The file says sun on 2013-01-01 and rain on 2013-01-06.
    assert.deepEqual(weather.truth(1), [0n, 0n, 0n, 0n, ONE])
    assert.deepEqual(weather.truth(6), [0n, 0n, ONE, 0n, 0n])
  })

  it("knows no other names", () => {
    assert.throws(() => topicTemplate("bitcoin", { start: 0 }), code("SeriesUnknown"))
  })

  const kinds = [
    { name: "sp500", floor: ONE / 100n, epsilon: ONE / 4n, topicType: 1, lossMethod: 1 },
    {
      name: "seattle-temperature",
      floor: ONE / 10n,
      epsilon: ONE / 4n,
      topicType: 1,
      lossMethod: 1,
    },
    {
      name: "seattle-weather",
      floor: ONE / 1_000n,
      epsilon: ONE / 10n,
      topicType: 2,
      lossMethod: 3,
    },
  ]
  for (const { name, floor, epsilon, topicType, lossMethod } of kinds) {
    it(`writes parameters of ${name} that survive their way through JSON`, () => {
      const template = topicTemplate(name, { start: 1_000 })
      assert.deepEqual([template.topicType, template.lossMethod], [topicType, lossMethod])
      assert.equal(template.arithmetic.lossFloor, floor)
      assert.equal(template.arithmetic.epsilon, epsilon)
      assert.equal(template.maxLabels, template.labels.length)
      assert.equal(template.arithmetic.requireUnity, topicType === 2)
      assert.equal(template.history, 30)
      assert.deepEqual(parametersFromJson(parametersToJson(template)), template)
    })
  }

  it("opens a day's window after the truth of the day before was settled", () => {
    const { schedule } = topicTemplate("sp500", { start: 1_000 })
    assert.deepEqual(schedule, {
      start: 1_000,
      firstEpoch: 1,
      length: 86_400,
      windowOpens: 79_200,
      windowLength: 3_600,
      lag: 79_200,
      truthWindow: 1_800,
      deadline: 2_700,
    })
  })

  it("does so for any other length too, or says that it cannot", () => {
    let fitting = 0
    for (let length = 1; length <= 200; length++) {
      for (let windowLength = 1; windowLength <= length; windowLength++) {
        const timing = { start: 0, length, windowLength }
        if (windowLength > length - 4) {
          assert.throws(() => topicTemplate("sp500", timing), code("WindowTooLong"))
          continue
        }
        const { windowOpens, lag, truthWindow, deadline } = topicTemplate("sp500", timing).schedule
        assert.ok(windowOpens + windowLength <= length)
        assert.ok(0 < truthWindow && truthWindow <= deadline)
        // From this window's close to the next one's opening.
        assert.ok(lag + deadline < length - windowLength, `${length}, ${windowLength}`)
        fitting += 1
      }
    }
    assert.equal(fitting, (196 * 197) / 2)
    assert.equal(topicTemplate("sp500", { start: 0, length: 240 }).schedule.windowLength, 10)
  })
})
