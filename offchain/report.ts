// Step 4: the report, the message a committee signs. Leaves, their order, the batch's tree with its proofs, and the
// digest. The tree: leaves are not hashed again, pairs are hashed commutatively, an odd last node moves up unchanged.
import { type Hex, keccak256 } from "viem"
import { types } from "../contracts/index.ts"
import { NodeError } from "./errors.ts"
import { type Domain, digestOf, structHasher } from "./message.ts"

export type Report = {
  readonly topicId: number
  readonly label: number
  readonly epoch: number
  readonly observedAt: number
  readonly lag: number
  readonly history: number
  /** Wad. */
  readonly value: bigint
  /** The 24-bit float of a Wad, rounded up; 0xffffff is unknown. */
  readonly sigma: number
  readonly context: Hex
}

export type Batch = {
  readonly era: number
  readonly slot: number
  readonly view: number
  readonly root: Hex
}

/** How to get from some leaves to the root; the rule of the steps is in `verifyMultiproof`. */
export type Multiproof = { readonly nodes: readonly Hex[]; readonly steps: Hex }

/** A leaf of the batch. */
export const reportHash = structHasher<Report>("Report", types.Report)

const batchHash = structHasher<Batch>("Batch", types.Batch)

/** What the members sign. The domain is always the home chain's. */
export function batchDigest(domain: Domain, batch: Batch): Hex {
  return digestOf(domain, batchHash(batch))
}

/** The order of leaves in a batch: by topic, label, epoch (all are of one kind). */
export function compareReports(a: Report, b: Report): number {
  return a.topicId - b.topicId || a.label - b.label || a.epoch - b.epoch
}

/** The root over leaves in batch order; the one leaf of a batch is its root. */
export function batchRoot(hashes: readonly Hex[]): Hex {
  return layersOf(hashes).at(-1)?.[0] as Hex
}

/** The proof of one leaf, as OpenZeppelin's `MerkleProof` reads it. */
export function proofOf(hashes: readonly Hex[], index: number): readonly Hex[] {
  requireIndices(hashes, [index])
  const proof: Hex[] = []
  let at = index
  for (const layer of layersOf(hashes)) {
    const sibling = layer[at ^ 1]
    if (sibling !== undefined) proof.push(sibling)
    at >>= 1
  }
  return proof
}

/** The proof of some leaves, whose indices ascend. */
export function multiproof(hashes: readonly Hex[], indices: readonly number[]): Multiproof {
  requireIndices(hashes, indices)
  const nodes: Hex[] = []
  let steps = "0x"
  let known = indices
  // Every known node takes one step per layer, so the results queue up in the order of the layer above.
  for (const layer of layersOf(hashes).slice(0, -1)) {
    const parents: number[] = []
    for (let i = 0; i < known.length; i++) {
      const at = known[i] as number
      const sibling = layer[at ^ 1]
      if (sibling === undefined) {
        steps += "02"
      } else if (known[i + 1] === (at ^ 1)) {
        steps += "01"
        i++
      } else {
        steps += "00"
        nodes.push(sibling)
      }
      parents.push(at >> 1)
    }
    known = parents
  }
  return { nodes, steps: steps as Hex }
}

/**
 * Whether `leaves`, in batch order, lead to `root`. The queue holds the leaves, then results in order of making; each
 * step takes its head: 0 hashes it with the next of `nodes`, 1 with the next of the queue, 2 moves it to the end.
 */
export function verifyMultiproof(root: Hex, leaves: readonly Hex[], proof: Multiproof): boolean {
  if (!/^0x([0-9a-f]{2})*$/i.test(proof.steps)) return false
  const queue = [...leaves]
  let head = 0
  let node = 0
  for (const step of Buffer.from(proof.steps.slice(2), "hex")) {
    const first = queue[head++]
    const second = step === 0 ? proof.nodes[node++] : step === 1 ? queue[head++] : first
    if (first === undefined || second === undefined || step > 2) return false
    queue.push(step === 2 ? first : hashPair(first, second))
  }
  return queue.length - head === 1 && node === proof.nodes.length && queue[head] === root
}

function layersOf(hashes: readonly Hex[]): readonly (readonly Hex[])[] {
  if (hashes.length === 0) {
    throw new NodeError("EmptyBatch", {
      sentence: "a batch has no leaf",
      remedy: "refuse",
      given: 0,
      required: "at least 1 leaf",
    })
  }
  const layers: (readonly Hex[])[] = [hashes]
  for (let layer = hashes; layer.length > 1; ) {
    const next: Hex[] = []
    for (let i = 0; i < layer.length; i += 2) {
      const right = layer[i + 1]
      next.push(right === undefined ? (layer[i] as Hex) : hashPair(layer[i] as Hex, right))
    }
    layers.push(next)
    layer = next
  }
  return layers
}

// Lower-case hex of one length compares as the numbers do.
export function hashPair(a: Hex, b: Hex): Hex {
  return keccak256(Buffer.from(a < b ? a.slice(2) + b.slice(2) : b.slice(2) + a.slice(2), "hex"))
}

function requireIndices(hashes: readonly Hex[], indices: readonly number[]): void {
  const ascend = indices.every((index, i) => i === 0 || index > (indices[i - 1] as number))
  const inside = indices.every(
    (index) => Number.isInteger(index) && index >= 0 && index < hashes.length,
  )
  if (indices.length > 0 && ascend && inside) return
  throw new NodeError("MalformedProof", {
    sentence: "the leaves to prove are not leaves of the batch in its order",
    remedy: "refuse",
    given: `[${indices}]`,
    required: `at least one index, ascending, below ${hashes.length}`,
  })
}

/** The first key by which leaves are ordered: reports are of kind 1. */
export const REPORT_KIND = 1

/** A report as text, for the mesh and for HTTP: JSON with the value as decimal text. */
export function reportBody(report: Report): string {
  const { topicId, label, epoch, observedAt, lag, history, value, sigma, context } = report
  return JSON.stringify({
    topicId,
    label,
    epoch,
    observedAt,
    lag,
    history,
    value: value.toString(),
    sigma,
    context,
  })
}

/** The report that a text describes, or undefined if it is not exactly the text of one. */
export function parseReport(body: string): Report | undefined {
  try {
    const report = JSON.parse(body) as Report & { value: string }
    const parsed = { ...report, value: BigInt(report.value) }
    // Hashing holds each field to its width; writing it again, to nothing more and no other form. Hex has two cases.
    if (/0x[0-9a-f]*[A-F]/.test(body)) return undefined
    reportHash(parsed)
    return reportBody(parsed) === body ? parsed : undefined
  } catch {
    return undefined
  }
}
