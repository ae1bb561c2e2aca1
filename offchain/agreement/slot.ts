// Step 3, agreement: one slot at one member. It enters views, observes (1) and hands every message to the part that acts
// on it: leader.ts (2, 4), voter.ts (3, 5), gathering.ts (attestation), witness.ts (evidence).
//
// Views. A member enters the next view at its time-out, or the one that f + 1 members have reached. It says so to all
// (VIEW, small, said again now and then, since messages get lost; OBSERVE goes to the leader alone). From view 1 on the
// time-out runs from when a quorum is known to be in the view: a member that is cut off waits one view ahead instead of
// running away from those it has to meet again, for nobody ever goes back. A member that holds nothing and hears of
// nothing does not time out, so a topic without submissions costs no views; nor does a key cost any before it is ready.
import type { Hex } from "viem"
import { createGathering } from "./gathering.ts"
import { createLeader } from "./leader.ts"
import { againOf, type Ended, endEntry, type Past } from "./past.ts"
import { leaderOf, timeoutOf, viewToJoin } from "./rules.ts"
import {
  type Incoming,
  type KeyState,
  type Lock,
  type Post,
  pendingKeys,
  type SlotContext,
  type SlotState,
  writeLeaves,
} from "./state.ts"
import { createVoter, lockEntry } from "./voter.ts"
import { type Header, type Message, type Packet, toBytes } from "./wire.ts"
import { createWitness } from "./witness.ts"
import type { Entry, Key, Leaf, SlotStatus, Submission } from "./words.ts"

export type Slot = ReturnType<typeof createSlot>

export function createSlot(
  context: SlotContext,
  { slot, takesPart, past }: { slot: number; takesPart: boolean; past?: Past | undefined },
) {
  const { era, self, timeoutMs, transport, clock, application, wire, drop } = context
  const state: SlotState = {
    slot,
    takesPart,
    keys: new Map(),
    view: past?.view ?? 0,
    sent: new Set(past?.sent),
    ended: false,
  }
  // The highest view in which each of the others has been seen.
  const views = new Map<number, number>()
  const computed = new Map<string, Promise<readonly Leaf[] | undefined>>()
  const handedOut = new Set<string>()
  // In the view in which a slot begins nothing is observed before something is ready.
  const firstView = state.sent.has("OBSERVE") ? 0 : state.view
  let stirred = state.view > firstView
  let callOffTimeout: (() => void) | undefined
  let callOffRepeat: (() => void) | undefined

  const post: Post = {
    all(message, enclosed = [], headers = []) {
      if (!takesPart) return
      deliver(() => transport.broadcast(toBytes(message, enclosed, headers)))
      loop({ message, enclosed, headers })
    },
    one(member, message, enclosed = []) {
      if (!takesPart) return
      if (member === self) loop({ message, enclosed, headers: [] })
      else deliver(() => transport.send(member, toBytes(message, enclosed)))
    },
  }

  /** A packet that the transport does not take is lost like any other: the next view tries again. */
  function deliver(send: () => void): void {
    try {
      send()
    } catch (error) {
      drop("NotSent")
      context.log.warn({ slot, error }, "a message was not sent")
    }
  }

  function loop(packet: Packet): void {
    queueMicrotask(() => receive(packet))
  }

  const witness = createWitness(era.members.length, application.evidence)
  const gathering = createGathering(context, state, post, witness.report)
  const leader = createLeader(context, state, post, compute)
  const voter = createVoter(context, state, post, {
    compute,
    certified: gathering.learn,
    headsOf: witness.headsOf,
  })

  function compute(key: Key, inputs: readonly Submission[]): Promise<readonly Leaf[] | undefined> {
    const name = `${key} ${inputs.map((input) => input.hash)}`
    const known = computed.get(name)
    if (known) return known
    // A fault in computing is "bytes missing": it must not end the member's part in other keys.
    const under = application.compute(key, inputs).catch((error: unknown) => {
      context.log.warn({ slot, epoch: key, error }, "nothing was computed")
      return undefined
    })
    computed.set(name, under)
    // What could not be computed now may be later.
    void under.then((leaves) => leaves ?? computed.delete(name))
    return under
  }

  /** Takes up keys and enters the view that the journal knows, or the first. */
  function begin(keys: readonly Key[]): void {
    if (past !== undefined) voter.restore(past.entries)
    for (const key of keys) takeUp(key)
    takeStock()
    start(past === undefined ? [{ sort: "due", slot, keys }] : [])
  }

  function takeUp(key: Key): void {
    state.keys.set(key, {
      held: [],
      ready: false,
      mandatory: application.mandatory?.(key) ?? false,
      forced: application.forced?.(key) ?? [],
      lock: past?.locks.get(key),
      attested: undefined,
      over: undefined,
    })
  }

  /** Takes up keys of a later generation, which fell due in this slot while it was open. */
  function add(keys: readonly Key[]): void {
    const again = againOf(keys)
    const fresh = again.filter((key) => !state.keys.has(key))
    for (const key of fresh) takeUp(key)
    // Others may have certified a key while our chain did not show yet that it is due again.
    for (const key of again) (state.keys.get(key) as KeyState).over = undefined
    if (fresh.length === 0) return
    if (takesPart) context.append([{ sort: "due", slot, keys: [...state.keys.keys()] }])
    look()
  }

  /** Asks again for what was not ready; says whether something is ready now that was not. */
  function takeStock(): boolean {
    let changed = false
    for (const [key, own] of state.keys) {
      if (own.ready) continue
      own.held = application.held(key)
      // What is locked needs nothing more to be known.
      own.ready = own.lock !== undefined || (application.ready?.(key) ?? true)
      changed ||= own.ready
    }
    return changed
  }

  function start(entries: readonly Entry[], heads: readonly Header[] = []): void {
    leader.enter()
    voter.enter()
    gathering.enter()
    speak(entries)
    if (state.view > 0) announce(heads)
    arm()
  }

  /** Observes once in a view; in the first one not before something is ready. `entries` are written all the same. */
  function speak(entries: readonly Entry[] = []): void {
    if (!takesPart) return
    const early = state.view === firstView && ![...state.keys.values()].some(({ ready }) => ready)
    if (early || state.sent.has("OBSERVE")) {
      if (entries.length > 0) context.append(entries)
      return
    }
    context.append([...entries, { sort: "view", slot, view: state.view }])
    state.sent.add("OBSERVE")
    observe()
  }

  /** What became ready goes into this view's observation, or the next one's if that is made already. */
  function look(): void {
    if (state.ended || !takeStock()) return
    if (!state.sent.has("OBSERVE")) {
      // Its patience runs from now on.
      leader.enter()
      speak()
      if (state.view > 0) announce([])
    }
    arm()
  }

  function enter(view: number): void {
    const heads = witness.headsOf(state.view)
    state.view = view
    state.sent.clear()
    computed.clear()
    handedOut.clear()
    quiet()
    takeStock()
    start([], heads)
  }

  /** Says where we are, and again, ever more seldom, while something is missing. */
  function announce(heads: readonly Header[], repeat = 0): void {
    if (!takesPart) return
    callOffRepeat?.()
    post.all(wire.sign("VIEW", slot, state.view, {}), [], heads)
    callOffRepeat = clock.after(timeoutOf(repeat, timeoutMs), () => {
      if (pendingKeys(state).length > 0) announce(heads, repeat + 1)
    })
  }

  /** Observes: what was held at the close, and every lock with its certificate. */
  function observe(): void {
    const held: Record<Key, Hex[]> = {}
    const locks: Record<Key, { view: number; leaves: ReturnType<typeof writeLeaves> }> = {}
    const certificates = new Map<Hex, Message>()
    for (const [key, own] of state.keys) {
      if (own.held.length > 0) held[key] = own.held.map(({ hash }) => hash)
      if (own.lock === undefined) continue
      locks[key] = { view: own.lock.view, leaves: writeLeaves(own.lock.leaves) }
      for (const prepare of own.lock.prepares) certificates.set(prepare.signature, prepare)
    }
    const message = wire.sign("OBSERVE", slot, state.view, { held, locks })
    post.one(leaderOf(slot, state.view, era.members.length), message, [...certificates.values()])
  }

  function arm(): void {
    const here = 1 + [...views.values()].filter((view) => view >= state.view).length
    const pending = pendingKeys(state)
    if (!takesPart || callOffTimeout !== undefined || pending.length === 0) return
    if (!stirred && !pending.some((key) => concerns(state.keys.get(key) as KeyState))) return
    if (state.view > 0 && here < era.quorum) return
    callOffTimeout = clock.after(timeoutOf(state.view, timeoutMs), () => {
      if (pendingKeys(state).length > 0) enter(state.view + 1)
    })
  }

  function concerns({ held, ready, mandatory, forced, lock }: KeyState): boolean {
    return (ready && mandatory) || held.length > 0 || forced.length > 0 || lock !== undefined
  }

  /** Whether there is nothing here to agree on, now or later, as far as this member knows. */
  function isIdle(): boolean {
    if (state.view > 0 || stirred) return false
    return ![...state.keys.values()].some(
      (own) => concerns(own) || (own.mandatory && own.over === undefined),
    )
  }

  function receive(packet: Packet): void {
    if (state.ended) return
    const { message, enclosed, headers } = packet
    for (const part of [message, ...enclosed]) note(part)
    for (const head of [message, ...enclosed, ...headers]) witness.see(head)
    const higher = viewToJoin(views.values(), era.faults)
    if (higher > state.view) enter(higher)
    // Those who say where they are get what they lack.
    if (message.type === "VIEW" || message.type === "OBSERVE") gathering.answer(message.member)
    dispatch(packet)
    if (pendingKeys(state).length === 0) quiet()
    else arm()
  }

  function note({ member, view, type }: Message | Header): void {
    if (member === self) return
    if (view > (views.get(member) ?? -1)) views.set(member, view)
    if (type !== "OBSERVE" || view > 0) stirred = true
  }

  function dispatch(packet: Packet): void {
    switch (packet.message.type) {
      case "OBSERVE":
        return leader.onObserve(packet as Incoming<"OBSERVE">)
      case "GIVE":
        return leader.onGive(packet as Incoming<"GIVE">)
      case "PREPARE":
        return leader.onPrepare(packet as Incoming<"PREPARE">)
      case "PROPOSE":
        return voter.onPropose(packet as Incoming<"PROPOSE">)
      case "CERTIFY":
        return voter.onCertify(packet as Incoming<"CERTIFY">)
      case "SIGN":
        return gathering.onSign(packet as Incoming<"SIGN">)
      case "ATTEST":
        return gathering.onAttest(packet as Incoming<"ATTEST">)
      case "WANT":
        return onWant(packet as Incoming<"WANT">)
    }
  }

  /** The leader of this view lacks the bytes of what we observed. */
  function onWant({ message }: Incoming<"WANT">): void {
    if (message.member !== leaderOf(slot, message.view, era.members.length))
      return drop("NotLeader")
    if (message.view !== state.view) return drop("OtherView")
    const submissions: Record<Key, string[]> = {}
    for (const [key, wanted] of Object.entries(message.body.wanted)) {
      const held = state.keys.get(key)?.held ?? []
      // Once per view, so that a request is no lever.
      const given = held.filter(
        ({ hash }) => wanted.includes(hash) && !handedOut.has(`${key} ${hash}`),
      )
      for (const { hash } of given) handedOut.add(`${key} ${hash}`)
      submissions[key] = given.map(({ bytes }) => bytes)
    }
    post.one(message.member, wire.sign("GIVE", slot, state.view, { submissions }))
  }

  /** Nothing is missing here: no more views of our own accord. */
  function quiet(): void {
    callOffTimeout?.()
    callOffTimeout = undefined
    callOffRepeat?.()
  }

  /** The key needs no attestation any more. True if that ended the slot. */
  function finish(key: Key, how: "accepted" | "tooLate"): boolean {
    const own = state.keys.get(key)
    if (own === undefined) return false
    own.over ??= how
    if (pendingKeys(state).length === 0) quiet()
    if ([...state.keys.values()].every(({ over }) => over !== undefined)) stop()
    return state.ended
  }

  function stop(): void {
    state.ended = true
    quiet()
    leader.stop()
  }

  /** All that has to be in the journal about this slot. */
  function snapshot(): readonly Entry[] {
    if (!takesPart) return []
    const locks = [...state.keys].filter((entry): entry is [Key, KeyState & { lock: Lock }] => {
      return entry[1].lock !== undefined
    })
    return [
      ...(past?.before ? [endEntry(slot, past.before)] : []),
      { sort: "due", slot, keys: [...state.keys.keys()] },
      // It stands for the observation too.
      ...(state.sent.has("OBSERVE") ? [{ sort: "view", slot, view: state.view }] : []),
      ...[...state.sent].map((type) => ({ sort: "sent", slot, view: state.view, type })),
      ...locks.map(([key, own]) => lockEntry(slot, key, own.lock)),
      ...voter.snapshot(),
    ]
  }

  /** What has to be known of the slot when it is over. */
  function ended(): Ended {
    const again = new Set([...(past?.before?.again ?? []), ...againOf(state.keys.keys())])
    return { view: state.view, tookPart: takesPart, again: [...again] }
  }

  function status(): SlotStatus {
    const keys = [...state.keys].map(([key, own]) => {
      const open = own.lock === undefined ? "open" : "locked"
      return [key, own.over ?? (own.attested ? "attested" : open)] as const
    })
    return { slot, view: state.view, takesPart, keys: Object.fromEntries(keys) }
  }

  return { takesPart, begin, add, look, receive, isIdle, finish, stop, ended, snapshot, status }
}
