// The core and its twin on the chain make the same rows of random epochs, bit for bit, and a planted error of one bit on either
// side is caught. `npm run bench -- twin` does the same at length.
import assert from "node:assert/strict"
import { before, describe, it } from "node:test"
import { infer, load } from "../../../wasm/index.ts"
import { randomOf } from "../../support/epochs.ts"
import { connectTwin } from "../../support/twin/chain.ts"
import { compare } from "../../support/twin/compare.ts"
import { SPECIALS } from "../../support/twin/epochs.ts"
import { IN_RUST, IN_SOLIDITY, plantedCode, plantedCore } from "../../support/twin/planted.ts"

const SEED = 20_261_121
const EPOCHS = 220
/** Of so many one has its counterfactuals compared; eleven kinds of epochs take turns, so all have. */
const WHOLE_OF = 8
/** The errors show within so many. */
const UNTIL_CAUGHT = { epochs: 44, wholeOf: 0, isUntilFirst: true }

describe("the core and its twin", () => {
  let chain: Awaited<ReturnType<typeof connectTwin>>
  before(async () => {
    await load()
    chain = await connectTwin()
  })

  it(`make the same rows of ${EPOCHS} random epochs`, async () => {
    const found = await compare(infer, chain.twin, randomOf(SEED), {
      epochs: EPOCHS,
      wholeOf: WHOLE_OF,
    })
    assert.deepEqual([found.epochs, found.differing, found.bits], [EPOCHS, 0, 0])
    assert.ok(found.rows > 2_000 && found.numbers > 20_000, `${found.numbers} numbers`)
    for (const special of SPECIALS)
      assert.ok((found.specials.get(special) ?? 0) > 0, `${special} did not occur`)
  })

  for (const planted of IN_SOLIDITY) {
    it(`differ with an error of one bit in ${planted.name}`, async () => {
      await chain.replace(plantedCode(chain.code, planted))
      const found = await compare(infer, chain.twin, randomOf(SEED), UNTIL_CAUGHT)
      await chain.replace(chain.code)
      assert.ok(found.differing > 0)
    })
  }

  for (const planted of IN_RUST) {
    it(`differ with an error of one bit in ${planted.name}`, async () => {
      const core = await plantedCore(planted)
      const found = await compare(core, chain.twin, randomOf(SEED), UNTIL_CAUGHT)
      assert.ok(found.differing > 0)
    })
  }
})
