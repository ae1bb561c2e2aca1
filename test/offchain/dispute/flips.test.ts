// Whatever single bit of an attested output a quorum changes: comparing finds it, and names how it falls.
import assert from "node:assert/strict"
import { before, describe, it } from "node:test"
import type { Difference } from "../../../offchain/dispute/claims.ts"
import { differencesOfReport, differencesOfSettlement } from "../../../offchain/dispute/compare.ts"
import { load } from "../../../wasm/index.ts"
import { type Disputed, disputedTopic } from "../../support/disputed.ts"
import { randomOf } from "../../support/epochs.ts"
import { flip, targetOf } from "../../support/flipping.ts"
import { forgedReport, forgedSettlement } from "../../support/forging.ts"

const EPOCHS = 6
const FLIPS = 500
let topic: Disputed

before(async () => {
  await load()
  topic = disputedTopic(EPOCHS)
})

type Outcome = {
  readonly differences: readonly Difference[]
  readonly missing: readonly unknown[]
}

describe("single bits of attested outputs", () => {
  it("are all caught, each by a claim or by a demand for the row that nobody has", async () => {
    const random = randomOf(20_260)
    const counts = { claimed: 0, demanded: 0 }
    const claims = new Set<string>()
    for (let i = 0; i < FLIPS; i++) {
      const { of, target } = targetOf(random)
      const epoch = random.integer(1, EPOCHS)
      const flipped: { bit?: number } = {}
      const change = flip(random, flipped)
      const { differences, missing }: Outcome =
        of === "report"
          ? differencesOfReport(await forgedReport(topic, epoch, { label: i % 2, target, change }))
          : differencesOfSettlement(await forgedSettlement(topic, epoch, { target, change }))
      const where = `${i}: ${of} ${epoch} ${JSON.stringify(target)} bit ${flipped.bit}`
      const certain = differences.filter(({ isCertain, refutes }) => isCertain && refutes[0])
      const named = certain.flatMap(({ refutes }) => refutes.slice(0, 1))
      for (const { claim } of named) claims.add(claim)
      if (named.length > 0) counts.claimed += 1
      else if (missing.length > 0) counts.demanded += 1
      else assert.fail(`${where} is not found`)
    }
    assert.equal(counts.claimed + counts.demanded, FLIPS)
    assert.deepEqual(counts, { claimed: 463, demanded: 37 })
    assert.equal(claims.size, 27, [...claims].sort().join(" "))
  })
})
