// The core's Wad functions and Solady's on the EVM: the same result or the same refusal, bit for bit.
import assert from "node:assert/strict"
import { before, describe, it } from "node:test"
import { load } from "../../wasm/index.ts"
import { CASES, compareWads, connectWads, type Name } from "../support/twin/wads.ts"

const RANDOM = 10_000

describe("the core's Wads against Solady's", () => {
  let theirs: Awaited<ReturnType<typeof connectWads>>
  before(async () => {
    await load()
    theirs = await connectWads()
  })

  for (const [name, { edges }] of Object.entries(CASES) as [Name, (typeof CASES)[Name]][]) {
    it(`${name}: ${RANDOM} random and ${edges.length} edge inputs`, async () => {
      const { inputs, refused, differing } = await compareWads(theirs, name, RANDOM)
      assert.deepEqual([inputs, differing], [RANDOM + edges.length, 0])
      // Both sorts of answer were met, but by the root, which refuses nothing.
      assert.equal(refused > 0, name !== "sqrt")
      assert.ok(refused < (inputs * 2) / 3, `${refused} of ${inputs} refused`)
    })
  }
})
