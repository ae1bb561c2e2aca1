// One leaf's way to the root, out of the proof of several, as a dispute about it needs it.
import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { type Hex, keccak256, numberToHex } from "viem"
import { pathOf } from "../../../offchain/dispute/attested.ts"
import { multiproof, proofOf } from "../../../offchain/report.ts"

describe("the path of one leaf", () => {
  it("is the same out of the proof of any leaves, for trees of up to nine", () => {
    let compared = 0
    for (let size = 1; size <= 9; size++) {
      const all = Array.from({ length: size }, (_, i): Hex => keccak256(numberToHex(i + 1)))
      for (let chosen = 1; chosen < 2 ** size; chosen += 3) {
        const indices = all.flatMap((_, i) => ((chosen >> i) & 1 ? [i] : []))
        const leaves = indices.map((i) => all[i] as Hex)
        for (const [at, index] of indices.entries()) {
          assert.deepEqual(pathOf(leaves, multiproof(all, indices), at), proofOf(all, index))
          compared += 1
        }
      }
    }
    assert.equal(compared, 1_369)
  })
})
