// Every kind of field that a quorum signs: wrong by one unit, it is found and refuted by the claim that is about it; the honest
// message cannot be refuted by the same claim.
import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import type { Refuting } from "../../offchain/dispute/claims.ts"
import { load } from "../../wasm/index.ts"
import { type Disputed, disputedTopic } from "../support/disputed.ts"
import { REPORT_FIELDS, type ReportField, SETTLEMENT_FIELDS } from "../support/fields.ts"
import { type Case, type Court, openCourt } from "../support/judging.ts"

/** Its report starts from a settled state, and its settlement follows others. */
const EPOCH = 5

describe("a wrong field", () => {
  let topic: Disputed
  let court: Court
  let refuted = 0
  before(async () => {
    await load()
    topic = disputedTopic(6)
    court = await openCourt(topic)
  })
  after(() => court?.close())

  async function judged(
    { field, claim }: Pick<ReportField, "field" | "claim">,
    { forged, honest }: { readonly forged: Case; readonly honest: Case },
  ): Promise<void> {
    const found = forged.differences.flatMap(({ refutes }) => refutes)
    const refuting = found.find((each) => each.claim === claim) as Refuting
    assert.ok(refuting, `${field}: found ${found.map((each) => each.claim).join(", ")}`)
    assert.equal(await forged.judge(refuting), true, field)
    assert.equal(await honest.judge(refuting), false, `the honest twin: ${field}`)
    refuted += 1
  }

  for (const each of REPORT_FIELDS)
    it(`of a report is refuted: ${each.field}`, async () => {
      const own = topic.reported.get(EPOCH)?.reports[0]
      if (!own) throw new Error("no report")
      const { target, change } = each
      const leaf = each.leaf?.(own) ?? {}
      await judged(each, {
        forged: await court.report(EPOCH, {
          leaf,
          ...(target ? { target } : {}),
          ...(change ? { change } : {}),
        }),
        honest: await court.report(EPOCH, {}),
      })
    })

  for (const each of SETTLEMENT_FIELDS)
    it(`of a settlement is refuted: ${each.field}`, async () => {
      const own = topic.concluded.get(EPOCH)?.settlement
      if (!own) throw new Error("no settlement")
      const { target, change } = each
      const leaf = each.leaf?.(own) ?? {}
      await judged(each, {
        forged: await court.settlement(EPOCH, {
          leaf,
          ...(target ? { target } : {}),
          ...(change ? { change } : {}),
        }),
        honest: await court.settlement(EPOCH, {}),
      })
    })

  it("is one of at least 15 kinds, under at least 15 claims", () => {
    const claims = new Set([...REPORT_FIELDS, ...SETTLEMENT_FIELDS].map(({ claim }) => claim))
    assert.equal(refuted, REPORT_FIELDS.length + SETTLEMENT_FIELDS.length)
    assert.deepEqual([refuted, claims.size], [34, 27])
  })
})
