import assert from "node:assert/strict"
import { describe, it } from "node:test"
import type { Chain } from "../../offchain/chain.ts"
import { NodeError } from "../../offchain/errors.ts"
import { createLedger } from "../../offchain/ledger.ts"
import { createLog } from "../../offchain/log.ts"
import { createPosting, turnOf } from "../../offchain/posting.ts"
import { batchRoot, type Report, reportHash, verifyMultiproof } from "../../offchain/report.ts"
import { createSigner } from "../../offchain/signer.ts"
import { manualClock } from "../support/clock.ts"

const ZERO = `0x${"00".repeat(32)}` as const
/** Its first leader is member 0 of 4: 0 * anything. */
const SLOT = 0
const signer = createSigner(`0x${"11".repeat(32)}`)
const log = createLog({ level: "silent" })

const report = (topicId: number, epoch: number): Report => ({
  topicId,
  label: 0,
  epoch,
  observedAt: 1_000 + epoch,
  lag: 10,
  history: 0,
  value: 5n,
  sigma: 0,
  context: ZERO,
})

/** Two reports of one slot as they go on chain, and a chain that records what it is asked to write. */
function stage({ member = 0, fails = 0, fault = "retry" as "retry" | "stop" } = {}) {
  const reports = [report(1, 7), report(2, 7)]
  const root = batchRoot(reports.map(reportHash))
  const posted = {
    batch: { era: 1, slot: SLOT, view: 0, root },
    reports,
    attestation: "0x00",
  } as const
  const ledger = createLedger()
  const clock = manualClock()
  const written: { reports: Report[]; proof: { nodes: `0x${string}`[]; steps: `0x${string}` } }[] =
    []
  let refusals = 0
  const chain = {
    ledger,
    deployment: { reports: ZERO.slice(0, 42) },
    async write(_: unknown, { args }: { args: readonly unknown[] }) {
      if (refusals < fails) {
        refusals += 1
        throw new NodeError("ChainRefused", { sentence: "no", remedy: fault })
      }
      written.push({
        reports: args[1] as Report[],
        proof: args[2] as (typeof written)[number]["proof"],
      })
      return { hash: ZERO, gasUsed: 1n }
    },
  } as unknown as Chain
  const posting = createPosting(
    { member, members: 4, staggerMs: 100 },
    { chain, clock, signer, log },
  )
  const settle = () => new Promise((resolve) => setImmediate(resolve))
  const accept = (...found: Report[]) =>
    ledger.apply(
      { number: 1, hash: ZERO, parentHash: ZERO, time: 1 },
      found.map(({ topicId, label, epoch }) => ({
        block: 1,
        time: 1,
        fact: {
          name: "ReportAccepted" as const,
          topicId,
          label,
          epoch,
          word: 0n,
          context: ZERO,
          block: 1,
          transaction: ZERO,
        },
      })),
    )
  return { posting, posted, clock, written, settle, accept, root, refusals: () => refusals }
}

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
    assert.equal(written.length, 1)
    const [{ reports, proof } = { reports: [], proof: { nodes: [], steps: "0x" as const } }] =
      written
    assert.deepEqual(reports, posted.reports)
    assert.ok(verifyMultiproof(root, reports.map(reportHash), proof))
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
    assert.deepEqual(written[0]?.reports, [posted.reports[1]])
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
