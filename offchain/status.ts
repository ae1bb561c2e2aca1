// What a member says of its topics at GET /status: how many messages it holds, and which settlement it has come to.
import type { Hex } from "viem"
import { topicsOf } from "./due.ts"
import type { Ledger } from "./ledger.ts"
import type { Pool } from "./pool.ts"
import { epochAt, truthTimes } from "./schedule.ts"
import type { States } from "./states.ts"
import type { Submission } from "./submission.ts"
import type { Truth } from "./truth.ts"

export type TopicsStatus = {
  /** The running epochs' submissions, by "topic/epoch". */
  readonly held: Readonly<Record<string, number>>
  /** The truths of the epochs that may be settled next, by "topic/epoch". */
  readonly truths: Readonly<Record<string, number>>
  /** By topic: the newest settlement on the chain, the hash of its state, and whether this member has that state. */
  readonly settled: Readonly<Record<string, { epoch: number; state: Hex; isHere: boolean }>>
}

type Parts = {
  readonly ledger: Ledger
  readonly delaySeconds: number
  readonly states: Pick<States, "seatsAfter">
  readonly life: { readonly submissions: Pool<Submission>; readonly truths: Pool<Truth> }
}

export function statusOf(
  { ledger, delaySeconds, states, life }: Parts,
  time: number,
): TopicsStatus {
  const held: Record<string, number> = {}
  const truths: Record<string, number> = {}
  const settled: Record<string, { epoch: number; state: Hex; isHere: boolean }> = {}
  for (const { topicId, schedule, settledFrom } of topicsOf(ledger, delaySeconds)) {
    const running = epochAt(schedule, time)
    if (running !== undefined)
      held[`${topicId}/${running}`] = life.submissions.held(topicId, running).length
    const newest = ledger.newestSettlement(topicId)
    if (newest) {
      const { epoch, state } = newest
      settled[topicId] = { epoch, state, isHere: states.seatsAfter(newest) !== undefined }
    }
    const next = newest ? newest.epoch + 1 : settledFrom
    if (truthTimes(schedule, next).aboutAt <= time)
      truths[`${topicId}/${next}`] = life.truths.held(topicId, next).length
  }
  return { held, truths, settled }
}
