// Steps 1 and 6: what a member took in before the close, submissions or truths, and the way in for a body from anyone.
import type { Hex } from "viem"
import { isRefusal, type Refusal, refusal } from "./errors.ts"

/** A message that was let in, under its struct hash. */
export type Held<T> = { readonly hash: Hex; readonly message: T }

export type Admitted = { readonly hash: Hex }

export type Pool<T> = {
  /** Keeps it; the same one again is taken as kept, a second different one is refused. */
  readonly take: (held: Held<T>) => Admitted | Refusal
  readonly held: (topicId: number, epoch: number) => readonly Held<T>[]
  /** Forgets a topic's epochs before `epoch`. */
  readonly prune: (topicId: number, epoch: number) => void
}

type Keyed = { readonly topicId: number; readonly epoch: number }

/** By topic and epoch; the first message of a sender counts. `duplicate` is the code for a second different one. */
export function createPool<T extends Keyed>(
  senderOf: (message: T) => Hex,
  duplicate: string,
): Pool<T> {
  const topics = new Map<number, Map<number, Map<Hex, Held<T>>>>()

  return {
    take(held) {
      const { topicId, epoch } = held.message
      const sender = senderOf(held.message)
      const epochs = topics.get(topicId) ?? new Map<number, Map<Hex, Held<T>>>()
      topics.set(topicId, epochs)
      const senders = epochs.get(epoch) ?? new Map<Hex, Held<T>>()
      epochs.set(epoch, senders)
      const first = senders.get(sender)
      if (first && first.hash !== held.hash) return refusal(duplicate, held.hash, first.hash)
      // The newest signature is kept: the signer may have changed since.
      senders.set(sender, held)
      return { hash: held.hash }
    },
    held: (topicId, epoch) => [...(topics.get(topicId)?.get(epoch)?.values() ?? [])],
    prune(topicId, epoch) {
      const epochs = topics.get(topicId)
      for (const at of epochs?.keys() ?? []) if (at < epoch) epochs?.delete(at)
    },
  }
}

export type Intake = {
  /** Parses, admits and keeps a body; a refusal is counted under its code. */
  readonly take: (body: string | Uint8Array) => Promise<Admitted | Refusal>
  /** Refusals so far, by code. */
  readonly refusals: () => Readonly<Record<string, number>>
}

/** `admit` answers with a message's hash, or with the first rule that it breaks. */
export function createIntake<T>(
  pool: Pool<T>,
  rules: {
    readonly parse: (body: string | Uint8Array) => T | Refusal
    readonly admit: (message: T) => Admitted | Refusal | Promise<Admitted | Refusal>
  },
): Intake {
  const counts = new Map<string, number>()

  async function taken(body: string | Uint8Array) {
    const message = rules.parse(body)
    if (isRefusal(message)) return message
    const admitted = await rules.admit(message)
    return isRefusal(admitted) ? admitted : pool.take({ hash: admitted.hash, message })
  }

  return {
    async take(body) {
      const answer = await taken(body)
      if (isRefusal(answer)) counts.set(answer.code, (counts.get(answer.code) ?? 0) + 1)
      return answer
    },
    refusals: () => Object.fromEntries(counts),
  }
}
