// Step 3, agreement: what one member knows about one slot, shared by the parts that act on it.
import type { Hex } from "viem"
import type { Type, WireLeaf } from "./bodies.ts"
import { areLeavesOf } from "./rules.ts"
import type { Header, Message, Packet, Wire } from "./wire.ts"
import type { AgreementOptions, AgreementParts, Entry, Key, Leaf, Submission } from "./words.ts"

/** Certified leaves that this member holds on to; `prepares` is the certificate. */
export type Lock = {
  readonly view: number
  readonly leaves: readonly Leaf[]
  readonly prepares: readonly Message<"PREPARE">[]
}

export type KeyState = {
  /** Taken in before the close; fixed once the key is ready. */
  held: readonly Submission[]
  /** Whether it is time to decide it; until then nothing is proposed for it and no view passes for its sake. */
  ready: boolean
  /** Decided even where nobody submitted anything. */
  readonly mandatory: boolean
  readonly forced: readonly Submission[]
  lock: Lock | undefined
  /** The leaf hashes that have a quorum of signatures. */
  attested: readonly Hex[] | undefined
  over: "accepted" | "tooLate" | undefined
}

export type SlotState = {
  readonly slot: number
  /** False after a lost journal: such a member listens and sends nothing. */
  readonly takesPart: boolean
  readonly keys: Map<Key, KeyState>
  view: number
  /** What this member has sent in this view. */
  readonly sent: Set<Type>
  ended: boolean
}

/** What all parts of a slot use. */
export type SlotContext = AgreementOptions &
  Omit<AgreementParts, "journal"> & {
    readonly wire: Wire
    readonly append: (entries: readonly Entry[]) => void
    readonly drop: (reason: string) => void
  }

/** How the parts of a slot speak; what goes to oneself comes back as any other message. */
export type Post = {
  readonly all: (
    message: Message,
    enclosed?: readonly Message[],
    headers?: readonly Header[],
  ) => void
  readonly one: (member: number, message: Message, enclosed?: readonly Message[]) => void
}

/** Our core on the inputs of a key, remembered for the view. */
export type Compute = (
  key: Key,
  inputs: readonly Submission[],
) => Promise<readonly Leaf[] | undefined>

export type Incoming<T extends Type> = Packet & { readonly message: Message<T> }

/** Keys that need an attestation now. */
export function pendingKeys(state: SlotState): readonly Key[] {
  return [...state.keys]
    .filter(([, { ready, attested, over }]) => ready && !attested && !over)
    .map(([key]) => key)
}

/**
 * Binds this member before it speaks: one message of each sort per (slot, view), written and synced together with what
 * else it stands for. False if it has spoken already.
 */
export function pledge(
  { append }: SlotContext,
  state: SlotState,
  type: Type,
  entries: readonly Entry[] = [],
): boolean {
  if (!state.takesPart || state.sent.has(type)) return false
  append([...entries, { sort: "sent", slot: state.slot, view: state.view, type }])
  state.sent.add(type)
  return true
}

/** The leaves of a key as they came, or undefined if they are not. */
export function readLeaves(
  { application }: SlotContext,
  key: Key,
  wire: readonly WireLeaf[],
): readonly Leaf[] | undefined {
  const leaves: Leaf[] = []
  for (const { kind, body } of wire) {
    const leaf = application.leaf(kind, body)
    if (leaf === undefined) return undefined
    leaves.push(leaf)
  }
  return areLeavesOf(key, leaves) ? leaves : undefined
}

export function writeLeaves(leaves: readonly Leaf[]): WireLeaf[] {
  return leaves.map(({ kind, body }) => ({ kind, body }))
}
