// The settlement as the committee signs it: its leaf, held to viem and to the vectors, and its text, of which a leaf has one.
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { describe, it } from "node:test"
import fc from "fast-check"
import { type Hex, hashStruct } from "viem"
import { types } from "../../contracts/index.ts"
import { NodeError } from "../../offchain/errors.ts"
import { batchDigest, batchRoot, type Report, reportHash } from "../../offchain/report.ts"
import {
  parseSettlement,
  type Settlement,
  settlementBody,
  settlementHash,
} from "../../offchain/settlement.ts"

type Vector = { readonly pot: string; readonly leaf: Hex } & Omit<Settlement, "pot">
const vectors = JSON.parse(
  readFileSync(new URL("../vectors/digests.json", import.meta.url), "utf8"),
) as {
  domain: Parameters<typeof batchDigest>[0]
  settlements: readonly Vector[]
  reports: readonly ({ value: string; leaf: Hex } & Omit<Report, "value">)[]
  mixed: readonly {
    reports: number
    settlements: number
    era: number
    slot: number
    view: number
    root: Hex
    digest: Hex
  }[]
}
const settlementOf = ({ leaf, pot, ...rest }: Vector): Settlement => ({ ...rest, pot: BigInt(pot) })

const hexOf = (length: number) =>
  fc
    .uint8Array({ minLength: length, maxLength: length })
    .map((bytes) => `0x${Buffer.from(bytes).toString("hex")}` as Hex)
const anySettlement: fc.Arbitrary<Settlement> = fc.record(
  {
    topicId: fc.nat(2 ** 32 - 1),
    epoch: fc.nat(2 ** 32 - 1),
    generation: fc.nat(2 ** 16 - 1),
    parent: hexOf(32),
    state: hexOf(32),
    pot: fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
    quality: hexOf(32),
    context: hexOf(32),
  },
  { noNullPrototype: true },
)

describe("a settlement's leaf", () => {
  it("is that of the vectors, alone and in a batch behind reports", () => {
    assert.equal(vectors.settlements.length, 3)
    for (const vector of vectors.settlements)
      assert.equal(settlementHash(settlementOf(vector)), vector.leaf)
    const reports = vectors.reports.map(({ value, ...rest }) =>
      reportHash({ ...rest, value: BigInt(value) }),
    )
    const settlements = vectors.settlements.map((each) => settlementHash(settlementOf(each)))
    assert.equal(vectors.mixed.length, 3)
    for (const {
      reports: some,
      settlements: more,
      digest,
      root,
      era,
      slot,
      view,
    } of vectors.mixed) {
      assert.equal(batchRoot([...reports.slice(0, some), ...settlements.slice(0, more)]), root)
      assert.equal(batchDigest(vectors.domain, { era, slot, view, root }), digest)
    }
  })

  it("is hashed as viem does", () => {
    fc.assert(
      fc.property(anySettlement, (settlement) => {
        const expected = hashStruct({ data: settlement, primaryType: "Settlement", types })
        assert.equal(settlementHash(settlement), expected)
      }),
    )
  })

  it("refuses a field that does not fit its type", () => {
    const [settlement] = fc.sample(anySettlement, 1) as [Settlement]
    const wrong: Partial<Record<keyof Settlement, unknown>>[] = [
      { epoch: 2 ** 32 },
      { generation: 2 ** 16 },
      { topicId: -1 },
      { pot: -1n },
      { pot: 2n ** 256n },
      { parent: "0x00" },
      { state: undefined },
    ]
    for (const each of wrong)
      assert.throws(
        () => settlementHash({ ...settlement, ...each } as Settlement),
        (error) => error instanceof NodeError && error.code === "MalformedMessage",
      )
  })
})

describe("a settlement as text", () => {
  it("comes back as it was", () => {
    fc.assert(
      fc.property(anySettlement, (settlement) => {
        assert.deepEqual(parseSettlement(settlementBody(settlement)), settlement)
      }),
    )
  })

  it("is read in no other form, so that one leaf has one text", () => {
    const settlement = settlementOf(vectors.settlements[1] as Vector)
    const body = settlementBody(settlement)
    assert.ok(parseSettlement(body))
    const fields = JSON.parse(body) as Record<string, unknown>
    const { context, ...short } = fields
    const others = [
      ` ${body}`,
      `${body}\n`,
      body.replace('"pot":"0"', '"pot":0'),
      body.replace('"pot":"0"', '"pot":"00"'),
      body.replace('"pot":"0"', '"pot":"0x0"'),
      body.replace('"pot":"0"', '"pot":""'),
      body.replace('"epoch":4001', '"epoch":4001.0'),
      body.replace('"epoch":4001', '"epoch":"4001"'),
      body.replace('"generation":0', '"generation":-0'),
      body.replace('"generation":0', '"generation":65536'),
      body.replace(settlement.parent, settlement.parent.toUpperCase().replace("0X", "0x")),
      body.replace(settlement.quality, settlement.quality.toUpperCase().replace("0X", "0x")),
      body.replace(settlement.state, settlement.state.slice(0, -2)),
      JSON.stringify({ ...fields, more: 1 }),
      JSON.stringify({ context, ...short }),
      JSON.stringify(short),
      "null",
      "[]",
      "",
      "{",
    ]
    for (const other of others) {
      assert.notEqual(other, body)
      assert.equal(parseSettlement(other), undefined, other)
    }
    assert.equal(others.length, 20)
  })
})
