// Step 3, agreement: what it is made from and what it says to the rest of a member. Import these from ../agreement.ts.
import type { Hex } from "viem"
import type { Clock } from "../clock.ts"
import type { Refusal } from "../errors.ts"

/**
 * What is agreed on as a whole, "kind/topic/epoch" in decimals, with "/generation" behind it where what was accepted may be
 * taken back and agreed on again: all leaves of a key share its fate.
 */
export type Key = string

/** A signed submission. Only its hash and its sender matter here; `bytes` is the JSON text as it was sent. */
export type Submission = { readonly hash: Hex; readonly worker: Hex; readonly bytes: string }

/** One leaf of a batch. `body` is text from which `Application.leaf` makes all other fields again. */
export type Leaf = {
  readonly kind: number
  readonly topicId: number
  readonly label: number
  readonly epoch: number
  /** Of the kinds that have generations. */
  readonly generation?: number | undefined
  readonly hash: Hex
  readonly body: string
}

export type Batch = {
  readonly era: number
  readonly slot: number
  readonly view: number
  readonly root: Hex
}

/** A batch with at least a quorum of signatures over its digest; leaves in batch order, members ascending. */
export type Attested = {
  readonly batch: Batch
  readonly leaves: readonly Leaf[]
  readonly signatures: readonly { readonly member: number; readonly signature: Hex }[]
}

/** A signed message without its body. `content` is the body's hash; for SIGN it is the batch's root. */
export type Signed = {
  readonly type: string
  readonly era: number
  readonly slot: number
  readonly view: number
  readonly content: Hex
  readonly signature: Hex
}

/** Two signed messages that one member may not both have sent; each convicts by its signature alone. */
export type Evidence = {
  readonly kind: "TwoBatches" | "TwoProposals" | "TwoCertificates"
  readonly member: number
  readonly first: Signed
  readonly second: Signed
}

/** Something that an operator has to look at. */
export type Alarm =
  /** Our core, or its twin, makes something else from the same bytes than a quorum accepted: nothing was signed. */
  | {
      readonly code: "OutputsDiffer"
      readonly slot: number
      readonly view: number
      readonly key: Key
      readonly given: readonly Hex[]
    }
  /** The chain's twin of our core does not bear out leaves that our core made: they were not accepted. */
  | {
      readonly code: "TwinDiffers"
      readonly slot: number
      readonly view: number
      readonly key: Key
      readonly given: readonly Hex[]
      readonly required?: string | undefined
    }
  /** Two sets of leaves of one key have a quorum each: more members are faulty than the era can bear. */
  | { readonly code: "AttestedTwice"; readonly slot: number; readonly key: Key }

/** What the agreement asks of the rest of the member. Nothing here may throw but for a fault that stops the member. */
export type Application = {
  /** Submissions taken in before the key's close. Asked until the key is ready, then never again. */
  readonly held: (key: Key) => readonly Submission[]
  /** Whether it is time to decide a key that is due; asked at `look` until it says so. Without it every key is ready. */
  readonly ready?: (key: Key) => boolean
  /** Whether a key is decided even where nobody submitted anything; `compute` is then asked with no inputs. */
  readonly mandatory?: (key: Key) => boolean
  /** Reads and checks a submission that another member holds. When it came does not matter here. */
  readonly check: (key: Key, bytes: string) => Submission | Refusal
  /** Submissions forced in on chain: always inputs, in place of any other of the same worker. */
  readonly forced?: (key: Key) => readonly Submission[]
  /**
   * What our core makes of these inputs (ascending by worker), one leaf per label; undefined if bytes are missing or it
   * is too early to say.
   */
  readonly compute: (
    key: Key,
    inputs: readonly Submission[],
  ) => Promise<readonly Leaf[] | undefined>
  /**
   * What the chain says of leaves that our core made too, asked before they are accepted: a refusal; or undefined while it
   * has not answered. Without it the core's word is enough.
   */
  readonly confirm?: (
    key: Key,
    leaves: readonly Leaf[],
  ) => Promise<"confirmed" | Refusal | undefined>
  /** The leaf that a body describes, or undefined if it describes none. Pure. */
  readonly leaf: (kind: number, body: string) => Leaf | undefined
  /** A batch has its quorum. Comes at least once for every key, again only with a batch that attests further keys. */
  readonly attested: (attested: Attested) => void
  readonly alarm: (alarm: Alarm) => void
  readonly evidence: (evidence: Evidence) => void
}

export type Transport = {
  readonly self: number
  readonly send: (to: number, bytes: Uint8Array) => void
  /** To all others. */
  readonly broadcast: (bytes: Uint8Array) => void
  /** `from` is a hint: who sent a message is shown by its signature. */
  readonly onMessage: (take: (from: number, bytes: Uint8Array) => void) => void
  /** The members that can be heard now, oneself counted or not. */
  readonly reachable: () => readonly number[]
}

export type Log = {
  readonly debug: (facts: object, sentence: string) => void
  readonly info: (facts: object, sentence: string) => void
  readonly warn: (facts: object, sentence: string) => void
}

/** A line of the journal: a JSON object whose `sort` says what it is. */
export type Entry = { readonly sort: string; readonly [field: string]: unknown }

/** What a member has bound itself to. `append` and `rewrite` come back when the entries are on the disk. */
export type Journal = {
  readonly entries: () => readonly Entry[]
  readonly append: (entries: readonly Entry[]) => void
  /** Puts these entries in the place of all. */
  readonly rewrite: (entries: readonly Entry[]) => void
  readonly close: () => void
}

/** The three hashes of the protocol; `createDigests` makes the real ones. */
export type Digests = {
  /** The batch's root over leaf hashes in batch order. */
  readonly root: (hashes: readonly Hex[]) => Hex
  readonly batch: (batch: Batch) => Hex
  readonly message: (type: string, message: Omit<Signed, "type" | "signature">) => Hex
}

export type Era = {
  readonly number: number
  /** Chain time (s) from which the era is in force. */
  readonly startsAt: number
  /** The members' addresses, lower-case, in the order of the era's code. */
  readonly members: readonly Hex[]
  readonly quorum: number
  readonly faults: number
}

export type AgreementOptions = {
  readonly era: Era
  readonly self: number
  /** The first view's time-out. */
  readonly timeoutMs: number
  /**
   * Chain time (s) at which this process starts. With a new journal no part is taken in slots due by then; -1 where it is
   * known that nothing was ever sent in the era.
   */
  readonly startedAt: number
}

export type AgreementParts = {
  readonly signer: { readonly sign: (digest: Hex) => Hex }
  readonly recover: (digest: Hex, signature: Hex) => Hex | undefined
  readonly digests: Digests
  readonly journal: Journal
  readonly transport: Transport
  readonly clock: Clock
  readonly application: Application
  readonly log: Log
}

export type SlotStatus = {
  readonly slot: number
  readonly view: number
  /** False after a lost journal: this member only listens. */
  readonly takesPart: boolean
  readonly keys: Readonly<Record<Key, "open" | "locked" | "attested" | "accepted" | "tooLate">>
}

export type AgreementStatus = {
  readonly era: number
  readonly slots: readonly SlotStatus[]
  /** Messages that were not taken, by reason. */
  readonly dropped: Readonly<Record<string, number>>
}

export type Agreement = {
  /**
   * The window of these keys has closed on this chain. A key that is known already is not begun again; one of a later
   * generation is, in the slot that it always had, also where that slot has ended.
   */
  readonly due: (slot: number, keys: readonly Key[]) => void
  /** Something changed on which `Application.ready` depends. */
  readonly look: () => void
  /** A message from the mesh. The transport's `onMessage` is wired to it already. */
  readonly handle: (from: number, bytes: Uint8Array) => void
  /** The chain shows this key's report, or a newer one of its topic. */
  readonly accepted: (key: Key) => void
  /** The key can no longer be posted. */
  readonly tooLate: (key: Key) => void
  readonly status: () => AgreementStatus
  readonly stop: () => void
}
