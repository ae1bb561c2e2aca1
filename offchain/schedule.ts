// When things are due: an epoch's window, its truth, and the slots in which the committee works. Pure functions of a
// topic's schedule; times are chain seconds.
import { NodeError } from "./errors.ts"

/** The group `Schedule` of a topic's parameters. */
export type Schedule = {
  readonly start: number
  readonly firstEpoch: number
  readonly length: number
  readonly windowOpens: number
  readonly windowLength: number
  readonly lag: number
  readonly truthWindow: number
  readonly deadline: number
}

/** What a slot decides. For now the committee signs reports alone. */
export type Key = { readonly kind: "report"; readonly topicId: number; readonly epoch: number }

/** A due time in seconds, with the keys due then in batch order. */
export type Slot = { readonly slot: number; readonly keys: readonly Key[] }

/** Epochs have 28 bits in a word. */
export const EPOCH_LIMIT = 2 ** 28
/** A word's postedAfter counts 16 s in 16 bits. */
export const POSTING_LIMIT_SECONDS = 65_535 * 16

/** When workers submit for an epoch: from `opensAt` to before `closesAt`. */
export function windowOf(schedule: Schedule, epoch: number): { opensAt: number; closesAt: number } {
  if (!isEpoch(schedule, epoch)) {
    throw new NodeError("WrongEpoch", {
      sentence: "the topic's schedule has no such epoch",
      remedy: "refuse",
      given: epoch,
      required: `${schedule.firstEpoch} to ${EPOCH_LIMIT - 1}`,
    })
  }
  const opensAt =
    schedule.start + (epoch - schedule.firstEpoch) * schedule.length + schedule.windowOpens
  return { opensAt, closesAt: opensAt + schedule.windowLength }
}

export function isEpoch(schedule: Schedule, epoch: number): boolean {
  return Number.isInteger(epoch) && epoch >= schedule.firstEpoch && epoch < EPOCH_LIMIT
}

/** The epoch that runs at `time`, or undefined before the first and after the last. */
export function epochAt(schedule: Schedule, time: number): number | undefined {
  const epoch = schedule.firstEpoch + Math.floor((time - schedule.start) / schedule.length)
  return isEpoch(schedule, epoch) ? epoch : undefined
}

/** The window's closing time: what a report carries, never a clock's reading. */
export function observedAt(schedule: Schedule, epoch: number): number {
  return windowOf(schedule, epoch).closesAt
}

/** The time the value is about, when truths close, and when they close at the latest. */
export function truthTimes(
  schedule: Schedule,
  epoch: number,
): { aboutAt: number; closesAt: number; deadlineAt: number } {
  const aboutAt = observedAt(schedule, epoch) + schedule.lag
  return {
    aboutAt,
    closesAt: aboutAt + schedule.truthWindow,
    deadlineAt: aboutAt + schedule.deadline,
  }
}

/** Whether a report can no longer be posted: its word has no room for the time that passed. */
export function isTooLate(observedAt: number, now: number): boolean {
  return now - observedAt > POSTING_LIMIT_SECONDS
}

/** The slots due after `fromTime` and not after `toTime`, in order. A key's slot never moves. */
export function slotsDue(
  topics: readonly { readonly topicId: number; readonly schedule: Schedule }[],
  fromTime: number,
  toTime: number,
): readonly Slot[] {
  const slots = new Map<number, Key[]>()
  for (const { topicId, schedule } of [...topics].sort((a, b) => a.topicId - b.topicId)) {
    const firstClose = schedule.start + schedule.windowOpens + schedule.windowLength
    const epochAfter = (time: number) =>
      schedule.firstEpoch + Math.floor((time - firstClose) / schedule.length) + 1
    const first = Math.max(schedule.firstEpoch, epochAfter(fromTime))
    const last = Math.min(EPOCH_LIMIT, epochAfter(toTime))
    for (let epoch = first; epoch < last; epoch++) {
      const slot = observedAt(schedule, epoch)
      const keys = slots.get(slot)
      const key: Key = { kind: "report", topicId, epoch }
      if (keys) keys.push(key)
      else slots.set(slot, [key])
    }
  }
  return [...slots].sort(([a], [b]) => a - b).map(([slot, keys]) => ({ slot, keys }))
}

/** A key as text, for maps and journals: `report/7/1024`. */
export function keyId({ kind, topicId, epoch }: Key): string {
  return `${kind}/${topicId}/${epoch}`
}
