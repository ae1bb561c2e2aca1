// Step 3, agreement: the rules that every member applies alike, as pure functions of what was signed.
//
// n >= 3f + 1 members, quorum q = floor((n + f) / 2) + 1. Any two quorums share a member that is not faulty (2q - n > f),
// and any f + 1 members count one that is not.
import type { Hex } from "viem"
import type { Message } from "./wire.ts"
import type { Key, Leaf, Submission } from "./words.ts"

const LONGEST = 16

/**
 * Who leads a view of a slot: the members in turn by view, from one that depends on the slot. Slots are seconds and mostly
 * whole hours, so the slot itself modulo n would name the same member for ever; its multiple by 2^32 / golden ratio does not.
 */
export function leaderOf(slot: number, view: number, members: number): number {
  const first = Math.imul(slot, 0x9e3779b1) >>> 16
  return (first + view) % members
}

/** Time-outs double up to 16 times the first. */
export function timeoutOf(view: number, firstMs: number): number {
  return firstMs * Math.min(2 ** view, LONGEST)
}

/** How long a leader waits for more than a quorum. */
export function patienceOf(view: number, firstMs: number): number {
  return timeoutOf(view, firstMs) / 3
}

/** The highest view that f + 1 of the others have reached: one of them is not faulty. */
export function viewToJoin(views: Iterable<number>, faults: number): number {
  return [...views].sort((a, b) => b - a)[faults] ?? 0
}

/** The hashes that at least f + 1 observations hold: one member that is not faulty had each before the close. */
export function inputsOf(observed: readonly (readonly Hex[])[], faults: number): readonly Hex[] {
  const holders = new Map<Hex, number>()
  for (const hashes of observed) {
    for (const hash of new Set(hashes)) holders.set(hash, (holders.get(hash) ?? 0) + 1)
  }
  return [...holders].filter(([, count]) => count >= faults + 1).map(([hash]) => hash)
}

/** Who sent two different submissions misses the epoch; a forced one beats any other. Ascending by worker. */
export function onePerWorker(
  inputs: readonly Submission[],
  forced: readonly Submission[],
): readonly Submission[] {
  const byWorker = new Map<Hex, Submission>()
  const doubled = new Set<Hex>()
  for (const input of inputs) {
    if (byWorker.has(input.worker)) doubled.add(input.worker)
    byWorker.set(input.worker, input)
  }
  for (const worker of doubled) byWorker.delete(worker)
  for (const input of forced) byWorker.set(input.worker, input)
  return [...byWorker.values()].sort((a, b) => (a.worker < b.worker ? -1 : 1))
}

/** Of the locks that observations claim for a key the one of the highest view; undefined if there is none. */
export function highest<Claim extends { readonly view: number }>(
  claims: readonly Claim[],
): Claim | undefined {
  let best: Claim | undefined
  for (const claim of claims) if (best === undefined || claim.view > best.view) best = claim
  return best
}

/** Those PREPAREs of the view that accept these leaves for the key, all for one proposal, if they are a quorum. */
export function certificateOf(
  prepares: readonly Message<"PREPARE">[],
  claim: { slot: number; view: number; key: Key; hashes: readonly Hex[] },
  quorum: number,
): readonly Message<"PREPARE">[] | undefined {
  const byProposal = new Map<Hex, Map<number, Message<"PREPARE">>>()
  for (const prepare of prepares) {
    if (prepare.slot !== claim.slot || prepare.view !== claim.view) continue
    if (!sameHashes(prepare.body.accepted[claim.key], claim.hashes)) continue
    const voters = byProposal.get(prepare.body.proposal) ?? new Map()
    byProposal.set(prepare.body.proposal, voters.set(prepare.member, prepare))
  }
  for (const voters of byProposal.values()) if (voters.size >= quorum) return [...voters.values()]
  return undefined
}

export function sameHashes(a: readonly Hex[] | undefined, b: readonly Hex[] | undefined): boolean {
  return a !== undefined && b !== undefined && a.join() === b.join()
}

export function keyOf({ kind, topicId, epoch, generation }: Leaf): Key {
  const key = `${kind}/${topicId}/${epoch}`
  return generation === undefined ? key : `${key}/${generation}`
}

/** 0 of what has none. */
export function generationOf(key: Key): number {
  return Number(key.split("/")[3] ?? 0)
}

/** The order of a batch: by kind, topic, label, epoch; of one epoch's settlements by generation. */
export function compareLeaves(a: Leaf, b: Leaf): number {
  const byPlace = a.kind - b.kind || a.topicId - b.topicId || a.label - b.label || a.epoch - b.epoch
  return byPlace || (a.generation ?? 0) - (b.generation ?? 0)
}

/** Whether these are leaves of the key, at least one, ascending by label. */
export function areLeavesOf(key: Key, leaves: readonly Leaf[]): boolean {
  if (leaves.length === 0) return false
  return leaves.every(
    (leaf, i) => keyOf(leaf) === key && (i === 0 || leaf.label > (leaves[i - 1] as Leaf).label),
  )
}

export function hashesOf(leaves: readonly Leaf[]): readonly Hex[] {
  return leaves.map((leaf) => leaf.hash)
}
