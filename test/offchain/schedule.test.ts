// Windows, truths and slots: laws over random schedules, and a small one worked out by hand.
import assert from "node:assert/strict"
import { describe, it } from "node:test"
import fc from "fast-check"
import { NodeError } from "../../offchain/errors.ts"
import {
  epochAt,
  firstSettled,
  isTooLate,
  keyId,
  observedAt,
  type Schedule,
  slotOf,
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

  it("has a settlement's slot at the close of its truths, from the first epoch that is settled", () => {
    assert.equal(slotOf(HAND, { kind: "report", epoch: 12 }), 1170)
    assert.equal(slotOf(HAND, { kind: "settlement", epoch: 12 }), 1510)
    const named = (settledFrom?: number) => {
      const topic = { topicId: 7, schedule: HAND }
      const topics = [settledFrom === undefined ? topic : { ...topic, settledFrom }]
      return slotsDue(topics, 1389, 1530).map(({ slot, keys }) => [slot, ...keys.map(keyId)])
    }
    // Windows close at 1050 + 60 k, truths 340 s later.
    const reports = [
      [1410, "report/7/16"],
      [1470, "report/7/17"],
      [1530, "report/7/18"],
    ]
    assert.deepEqual(named(), reports)
    assert.deepEqual(named(10), [
      [1390, "settlement/7/10"],
      reports[0],
      [1450, "settlement/7/11"],
      reports[1],
      [1510, "settlement/7/12"],
      reports[2],
    ])
    assert.deepEqual(named(12), [...reports.slice(0, 2), [1510, "settlement/7/12"], reports[2]])
  })

  it("puts both kinds into one slot in the order of a batch", () => {
    // Truths close 360 s after the window, so that epoch 10 is settled when epoch 16 is reported.
    const even = { ...HAND, truthWindow: 60 }
    const topics = [9, 3].map((topicId) => ({ topicId, schedule: even, settledFrom: 10 }))
    assert.deepEqual(
      slotsDue(topics, 1350, 1410).map(({ slot, keys }) => [slot, ...keys.map(keyId)]),
      [[1410, "report/3/16", "report/9/16", "settlement/3/10", "settlement/9/10"]],
    )
  })

  it("settles first the epoch for which somebody could be registered, D after the creation", () => {
    const first = (createdAt: number) => firstSettled(HAND, { createdAt, delaySeconds: 100 })
    // Windows open at 1020, 1080, 1140: created 100 s before is in time.
    assert.equal(first(0), 10)
    assert.equal(first(920), 10)
    assert.equal(first(921), 11)
    assert.equal(first(980), 11)
    assert.equal(first(981), 12)
    // That of epoch 1661 opens at 100,080, the next one at 100,140.
    assert.equal(first(100_000), 1662)
  })

  it("settles first the earliest such epoch, whatever the schedule", () => {
    let later = 0
    fc.assert(
      fc.property(
        anySchedule,
        fc.nat(9_000),
        fc.nat(4_000),
        (schedule, createdAt, delaySeconds) => {
          const first = firstSettled(schedule, { createdAt, delaySeconds })
          const known = createdAt + delaySeconds
          assert.ok(windowOf(schedule, first).opensAt >= known)
          if (first === schedule.firstEpoch) return
          assert.ok(windowOf(schedule, first - 1).opensAt < known)
          later += 1
        },
      ),
    )
    assert.ok(later >= 50, `${later}`)
  })

  it("cuts time anywhere without losing or doubling a slot", () => {
    let settlements = 0
    fc.assert(
      fc.property(
        fc.array(anySchedule, { maxLength: 4 }),
        fc.nat(6000),
        fc.nat(300),
        fc.nat(300),
        (all, from, a, b) => {
          const topics = all.map((schedule, i) => ({
            topicId: i + 1,
            schedule,
            settledFrom: schedule.firstEpoch + 3 * i,
          }))
          const whole = slotsDue(topics, from, from + a + b)
          assert.deepEqual(
            [...slotsDue(topics, from, from + a), ...slotsDue(topics, from + a, from + a + b)],
            whole,
          )
          // Counted the slow way: every second, every topic.
          let count = 0
          for (let time = from + 1; time <= from + a + b; time++) {
            for (const { schedule, settledFrom } of topics) {
              const epoch = epochAt(schedule, time - 1)
              if (epoch !== undefined && observedAt(schedule, epoch) === time) count++
              const told = epochAt(schedule, time - 1 - HAND.lag - HAND.truthWindow)
              if (told === undefined || told < settledFrom) continue
              if (truthTimes(schedule, told).closesAt === time) {
                count++
                settlements++
              }
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
    assert.ok(settlements >= 100, `${settlements}`)
  })
})
