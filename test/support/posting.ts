// What tests of posting stand on: a batch of reports and settlements, a member with its turn, and a chain that records what
// it is asked to write and shows nothing of it until a test says so.
import type { Hex } from "viem"
import type { Call, Chain } from "../../offchain/chain.ts"
import { NodeError } from "../../offchain/errors.ts"
import { createLedger, type Fact } from "../../offchain/ledger.ts"
import { createLog } from "../../offchain/log.ts"
import { createPosting, type Posted } from "../../offchain/posting.ts"
import { batchRoot, type Report, reportHash, type verifyMultiproof } from "../../offchain/report.ts"
import { type Settlement, settlementHash } from "../../offchain/settlement.ts"
import { createSigner } from "../../offchain/signer.ts"
import { manualClock } from "./clock.ts"

export const ZERO = `0x${"00".repeat(32)}` as const
export const REPORTS: Hex = `0x${"aa".repeat(20)}`
export const SETTLEMENTS: Hex = `0x${"bb".repeat(20)}`
/** Its first leader is member 0 of 4: 0 * anything. */
const SLOT = 0
const signer = createSigner(`0x${"11".repeat(32)}`)
const log = createLog({ level: "silent" })

export const report = (topicId: number, epoch: number): Report => ({
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

export const settlement = (topicId: number, epoch: number, parent: Hex = ZERO): Settlement => ({
  topicId,
  epoch,
  generation: 0,
  parent,
  state: ZERO,
  pot: 0n,
  quality: ZERO,
  context: ZERO,
})
type Proof = Parameters<typeof verifyMultiproof>[2]
type Written = { readonly call: string; readonly address: Hex; readonly at: number }
type Message = Report | Settlement

type Stage = {
  readonly member?: number
  /** How many transactions fail, and how; of which function, or of any. */
  readonly fails?: number
  readonly fault?: "retry" | "stop"
  readonly failing?: string
  readonly settlements?: readonly Settlement[]
}

/** Two reports of one slot as they go on chain, with settlements, and a chain that records what it is asked to write. */
export function stage({
  member = 0,
  fails = 0,
  fault = "retry",
  failing,
  settlements = [],
}: Stage = {}) {
  const reports = [report(1, 7), report(2, 7)]
  const root = batchRoot([...reports.map(reportHash), ...settlements.map(settlementHash)])
  const batch = { era: 1, slot: SLOT, view: 0, root }
  const posted: Posted = { batch, reports, settlements, attestation: "0x00" }
  const ledger = createLedger()
  const clock = manualClock()
  const written: (Written & { readonly messages: readonly Message[]; readonly proof: Proof })[] = []
  let refusals = 0
  const chain = {
    ledger,
    deployment: { reports: REPORTS, settlements: SETTLEMENTS },
    async write(_: unknown, { address, functionName, args }: Call) {
      if (refusals < fails && (failing ?? functionName) === functionName) {
        refusals += 1
        throw new NodeError("ChainRefused", { sentence: "no", remedy: fault })
      }
      const [, messages, proof] = args as [unknown, readonly Message[], Proof]
      written.push({ call: functionName, address, at: clock.now(), messages, proof })
      return { hash: ZERO, gasUsed: 1n }
    },
  } as unknown as Chain
  const posting = createPosting(
    { member, members: 4, staggerMs: 100 },
    { chain, clock, signer, log },
  )
  const settle = () => new Promise((resolve) => setImmediate(resolve))
  const happen = (...facts: readonly Fact[]) =>
    ledger.apply(
      { number: 1, hash: ZERO, parentHash: ZERO, time: 1 },
      facts.map((fact) => ({ block: 1, time: 1, fact })),
    )
  const where = { block: 1, transaction: ZERO }
  return {
    posting,
    posted,
    clock,
    written,
    settle,
    root,
    refusals: () => refusals,
    accept: (...found: Report[]) =>
      happen(
        ...found.map(
          ({ topicId, label, epoch }): Fact => ({
            ...{ name: "ReportAccepted", topicId, label, epoch, word: 0n, context: ZERO },
            ...where,
          }),
        ),
      ),
    acceptSettled: (...found: Settlement[]) =>
      happen(
        ...found.map(
          (each): Fact => ({
            name: "SettlementAccepted",
            ...each,
            leaf: settlementHash(each),
            ...where,
          }),
        ),
      ),
    takeBack: ({ topicId, epoch, parent, generation }: Settlement) =>
      happen({
        name: "SettlementTakenBack",
        ...{ topicId, epoch, leaf: ZERO, head: parent, generation: generation + 1 },
      }),
    /** Time goes on in steps of a tenth of a turn, and every promise comes to its end in between. */
    async pass(ms: number) {
      for (let gone = 0; gone < ms; gone += 10) {
        clock.advance(10)
        await settle()
      }
    },
  }
}
