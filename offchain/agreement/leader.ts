// Step 3, agreement: the leader's side of a view. It gathers observations and proposes (2), gathers what the members
// accept and certifies (4). It waits for everyone it can hear, at most a third of the time-out. Longer than most files,
// for a leader proposes and certifies from one memory of its view.
import type { Hex } from "viem"
import { isRefusal } from "../errors.ts"
import {
  certificateOf,
  hashesOf,
  highest,
  inputsOf,
  leaderOf,
  onePerWorker,
  patienceOf,
} from "./rules.ts"
import {
  type Compute,
  type Incoming,
  type Post,
  pendingKeys,
  pledge,
  readLeaves,
  type SlotContext,
  type SlotState,
  writeLeaves,
} from "./state.ts"
import type { Message } from "./wire.ts"
import type { Key, Leaf, Submission } from "./words.ts"

/** What the submissions of one proposal may take; the rest of a packet is for observations and leaves. */
const PROPOSAL_BYTES = 2 * 1024 * 1024

type Observation = Incoming<"OBSERVE">
/** What is to be proposed for a key: the leaves of a lock, or inputs to compute from. */
type Plan =
  | { readonly leaves: readonly Leaf[] }
  | { readonly inputs: readonly Submission[]; readonly shown: readonly Submission[] }

export type Leader = ReturnType<typeof createLeader>

export function createLeader(context: SlotContext, state: SlotState, post: Post, compute: Compute) {
  const { era, self, clock, application, wire, transport, timeoutMs, drop } = context
  const { slot } = state
  // The highest of each member, so that one who is ahead is not forgotten and nobody fills the memory.
  const observations = new Map<number, Observation>()
  const prepares = new Map<number, Message<"PREPARE">>()
  const given = new Map<string, Submission>()
  const asked = new Set<string>()
  let proposed: { content: Hex; leaves: ReadonlyMap<Key, readonly Leaf[]> } | undefined
  let computing = false
  // Whether a third of the time-out has gone by since the view began, and since the proposal.
  let waited = { forObservations: false, forPrepares: false }
  let callOff: (() => void)[] = []

  const leads = (view: number) => leaderOf(slot, view, era.members.length) === self

  function enter(): void {
    stop()
    proposed = undefined
    computing = false
    asked.clear()
    given.clear()
    waited = { forObservations: false, forPrepares: false }
    if (!leads(state.view)) return
    wait("forObservations", propose)
    propose()
  }

  function wait(what: keyof typeof waited, then: () => void): void {
    const over = () => {
      waited[what] = true
      then()
    }
    callOff.push(clock.after(patienceOf(state.view, timeoutMs), over))
  }

  function onObserve(packet: Observation): void {
    const { message } = packet
    if (!leads(message.view)) return drop("NotLeader")
    if (message.view < state.view) return drop("EarlierView")
    const known = observations.get(message.member)
    if (known !== undefined && known.message.view >= message.view) return drop("Repeated")
    if (!locksAreProven(packet)) return drop("LockUnproven")
    observations.set(message.member, packet)
    propose()
  }

  function locksAreProven({ message, enclosed }: Observation): boolean {
    const certificates = enclosed.filter((part) => part.type === "PREPARE")
    return Object.entries(message.body.locks).every(([key, lock]) => {
      const leaves = readLeaves(context, key, lock.leaves)
      if (leaves === undefined || lock.view >= message.view) return false
      const claim = { slot, view: lock.view, key, hashes: hashesOf(leaves) }
      return certificateOf(certificates, claim, era.quorum) !== undefined
    })
  }

  function everyoneIn(heard: { has: (member: number) => boolean }): boolean {
    return transport.reachable().every((member) => member === self || heard.has(member))
  }

  /** Proposes if enough is here; called at whatever may have made it so. */
  function propose(): void {
    if (!state.takesPart || !leads(state.view) || computing || state.sent.has("PROPOSE")) return
    const current = new Map(
      [...observations]
        .filter(([, packet]) => packet.message.view === state.view)
        .sort(([a], [b]) => a - b),
    )
    if (current.size < era.quorum) return
    const plans = new Map<Key, Plan>()
    let complete = true
    for (const key of pendingKeys(state)) {
      const plan = planOf(key, [...current.values()])
      if (plan === "BytesMissing") complete = false
      else if (plan !== undefined) plans.set(key, plan)
    }
    if (!waited.forObservations && !(complete && everyoneIn(current))) return
    // What does not fit waits for a later view: a longer packet is taken by nobody.
    let room = PROPOSAL_BYTES
    for (const [key, plan] of plans) {
      // A submission is quoted inside JSON, so it may take twice its length.
      if ("shown" in plan) for (const { bytes } of plan.shown) room -= 2 * bytes.length
      if (room < 0 && plans.size > 1) plans.delete(key)
    }
    if (plans.size > 0) void send([...current.values()], plans)
  }

  function planOf(key: Key, current: readonly Observation[]): Plan | "BytesMissing" | undefined {
    const lock = highest(
      current.flatMap(({ message }) => {
        const claim = message.body.locks[key]
        return claim === undefined ? [] : [claim]
      }),
    )
    if (lock !== undefined)
      return { leaves: readLeaves(context, key, lock.leaves) as readonly Leaf[] }
    const { held = [], forced = [], mandatory = false } = state.keys.get(key) ?? {}
    const shown: Submission[] = []
    const missing: Hex[] = []
    for (const hash of inputsOf(
      current.map(({ message }) => message.body.held[key] ?? []),
      era.faults,
    )) {
      const submission = held.find((own) => own.hash === hash) ?? given.get(`${key} ${hash}`)
      if (submission === undefined) missing.push(hash)
      else shown.push(submission)
    }
    if (missing.length > 0) {
      for (const { message } of current) want(key, missing, message)
      return "BytesMissing"
    }
    const inputs = onePerWorker(shown, forced)
    return inputs.length === 0 && !mandatory ? undefined : { inputs, shown }
  }

  /** Asks an observer for what it holds and we have not seen, once per view. */
  function want(key: Key, missing: readonly Hex[], { member, body }: Message<"OBSERVE">): void {
    const wanted = missing.filter(
      (hash) => body.held[key]?.includes(hash) && !asked.has(`${member} ${key} ${hash}`),
    )
    if (wanted.length === 0 || member === self) return
    for (const hash of wanted) asked.add(`${member} ${key} ${hash}`)
    post.one(member, wire.sign("WANT", slot, state.view, { wanted: { [key]: wanted } }))
  }

  function onGive({ message }: Incoming<"GIVE">): void {
    for (const [key, list] of Object.entries(message.body.submissions)) {
      for (const bytes of list) {
        const submission = application.check(key, bytes)
        if (isRefusal(submission)) drop("SubmissionRefused")
        // Only what was asked for is kept, so nobody fills the memory.
        else if (!asked.has(`${message.member} ${key} ${submission.hash}`)) drop("NotAsked")
        else given.set(`${key} ${submission.hash}`, submission)
      }
    }
    propose()
  }

  async function send(
    current: readonly Observation[],
    plans: ReadonlyMap<Key, Plan>,
  ): Promise<void> {
    const { view } = state
    computing = true
    const computed = await Promise.all(
      [...plans].map(async ([key, plan]) => {
        return [key, "leaves" in plan ? plan.leaves : await compute(key, plan.inputs)] as const
      }),
    )
    if (state.view !== view || state.ended) return
    computing = false
    const leaves = new Map(
      computed.filter((entry): entry is [Key, readonly Leaf[]] => entry[1] !== undefined),
    )
    // Nothing could be computed: whatever comes next in this view tries again.
    if (leaves.size === 0) return
    const submissions: Record<Key, string[]> = {}
    for (const [key, plan] of plans) {
      if ("shown" in plan && leaves.has(key))
        submissions[key] = plan.shown.map(({ bytes }) => bytes)
    }
    const message = wire.sign("PROPOSE", slot, view, {
      observations: current.map(({ message: { member, content } }) => [member, content]),
      submissions,
      leaves: Object.fromEntries([...leaves].map(([key, own]) => [key, writeLeaves(own)])),
    })
    if (!pledge(context, state, "PROPOSE")) return
    proposed = { content: message.content, leaves }
    wait("forPrepares", certify)
    post.all(message, [
      ...current.map((packet) => packet.message),
      ...certificatesIn(current, leaves),
    ])
  }

  /** The PREPAREs that prove the locks among these observations, each once. */
  function certificatesIn(
    current: readonly Observation[],
    leaves: ReadonlyMap<Key, unknown>,
  ): readonly Message[] {
    const needed = new Map<Hex, Message>()
    for (const { message, enclosed } of current) {
      const views = new Set(
        Object.entries(message.body.locks).flatMap(([key, lock]) =>
          leaves.has(key) ? [lock.view] : [],
        ),
      )
      for (const part of enclosed) if (views.has(part.view)) needed.set(part.signature, part)
    }
    return [...needed.values()]
  }

  function onPrepare({ message }: Incoming<"PREPARE">): void {
    if (!leads(message.view)) return drop("NotLeader")
    if (message.view !== state.view) return drop("OtherView")
    if (message.body.proposal !== proposed?.content) return drop("OtherProposal")
    const known = prepares.get(message.member)
    if (known !== undefined && known.view >= message.view) return drop("Repeated")
    prepares.set(message.member, message)
    certify()
  }

  /** Certifies the keys that a quorum accepts. */
  function certify(): void {
    if (proposed === undefined || state.sent.has("CERTIFY")) return
    const { content, leaves } = proposed
    const current = new Map([...prepares].filter(([, { body }]) => body.proposal === content))
    const certified = [...leaves].filter(([key, own]) => {
      const claim = { slot, view: state.view, key, hashes: hashesOf(own) }
      return certificateOf([...current.values()], claim, era.quorum) !== undefined
    })
    if (certified.length === 0) return
    if (certified.length < leaves.size && !waited.forPrepares && !everyoneIn(current)) return
    const message = wire.sign("CERTIFY", slot, state.view, {
      proposal: content,
      leaves: Object.fromEntries(certified.map(([key, own]) => [key, writeLeaves(own)])),
    })
    if (pledge(context, state, "CERTIFY")) post.all(message, [...current.values()])
  }

  function stop(): void {
    for (const cancel of callOff) cancel()
    callOff = []
  }

  return { enter, onObserve, onGive, onPrepare, stop }
}
