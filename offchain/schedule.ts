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

/** What a slot decides: an epoch's report, or what its truth changed. */
export type Key = {
  readonly kind: "report" | "settlement"
  readonly topicId: number
  readonly epoch: number
}

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

/** The slot of a key: a report's is its window's close, a settlement's the close of the truths. It never moves. */
export function slotOf(schedule: Schedule, { kind, epoch }: Pick<Key, "kind" | "epoch">): number {
  return kind === "report" ? observedAt(schedule, epoch) : truthTimes(schedule, epoch).closesAt
}

/**
 * The slots due after `fromTime` and not after `toTime`, in order. `settledFrom` is the first epoch of a topic that is to
 * be settled; without it none is.
 */
export function slotsDue(
  topics: readonly {
    readonly topicId: number
    readonly schedule: Schedule
    readonly settledFrom?: number
  }[],
  fromTime: number,
  toTime: number,
): readonly Slot[] {
  const slots = new Map<number, Key[]>()
  for (const kind of ["report", "settlement"] as const) {
    for (const topic of [...topics].sort((a, b) => a.topicId - b.topicId)) {
      const { topicId, schedule, settledFrom = EPOCH_LIMIT } = topic
      const least = kind === "report" ? schedule.firstEpoch : settledFrom
      const firstSlot = slotOf(schedule, { kind, epoch: schedule.firstEpoch })
      const epochAfter = (time: number) =>
        schedule.firstEpoch + Math.floor((time - firstSlot) / schedule.length) + 1
      const first = Math.max(least, epochAfter(fromTime))
      const last = Math.min(EPOCH_LIMIT, epochAfter(toTime))
      for (let epoch = first; epoch < last; epoch++) {
        const key: Key = { kind, topicId, epoch }
        const slot = slotOf(schedule, key)
        const keys = slots.get(slot)
        if (keys) keys.push(key)
        else slots.set(slot, [key])
      }
    }
  }
  return [...slots].sort(([a], [b]) => a - b).map(([slot, keys]) => ({ slot, keys }))
}

/**
 * The first epoch that a topic settles: the first whose window opens so late that somebody could have been registered
 * for it, D after the topic's creation.
 */
export function firstSettled(
  schedule: Schedule,
  { createdAt, delaySeconds }: { readonly createdAt: number; readonly delaySeconds: number },
): number {
  const { opensAt } = windowOf(schedule, schedule.firstEpoch)
  const late = createdAt + delaySeconds - opensAt
  return schedule.firstEpoch + Math.max(0, Math.ceil(late / schedule.length))
}

/** A key as text, for maps and journals: `report/7/1024`. */
export function keyId({ kind, topicId, epoch }: Key): string {
  return `${kind}/${topicId}/${epoch}`
}
