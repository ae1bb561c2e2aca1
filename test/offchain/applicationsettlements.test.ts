// What the agreement asks of a member about a settlement's key: when it is time, which truths count, and that what is
// computed is what the chain of the test has.
import assert from "node:assert/strict"
import { before, describe, it } from "node:test"
import type { Submission as Held } from "../../offchain/agreement.ts"
import { isRefusal } from "../../offchain/errors.ts"
import type { Settled } from "../../offchain/ledger.ts"
import { parseSettlement } from "../../offchain/settlement.ts"
import { encodeTruth, type Truth } from "../../offchain/truth.ts"
import { load, rowHash } from "../../wasm/index.ts"
import { applicant, asInputs, KEPT_SECONDS, settlementKey } from "../support/applicant.ts"
import { aboutAt, person, TOPIC } from "../support/reputers.ts"
import { type SettledTopic, settledTopic, truthsOf } from "../support/settled.ts"

const EPOCHS = 6
/** The topic's epoch that nobody reports, and the one for which no truth comes. */
const SILENT = 3
const UNTOLD = 4
const closesAt = (epoch: number) => aboutAt(epoch) + 300
const deadlineAt = (epoch: number) => aboutAt(epoch) + 500

let topic: SettledTopic
before(async () => {
  await load()
  topic = settledTopic(EPOCHS, { [SILENT]: { isSilent: true }, [UNTOLD]: { isUntold: true } })
})

describe("a settlement's key", () => {
  const all = (epoch: number) => truthsOf(epoch)

  it("is mandatory, and computed to the settlement that the chain has, told or missed", async () => {
    let told = 0
    for (let epoch = 1; epoch <= EPOCHS; epoch++) {
      const { application, hold, clock, kept, states } = await applicant(topic, {
        settled: epoch - 1,
      })
      const key = settlementKey(epoch)
      assert.equal(application.mandatory(key), true)
      const isMissed = epoch === SILENT || epoch === UNTOLD
      if (epoch !== UNTOLD) for (const truth of all(epoch)) hold.truth(truth)
      clock.now = isMissed ? deadlineAt(epoch) : closesAt(epoch)
      assert.equal(application.ready(key), true, `epoch ${epoch}`)
      const held = application.held(key)
      assert.equal(held.length, epoch === UNTOLD ? 0 : 3)
      const [leaf, ...more] = (await application.compute(key, asInputs(held))) ?? []
      const settled = topic.settlements[epoch - 1] as Settled
      assert.ok(leaf)
      assert.deepEqual([more, leaf.hash, leaf.label, leaf.kind], [[], settled.leaf, 0, 2])
      assert.deepEqual(application.leaf(2, leaf.body), leaf)
      // The state is here at once, before the chain has it, and the rows of it are kept.
      assert.equal(states.seatsAfter(settled) !== undefined, true)
      assert.equal(kept.at(-1)?.until, closesAt(epoch) + KEPT_SECONDS)
      assert.ok(kept.at(-1)?.rows.some((row) => rowHash(row) === settled.context))
      told += Number(!isMissed)
    }
    assert.equal(told, EPOCHS - 2)
  })

  it("waits for the settlement before, and for its state", async () => {
    const ready = async (settled: number, epoch: number, hasStates = true) => {
      const { application, clock } = await applicant(topic, { settled, hasStates })
      clock.now = deadlineAt(EPOCHS)
      return application.ready(settlementKey(epoch))
    }
    assert.equal(await ready(0, 1), true)
    assert.equal(await ready(0, 2), false)
    assert.equal(await ready(1, 2), true)
    assert.equal(await ready(1, 3), false)
    assert.equal(await ready(2, 2), false)
    assert.equal(await ready(1, 2, false), false)
  })

  it("is ready when two thirds of the stake spoke of a report on the chain, and else at the deadline", async () => {
    // The labels of one report stand on the chain together.
    const split = await applicant(topic, { settled: 0, hidden: 1 })
    for (const truth of all(1)) split.hold.truth(truth)
    split.clock.now = deadlineAt(1) - 1
    assert.equal(split.application.ready(settlementKey(1)), false)
    // 40 and 25 of 100 are less than two thirds, 40 and 35 are more.
    const cases = [
      { epoch: 1, speak: [0, 2], before: false },
      { epoch: 1, speak: [0, 1], before: true },
      { epoch: 1, speak: [], before: false },
      { epoch: SILENT, speak: [0, 1, 2], before: false },
    ]
    for (const { epoch, speak, before } of cases) {
      const { application, hold, clock } = await applicant(topic, { settled: epoch - 1 })
      const key = settlementKey(epoch)
      for (const place of speak) hold.truth(all(epoch)[place] as Truth)
      clock.now = deadlineAt(epoch) - 1
      assert.equal(application.ready(key), before)
      const early = await application.compute(key, asInputs(application.held(key)))
      assert.equal(early !== undefined, before)
      clock.now = deadlineAt(epoch)
      assert.equal(application.ready(key), true)
      const [leaf] = (await application.compute(key, asInputs(application.held(key)))) ?? []
      const context = parseSettlement(leaf?.body ?? "")?.context
      assert.equal(context === topic.settlements[epoch - 1]?.context, epoch === SILENT)
    }
  })

  it("is of the generation that the topic has: of another nothing is ready, nor computed", async () => {
    for (const [generation, key, isIt] of [
      [0, 0, true],
      [1, 0, false],
      [1, 1, true],
      [1, 2, false],
    ] as const) {
      const { application, hold, clock } = await applicant(topic, { settled: 1, generation })
      for (const truth of all(2)) hold.truth(truth)
      clock.now = closesAt(2)
      const due = settlementKey(2, key)
      assert.equal(application.ready(due), isIt)
      const leaves = await application.compute(due, asInputs(application.held(due)))
      assert.equal(leaves !== undefined, isIt)
      if (!isIt) continue
      const [leaf] = leaves ?? []
      assert.equal(leaf?.generation, generation)
      assert.equal(parseSettlement(leaf?.body ?? "")?.generation, generation)
      // All else is as it was.
      assert.equal(parseSettlement(leaf?.body ?? "")?.state, topic.settlements[1]?.state)
    }
  })

  it("waits for the truths of what was taken back, also past its deadline", async () => {
    const { application, clock, readmitted } = await applicant(topic, { settled: 1, generation: 1 })
    clock.now = deadlineAt(2)
    readmitted.isDone = false
    assert.equal(application.ready(settlementKey(2, 1)), false)
    readmitted.isDone = true
    assert.equal(application.ready(settlementKey(2, 1)), true)
  })

  it("scores no report that is void or refuted: the epoch is missed, and names none", async () => {
    const { application, hold, clock } = await applicant(topic, { settled: 1, fallen: 1 })
    for (const truth of all(2)) hold.truth(truth)
    clock.now = deadlineAt(2) - 1
    assert.equal(application.ready(settlementKey(2)), false)
    clock.now = deadlineAt(2)
    assert.equal(application.ready(settlementKey(2)), true)
    const key = settlementKey(2)
    const [leaf] = (await application.compute(key, asInputs(application.held(key)))) ?? []
    const unscored = await applicant(topic, { settled: 1, hidden: 1 })
    for (const truth of all(2)) unscored.hold.truth(truth)
    unscored.clock.now = deadlineAt(2)
    const held = asInputs(unscored.application.held(key))
    const [other] = (await unscored.application.compute(key, held)) ?? []
    assert.equal(leaf?.hash, other?.hash)
    assert.notEqual(leaf?.hash, topic.settlements[1]?.leaf)
  })

  it("computes from the inputs alone, whatever this member holds itself", async () => {
    const { application, clock } = await applicant(topic, { settled: 0 })
    clock.now = closesAt(1)
    const inputs = all(1).map((truth) =>
      application.check(settlementKey(1), encodeTruth(truth)),
    ) as Held[]
    assert.equal(application.ready(settlementKey(1)), false)
    const [leaf] = (await application.compute(settlementKey(1), asInputs(inputs))) ?? []
    assert.equal(leaf?.hash, topic.settlements[0]?.leaf)
  })

  it("holds and takes only truths of electors, signed, about its own epoch", async () => {
    const { application, hold } = await applicant(topic, { settled: 0 })
    const [one, two] = all(1) as [Truth, Truth]
    hold.truth(one)
    hold.truth({ ...two, reputer: person(1).owner })
    assert.deepEqual(
      application.held(settlementKey(1)).map(({ worker }) => worker),
      [one.reputer],
    )
    const codes = [
      application.check(settlementKey(1), "{}"),
      application.check(settlementKey(2), encodeTruth(one)),
      application.check(settlementKey(1), encodeTruth({ ...one, reputer: person(1).owner })),
      application.check(settlementKey(1), encodeTruth({ ...one, signature: two.signature })),
      application.check(`2/${TOPIC + 1}/1/0`, encodeTruth({ ...one, topicId: TOPIC + 1 })),
    ].map((answer) => (isRefusal(answer) ? answer.code : "taken"))
    assert.deepEqual(codes, [
      "MalformedTruth",
      "WrongEpoch",
      "NotAnElector",
      "BadSignature",
      "UnknownTopic",
    ])
  })
})
