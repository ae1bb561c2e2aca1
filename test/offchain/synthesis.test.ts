// A report's rows: laid out as the head of Rows.sol states, whatever order submissions come in, and all of them kept.
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { before, describe, it } from "node:test"
import type { Hex } from "viem"
import { firstPast } from "../../offchain/replay.ts"
import { seatsIn } from "../../offchain/seats.ts"
import { type Settling, settleEpoch } from "../../offchain/settlement.ts"
import { inputRows, NO_LEAF, type Past, synthesize } from "../../offchain/synthesis.ts"
import { type EpochTerms, termsOf } from "../../offchain/terms.ts"
import {
  decodeForecast,
  decodeInferences,
  decodeList,
  decodeReportContext,
  decodeSignatures,
  load,
  rowHash,
} from "../../wasm/index.ts"
import { chainOfReputers, DELAY_SECONDS, person, TOPIC } from "../support/reputers.ts"
import { type SettledTopic, settledTopic, submissionsOf } from "../support/settled.ts"

/** A worker with both roles. */
const BOTH = 4
/** The epoch that is the first to know it, whose report builds on the settlement of the first. */
const LATER = 4
const REPORT = { value: 0x31, weights: 0x32, implied: 0x33, counterfactuals: 0x36 }

let topic: SettledTopic
before(async () => {
  await load()
  const { joined, left } = chainOfReputers()
  // The forecaster gives its seat to one that is an inferer too.
  topic = settledTopic(LATER + 3, {
    1: { before: [left(person(5), 2), joined(person(BOTH), 3)] },
  })
})

/** Terms of an epoch and the state that it starts from, by the chain that the test made. */
function termsAt(epoch: number): { terms: EpochTerms; past: Past } {
  const delay = { delaySeconds: DELAY_SECONDS }
  const stateAfter = (at: number) => settleEpoch(topic.settlings[at - 1] as Settling).state
  const terms = termsOf(topic.ledger, delay, { topicId: TOPIC, epoch }, (settled) =>
    seatsIn(stateAfter(settled.epoch)),
  )
  assert.ok(terms)
  const { settled } = terms
  const past = settled
    ? { epoch: settled.epoch, leaf: settled.leaf, state: stateAfter(settled.epoch) }
    : (firstPast(topic.ledger, TOPIC) as Past)
  return { terms, past }
}
const kinds = (rows: readonly Uint8Array[]) => rows.map((row) => row[0])
const ofKind = (rows: readonly Uint8Array[], kind: number) => rows.filter((row) => row[0] === kind)

describe("synthesis", () => {
  it("lays the inputs out in the order of the norm, with registrations before the first settlement only", () => {
    const text = readFileSync(new URL("../../contracts/types/Rows.sol", import.meta.url), "utf8")
    const [, stated = ""] = /report {6}inputs([\s\S]*?)outputs/.exec(text) ?? []
    const norm = [...stated.matchAll(/0x([0-9a-f]{2})/g)].map(([, hex]) => Number(`0x${hex}`))
    assert.deepEqual(norm, [0x11, 0x12, 0x13, 0x14, 0x15])
    const inputsOf = (epoch: number) => {
      const { terms } = termsAt(epoch)
      return inputRows(terms, submissionsOf(epoch, terms.roster))
    }
    assert.equal(termsAt(3).terms.settled, undefined)
    assert.deepEqual(kinds(inputsOf(3)), [0x11, 0x12, 0x12, 0x13, 0x14, 0x15])
    assert.equal(termsAt(LATER).terms.settled?.epoch, 1)
    assert.deepEqual(kinds(inputsOf(LATER)), [0x11, 0x12, 0x12, 0x13, 0x14])
  })

  it("names in its context what it builds on: nothing at first, then the settlement", () => {
    const contextOf = (epoch: number) => {
      const { terms, past } = termsAt(epoch)
      const { rows, reports } = synthesize(terms, past, submissionsOf(epoch, terms.roster))
      assert.deepEqual(
        reports.map(({ label, observedAt, lag }) => [label, observedAt, lag]),
        [0, 1].map((label) => [label, 89_150 + 1_000 * epoch, 1_850]),
      )
      return decodeReportContext(rows[0] as Uint8Array)
    }
    const [first, later] = [contextOf(3), contextOf(LATER)]
    assert.deepEqual([first.settledEpoch, first.settledLeaf], [0, NO_LEAF])
    const { epoch, leaf, state } = topic.settlements[0] as (typeof topic.settlements)[0]
    assert.deepEqual([later.settledEpoch, later.settledLeaf, later.stateHash], [epoch, leaf, state])
  })

  it("has one signature of a worker with both roles, under its lower seat, whatever the order", () => {
    const { terms, past } = termsAt(LATER)
    const all = submissionsOf(LATER, terms.roster)
    assert.equal(all.length, 4)
    const { inputs, reports } = synthesize(terms, past, all)
    const [signatures] = ofKind(inputs, 0x14) as [Uint8Array]
    assert.deepEqual(
      decodeSignatures(signatures).map(({ seat }) => seat),
      [0, 1, 2, 3],
    )
    const both = all.find(({ worker }) => worker === person(BOTH).owner)
    assert.equal(decodeSignatures(signatures)[3]?.signature, both?.signature)
    for (const [label, row] of ofKind(inputs, 0x12).entries())
      assert.deepEqual(
        decodeInferences(row).entries.find(({ seat }) => seat === 3)?.value,
        both?.inference?.[label],
      )
    const [forecast] = ofKind(inputs, 0x13).map(decodeForecast)
    assert.deepEqual(forecast, { seat: 0x80, entries: both?.forecast })
    let orders = 0
    for (const order of [all.toReversed(), [...all.slice(2), ...all.slice(0, 2)]]) {
      assert.deepEqual(synthesize(terms, past, order).reports, reports)
      orders += 1
    }
    assert.equal(orders, 2)
  })

  it("names nothing that is not among its rows", () => {
    let named = 0
    for (const epoch of [3, LATER]) {
      const { terms, past } = termsAt(epoch)
      const { reports, rows, outputs } = synthesize(terms, past, submissionsOf(epoch, terms.roster))
      assert.deepEqual(kinds(outputs), [
        ...[REPORT.value, REPORT.value],
        REPORT.weights,
        ...[REPORT.implied, REPORT.implied],
        ...[REPORT.counterfactuals, REPORT.counterfactuals],
      ])
      const known = new Map(rows.map((row) => [rowHash(row), row]))
      const get = (hash: Hex) => {
        named += 1
        const row = known.get(hash)
        assert.ok(row, `the row ${hash} of epoch ${epoch} is kept`)
        return row
      }
      const contexts = new Set(reports.map(({ context }) => context))
      assert.equal(contexts.size, 1)
      const context = decodeReportContext(get([...contexts][0] as Hex))
      get(context.parametersHash)
      for (const list of [context.inputsHash, context.stateHash, context.outputsHash])
        for (const hash of decodeList(get(list)).hashes) get(hash)
    }
    // Context, parameters, three lists, six or five inputs, eight state rows, seven outputs.
    assert.equal(named, 26 + 25)
  })
})
