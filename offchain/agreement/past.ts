// Step 3, agreement: what a member finds in its journal when it starts: where it stood in every slot, what it had sent
// there, and its locks. Without that it might vote twice.
import { NodeError } from "../errors.ts"
import type { Type } from "./bodies.ts"
import { areLeavesOf, generationOf } from "./rules.ts"
import type { Lock } from "./state.ts"
import type { Message, Wire, WireMessage } from "./wire.ts"
import type { Application, Entry, Era, Key, Leaf } from "./words.ts"

/** What is kept of a slot that has ended, so that a later generation of a key can be agreed on in it. */
export type Ended = {
  /** The last view in which anything may have been said. */
  readonly view: number
  /** Whether this member took part. */
  readonly tookPart: boolean
  /** The keys of later generations than the first that the slot has had: none is begun twice. */
  readonly again: readonly Key[]
}

export type Past = {
  keys: readonly Key[]
  view: number
  /** How the slot ended the last time, if it did. */
  readonly before: Ended | undefined
  readonly sent: Set<Type>
  readonly locks: Map<Key, Lock>
  readonly entries: Entry[]
}

export type Memory = {
  /** No part is taken in slots up to this one but for those the journal knows. */
  floor: number
  readonly open: Map<number, Past>
  readonly ended: Map<number, Ended>
}

/** Reads the journal of this era; undefined if there is nothing in it. */
export function recall(
  entries: readonly Entry[],
  era: Era,
  { wire, application }: { wire: Wire; application: Pick<Application, "leaf"> },
): Memory | undefined {
  const [first] = entries
  if (first === undefined) return undefined
  if (first.sort !== "era" || first.era !== era.number) {
    throw new NodeError("JournalOfAnotherEra", {
      sentence: "the journal belongs to another era; each era has a journal of its own",
      remedy: "stop",
      given: first.era,
      required: era.number,
    })
  }
  const memory: Memory = { floor: Number(first.floor), open: new Map(), ended: new Map() }
  for (const entry of entries.slice(1)) {
    const slot = Number(entry.slot)
    if (entry.sort === "end") {
      const { view, tookPart, again } = entry
      memory.open.delete(slot)
      memory.ended.set(slot, { view, tookPart, again } as Ended)
    } else apply(entry, pastOf(memory, slot), { wire, application })
  }
  return memory
}

function pastOf(memory: Memory, slot: number): Past {
  const past = memory.open.get(slot) ?? pastAfter(memory.ended.get(slot))
  memory.open.set(slot, past)
  memory.ended.delete(slot)
  return past
}

/** What a slot starts from: nothing, or the view after the one in which it ended. */
export function pastAfter(before: Ended | undefined): Past {
  const view = before ? before.view + 1 : 0
  return { keys: [], view, before, sent: new Set(), locks: new Map(), entries: [] }
}

/** Those of a slot's keys that are begun again where they were taken back. */
export function againOf(keys: Iterable<Key>): readonly Key[] {
  return [...keys].filter((key) => generationOf(key) > 0)
}

export function endEntry(slot: number, ended: Ended): Entry {
  return { sort: "end", slot, ...ended }
}

function apply(
  entry: Entry,
  past: Past,
  parts: { wire: Wire; application: Pick<Application, "leaf"> },
): void {
  switch (entry.sort) {
    case "due":
      past.keys = entry.keys as Key[]
      return
    case "view":
      // Entering a view is telling the leader what one holds; in the first one a member may have voted before that.
      if (entry.view !== past.view) past.sent.clear()
      past.view = entry.view as number
      past.sent.add("OBSERVE")
      return
    case "sent":
      past.sent.add(entry.type as Type)
      return
    case "lock":
      past.locks.set(entry.key as Key, lockOf(entry, parts))
      return
    default:
      past.entries.push(entry)
  }
}

function lockOf(
  entry: Entry,
  { wire, application }: { wire: Wire; application: Pick<Application, "leaf"> },
): Lock {
  const leaves = (entry.leaves as { kind: number; body: string }[]).map(({ kind, body }) =>
    application.leaf(kind, body),
  )
  const prepares = (entry.prepares as WireMessage[]).map((prepare) => wire.read(prepare))
  const sound =
    leaves.every((leaf) => leaf !== undefined) &&
    areLeavesOf(entry.key as Key, leaves as Leaf[]) &&
    prepares.every((prepare) => typeof prepare !== "string" && prepare.type === "PREPARE")
  if (!sound) {
    throw new NodeError("JournalUnreadable", {
      sentence:
        "a lock in the journal is not what this program writes; move the journal away to start anew, taking no part in slots already due",
      remedy: "stop",
      facts: { slot: entry.slot, item: entry.key },
    })
  }
  return {
    view: entry.view as number,
    leaves: leaves as Leaf[],
    prepares: prepares as Message<"PREPARE">[],
  }
}
