// The report's hash and the batch's tree: held to viem's EIP-712, to OpenZeppelin's rule for proofs written out here, and
// to laws over random trees.
import assert from "node:assert/strict"
import { describe, it } from "node:test"
import fc from "fast-check"
import { concat, type Hex, hashStruct, hashTypedData, keccak256 } from "viem"
import { types } from "../../contracts/index.ts"
import { NodeError } from "../../offchain/errors.ts"
import {
  type Batch,
  batchDigest,
  batchRoot,
  compareReports,
  multiproof,
  parseReport,
  proofOf,
  type Report,
  reportBody,
  reportHash,
  verifyMultiproof,
} from "../../offchain/report.ts"

const DOMAIN = {
  name: "Allora",
  version: "1",
  chainId: 31337,
  verifyingContract: "0x00000000000000000000000000000000000000ab",
} as const

const hexOf = (length: number) =>
  fc
    .uint8Array({ minLength: length, maxLength: length })
    .map((b) => `0x${Buffer.from(b).toString("hex")}` as Hex)
const uint = (bits: number) => fc.integer({ min: 0, max: 2 ** bits - 1 })
const anyReport: fc.Arbitrary<Report> = fc.record({
  topicId: uint(32),
  label: uint(16),
  epoch: uint(28),
  observedAt: uint(32),
  lag: uint(24),
  history: uint(8),
  value: fc.bigInt({ min: -(2n ** 127n), max: 2n ** 127n - 1n }),
  sigma: uint(24),
  context: hexOf(32),
})
/** A tree's distinct leaves and a non-empty ascending choice of them. */
const anyTree = fc.integer({ min: 1, max: 70 }).chain((size) =>
  fc.record({
    leaves: fc.uniqueArray(hexOf(32), { minLength: size, maxLength: size }),
    chosen: fc.subarray(
      Array.from({ length: size }, (_, i) => i),
      { minLength: 1 },
    ),
  }),
)

const hasCode = (code: string) => (error: unknown) =>
  error instanceof NodeError && error.code === code
const pick = (leaves: readonly Hex[], indices: readonly number[]) =>
  indices.map((i) => leaves[i] as Hex)
const flip = (hex: Hex, bit: number): Hex => {
  const bytes = Buffer.from(hex.slice(2), "hex")
  bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7))
  return `0x${bytes.toString("hex")}`
}
const pair = (a: Hex, b: Hex) => keccak256(BigInt(a) < BigInt(b) ? concat([a, b]) : concat([b, a]))

describe("report", () => {
  it("hashes as viem does", () => {
    fc.assert(
      fc.property(anyReport, (report) => {
        assert.equal(reportHash(report), hashStruct({ data: report, primaryType: "Report", types }))
      }),
    )
  })

  it("is a text that comes back as it was, and is read in no other form", () => {
    fc.assert(
      fc.property(anyReport, (report) => {
        const body = reportBody(report)
        assert.equal(reportHash(parseReport(body) as Report), reportHash(report))
        assert.equal(reportBody(parseReport(body) as Report), body)
      }),
    )
    const context: Hex = `0x${"ab".repeat(32)}`
    const body = reportBody({ ...(fc.sample(anyReport, 1)[0] as Report), value: 7n, context })
    const others = [
      ` ${body}`,
      body.replace('"value":"7"', '"value":7'),
      body.replace('"value":"7"', '"value":"07"'),
      body.replace(context, `0x${"AB".repeat(32)}`),
      body.replace("}", ',"more":1}'),
      "null",
      "{",
    ]
    for (const other of others) assert.equal(parseReport(other), undefined, other)
    assert.equal(new Set([body, ...others]).size, 8)
  })

  it("refuses a field that does not fit its type, by name", () => {
    const [report] = fc.sample(anyReport, 1) as [Report]
    const wrong: Partial<Record<keyof Report, unknown>>[] = [
      { topicId: 2 ** 32 },
      { label: -1 },
      { lag: 2 ** 24 },
      { value: 2n ** 127n },
      { value: -(2n ** 127n) - 1n },
      { sigma: 1.5 },
      { context: "0x12" },
      { context: undefined },
    ]
    for (const change of wrong) {
      assert.throws(
        () => reportHash({ ...report, ...change } as Report),
        hasCode("MalformedMessage"),
      )
    }
  })

  it("signs the batch in the home chain's domain, as viem hashes it", () => {
    const anyBatch: fc.Arbitrary<Batch> = fc.record({
      era: uint(32),
      slot: uint(40),
      view: uint(32),
      root: hexOf(32),
    })
    fc.assert(
      fc.property(anyBatch, (batch) => {
        const theirs = hashTypedData({
          domain: DOMAIN,
          types: { Batch: types.Batch },
          primaryType: "Batch",
          message: batch,
        })
        assert.equal(batchDigest(DOMAIN, batch), theirs)
        assert.notEqual(batchDigest({ ...DOMAIN, chainId: 1 }, batch), theirs)
      }),
      { numRuns: 30 },
    )
  })

  it("orders leaves by topic, then label, then epoch", () => {
    const at = (topicId: number, label: number, epoch: number) =>
      ({ topicId, label, epoch }) as Report
    const sorted = [at(1, 0, 9), at(1, 1, 2), at(1, 1, 3), at(2, 0, 1), at(10, 0, 0)]
    assert.deepEqual([...sorted].reverse().sort(compareReports), sorted)
  })
})

describe("batch tree", () => {
  it("is the leaf itself for one leaf, and climbs an odd last node unchanged", () => {
    const [a, b, c, d, e] = [1, 2, 3, 4, 5].map((n) => `0x${`0${n}`.repeat(32)}` as Hex) as [
      Hex,
      Hex,
      Hex,
      Hex,
      Hex,
    ]
    assert.equal(batchRoot([a]), a)
    assert.equal(batchRoot([b, a]), pair(a, b))
    assert.equal(batchRoot([a, b, c]), pair(pair(a, b), c))
    assert.equal(batchRoot([a, b, c, d, e]), pair(pair(pair(a, b), pair(c, d)), e))
  })

  it("proves each leaf by OpenZeppelin's rule", () => {
    fc.assert(
      fc.property(anyTree, ({ leaves, chosen }) => {
        const root = batchRoot(leaves)
        for (const index of chosen) {
          assert.equal(proofOf(leaves, index).reduce(pair, leaves[index] as Hex), root)
        }
      }),
      { numRuns: 40 },
    )
  })

  it("writes the steps of the rule for a small tree", () => {
    const leaves = [1, 2, 3, 4, 5].map((n) => `0x${`0${n}`.repeat(32)}` as Hex) as [
      Hex,
      Hex,
      Hex,
      Hex,
      Hex,
    ]
    const [a, b, c, d] = leaves
    // 0 is hashed with b, 2 with 3, 4 moves up twice; then both pairs meet, then the odd one.
    assert.deepEqual(multiproof(leaves, [0, 2, 3, 4]), { nodes: [b], steps: "0x000102010201" })
    assert.deepEqual(multiproof(leaves, [4]), {
      nodes: [pair(pair(a, b), pair(c, d))],
      steps: "0x020200",
    })
    assert.deepEqual(multiproof([a], [0]), { nodes: [], steps: "0x" })
  })

  it("proves every choice of leaves, for trees of 1 to 70", () => {
    fc.assert(
      fc.property(anyTree, ({ leaves, chosen }) => {
        assert.ok(
          verifyMultiproof(batchRoot(leaves), pick(leaves, chosen), multiproof(leaves, chosen)),
        )
      }),
      { numRuns: 200 },
    )
  })

  it("never verifies with one bit flipped, in a leaf, a node, the steps or the root", () => {
    fc.assert(
      fc.property(anyTree, fc.nat(), fc.nat(255), ({ leaves, chosen }, where, bit) => {
        const root = batchRoot(leaves)
        const known = pick(leaves, chosen)
        const proof = multiproof(leaves, chosen)
        const at = where % known.length
        const wrong = known.map((leaf, i) => (i === at ? flip(leaf, bit) : leaf))
        assert.equal(verifyMultiproof(root, wrong, proof), false)
        assert.equal(verifyMultiproof(flip(root, bit), known, proof), false)
        if (proof.nodes.length > 0) {
          const spot = where % proof.nodes.length
          const nodes = proof.nodes.map((node, i) => (i === spot ? flip(node, bit) : node))
          assert.equal(verifyMultiproof(root, known, { ...proof, nodes }), false)
        }
        const digits = proof.steps.length - 2
        if (digits > 0) {
          const steps = flip(proof.steps, where % (digits * 4))
          assert.equal(verifyMultiproof(root, known, { ...proof, steps }), false)
        }
      }),
      { numRuns: 200 },
    )
  })

  it("refuses leaves that are left over, missing or in another order", () => {
    const leaves = Array.from({ length: 7 }, (_, i) => keccak256(`0x0${i}`))
    const root = batchRoot(leaves)
    const proof = multiproof(leaves, [1, 4, 6])
    const known = pick(leaves, [1, 4, 6])
    assert.ok(verifyMultiproof(root, known, proof))
    assert.equal(verifyMultiproof(root, [...known].reverse(), proof), false)
    assert.equal(verifyMultiproof(root, known.slice(1), proof), false)
    assert.equal(verifyMultiproof(root, [...known, leaves[5] as Hex], proof), false)
    assert.equal(verifyMultiproof(root, known, { ...proof, nodes: [...proof.nodes, root] }), false)
    assert.equal(verifyMultiproof(root, [root, root], { nodes: [], steps: "0x" }), false)
    assert.equal(verifyMultiproof(root, [], { nodes: [], steps: "0x" }), false)
    // A fourth kind of step, or half a one.
    assert.equal(verifyMultiproof(pair(root, root), [root], { nodes: [], steps: "0x03" }), false)
    assert.equal(verifyMultiproof(root, known, { ...proof, steps: `${proof.steps}0` }), false)
  })

  it("names what cannot be proved", () => {
    assert.throws(() => batchRoot([]), hasCode("EmptyBatch"))
    const leaves = [keccak256("0x01"), keccak256("0x02")]
    for (const indices of [[], [2], [-1], [1, 0], [0, 0], [0.5]]) {
      assert.throws(() => multiproof(leaves, indices), hasCode("MalformedProof"))
    }
  })
})
