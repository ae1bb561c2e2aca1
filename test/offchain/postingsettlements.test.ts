// Posting settlements beside reports: two transactions, neither of which holds the other up, and each settlement after the
// one that it follows.
import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { reportHash, verifyMultiproof } from "../../offchain/report.ts"
import { settlementHash } from "../../offchain/settlement.ts"
import { REPORTS, SETTLEMENTS, settlement, stage } from "../support/posting.ts"

describe("posting settlements", () => {
  const first = settlement(1, 4)
  const other = settlement(2, 4)

  it("posts reports and settlements of a batch in two transactions, each with a proof over all leaves", async () => {
    const { posting, posted, clock, written, settle, root } = stage({ settlements: [first, other] })
    posting.post(posted)
    clock.advance(0)
    await settle()
    assert.deepEqual(
      written.map(({ call, address }) => [call, address]),
      [
        ["post", REPORTS],
        ["settle", SETTLEMENTS],
      ],
    )
    const [reports, settlements] = written as [(typeof written)[0], (typeof written)[0]]
    assert.deepEqual(reports.messages, posted.reports)
    assert.deepEqual(settlements.messages, [first, other])
    const leaves = [posted.reports.map(reportHash), [first, other].map(settlementHash)] as const
    assert.ok(verifyMultiproof(root, leaves[0], reports.proof))
    assert.ok(verifyMultiproof(root, leaves[1], settlements.proof))
    // Each proves its own leaves and not the other's.
    assert.ok(!verifyMultiproof(root, leaves[1], reports.proof))
  })

  it("posts the settlements that the chain lacks, and none that it has or is past", async () => {
    const settlements = [first, other, settlement(3, 4)]
    const { posting, posted, clock, written, settle, root, accept, acceptSettled } = stage({
      settlements,
    })
    accept(...posted.reports)
    acceptSettled(other, settlement(3, 5))
    posting.post(posted)
    clock.advance(0)
    await settle()
    assert.deepEqual(
      written.map(({ call, messages }) => [call, ...messages]),
      [["settle", first]],
    )
    const [{ proof }] = written as [(typeof written)[0]]
    assert.ok(verifyMultiproof(root, [settlementHash(first)], proof))
  })

  it("posts only of the generation that the topic has, and keeps back what is of the next", async () => {
    const again = { ...first, generation: 1 }
    const { posting, posted, written, pass, acceptSettled, takeBack } = stage({
      settlements: [again, other],
    })
    acceptSettled(first)
    posting.post(posted)
    await pass(350)
    const calls = () =>
      written.flatMap(({ call, messages }) => (call === "settle" ? [messages] : []))
    assert.deepEqual(calls(), [[other]])
    takeBack(first)
    acceptSettled(other)
    await pass(2_000)
    assert.deepEqual(calls(), [[other], [again]])
    const late = stage({ settlements: [first] })
    late.acceptSettled(first)
    late.takeBack(first)
    late.posting.post(late.posted)
    await late.pass(2_000)
    assert.deepEqual(
      late.written.map(({ call }) => call),
      ["post"],
    )
  })

  it("keeps back a settlement whose parent is not the head, and posts it when it is", async () => {
    const next = settlement(1, 5, settlementHash(first))
    const { posting, posted, written, pass, acceptSettled } = stage({ settlements: [next, other] })
    posting.post(posted)
    await pass(350)
    const calls = () =>
      written.map(({ call, messages }) => [call, ...messages.map(({ topicId }) => topicId)])
    // The others did not wait for it, and went once.
    assert.deepEqual(calls(), [
      ["post", 1, 2],
      ["settle", 2],
    ])
    acceptSettled(first, other)
    await pass(1_000)
    assert.deepEqual(calls().slice(2), [["settle", 1]])
    // It was looked at after 100, 200 and 400 more.
    assert.equal(written[2]?.at, 700 + 10)
  })

  it("gives up a settlement that follows nothing on the chain after so many waits", async () => {
    const orphan = settlement(1, 5, settlementHash(other))
    const { posting, posted, clock, written, pass, acceptSettled } = stage({
      settlements: [orphan],
    })
    posting.post(posted)
    // 100, 200, ... 6,400 and once more 6,400: eight waits.
    await pass(100 * 127 + 6_400 - 10)
    assert.ok(clock.nextIn() !== undefined)
    await pass(100)
    assert.equal(clock.nextIn(), undefined)
    acceptSettled({ ...orphan, epoch: 4 })
    await pass(20_000)
    assert.deepEqual(
      written.map(({ call }) => call),
      ["post"],
    )
  })

  for (const [failing, goesOnce] of [
    ["settle", "post"],
    ["post", "settle"],
  ] as const) {
    it(`tries a failed ${failing} again without a second ${goesOnce}, also before the block is seen here`, async () => {
      const { posting, posted, written, pass, refusals } = stage({
        settlements: [first],
        fails: 3,
        failing,
      })
      posting.post(posted)
      await pass(2_000)
      assert.equal(refusals(), 3)
      assert.deepEqual(
        new Map(written.map(({ call, at }) => [call, at])),
        new Map([
          [goesOnce, 10],
          [failing, 710],
        ]),
      )
      assert.equal(written.length, 2)
    })
  }

  it("asks no second time for what cannot help, while another waits", async () => {
    const orphan = settlement(1, 5, settlementHash(other))
    const { posting, posted, written, pass, refusals } = stage({
      settlements: [orphan],
      fails: 99,
      fault: "stop",
      failing: "post",
    })
    posting.post(posted)
    await pass(5_000)
    assert.equal(refusals(), 1)
    assert.deepEqual(written, [])
  })

  it("posts again what a reorganisation took back, when it is told to", async () => {
    const { posting, posted, written, pass } = stage({ settlements: [first] })
    posting.post(posted)
    await pass(500)
    posting.post(posted)
    await pass(500)
    assert.deepEqual(
      written.map(({ call }) => call),
      ["post", "settle", "post", "settle"],
    )
  })
})
