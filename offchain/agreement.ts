// Step 3: agreement. A committee of n >= 3f + 1 members, up to f of them faulty in any way, attests one set of leaves per
// key. Each slot (a due time in seconds) is one instance of two-phase agreement in the manner of PBFT, in which the second
// vote is the attestation. In a view, whose leader is rules.ts's leaderOf(slot, view):
//
//   1 OBSERVE  ─► leader   what I held at the close; my locks with their certificates     slot.ts
//   2 PROPOSE  ─► all      q or more observations, the submissions, the leaves            leader.ts
//   3 PREPARE  ─► leader   the leaves that the rules and my own core bear out             voter.ts
//   4 CERTIFY  ─► all      q or more PREPAREs                                             leader.ts
//   5 SIGN     ─► all      I have locked what is certified and sign exactly that          voter.ts
//
// q signatures are the attestation (gathering.ts). rules.ts holds the rules, wire.ts the bytes, witness.ts the evidence.
// This file keeps the slots, and the journal by which a member that was down never votes twice.
import { createEarly } from "./agreement/early.ts"
import { againOf, type Ended, endEntry, pastAfter, recall } from "./agreement/past.ts"
import { createSlot, type Slot } from "./agreement/slot.ts"
import type { SlotContext } from "./agreement/state.ts"
import { createWire } from "./agreement/wire.ts"
import type { Agreement, AgreementOptions, AgreementParts, Entry, Key } from "./agreement/words.ts"

export { createDigests } from "./agreement/digests.ts"
export { keyOf, leaderOf } from "./agreement/rules.ts"
export { PACKET_LIMIT } from "./agreement/wire.ts"
export type * from "./agreement/words.ts"

/** Entries after which the journal is written anew without the slots that have ended. */
const COMPACT_AFTER = 1000
/** Slots of which nothing is held and nothing was heard, kept open. */
const IDLE_KEPT = 256
/** Ended slots remembered one by one; older ones lie below the floor, and no key of theirs is begun again. */
const ENDED_KEPT = 16_384

export function createAgreement(options: AgreementOptions, parts: AgreementParts): Agreement {
  const { era, self, startedAt } = options
  const { journal, transport, clock, log, application } = parts
  const wire = createWire(era, self, parts)
  const dropped: Record<string, number> = {}
  const slots = new Map<number, Slot>()
  const early = createEarly()
  const memory = recall(journal.entries(), era, { wire, application }) ?? forget()
  let latest = -1
  let appended = 0
  let stopped = false

  const context: SlotContext = { ...options, ...parts, wire, append, drop }
  transport.onMessage(handle)
  const callOffResume = clock.after(0, resume)

  // With no journal it cannot be known what was sent in this era: no part in slots already due. Before the era's start
  // nothing can have been sent.
  function forget() {
    const floor = startedAt < era.startsAt ? -1 : startedAt
    journal.append([{ sort: "era", era: era.number, floor }])
    return { floor, open: new Map<number, never>(), ended: new Map<number, Ended>() }
  }

  function append(entries: readonly Entry[]): void {
    journal.append(entries)
    appended += entries.length
  }

  function drop(reason: string): void {
    dropped[reason] = (dropped[reason] ?? 0) + 1
    log.debug({ reason }, "message not taken")
  }

  /** Goes on where the journal ends. */
  function resume(): void {
    for (const [slot, past] of memory.open) open(slot, past.keys)
  }

  function due(slot: number, keys: readonly Key[]): void {
    if (stopped) return
    resume()
    const known = slots.get(slot)
    if (known !== undefined) return known.add(keys)
    const ended = memory.ended.get(slot)
    if (ended === undefined) return open(slot, keys)
    const again = againOf(keys).filter((key) => !ended.again.includes(key))
    if (again.length > 0) reopen(slot, again, ended)
  }

  function open(slot: number, keys: readonly Key[]): void {
    const past = memory.open.get(slot)
    memory.open.delete(slot)
    const takesPart = past ? (past.before?.tookPart ?? true) : slot > memory.floor
    if (!takesPart)
      log.warn(
        { slot },
        "no part taken: the journal does not reach back to this slot; if this member has never run in this era, start it with --new",
      )
    start(slot, keys, createSlot(context, { slot, takesPart, past }))
  }

  /** Goes on in the view after the one in which the slot ended: in no view is anything said twice. */
  function reopen(slot: number, keys: readonly Key[], before: Ended): void {
    memory.ended.delete(slot)
    append([endEntry(slot, before), { sort: "due", slot, keys }])
    log.info({ slot, keys: keys.length }, "agreed on again: what the chain had was taken back")
    const past = { ...pastAfter(before), keys }
    start(slot, keys, createSlot(context, { slot, takesPart: before.tookPart, past }))
  }

  function start(slot: number, keys: readonly Key[], created: Slot): void {
    slots.set(slot, created)
    latest = Math.max(latest, slot)
    created.begin(keys)
    for (const packet of early.takeFor(slot)) created.receive(packet)
    endIdle()
  }

  /** An epoch that nobody answered costs a slot until it is too late; only the newest of those are kept. */
  function endIdle(): void {
    const idle = [...slots].filter(([, slot]) => slot.isIdle()).sort(([a], [b]) => a - b)
    for (const [number, slot] of idle.slice(0, Math.max(0, idle.length - IDLE_KEPT))) {
      slot.stop()
      end(number, slot)
    }
  }

  function end(number: number, slot: Slot): void {
    slots.delete(number)
    memory.ended.set(number, slot.ended())
    append([endEntry(number, slot.ended())])
    log.debug({ slot: number }, "slot ended")
  }

  function handle(_from: number, bytes: Uint8Array): void {
    if (stopped) return
    resume()
    const packet = wire.open(bytes)
    if (typeof packet === "string") return drop(packet)
    const slot = slots.get(packet.message.slot)
    if (slot !== undefined) slot.receive(packet)
    else if (packet.message.slot <= latest) drop("SlotNotOpen")
    else if (!early.keep(packet, bytes.length)) drop("TooEarly")
  }

  function finish(key: Key, how: "accepted" | "tooLate"): void {
    resume()
    for (const [number, slot] of slots) {
      if (slot.finish(key, how)) end(number, slot)
    }
    if (appended > COMPACT_AFTER) compact()
  }

  /** Keeps of the journal what still binds. */
  function compact(): void {
    const ended = [...memory.ended.keys()].sort((a, b) => a - b)
    for (const slot of ended.slice(0, Math.max(0, ended.length - ENDED_KEPT))) {
      memory.ended.delete(slot)
      memory.floor = Math.max(memory.floor, slot)
    }
    journal.rewrite([
      { sort: "era", era: era.number, floor: memory.floor },
      ...[...memory.ended].map(([slot, ended]) => endEntry(slot, ended)),
      ...[...slots.values()].flatMap((slot) => slot.snapshot()),
    ])
    appended = 0
  }

  function stop(): void {
    stopped = true
    callOffResume()
    for (const slot of slots.values()) slot.stop()
  }

  return {
    due,
    look() {
      resume()
      for (const slot of slots.values()) slot.look()
    },
    handle,
    accepted: (key) => finish(key, "accepted"),
    tooLate: (key) => finish(key, "tooLate"),
    status: () => ({
      era: era.number,
      slots: [...slots.values()].map((slot) => slot.status()),
      dropped: { ...dropped },
    }),
    stop,
  }
}
