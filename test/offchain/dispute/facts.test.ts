// Each kind of field of a message, changed as a quorum might: comparing names the claim that is about it; where more
// follows from the field, that is named too.
import assert from "node:assert/strict"
import { before, describe, it } from "node:test"
import type { Hex } from "viem"
import { differencesOfReport, differencesOfSettlement } from "../../../offchain/dispute/compare.ts"
import {
  decodeElectorate,
  decodeInferences,
  decodePot,
  decodeReportContext,
  decodeRoster,
  decodeSettlementContext,
  decodeSignatures,
  decodeTruthSignatures,
  encodeElectorate,
  encodeInferences,
  encodePot,
  encodeReportContext,
  encodeRoster,
  encodeSettlementContext,
  encodeSignatures,
  encodeTruthSignatures,
  load,
} from "../../../wasm/index.ts"
import { type Disputed, disputedTopic } from "../../support/disputed.ts"
import { forgedReport, forgedSettlement } from "../../support/forging.ts"

const EPOCHS = 6
const LAST = 6
const MISSED = 5
const OTHER: Hex = `0x${"55".repeat(32)}`
let topic: Disputed

before(async () => {
  await load()
  topic = disputedTopic(EPOCHS, [MISSED])
})

type Forge<F extends (...args: never[]) => unknown> = NonNullable<Parameters<F>[2]>
const nameOf = (all: readonly { refutes: readonly { claim: string }[]; strikes?: boolean }[]) => [
  ...new Set(
    all.map(({ refutes, strikes }) => (strikes ? "strike" : (refutes[0]?.claim ?? "none"))),
  ),
]

/** Places in the inputs of two labels, five inferers, two forecasters, three registrations rows at most. */
const INFERENCES = 1
const SIGNATURES = 5

const context = (change: object) => (row: Uint8Array) =>
  encodeReportContext({ ...decodeReportContext(row), ...change })
const settled = (change: object) => (row: Uint8Array) =>
  encodeSettlementContext({ ...decodeSettlementContext(row), ...change })

const REPORTS: readonly (readonly [string, string, Forge<typeof forgedReport>])[] = [
  ["observedAt", "Schedule", { leaf: { observedAt: 1 } }],
  ["the lag", "Schedule", { leaf: { lag: 1 } }],
  ["the history", "Schedule", { leaf: { history: 9 } }],
  ["a label that there is not", "Schedule", { leaf: { label: 2 } }],
  ["the value", "Value", { leaf: { value: 1n } }],
  ["sigma", "Sigma", { leaf: { sigma: 0 } }],
  [
    "the parameters",
    "Parameters",
    { target: "context", change: context({ parametersHash: OTHER }) },
  ],
  ["the settlement", "strike", { target: "context", change: context({ settledLeaf: OTHER }) }],
  ["the state", "State", { target: "context", change: context({ stateHash: OTHER }) }],
  ["the settled epoch", "State", { target: "context", change: context({ settledEpoch: 77 }) }],
  ["a context cut short", "Parameters", { target: "context", change: (row) => row.slice(1) }],
  [
    "a signature",
    "Submission",
    {
      target: { list: "inputs", place: SIGNATURES },
      change: (row) =>
        encodeSignatures(
          decodeSignatures(row).map((each, i) => (i ? each : { ...each, extra: OTHER })),
        ),
    },
  ],
  [
    "a signature left out",
    "Submission",
    {
      target: { list: "inputs", place: SIGNATURES },
      change: (row) => encodeSignatures(decodeSignatures(row).slice(1)),
    },
  ],
  [
    "a value out of range",
    "Inputs",
    {
      target: { list: "inputs", place: INFERENCES },
      change: (row) => {
        const { label, entries } = decodeInferences(row)
        return encodeInferences({
          label,
          entries: entries.map((each) => ({ ...each, value: 10n ** 37n })),
        })
      },
    },
  ],
  [
    "an input that is no row",
    "Row",
    { target: { list: "inputs", place: 3 }, change: (row) => row.slice(1) },
  ],
  [
    "a list of inputs that is none",
    "Lists",
    { target: { list: "inputs", place: "list" }, change: (row) => row.slice(0, -1) },
  ],
  [
    "a list of outputs too short",
    "Lists",
    { target: { list: "outputs", place: "list" }, change: shorter },
  ],
]

/** The list without its last hash. */
function shorter(row: Uint8Array): Uint8Array {
  const other = row.slice(0, -32)
  const count = ((row[2] as number) << 8) + (row[3] as number) - 1
  other.set([count >> 8, count & 0xff], 2)
  return other
}

const ELECTORATE = 5
const TRUTH_SIGNATURES = 8
const POT = 9
const ROSTER = 10

const SETTLEMENTS: readonly (readonly [string, string, Forge<typeof forgedSettlement>, number?])[] =
  [
    ["the epoch", "SettlementParameters", { leaf: { epoch: 4 } }],
    ["the pot of the leaf", "SettlementInputs", { leaf: { pot: 1n } }],
    ["the quality word", "QualityWord", { leaf: { quality: OTHER } }],
    ["the quality word of a missed epoch", "QualityWord", { leaf: { quality: OTHER } }, MISSED],
    [
      "the parameters",
      "SettlementLists",
      { target: "context", change: settled({ parametersHash: OTHER }) },
    ],
    [
      "a context cut short",
      "SettlementLists",
      { target: "context", change: (row) => row.slice(1) },
    ],
    [
      "the registrations",
      "SettlementRegistrations",
      { target: "context", change: settled({ registrations: OTHER }) },
    ],
    [
      "an elector's stake",
      "Electorate",
      {
        target: { list: "inputs", place: ELECTORATE },
        change: (row) =>
          encodeElectorate(
            decodeElectorate(row).map((each) => ({ ...each, stake: each.stake + 1n })),
          ),
      },
    ],
    [
      "a truth's signature",
      "TruthSignature",
      {
        target: { list: "inputs", place: TRUTH_SIGNATURES },
        change: (row) =>
          encodeTruthSignatures(
            decodeTruthSignatures(row).map((each, i) => (i ? each : { ...each, extra: OTHER })),
          ),
      },
    ],
    [
      "the pot of the inputs",
      "SettlementInputs",
      { target: { list: "inputs", place: POT }, change: (row) => encodePot(decodePot(row) + 1n) },
    ],
    [
      "who sat where",
      "Roster",
      {
        target: { list: "inputs", place: ROSTER },
        change: (row) =>
          encodeRoster(
            decodeRoster(row).map((each, i) =>
              i ? each : { ...each, owner: `0x${"77".repeat(20)}` },
            ),
          ),
      },
    ],
    [
      "an input that is no row",
      "SettlementRow",
      { target: { list: "inputs", place: 3 }, change: (row) => row.slice(1) },
    ],
    [
      "a list of a state too short",
      "SettlementLists",
      { target: { list: "afterwards", place: "list" }, change: shorter },
    ],
  ]

describe("fields of a report", () => {
  it("name each its claim, and nothing is named of an honest one", async () => {
    let named = 0
    for (const [what, claim, forge] of REPORTS) {
      const { differences } = differencesOfReport(await forgedReport(topic, LAST, forge))
      assert.ok(nameOf(differences).includes(claim), `${what}: ${nameOf(differences)}`)
      named += 1
    }
    assert.equal(named, 17)
    for (let epoch = 1; epoch <= EPOCHS; epoch++)
      for (const label of [0, 1]) {
        const { differences, missing } = differencesOfReport(
          await forgedReport(topic, epoch, { label }),
        )
        assert.deepEqual([differences, missing], [[], []], `epoch ${epoch}`)
      }
  })

  it("have no claim where the chain cannot judge: the slot", async () => {
    const given = await forgedReport(topic, LAST, {})
    const { differences } = differencesOfReport({ ...given, slot: given.slot + 1 })
    assert.deepEqual(nameOf(differences), ["none"])
  })
})

describe("fields of a settlement", () => {
  it("name each its claim, and nothing is named of an honest one", async () => {
    let named = 0
    for (const [what, claim, forge, epoch = LAST] of SETTLEMENTS) {
      const { differences } = differencesOfSettlement(await forgedSettlement(topic, epoch, forge))
      assert.ok(nameOf(differences).includes(claim), `${what}: ${nameOf(differences)}`)
      named += 1
    }
    assert.equal(named, 13)
    for (let epoch = 1; epoch <= EPOCHS; epoch++) {
      const { differences, missing } = differencesOfSettlement(
        await forgedSettlement(topic, epoch, {}),
      )
      assert.deepEqual([differences, missing], [[], []], `epoch ${epoch}`)
    }
  })

  it("have no claim where the chain cannot judge: when truths came in", async () => {
    const given = await forgedSettlement(topic, MISSED, {})
    const { differences } = differencesOfSettlement({ ...given, acceptedAt: given.acceptedAt - 1 })
    assert.deepEqual(nameOf(differences), ["none"])
  })
})
