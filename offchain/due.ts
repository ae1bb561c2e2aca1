// When the agreement works: takes up the slots that fall due on the chain, and says of each key when it is over.
import type { Agreement } from "./agreement.ts"
import { agreementKey, dueOf, type Epoch } from "./application.ts"
import type { Ledger } from "./ledger.ts"
import {
  firstSettled,
  isTooLate,
  type Key,
  POSTING_LIMIT_SECONDS,
  type Schedule,
  slotOf,
  slotsDue,
} from "./schedule.ts"
import type { EpochTerms } from "./terms.ts"

export type RunningTopic = {
  readonly topicId: number
  readonly schedule: Schedule
  /** The first epoch that is to be settled. */
  readonly settledFrom: number
}

export type DueParts = {
  readonly ledger: Ledger
  readonly delaySeconds: number
  readonly agreement: Pick<Agreement, "due" | "look" | "accepted" | "tooLate" | "status">
  /** What stands about an epoch; undefined while it is not known here. */
  readonly terms: (epoch: Epoch) => EpochTerms | undefined
}

/** The chain's topics with their schedules. */
export function topicsOf(ledger: Ledger, delaySeconds: number): readonly RunningTopic[] {
  return ledger.topics().flatMap((topicId) => {
    const schedule = ledger.terms(topicId, 0)?.parameters.schedule
    const createdAt = ledger.createdAt(topicId)
    if (!schedule || createdAt === undefined) return []
    return [{ topicId, schedule, settledFrom: firstSettled(schedule, { createdAt, delaySeconds }) }]
  })
}

/** `startedAt`: the chain's time now; what fell due before it and is still open is taken up too. */
export function createDue(
  { ledger, delaySeconds, agreement, terms }: DueParts,
  startedAt: number,
): { readonly blockSeen: (time: number) => void } {
  let dueUntil = startedAt - POSTING_LIMIT_SECONDS

  const settledUntil = (topicId: number) => ledger.newestSettlement(topicId)?.epoch ?? -1
  const reportedUntil = (topicId: number) => ledger.newestEpoch(topicId, 0) ?? -1
  const keyOf = (due: Key) => agreementKey({ ...due, generation: ledger.generation(due.topicId) })

  /** Whether a key is begun at all. Where nobody sits there is nothing to report. */
  function concerns({ kind, topicId, epoch }: Key): boolean {
    if (kind === "settlement") return settledUntil(topicId) < epoch
    const known = terms({ topicId, epoch })
    return known === undefined || known.roster.seats.length > 0
  }

  function isOpen({ kind, topicId, epoch }: Key): boolean {
    return kind === "settlement" || reportedUntil(topicId) < epoch
  }

  /** All keys of a slot go together, so that members whose chains differ by a block agree on them. */
  function takeUp(slot: number, keys: readonly Key[]): void {
    const begun = keys.filter(concerns)
    if (begun.some(isOpen)) agreement.due(slot, begun.map(keyOf))
  }

  /**
   * The settlement that a topic waits for may have fallen due long ago, or may have stood on the chain until it was taken back.
   * What else is settled in its slot goes with it.
   */
  function takeUpNext(topic: RunningTopic, topics: readonly RunningTopic[], time: number): void {
    const { topicId, schedule, settledFrom } = topic
    const epoch = Math.max(settledFrom, settledUntil(topicId) + 1)
    const due = slotOf(schedule, { kind: "settlement", epoch })
    if (due > time) return
    for (const { slot, keys } of slotsDue(topics, due - 1, due))
      takeUp(
        slot,
        keys.filter(({ kind }) => kind === "settlement"),
      )
  }

  /** Whether a key needs no attestation any more. What was taken back is settled under another generation alone. */
  function howOver(key: string, slot: number, time: number): "accepted" | "tooLate" | undefined {
    const { kind, topicId, epoch, generation } = dueOf(key)
    if (kind === "report") {
      if (reportedUntil(topicId) >= epoch) return "accepted"
      return isTooLate(slot, time) ? "tooLate" : undefined
    }
    const current = ledger.generation(topicId)
    if (generation < current) return "tooLate"
    // A reorganisation undid the taking back, which may come again.
    if (generation > current) return isTooLate(slot, time) ? "tooLate" : undefined
    return settledUntil(topicId) >= epoch ? "accepted" : undefined
  }

  return {
    blockSeen(time) {
      const topics = topicsOf(ledger, delaySeconds)
      for (const { slot, keys } of slotsDue(topics, dueUntil, time)) takeUp(slot, keys)
      dueUntil = Math.max(dueUntil, time)
      for (const topic of topics) takeUpNext(topic, topics, time)
      for (const { slot, keys } of agreement.status().slots)
        for (const key of Object.keys(keys)) {
          const over = howOver(key, slot, time)
          if (over) agreement[over](key)
        }
      agreement.look()
    },
  }
}
