// What comparing finds in forged messages, before the contracts: each claim that it names holds on chain with the evidence
// that goes with it, and the same claim about the honest message does not.
import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import { type Claim, claimNumber, type Refuting } from "../../offchain/dispute/claims.ts"
import { load } from "../../wasm/index.ts"
import { type Disputed, disputedTopic } from "../support/disputed.ts"
import { randomOf } from "../support/epochs.ts"
import { flip, targetOf } from "../support/flipping.ts"
import { type Case, type Court, openCourt } from "../support/judging.ts"

const EPOCHS = 6
const MISSED = 5
const FLIPS = 200
const ARITHMETIC: readonly [last: Claim, lastOfSettlements: Claim] = ["Counterfactuals", "Tables"]

describe("evidence of what was forged", () => {
  let topic: Disputed
  let court: Court
  before(async () => {
    await load()
    topic = disputedTopic(EPOCHS, [MISSED])
    court = await openCourt(topic)
  })
  after(() => court?.close())

  const isArithmetic = ({ claim }: Refuting) =>
    claimNumber(claim) <= claimNumber(ARITHMETIC[0]) ||
    (claimNumber(claim) >= claimNumber("SettlementLists") &&
      claimNumber(claim) <= claimNumber(ARITHMETIC[1]))

  it("shows the chain what is wrong, and nothing where all is as it has to be", async () => {
    const random = randomOf(7_070)
    const held = new Map<Claim, number>()
    const counts = { shown: 0, demanded: 0, honest: 0 }
    const asked = new Set<string>()
    for (let i = 0; i < FLIPS; i++) {
      const { of, target } = targetOf(random)
      const epoch = random.integer(1, EPOCHS)
      const change = flip(random, {})
      if (of === "settlement" && epoch === MISSED && "list" in (target as object)) {
        const { list } = target as { list: string }
        if (list === "outputs") continue
      }
      const forged =
        of === "report"
          ? await court.report(epoch, { label: i % 2, target, change })
          : await court.settlement(epoch, { target, change })
      const certain = forged.differences.filter(({ isCertain, refutes }) => isCertain && refutes[0])
      if (certain.length === 0) counts.demanded += 1
      else counts.shown += 1
      const honest =
        of === "report" ? court.report(epoch, { label: i % 2 }) : court.settlement(epoch, {})
      for (const { what, refutes } of certain) {
        const [first] = refutes
        if (!first || !isArithmetic(first)) continue
        const where = `${i}: ${of} ${epoch}, ${what}: ${first.claim} ${first.at}`
        assert.equal(await judged(forged, first, where), true, where)
        held.set(first.claim, (held.get(first.claim) ?? 0) + 1)
        if (asked.has(`${of}/${epoch}/${first.claim}/${first.at}`)) continue
        asked.add(`${of}/${epoch}/${first.claim}/${first.at}`)
        assert.equal(await judged(await honest, first, `honest ${where}`), false, `honest ${where}`)
        counts.honest += 1
      }
    }
    assert.deepEqual(counts, { shown: 183, demanded: 10, honest: 122 })
    assert.equal(held.size, 26, [...held.keys()].sort().join(" "))
  })

  async function judged(one: Case, refuting: Refuting, where: string): Promise<boolean> {
    try {
      return await one.judge(refuting)
    } catch (error) {
      throw new Error(`${where}: ${(error as Error).message.split("\n").slice(0, 4).join(" ")}`)
    }
  }
})
