// Step 3, agreement: signatures become an attestation. Whoever has q of them over one batch spreads it, at once to those
// who have not signed it and later to everyone who enters another view without it.
import type { Hex } from "viem"
import { compareLeaves, hashesOf, keyOf, sameHashes } from "./rules.ts"
import { type Incoming, type Post, type SlotContext, type SlotState, writeLeaves } from "./state.ts"
import { type Message, signedOf } from "./wire.ts"
import type { Attested, Batch, Evidence, Key, Leaf } from "./words.ts"

/** Signatures are kept for so many views behind and ahead of our own. */
const VIEWS_KEPT = 16
/** An honest leader certifies once per view; a faulty one shall not fill the memory. */
const ROOTS_PER_VIEW = 4

export type Gathering = ReturnType<typeof createGathering>

export function createGathering(
  context: SlotContext,
  state: SlotState,
  post: Post,
  report: (evidence: Evidence) => void,
) {
  const { era, clock, wire, drop, digests, recover, application, timeoutMs } = context
  const { slot } = state
  const signs = new Map<number, Map<number, Message<"SIGN">>>()
  const known = new Map<string, readonly Leaf[]>()
  const attestations: Attested[] = []
  const answeredAt = new Map<number, number>()

  function onSign({ message }: Incoming<"SIGN">): void {
    if (Math.abs(message.view - state.view) > VIEWS_KEPT) return drop("OtherView")
    const ofView = signs.get(message.view) ?? new Map<number, Message<"SIGN">>()
    signs.set(message.view, ofView)
    const first = ofView.get(message.member)
    if (first === undefined) ofView.set(message.member, message)
    else if (first.content !== message.content) {
      report({
        kind: "TwoBatches",
        member: message.member,
        first: signedOf(first),
        second: signedOf(message),
      })
    }
    assemble(message.view, message.content)
  }

  /** The leaves under a root, from a proven certificate. */
  function learn(view: number, root: Hex, leaves: readonly Leaf[]): void {
    const ofView = [...known.keys()].filter((name) => name.startsWith(`${view} `))
    if (Math.abs(view - state.view) > VIEWS_KEPT || ofView.length >= ROOTS_PER_VIEW) return
    known.set(`${view} ${root}`, leaves)
    assemble(view, root)
  }

  function assemble(view: number, root: Hex): void {
    const leaves = known.get(`${view} ${root}`)
    const signed = [...(signs.get(view)?.values() ?? [])].filter((sign) => sign.content === root)
    if (leaves === undefined || signed.length < era.quorum) return
    const batch = { era: era.number, slot, view, root }
    if (attestations.some((other) => other.batch.view === view && other.batch.root === root)) return
    const signatures = signed
      .map(({ member, signature }) => ({ member, signature }))
      .sort((a, b) => a.member - b.member)
    const attested = { batch, leaves, signatures }
    if (!take(attested)) return
    for (let member = 0; member < era.members.length; member++) {
      if (!signatures.some((one) => one.member === member)) give(member, attested)
    }
  }

  /** Keeps an attestation that brings a key its first one. */
  function take(attested: Attested): boolean {
    const byKey = new Map<Key, Leaf[]>()
    for (const leaf of attested.leaves) {
      byKey.set(keyOf(leaf), [...(byKey.get(keyOf(leaf)) ?? []), leaf])
    }
    let brings = false
    for (const [key, leaves] of byKey) {
      const own = state.keys.get(key)
      if (own === undefined) continue
      if (own.attested === undefined) brings = true
      else if (!sameHashes(own.attested, hashesOf(leaves))) {
        application.alarm({ code: "AttestedTwice", slot, key })
      }
      own.attested ??= hashesOf(leaves)
    }
    if (!brings) return false
    attestations.push(attested)
    application.attested(attested)
    return true
  }

  function onAttest({ message }: Incoming<"ATTEST">): void {
    const { view, leaves: wireLeaves, signatures: pairs } = message.body
    const leaves: Leaf[] = []
    for (const { kind, body } of wireLeaves) {
      const leaf = application.leaf(kind, body)
      if (leaf === undefined) return drop("LeavesMalformed")
      leaves.push(leaf)
    }
    leaves.sort(compareLeaves)
    const batch = { era: era.number, slot, view, root: digests.root(hashesOf(leaves)) }
    const signatures = pairs.map(([member, signature]) => ({ member, signature }))
    if (!hasQuorum(batch, signatures)) return drop("QuorumNotReached")
    take({ batch, leaves, signatures })
  }

  function hasQuorum(batch: Batch, signatures: Attested["signatures"]): boolean {
    const ascending = signatures.every(
      (one, i) => i === 0 || one.member > (signatures[i - 1]?.member ?? 0),
    )
    if (signatures.length < era.quorum || !ascending) return false
    const digest = digests.batch(batch)
    return signatures.every(
      ({ member, signature }) => recover(digest, signature) === era.members[member],
    )
  }

  function give(member: number, { batch, leaves, signatures }: Attested): void {
    const body = {
      view: batch.view,
      leaves: writeLeaves(leaves),
      signatures: signatures.map((one): [number, Hex] => [one.member, one.signature]),
    }
    post.one(member, wire.sign("ATTEST", slot, state.view, body))
  }

  /** Gives a member what it may lack; often enough to survive lost messages, seldom enough to be no lever. */
  function answer(member: number): void {
    const last = answeredAt.get(member)
    if (attestations.length === 0 || (last !== undefined && clock.now() - last < timeoutMs / 2))
      return
    answeredAt.set(member, clock.now())
    for (const attested of attestations) give(member, attested)
  }

  /** Forgets views that are too far behind. */
  function enter(): void {
    const oldest = state.view - VIEWS_KEPT
    for (const view of signs.keys()) if (view < oldest) signs.delete(view)
    for (const name of known.keys()) if (Number(name.split(" ")[0]) < oldest) known.delete(name)
  }

  return { onSign, onAttest, learn, answer, enter }
}
