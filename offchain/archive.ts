// The attestations that this member can answer for: the newest ones, from memory. Older ones stand in the calldata of
// the transactions that posted them.
import type { Posted } from "./posting.ts"
import { type Key, keyId } from "./schedule.ts"
import type { Settlement } from "./settlement.ts"

const KEPT = 1_024

export function createArchive() {
  const epochs = new Map<string, Posted>()
  const nameOf = (kind: Key["kind"], { topicId, epoch }: Omit<Key, "kind">) =>
    keyId({ kind, topicId, epoch })
  // Each generation for itself: a reorganisation may bring back what was taken back.
  const nameOfSettled = (each: Settlement) => `${nameOf("settlement", each)}/${each.generation}`

  return {
    put(posted: Posted) {
      for (const report of posted.reports) epochs.set(nameOf("report", report), posted)
      for (const each of posted.settlements) epochs.set(nameOfSettled(each), posted)
      for (const name of [...epochs.keys()].slice(0, Math.max(0, epochs.size - KEPT)))
        epochs.delete(name)
    },

    /** Everything kept, oldest first, each batch once. */
    all: (): readonly Posted[] => [...new Set(epochs.values())],

    /** The batch with an epoch's reports and its attestation, or undefined. */
    get: (topicId: number, epoch: number): Posted | undefined =>
      epochs.get(nameOf("report", { topicId, epoch })),
  }
}
