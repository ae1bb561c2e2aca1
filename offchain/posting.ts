// Steps 4 and 6: what is attested goes on chain, reports and settlements. The members post in turn, so that one
// transaction does it as a rule and a silent poster costs the others only the wait.
import type { Hex } from "viem"
import { committeeAbi, reportsAbi, settlementsAbi } from "../contracts/index.ts"
import { leaderOf } from "./agreement.ts"
import type { Call, Chain } from "./chain.ts"
import type { Clock } from "./clock.ts"
import { NodeError } from "./errors.ts"
import type { Log } from "./log.ts"
import { type Batch, multiproof, type Report, reportHash } from "./report.ts"
import { type Settlement, settlementHash } from "./settlement.ts"
import type { Signer } from "./signer.ts"
import { NO_LEAF } from "./synthesis.ts"

export type Posted = {
  readonly batch: Batch
  /** Every report and then every settlement of the batch, in the order of its leaves. */
  readonly reports: readonly Report[]
  readonly settlements: readonly Settlement[]
  readonly attestation: Hex
}

/** How often a settlement waits for the one that it follows. */
const WAITS = 8

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

  // A refuted report keeps its epoch, so it is not posted again.
  const isNewer = ({ topicId, label, epoch }: Report) =>
    (chain.ledger.newestEpoch(topicId, label) ?? -1) < epoch

  // One of an earlier generation is refused for ever; one of a later waits for what it follows, as any other.
  const isUnsettled = ({ topicId, epoch, generation }: Settlement) =>
    chain.ledger.generation(topicId) <= generation &&
    (chain.ledger.generation(topicId) < generation ||
      (chain.ledger.newestSettlement(topicId)?.epoch ?? -1) < epoch)

  const follows = ({ topicId, parent, generation }: Settlement) =>
    chain.ledger.generation(topicId) === generation &&
    (chain.ledger.newestSettlement(topicId)?.leaf ?? NO_LEAF) === parent

  /**
   * Posts what the chain lacks but for what is `done`, the leaves of an earlier try that need no other; answers whether to
   * try again. Reports first, one transaction at a time.
   */
  async function send(posted: Posted, attempt: number, done: Set<number>): Promise<boolean> {
    const { reports, settlements } = posted
    const leaves = [...reports.map(reportHash), ...settlements.map(settlementHash)]
    const sent = async (functionName: string, address: Hex, lacking: readonly number[]) => {
      const due = lacking.filter((index) => !done.has(index))
      if (stopped || due.length === 0) return false
      const messages = due.map((index) => reports[index] ?? settlements[index - reports.length])
      const abi = functionName === "post" ? reportsAbi : settlementsAbi
      // `view` is a word of Solidity: there the field has another name.
      const batch = { ...posted.batch, viewNumber: posted.batch.view }
      const args = [batch, messages, multiproof(leaves, due), posted.attestation]
      const call = { address, abi: [...abi, ...committeeAbi], functionName, args }
      const isFailed = await tried(call, {
        slot: batch.slot,
        [functionName === "post" ? "reports" : "settlements"]: due.length,
      })
      if (!isFailed) for (const index of due) done.add(index)
      return isFailed
    }
    const { deployment } = chain
    const newer = reports.flatMap((report, index) => (isNewer(report) ? [index] : []))
    const isFailed = await sent("post", deployment.reports, newer)
    const next = settlements.flatMap((each, index) =>
      isUnsettled(each) && follows(each) ? [reports.length + index] : [],
    )
    const isFailedToo = await sent("settle", deployment.settlements, next)
    // After a reorganisation the settlement that another follows may have to be posted again first.
    const waits = attempt < WAITS && settlements.some((each) => isUnsettled(each) && !follows(each))
    return isFailed || isFailedToo || waits
  }

  /** Whether a call failed in a way that may pass. */
  async function tried(call: Call, facts: object): Promise<boolean> {
    try {
      const { hash, gasUsed } = await chain.write(signer, call)
      log.info({ ...facts, gasUsed, transaction: hash }, "posted")
      return false
    } catch (error) {
      if (!(error instanceof NodeError)) throw error
      log.warn({ ...facts, code: error.code }, `posting failed: ${error.message}`)
      // The word is on chain all the same if another member was quicker; then the retry finds nothing due.
      return error.remedy === "retry"
    }
  }

  function schedule(posted: Posted, waitMs: number, attempt = 0, done = new Set<number>()) {
    if (stopped) return
    const cancel = clock.after(waitMs, () => {
      cancels.delete(cancel)
      sending = sending.then(async () => {
        if (!stopped && (await send(posted, attempt, done)))
          schedule(posted, staggerMs * 2 ** Math.min(attempt, 6), attempt + 1, done)
      })
    })
    cancels.add(cancel)
  }

  return {
    /** Posts the batch in this member's turn, unless the chain shows it by then. */
    post(posted: Posted) {
      schedule(posted, staggerMs * turnOf(member, members, posted.batch))
    },

    stop() {
      stopped = true
      for (const cancel of cancels) cancel()
    },
  }
}
