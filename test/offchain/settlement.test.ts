// Settling an epoch: the rows, laid out as the head of Rows.sol states, none of which is missing among those that members
// keep, and what a missed epoch leaves.
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { before, describe, it } from "node:test"
import type { Hex } from "viem"
import {
  type Settlement,
  type Settling,
  settleEpoch,
  settlementHash,
} from "../../offchain/settlement.ts"
import { NO_LEAF } from "../../offchain/synthesis.ts"
import {
  decodeList,
  decodeRoster,
  decodeSettlementContext,
  decodeTruthSignatures,
  decodeTruths,
  load,
  rowHash,
  tablesNamed,
} from "../../wasm/index.ts"
import { person } from "../support/reputers.ts"
import { FORECASTER, settledTopic } from "../support/settled.ts"

describe("settling an epoch", () => {
  let topic: ReturnType<typeof settledTopic>
  const settlingOf = (epoch: number) => topic.settlings[epoch - 1] as Settling
  before(async () => {
    await load()
    // Nobody answers in the third epoch, nobody tells in the fourth.
    topic = settledTopic(4, { 3: { isSilent: true }, 4: { isUntold: true } })
  })

  /** The kinds of a settlement's inputs as the norm states them: "0x11; the report's 0x12 and 0x13; ...". */
  function kindsInTheNorm(): number[] {
    const text = readFileSync(new URL("../../contracts/types/Rows.sol", import.meta.url), "utf8")
    const [, inputs] = /settlement {2}inputs([\s\S]*?)outputs/.exec(text) as unknown as [
      string,
      string,
    ]
    return [...inputs.matchAll(/0x([0-9a-f]{2})/g)].map(([, digits]) =>
      Number.parseInt(digits as string, 16),
    )
  }

  it("lays the rows out in the order of the norm, a row per label or forecaster where it says so", () => {
    const { inputs, outputs, state } = settleEpoch(settlingOf(1))
    const kinds = inputs.map((row) => row[0] as number)
    assert.deepEqual([...new Set(kinds)], kindsInTheNorm())
    assert.equal(kindsInTheNorm().length, 12)
    // Two labels, one forecaster.
    assert.deepEqual(
      kinds,
      [
        0x11, 0x12, 0x12, 0x13, 0x15, 0x16, 0x17, 0x17, 0x18, 0x19, 0x1a, 0x31, 0x31, 0x33, 0x33,
        0x36, 0x36,
      ],
    )
    assert.deepEqual(
      outputs.map((row) => row[0]),
      [0x34, 0x35, 0x37],
    )
    assert.deepEqual(
      state.map((row) => row[0]),
      // With one forecaster there is nothing to withhold but an inferer.
      [0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x27, 0x27],
    )
  })

  it("says who sat where and who told what, ascending by address whatever the order they came in", () => {
    const settling = settlingOf(2)
    const { inputs, settlement } = settleEpoch(settling)
    const ofKind = (kind: number) => inputs.filter((row) => row[0] === kind) as [Uint8Array]
    assert.deepEqual(decodeRoster(...ofKind(0x1a)), [
      { seat: 0, owner: person(1).owner },
      { seat: 1, owner: person(2).owner },
      { seat: 2, owner: person(3).owner },
      { seat: 0x80, owner: person(FORECASTER).owner },
    ])
    const reputers = [11, 12, 13].map((n) => person(n).owner)
    for (const [label, row] of ofKind(0x17).entries()) {
      const { entries } = decodeTruths(row)
      assert.deepEqual(
        entries.map(({ reputer }) => reputer),
        reputers,
      )
      assert.deepEqual(
        entries.map(({ value }) => value),
        settling.told?.truths.map(({ values }) => values[label]),
      )
    }
    assert.deepEqual(
      decodeTruthSignatures(...ofKind(0x18)).map(({ reputer }) => reputer),
      reputers,
    )
    const told = { ...(settling.told as NonNullable<typeof settling.told>) }
    const [one, two, three] = told.truths as [
      (typeof told.truths)[0],
      (typeof told.truths)[0],
      (typeof told.truths)[0],
    ]
    let orders = 0
    for (const truths of [
      [three, two, one],
      [two, one, three],
      [one, three, two],
    ]) {
      const other = settleEpoch({ ...settling, told: { ...told, truths } })
      assert.deepEqual(other.settlement, settlement)
      orders += 1
    }
    assert.equal(orders, 3)
  })

  it("names nothing that is not among its rows", () => {
    let named = 0
    for (const epoch of [1, 2, 3, 4]) {
      const { settlement, rows } = settleEpoch(settlingOf(epoch))
      const known = new Map(rows.map((row) => [rowHash(row), row]))
      const get = (hash: Hex) => {
        named += 1
        const row = known.get(hash)
        assert.ok(row, `the row ${hash} of epoch ${epoch} is kept`)
        return row
      }
      const context = decodeSettlementContext(get(settlement.context))
      get(context.parametersHash)
      const lists = [context.outputsHash, settlement.state]
      if (context.inputsHash !== NO_LEAF) lists.push(context.inputsHash)
      for (const list of lists)
        for (const hash of decodeList(get(list)).hashes)
          for (const table of tablesNamed(get(hash)) ?? []) get(table)
    }
    // Told: 1 context, 1 parameters row, 3 lists, 17 or 16 inputs, 3 outputs, 8 rows and 3 tables of the state; missed: two
    // lists, the state.
    assert.equal(named, 36 + 35 + 15 + 15)
  })

  it("follows the settlement before, and takes up the registrations since", () => {
    const leaves = [1, 2].map((epoch) => settleEpoch(settlingOf(epoch)).settlement)
    const [first, second] = leaves as [Settlement, Settlement]
    assert.equal(first.parent, NO_LEAF)
    assert.equal(second.parent, settlementHash(first))
    assert.deepEqual([settlingOf(1).changes.length, settlingOf(2).changes.length], [7, 0])
  })

  it("gives a missed epoch no inputs hash and no outputs, with the report's context where there is one", () => {
    const contextOf = (epoch: number) => {
      const { settlement, outputs, rows } = settleEpoch(settlingOf(epoch))
      assert.deepEqual(outputs, [])
      const row = rows.find((each) => rowHash(each) === settlement.context) as Uint8Array
      return decodeSettlementContext(row)
    }
    assert.equal(contextOf(3).inputsHash, NO_LEAF)
    assert.equal(contextOf(3).reportContext, NO_LEAF)
    assert.equal(contextOf(4).inputsHash, NO_LEAF)
    assert.equal(contextOf(4).reportContext, topic.ledger.report(7, 0, 4)?.context)
    assert.equal(contextOf(3).outputsHash, rowHash(Uint8Array.of(0xff, 0x30, 0, 0)))
  })
})
