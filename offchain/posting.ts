// Step 4: an posted.batch goes on chain. The members post in turn, so that one transaction does it as a rule
// and a silent poster costs the others only the wait.
import type { Hex } from "viem"
import { committeeAbi, reportsAbi } from "../contracts/index.ts"
import { leaderOf } from "./agreement.ts"
import type { Chain } from "./chain.ts"
import type { Clock } from "./clock.ts"
import { NodeError } from "./errors.ts"
import type { Log } from "./log.ts"
import { type Batch, multiproof, type Report, reportHash } from "./report.ts"
import type { Signer } from "./signer.ts"

export type Posted = {
  readonly batch: Batch
  /** Every report of the batch, in the order of its leaves. */
  readonly reports: readonly Report[]
  readonly attestation: Hex
}

/** Which turn a member has for a batch: 0 posts at once. The leader of the batch's view comes first. */
export function turnOf(member: number, members: number, { slot, view }: Batch): number {
  const leader = leaderOf(slot, view, members)
  return (member - leader + members) % members
}

export type PostingOptions = {
  readonly member: number
  readonly members: number
  /** How long each turn waits for the one before it. */
  readonly staggerMs: number
}

export function createPosting(
  { member, members, staggerMs }: PostingOptions,
  { chain, clock, signer, log }: { chain: Chain; clock: Clock; signer: Signer; log: Log },
) {
  const cancels = new Set<() => void>()
  // One transaction at a time: two would ask for the same nonce.
  let sending: Promise<void> = Promise.resolve()
  let stopped = false

  const isNewer = ({ topicId, label, epoch }: Report) =>
    (chain.ledger.newest(topicId, label)?.epoch ?? -1) < epoch

  async function send(posted: Posted, attempt: number): Promise<void> {
    const { batch, reports, attestation } = posted
    const due = reports.flatMap((report, index) => (isNewer(report) ? [index] : []))
    if (stopped || due.length === 0) return
    const proof = multiproof(reports.map(reportHash), due)
    // `view` is a word of Solidity: there the field has another name.
    const onChain = { ...batch, viewNumber: batch.view }
    const args = [onChain, due.map((index) => reports[index]), proof, attestation]
    try {
      const call = {
        address: chain.deployment.reports,
        abi: [...reportsAbi, ...committeeAbi],
        functionName: "post",
        args,
      }
      const { hash, gasUsed } = await chain.write(signer, call)
      log.info({ slot: batch.slot, reports: due.length, gasUsed, transaction: hash }, "posted")
    } catch (error) {
      if (!(error instanceof NodeError)) throw error
      log.warn({ slot: batch.slot, code: error.code }, `posting failed: ${error.message}`)
      // The word is on chain all the same if another member was quicker; then the retry finds nothing due.
      if (error.remedy === "retry")
        schedule(posted, staggerMs * 2 ** Math.min(attempt, 6), attempt + 1)
    }
  }

  function schedule(posted: Posted, waitMs: number, attempt: number) {
    if (stopped) return
    const cancel = clock.after(waitMs, () => {
      cancels.delete(cancel)
      sending = sending.then(() => send(posted, attempt))
    })
    cancels.add(cancel)
  }

  return {
    /** Posts the batch in this member's turn, unless the chain shows it by then. */
    post(posted: Posted) {
      schedule(posted, staggerMs * turnOf(member, members, posted.batch), 0)
    },

    stop() {
      stopped = true
      for (const cancel of cancels) cancel()
    },
  }
}
