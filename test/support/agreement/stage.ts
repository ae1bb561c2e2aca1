// What the scenarios of the agreement are written with: a world with one slot, faults that count how often they fired,
// and a faulty leader's moves.
import assert from "node:assert/strict"
import type { Hex } from "viem"
import type { Type } from "../../../offchain/agreement/bodies.ts"
import type { Message } from "../../../offchain/agreement/wire.ts"
import type { Key, Leaf, Submission } from "../../../offchain/agreement.ts"
import { Violation } from "./checker.ts"
import { type Create, createWorld, type Puppet, peek, TIMEOUT_MS, type World } from "./world.ts"

export const KEY = "1/1/5"
export const OTHER_KEY = "1/2/5"
/** Of another kind: decided with no submissions too, once it is time. */
export const SETTLEMENT = "2/1/4"

export type Scenario = (create: Create) => Promise<void>
export type Scenarios = Readonly<Record<string, Scenario>>

export type Stage = World & { readonly slot: number; readonly alice: Submission }

/** A committee with one slot whose first leader is `leader`; every member holds ALICE's submission. */
export function stage(
  create: Create,
  { n = 4, faulty = [] as readonly number[], leader = 0, seed = 1 } = {},
): Stage {
  const world = createWorld({ create, n, faulty, seed })
  const alice = world.submit(KEY, "alice", world.members.keys())
  return { ...world, slot: world.slotLedBy(leader), alice }
}

type Way = { from: number; to: number; type: string; view: number; slot: number }

/** Loses every packet that `where` names, and counts them. */
export function losing(world: World, where: (way: Way) => boolean): { fired: number } {
  const deliver = world.net.route
  const fault = { fired: 0 }
  world.net.route = (from, to, bytes) => {
    if (!where({ from, to, ...peek(bytes) })) return deliver(from, to, bytes)
    fault.fired++
    return "lost"
  }
  return fault
}

/** Counts the packets of each sort that members send, by "sort view"; what goes to all counts once a member. */
export function counting(world: World): ReadonlyMap<string, number> {
  const deliver = world.net.route
  const sent = new Map<string, number>()
  world.net.route = (from, to, bytes) => {
    const { type, view } = peek(bytes)
    sent.set(`${type} ${view}`, (sent.get(`${type} ${view}`) ?? 0) + 1)
    return deliver(from, to, bytes)
  }
  return sent
}

/** A committee with one slot that holds a settlement, for which it is too early at these members. */
export function waitingStage(
  create: Create,
  { waits, ...options }: Parameters<typeof stage>[1] & { waits?: readonly number[] } = {},
): Stage {
  const world = stage(create, options)
  world.mandatory.add(SETTLEMENT)
  for (const [index, { waits: own }] of world.members)
    if (waits?.includes(index) ?? true) own.add(SETTLEMENT)
  return world
}

/** Runs until all these members hold attestations of the keys; otherwise the promise of liveness is broken. */
export async function reaches(
  world: World,
  {
    keys = [KEY],
    ms = 20 * TIMEOUT_MS,
    of,
  }: { keys?: readonly Key[]; ms?: number; of?: readonly number[] } = {},
): Promise<void> {
  const reached = await world.time.run(ms, () => keys.every((key) => world.attested(key, of)))
  world.stop()
  world.checker.check()
  if (!reached) throw new Violation("NoAttestation", { keys, ms, of })
}

/** Runs on, for what must not happen. */
export async function runs(world: World, ms: number): Promise<void> {
  await world.time.run(ms)
  world.checker.check()
}

/** Runs on, and every member looks at each of many blocks. */
export async function blocksPass(world: World, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += TIMEOUT_MS) {
    await runs(world, TIMEOUT_MS)
    for (const { agreement } of world.members.values()) agreement?.look()
  }
}

/** How a member's first slot stands. */
export function keysOf(world: World, index: number) {
  return world.memberAt(index).agreement?.status().slots[0]?.keys
}

/** The highest view that any running member has got to. */
export function highestView(world: World): number {
  const views = [...world.members.values()].flatMap(({ agreement }) => {
    return agreement?.status().slots.map(({ view }) => view) ?? []
  })
  return Math.max(0, ...views)
}

export function dropped(world: World, reason: string): number {
  let count = 0
  for (const { agreement } of world.members.values())
    count += agreement?.status().dropped[reason] ?? 0
  return count
}

/** The inputs that the attested leaves of a key were made from, by the checker's account. */
export function inputsOf(world: World, key: Key = KEY): readonly Hex[] {
  const inputs = world.checker.attested.get(key)
  assert(inputs, `nothing is attested for ${key}`)
  return inputs
}

export function bodiesOf(leaves: readonly Leaf[]): { kind: number; body: string }[] {
  return leaves.map(({ kind, body }) => ({ kind, body }))
}

export function messagesOf<T extends Type>(puppet: Puppet, type: T, view: number): Message<T>[] {
  const found = new Map<number, Message<T>>()
  for (const { message, enclosed } of puppet.received) {
    for (const part of [message, ...enclosed]) {
      if (part.type === type && part.view === view) found.set(part.member, part as Message<T>)
    }
  }
  return [...found.values()].sort((a, b) => a.member - b.member)
}

export type Proposal = {
  readonly view: number
  readonly observations: readonly Message<"OBSERVE">[]
  readonly leaves: Readonly<Record<Key, readonly Leaf[]>>
  readonly submissions?: Readonly<Record<Key, readonly Submission[]>>
  /** Certificates that go along. */
  readonly prepares?: readonly Message<"PREPARE">[]
  readonly to?: readonly number[]
}

/** Sends a proposal of a faulty leader's own making. */
export function propose(world: Stage, puppet: Puppet, proposal: Proposal): Message<"PROPOSE"> {
  const { view, observations, leaves, submissions = {}, prepares = [], to = world.all } = proposal
  const message = puppet.sign("PROPOSE", world.slot, view, {
    observations: observations.map(({ member, content }) => [member, content]),
    submissions: mapValues(submissions, (list) => list.map(({ bytes }) => bytes)),
    leaves: mapValues(leaves, bodiesOf),
  })
  for (const member of to) puppet.send(member, message, [...observations, ...prepares])
  return message
}

/** Accepts its own proposal and, with whoever else did, certifies it as soon as there is a quorum. */
export function certifyWhenReady(
  world: Stage,
  puppet: Puppet,
  proposal: Message<"PROPOSE">,
  leaves: Proposal["leaves"],
  to = world.all,
): void {
  const { view, content } = proposal
  const accepted = mapValues(leaves, (own) => own.map(({ hash }) => hash))
  const own = puppet.sign("PREPARE", world.slot, view, { proposal: content, accepted })
  let done = false
  const earlier = puppet.react
  puppet.react = (packet) => {
    earlier(packet)
    const others = messagesOf(puppet, "PREPARE", view).filter(({ body }) => {
      return body.proposal === content && Object.keys(leaves).every((key) => body.accepted[key])
    })
    const prepares = [own, ...others]
    if (done || prepares.length < world.quorum) return
    done = true
    const body = { proposal: content, leaves: mapValues(leaves, bodiesOf) }
    const certificate = puppet.sign("CERTIFY", world.slot, view, body)
    for (const member of to) puppet.send(member, certificate, prepares)
  }
}

export function mapValues<A, B>(
  record: Readonly<Record<string, A>>,
  map: (value: A) => B,
): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]))
}

/** Calls `act` once, as soon as the puppet has `count` messages of a sort for a view. */
export function once(
  puppet: Puppet,
  { type, view, count }: { type: Type; view: number; count: number },
  act: () => void,
): void {
  const earlier = puppet.react
  let done = false
  puppet.react = (packet) => {
    earlier(packet)
    if (done || messagesOf(puppet, type, view).length < count) return
    done = true
    act()
  }
}
