// What the calldata of a posting transaction says, and what a quality word does.
import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { encodeFunctionData, type Hex, pad } from "viem"
import { reportsAbi, settlementsAbi } from "../../contracts/index.ts"
import { postedBy } from "../../indexer/src/posted.ts"
import { decodeQuality } from "../../indexer/src/quality.ts"

const REPORTS: Hex = `0x${"aa".repeat(20)}`
const SETTLEMENTS: Hex = `0x${"bb".repeat(20)}`
const CONTRACTS = { reports: REPORTS, settlements: SETTLEMENTS }
const ROOT: Hex = `0x${"cd".repeat(32)}`
const BATCH = { era: 3, slot: 2 ** 33, viewNumber: 7, root: ROOT }
const PROOF = { nodes: [], steps: "0x" } as const
const SIGNATURE = "ee".repeat(64)
// Members 0, 2 and 9.
const ATTESTATION: Hex = `0x00${(0b1000000101).toString(16).padStart(16, "0")}${SIGNATURE.repeat(3)}`
const LEAF = {
  topicId: 1,
  label: 0,
  epoch: 5,
  observedAt: 1_800_000_000,
  lag: 3_600,
  history: 4,
  value: -(10n ** 18n),
  sigma: 0xffffff,
  context: ROOT,
}

let count = 0
const hash = (): Hex => pad(`0x${(++count).toString(16)}`, { size: 32 })
const post = encodeFunctionData({
  abi: reportsAbi,
  functionName: "post",
  args: [BATCH, [LEAF], PROOF, ATTESTATION],
})

describe("a posting transaction", () => {
  it("carries batch, signers and the history of each report", () => {
    const posted = postedBy({ to: REPORTS, input: post, hash: hash() }, CONTRACTS)
    assert.deepEqual(posted?.batch, { era: 3, slot: 2 ** 33, view: 7, root: ROOT })
    assert.deepEqual(posted?.signers, [0, 2, 9])
    assert.equal(posted?.attestation, ATTESTATION)
    assert.equal(posted?.historyOf(LEAF), 4)
    assert.equal(posted?.historyOf({ ...LEAF, epoch: 6 }), undefined)
  })

  it("may carry several reports, and nodes of a proof before the attestation", () => {
    const leaves = [1, 2, 3].map((topicId) => ({ ...LEAF, topicId, history: 10 * topicId }))
    const args = [BATCH, leaves, { nodes: [ROOT, ROOT], steps: "0x0001" }, ATTESTATION] as const
    const input = encodeFunctionData({ abi: reportsAbi, functionName: "post", args })
    const posted = postedBy({ to: REPORTS, input, hash: hash() }, CONTRACTS)
    assert.deepEqual(
      leaves.map((leaf) => posted?.historyOf(leaf)),
      [10, 20, 30],
    )
    assert.deepEqual(posted?.signers, [0, 2, 9])
    assert.equal(posted?.attestation, ATTESTATION)
  })

  it("may be to an address in capitals", () => {
    const to = `0x${"AA".repeat(20)}` as Hex
    assert.equal(postedBy({ to, input: post, hash: hash() }, CONTRACTS)?.batch.era, 3)
  })

  it("may settle", () => {
    const args = [BATCH, [], PROOF, ATTESTATION] as const
    const input = encodeFunctionData({ abi: settlementsAbi, functionName: "settle", args })
    const posted = postedBy({ to: SETTLEMENTS, input, hash: hash() }, CONTRACTS)
    assert.deepEqual([posted?.batch.view, posted?.signers], [7, [0, 2, 9]])
  })

  it("is none if another contract is called", () => {
    assert.equal(
      postedBy({ to: `0x${"11".repeat(20)}`, input: post, hash: hash() }, CONTRACTS),
      undefined,
    )
    assert.equal(postedBy({ to: null, input: post, hash: hash() }, CONTRACTS), undefined)
  })

  it("has no known signers under a scheme that is not ours", () => {
    const args = [BATCH, [LEAF], PROOF, "0x01ff"] as const
    const input = encodeFunctionData({ abi: reportsAbi, functionName: "post", args })
    assert.deepEqual(postedBy({ to: REPORTS, input, hash: hash() }, CONTRACTS)?.signers, [])
  })
})

describe("a quality word", () => {
  it("holds losses, coverage, inferers and missed epochs", () => {
    const word = [
      BigInt.asUintN(64, -352_182_518n).toString(16).padStart(16, "0"),
      1_500_000_000n.toString(16).padStart(16, "0"),
      (6_827).toString(16).padStart(4, "0"),
      (9_500).toString(16).padStart(4, "0"),
      "07",
      "01",
      (300).toString(16).padStart(8, "0"),
      "0".repeat(12),
    ].join("")
    assert.deepEqual(decodeQuality(`0x${word}`), {
      networkLoss: -352_182_518_000_000_000n,
      naiveLoss: 1_500_000_000_000_000_000n,
      coverage68: 682_700_000_000_000_000n,
      coverage95: 950_000_000_000_000_000n,
      inferers: 7,
      missed: 300,
    })
  })

  it("knows nothing before the first truth but what was missed", () => {
    const word = `0x${"0".repeat(44)}00000002${"0".repeat(12)}` as Hex
    const unknown = { networkLoss: null, naiveLoss: null, coverage68: null, coverage95: null }
    assert.deepEqual(decodeQuality(word), { ...unknown, inferers: 0, missed: 2 })
  })
})
