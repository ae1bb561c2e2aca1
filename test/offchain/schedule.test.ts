// Windows, truths and slots: laws over random schedules, and a small one worked out by hand.
import assert from "node:assert/strict"
import { describe, it } from "node:test"
import fc from "fast-check"
import { NodeError } from "../../offchain/errors.ts"
import {
  epochAt,
  isTooLate,
  keyId,
  observedAt,
  type Schedule,
  slotsDue,
  truthTimes,
  windowOf,
} from "../../offchain/schedule.ts"

// Epoch 10 runs from 1000 to 1060; its window is 1020 to 1050.
const HAND: Schedule = {
  start: 1000,
  firstEpoch: 10,
  length: 60,
  windowOpens: 20,
  windowLength: 30,
  lag: 300,
  truthWindow: 40,
  deadline: 90,
}
const anySchedule: fc.Arbitrary<Schedule> = fc
  .record({
    start: fc.integer({ min: 0, max: 5000 }),
    firstEpoch: fc.integer({ min: 0, max: 50 }),
    length: fc.integer({ min: 1, max: 100 }),
  })
  .chain((base) =>
    fc.integer({ min: 0, max: base.length - 1 }).chain((windowOpens) =>
      fc.integer({ min: 1, max: base.length - windowOpens }).map((windowLength) => ({
        ...HAND,
        ...base,
        windowOpens,
        windowLength,
      })),
    ),
  )

describe("schedule", () => {
  it("places an epoch's window, observation and truth", () => {
    assert.deepEqual(windowOf(HAND, 10), { opensAt: 1020, closesAt: 1050 })
    assert.deepEqual(windowOf(HAND, 12), { opensAt: 1140, closesAt: 1170 })
    assert.equal(observedAt(HAND, 12), 1170)
    assert.deepEqual(truthTimes(HAND, 12), { aboutAt: 1470, closesAt: 1510, deadlineAt: 1560 })
  })

  it("knows the running epoch, and none before the first or after 28 bits", () => {
    assert.equal(epochAt(HAND, 999), undefined)
    assert.equal(epochAt(HAND, 1000), 10)
    assert.equal(epochAt(HAND, 1059), 10)
    assert.equal(epochAt(HAND, 1060), 11)
    const last = { ...HAND, firstEpoch: 2 ** 28 - 1 }
    assert.equal(epochAt(last, 1059), 2 ** 28 - 1)
    assert.equal(epochAt(last, 1060), undefined)
  })

  it("refuses epochs that the schedule does not have", () => {
    for (const epoch of [9, -1, 10.5, 2 ** 28]) {
      assert.throws(
        () => windowOf(HAND, epoch),
        (error) => error instanceof NodeError && error.code === "WrongEpoch",
      )
    }
  })

  it("calls a report too late when 16 bits of 16 s are over, not at their end", () => {
    assert.equal(isTooLate(5000, 5000 + 1_048_560), false)
    assert.equal(isTooLate(5000, 5000 + 1_048_561), true)
  })

  it("has a slot at each close, with the keys of all topics that close then", () => {
    const other = { ...HAND, start: 1005, length: 30, windowOpens: 5, windowLength: 10 }
    const topics = [
      { topicId: 7, schedule: HAND },
      { topicId: 2, schedule: other },
    ]
    // Topic 7 closes at 1050, 1110; topic 2 at 1020 (epoch 10), 1050, 1080, 1110.
    assert.deepEqual(
      slotsDue(topics, 1020, 1110).map(({ slot, keys }) => [slot, ...keys.map(keyId)]),
      [
        [1050, "report/2/11", "report/7/10"],
        [1080, "report/2/12"],
        [1110, "report/2/13", "report/7/11"],
      ],
    )
  })

  it("cuts time anywhere without losing or doubling a slot", () => {
    fc.assert(
      fc.property(
        fc.array(anySchedule, { maxLength: 4 }),
        fc.nat(6000),
        fc.nat(300),
        fc.nat(300),
        (all, from, a, b) => {
          const topics = all.map((schedule, i) => ({ topicId: i + 1, schedule }))
          const whole = slotsDue(topics, from, from + a + b)
          assert.deepEqual(
            [...slotsDue(topics, from, from + a), ...slotsDue(topics, from + a, from + a + b)],
            whole,
          )
          // Counted the slow way: every second, every topic.
          let count = 0
          for (let time = from + 1; time <= from + a + b; time++) {
            for (const { schedule } of topics) {
              const epoch = epochAt(schedule, time - 1)
              if (epoch !== undefined && observedAt(schedule, epoch) === time) count++
            }
          }
          assert.equal(
            whole.reduce((sum, { keys }) => sum + keys.length, 0),
            count,
          )
        },
      ),
      { numRuns: 60 },
    )
  })
})
