// Step 3, agreement: a member's two votes in a view. It checks a proposal by the rules and prepares (3), then locks what
// is certified and signs the batch of exactly that (5). One file, for what the first vote found out binds the second.
import type { Hex } from "viem"
import { isRefusal } from "../errors.ts"
import {
  certificateOf,
  compareLeaves,
  generationOf,
  hashesOf,
  highest,
  inputsOf,
  leaderOf,
  onePerWorker,
  patienceOf,
  sameHashes,
} from "./rules.ts"
import {
  type Compute,
  type Incoming,
  type KeyState,
  type Lock,
  type Post,
  pledge,
  readLeaves,
  type SlotContext,
  type SlotState,
} from "./state.ts"
import { type Header, type Message, toWire } from "./wire.ts"
import type { Entry, Key, Leaf, Submission } from "./words.ts"

/** Proposals whose outputs differed from ours are remembered for so many views. */
const DIFFERING = 16

export type Voter = ReturnType<typeof createVoter>

type Around = {
  readonly compute: Compute
  /** Told of every proven certificate: the leaves, in batch order, under the root that is signed. */
  readonly certified: (view: number, root: Hex, leaves: readonly Leaf[]) => void
  /** The leader's signed heads of a view, which go along with the signature. */
  readonly headsOf: (view: number) => readonly Header[]
}

export function createVoter(
  context: SlotContext,
  state: SlotState,
  post: Post,
  { compute, certified, headsOf }: Around,
) {
  const { era, wire, drop, application, digests, clock, timeoutMs } = context
  const { slot } = state
  // By proposal: the keys for which our core, or its twin on the chain, makes something else from the bytes that it shows.
  const differing = new Map<Hex, Set<Key>>()
  const disputed = new Set<string>()
  const deniedByTwin = new Set<string>()
  let examined: { content: Hex; done: Promise<void> } | undefined
  let signing = false

  function enter(): void {
    examined = undefined
    signing = false
  }

  function onPropose({ message, enclosed }: Incoming<"PROPOSE">): void {
    if (message.member !== leaderOf(slot, message.view, era.members.length))
      return drop("NotLeader")
    if (message.view !== state.view) return drop("OtherView")
    if (examined !== undefined) return drop("Repeated")
    const observations = observationsOf(message, enclosed)
    if (observations === undefined) return drop("ProposalUnjustified")
    const prepares = enclosed.filter((part) => part.type === "PREPARE")
    examined = { content: message.content, done: prepare(message, observations, prepares) }
  }

  /** The observations that a proposal names: a quorum, one per member, all of its view; or undefined. */
  function observationsOf(
    { view, body }: Message<"PROPOSE">,
    enclosed: readonly Message[],
  ): readonly Message<"OBSERVE">[] | undefined {
    const found = new Map<number, Message<"OBSERVE">>()
    for (const [member, content] of body.observations) {
      const observation = enclosed.find(
        (part) => part.member === member && part.content === content,
      )
      if (observation?.type !== "OBSERVE" || observation.view !== view) return undefined
      found.set(member, observation)
    }
    return found.size >= era.quorum ? [...found.values()] : undefined
  }

  async function prepare(
    message: Message<"PROPOSE">,
    observations: readonly Message<"OBSERVE">[],
    prepares: readonly Message<"PREPARE">[],
  ): Promise<void> {
    const { view } = message
    const accepted: Record<Key, Hex[]> = {}
    await Promise.all(
      Object.entries(message.body.leaves).map(async ([key, wireLeaves]) => {
        const leaves = readLeaves(context, key, wireLeaves)
        if (leaves === undefined) return drop("LeavesMalformed")
        const lock = highest(observations.flatMap(({ body }) => body.locks[key] ?? []))
        const accepts =
          lock !== undefined
            ? acceptsLocked(key, leaves, lock.view, { prepares, view })
            : await acceptsFresh(key, leaves, message, observations)
        if (accepts) accepted[key] = [...hashesOf(leaves)]
      }),
    )
    if (state.view !== view || state.ended) return
    const keys = differing.get(message.content)
    const entries: Entry[] = keys
      ? [{ sort: "differs", slot, proposal: message.content, keys: [...keys] }]
      : []
    if (!pledge(context, state, "PREPARE", entries)) return
    const answer = wire.sign("PREPARE", slot, view, { proposal: message.content, accepted })
    post.one(message.member, answer)
  }

  /** A locked key is accepted on its certificate alone, whatever else this member holds, computes or has seen. */
  function acceptsLocked(
    key: Key,
    leaves: readonly Leaf[],
    lockView: number,
    shown: {
      prepares: readonly Message<"PREPARE">[]
      view: number
    },
  ): boolean {
    const hashes = hashesOf(leaves)
    const certificate = certificateOf(
      shown.prepares,
      { slot, view: lockView, key, hashes },
      era.quorum,
    )
    if (lockView >= shown.view || certificate === undefined) return refuse("LockUnproven")
    return !disputes(key, hashes, certificate)
  }

  /** Without a lock among the observations their inputs decide, even against a lock of our own. */
  async function acceptsFresh(
    key: Key,
    leaves: readonly Leaf[],
    { content, body }: Message<"PROPOSE">,
    observations: readonly Message<"OBSERVE">[],
  ): Promise<boolean> {
    const own = state.keys.get(key)
    if (own === undefined || own.over !== undefined || own.attested !== undefined) return false
    const shown = new Map<Hex, Submission>()
    for (const bytes of body.submissions[key] ?? []) {
      const submission = application.check(key, bytes)
      if (isRefusal(submission)) return refuse("SubmissionRefused")
      shown.set(submission.hash, submission)
    }
    const hashes = inputsOf(
      observations.map((observation) => observation.body.held[key] ?? []),
      era.faults,
    )
    const chosen = hashes.flatMap((hash) => shown.get(hash) ?? [])
    if (chosen.length < hashes.length) return refuse("SubmissionMissing")
    const inputs = onePerWorker(chosen, own.forced)
    if (inputs.length === 0 && !own.mandatory) return refuse("NoInputs")
    const computed = await compute(key, inputs)
    if (computed === undefined) return refuse("BytesMissing")
    if (sameHashes(hashesOf(computed), hashesOf(leaves))) return twinAgrees(key, leaves, content)
    differs(key, content)
    return refuse("OutputsDiffer")
  }

  /** What our core made too the chain has to bear out; an answer that comes too late is there in a later view. */
  async function twinAgrees(key: Key, leaves: readonly Leaf[], proposal: Hex): Promise<boolean> {
    if (application.confirm === undefined) return true
    const { view } = state
    const answer = await inTime(application.confirm(key, leaves), view)
    if (answer === "confirmed") return true
    if (answer === undefined) {
      context.log.warn(
        { slot, view, epoch: key },
        "not accepted in this view: no answer from the twin on the chain",
      )
      return refuse("TwinSilent")
    }
    differs(key, proposal)
    const given = hashesOf(leaves)
    if (!deniedByTwin.has(`${key} ${given}`))
      application.alarm({ code: "TwinDiffers", slot, view, key, given, required: answer.required })
    deniedByTwin.add(`${key} ${given}`)
    return refuse("TwinDiffers")
  }

  /** The leader waits for other members a third of the time-out, and so do the other keys for this one. */
  function inTime<T>(answer: Promise<T>, view: number): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      const cancel = clock.after(patienceOf(view, timeoutMs), () => resolve(undefined))
      answer.then(resolve, reject).finally(cancel)
    })
  }

  /** From the bytes that this proposal shows something else follows. */
  function differs(key: Key, proposal: Hex): void {
    const keys = differing.get(proposal) ?? new Set()
    differing.set(proposal, keys.add(key))
    if (differing.size > DIFFERING) differing.delete(differing.keys().next().value as Hex)
  }

  function refuse(reason: string): false {
    drop(reason)
    return false
  }

  /** Whether our core gave other outputs from the very bytes that a quorum accepted these leaves for. */
  function disputes(
    key: Key,
    hashes: readonly Hex[],
    certificate: readonly Message<"PREPARE">[],
  ): boolean {
    const name = `${key} ${hashes}`
    if (disputed.has(name)) return true
    const proposal = certificate[0]?.body.proposal as Hex
    if (!differing.get(proposal)?.has(key)) return false
    disputed.add(name)
    context.append([{ sort: "disputed", slot, name }])
    application.alarm({ code: "OutputsDiffer", slot, view: state.view, key, given: hashes })
    return true
  }

  function onCertify({ message, enclosed }: Incoming<"CERTIFY">): void {
    if (message.member !== leaderOf(slot, message.view, era.members.length))
      return drop("NotLeader")
    const locks = locksOf(message, enclosed)
    if (locks === undefined) return drop("CertificateUnproven")
    const leaves = [...locks.values()].flatMap((lock) => lock.leaves).sort(compareLeaves)
    const root = digests.root(hashesOf(leaves))
    certified(message.view, root, leaves)
    if (message.view !== state.view) return drop("OtherView")
    if (signing) return drop("Repeated")
    signing = true
    void sign(message, locks, root)
  }

  /** The certificate of every key that a CERTIFY lists: exactly those that a quorum of the enclosed accepts. */
  function locksOf(
    { view, body }: Message<"CERTIFY">,
    enclosed: readonly Message[],
  ): Map<Key, Lock> | undefined {
    const prepares = enclosed
      .filter((part) => part.type === "PREPARE")
      .filter((part) => part.body.proposal === body.proposal)
    const locks = new Map<Key, Lock>()
    for (const [key, wireLeaves] of Object.entries(body.leaves)) {
      const leaves = readLeaves(context, key, wireLeaves)
      if (leaves === undefined) return undefined
      const certificate = certificateOf(
        prepares,
        { slot, view, key, hashes: hashesOf(leaves) },
        era.quorum,
      )
      if (certificate === undefined) return undefined
      locks.set(key, { view, leaves, prepares: certificate })
    }
    const accepted = prepares.flatMap((prepare) => Object.entries(prepare.body.accepted))
    const withheld = accepted.some(([key, hashes]) => {
      return !locks.has(key) && certificateOf(prepares, { slot, view, key, hashes }, era.quorum)
    })
    return withheld || locks.size === 0 ? undefined : locks
  }

  async function sign(
    message: Message<"CERTIFY">,
    locks: ReadonlyMap<Key, Lock>,
    root: Hex,
  ): Promise<void> {
    // Our own outputs may still be under way; what could not be computed for want of bytes is signed all the same.
    if (examined?.content === message.body.proposal) await examined.done
    if (state.view !== message.view || state.ended || !state.takesPart) return
    // Every dispute raises its alarm, so all are asked.
    const contested = [...locks].filter(([key, lock]) =>
      disputes(key, hashesOf(lock.leaves), lock.prepares),
    )
    if (contested.length > 0) return
    const entries = [...locks].map(([key, lock]) => lockEntry(slot, key, lock))
    if (!pledge(context, state, "SIGN", entries)) return
    for (const [key, lock] of locks) keyAt(key).lock = lock
    post.all(wire.sign("SIGN", slot, state.view, root), [], headsOf(state.view))
  }

  /**
   * A key that our chain shows as past, or does not show as taken back yet, was never begun here; what others certify of it is
   * locked and signed all the same.
   */
  function keyAt(key: Key): KeyState {
    const own = state.keys.get(key)
    if (own !== undefined) return own
    const past: KeyState = {
      held: [],
      ready: true,
      mandatory: false,
      forced: [],
      lock: undefined,
      attested: undefined,
      over: generationOf(key) > 0 ? undefined : "accepted",
    }
    state.keys.set(key, past)
    return past
  }

  function restore(entries: readonly Entry[]): void {
    for (const entry of entries) {
      if (entry.sort === "differs")
        differing.set(entry.proposal as Hex, new Set(entry.keys as Key[]))
      if (entry.sort === "disputed") disputed.add(entry.name as string)
    }
  }

  function snapshot(): readonly Entry[] {
    return [
      ...[...differing].map(([proposal, keys]) => ({
        sort: "differs",
        slot,
        proposal,
        keys: [...keys],
      })),
      ...[...disputed].map((name) => ({ sort: "disputed", slot, name })),
    ]
  }

  return { enter, onPropose, onCertify, restore, snapshot }
}

export function lockEntry(slot: number, key: Key, { view, leaves, prepares }: Lock): Entry {
  const bodies = leaves.map(({ kind, body }) => ({ kind, body }))
  return { sort: "lock", slot, key, view, leaves: bodies, prepares: prepares.map(toWire) }
}
