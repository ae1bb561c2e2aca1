// Seeded randomness for simulations (mulberry32), and cheap stand-ins for hashes and signatures: a signature is the
// hash of a member's secret and the digest, so nobody but the test's own signer makes it.
import { createHash } from "node:crypto"
import type { Hex } from "viem"
import type { Batch, Digests } from "../../../offchain/agreement.ts"

export type Random = {
  /** In [0, 1). */
  readonly next: () => number
  /** An integer in [0, limit). */
  readonly below: (limit: number) => number
  readonly chance: (probability: number) => boolean
}

export function createRandom(seed: number): Random {
  let state = (seed * 0x9e3779b1) >>> 0
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  return { next, below: (limit) => Math.floor(next() * limit), chance: (p) => next() < p }
}

export function sha(text: string): Hex {
  return `0x${createHash("sha256").update(text).digest("hex")}`
}

export function addressOf(member: number): Hex {
  return `0x${(member + 1).toString(16).padStart(40, "0")}`
}

export function cheapSign(member: number, digest: Hex): Hex {
  return `0x${sha(`secret ${member} ${digest}`).slice(2)}${(member + 1).toString(16).padStart(64, "0")}`
}

export function cheapRecover(digest: Hex, signature: Hex): Hex | undefined {
  const member = Number(`0x${signature.slice(66)}`) - 1
  return cheapSign(member, digest) === signature ? addressOf(member) : undefined
}

/** Digests by SHA-256 that also tell `watch` what every batch digest and root stands for. */
export function cheapDigests(watch: {
  readonly root: (root: Hex, hashes: readonly Hex[]) => void
}): Digests {
  return {
    root(hashes) {
      const root = sha(`root ${hashes}`)
      watch.root(root, hashes)
      return root
    },
    batch: ({ era, slot, view, root }: Batch) => sha(`batch ${era} ${slot} ${view} ${root}`),
    message: (type, { era, slot, view, content }) =>
      sha(`${type} ${era} ${slot} ${view} ${content}`),
  }
}
