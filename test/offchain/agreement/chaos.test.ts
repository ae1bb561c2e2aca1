// Agreement under random faults, seeded: at no time do two sets of leaves of one key have a quorum, nobody speaks twice or
// goes back, and once the network heals every key is attested within a stated number of views. A failure names its seed.
import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { createAgreement } from "../../../offchain/agreement.ts"
import { chaos, noFaults } from "../../support/agreement/chaos.ts"

// Views after healing: f faulty leaders, who may come twice while the views are brought together, and one honest one.
const SIZES = [
  { n: 4, seeds: 300, views: 2 * 1 + 2 },
  { n: 7, seeds: 150, views: 2 * 2 + 2 },
] as const

describe("agreement: random faults", () => {
  for (const { n, seeds, views } of SIZES) {
    it(`keeps its promises with ${n} members over ${seeds} seeds`, async (context) => {
      const faults = noFaults()
      let most = 0
      for (let seed = 1; seed <= seeds; seed++) {
        const took = await chaos(createAgreement, n, seed, faults).catch((cause) => {
          throw new Error(`seed ${seed}`, { cause })
        })
        assert(took <= views, `seed ${seed}: ${took} views after healing, at most ${views}`)
        most = Math.max(most, took)
      }
      context.diagnostic(`most views after healing: ${most}; ${JSON.stringify(faults)}`)
      for (const [fault, count] of Object.entries(faults))
        assert(count > 0, `${fault} never happened`)
      assert(faults.lateRuns > seeds / 4, `only ${faults.lateRuns} runs waited for a key`)
    })
  }
})
