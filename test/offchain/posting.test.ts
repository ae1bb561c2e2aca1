// Posting in turn: who goes first, what the chain lacks and no more, what is tried again.
import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { turnOf } from "../../offchain/posting.ts"
import { type Report, reportHash, verifyMultiproof } from "../../offchain/report.ts"
import { REPORTS, stage, ZERO } from "../support/posting.ts"

describe("posting", () => {
  it("gives the leader of the view the first turn, and each member its own", () => {
    const turnsIn = (view: number) =>
      [0, 1, 2, 3].map((member) => turnOf(member, 4, { era: 1, slot: 9, view, root: ZERO }))
    // floor(9 * 0x9e3779b1 mod 2^32 / 2^16) = 36851, and 36851 mod 4 = 3.
    assert.deepEqual(turnsIn(0), [1, 2, 3, 0])
    assert.deepEqual(turnsIn(2), [3, 0, 1, 2])
  })

  it("spreads the slots of whole hours over all members", () => {
    const firsts = [0, 0, 0, 0]
    for (let hour = 0; hour < 4_000; hour += 1) {
      const batch = { era: 1, slot: 1_700_000_000 + hour * 3_600, view: 0, root: ZERO }
      const first = [0, 1, 2, 3].find((member) => turnOf(member, 4, batch) === 0)
      firsts[first as number] = (firsts[first as number] as number) + 1
    }
    for (const count of firsts) assert.ok(count > 900 && count < 1_100, `${firsts}`)
  })

  it("posts every report of the batch in its turn, with a proof that leads to the root", async () => {
    const { posting, posted, clock, written, settle, root } = stage()
    posting.post(posted)
    clock.advance(0)
    await settle()
    const [only] = written as [(typeof written)[0]]
    assert.equal(written.length, 1)
    assert.deepEqual([only.call, only.address], ["post", REPORTS])
    assert.deepEqual(only.messages, posted.reports)
    assert.ok(verifyMultiproof(root, posted.reports.map(reportHash), only.proof))
  })

  it("waits for its turn and then posts only what the chain lacks", async () => {
    const { posting, posted, clock, written, settle, accept, root } = stage({ member: 2 })
    posting.post(posted)
    clock.advance(199)
    await settle()
    assert.equal(written.length, 0)
    accept(posted.reports[0] as Report)
    clock.advance(1)
    await settle()
    assert.equal(written.length, 1)
    assert.deepEqual(written[0]?.messages, [posted.reports[1]])
    assert.ok(
      verifyMultiproof(root, [reportHash(posted.reports[1] as Report)], written[0]?.proof as never),
    )
  })

  it("posts nothing that is on chain already", async () => {
    const { posting, posted, clock, written, settle, accept } = stage({ member: 1 })
    accept(...posted.reports)
    posting.post(posted)
    clock.advance(10_000)
    await settle()
    assert.equal(written.length, 0)
  })

  it("tries again after a refusal that may pass, ever more seldom", async () => {
    const { posting, posted, clock, written, settle, refusals } = stage({ fails: 2 })
    posting.post(posted)
    for (const wait of [0, 100, 200]) {
      assert.equal(written.length, 0)
      clock.advance(wait)
      await settle()
    }
    assert.equal(refusals(), 2)
    assert.equal(written.length, 1)
  })

  it("gives up where trying again cannot help", async () => {
    const { posting, posted, clock, written, settle, refusals } = stage({ fails: 9, fault: "stop" })
    posting.post(posted)
    clock.advance(0)
    await settle()
    clock.advance(1_000_000)
    await settle()
    assert.equal(refusals(), 1)
    assert.equal(written.length, 0)
  })

  it("sends nothing after it was stopped", async () => {
    const { posting, posted, clock, written, settle } = stage({ member: 3 })
    posting.post(posted)
    posting.stop()
    clock.advance(10_000)
    await settle()
    assert.equal(written.length, 0)
  })
})
