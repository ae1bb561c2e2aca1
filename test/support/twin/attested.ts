// A report as a committee attests to it, from an epoch's rows and the core's, and the evidence that each claim of arithmetic
// rests on: the rows in the order of contracts/interfaces/IVerifier.sol.
import { bytesToHex, type Hex } from "viem"
import {
  decodeForecast,
  decodeRegrets,
  decodeValue,
  encodeReportContext,
  KIND,
  listRow,
  packSigma,
  rowHash,
  tableRows,
} from "../../../wasm/index.ts"

/** The claims about reports, as contracts/types/Claim.sol numbers them. */
export const CLAIM = {
  Lists: 1,
  Row: 2,
  Inputs: 3,
  Value: 4,
  Sigma: 5,
  Combined: 6,
  Naive: 7,
  Deviation: 8,
  Percentiles: 9,
  ValueRow: 10,
  Weights: 11,
  Implied: 12,
  ImpliedRow: 13,
  OneOutInferer: 14,
  OneOutForecaster: 15,
  OneInForecaster: 16,
  ImpliedWithout: 17,
  Counterfactuals: 18,
} as const
export type ClaimName = keyof typeof CLAIM

export type Rows = readonly Uint8Array[]

/** What is attested to: rows, honest or not. */
export type Attested = {
  readonly inputs: Rows
  readonly state: Rows
  readonly outputs: Rows
  readonly labels: number
  readonly settledLeaf: Hex
  /** The row that the context names as the parameters, if not the first of the inputs. */
  readonly parameters?: Uint8Array
  /** What the leaf says of a label, if not what the rows do. */
  readonly value?: bigint
  readonly sigma?: number
}

export const SETTLED_LEAF: Hex = `0x${"5e".repeat(32)}`
export const NOT_SETTLED: Hex = `0x${"00".repeat(32)}`

/** The rows by which a state is listed. */
const stateListed = (state: Rows) => [
  ...state.filter(([kind]) => kind !== KIND.oneOutRegrets && kind !== KIND.oneInRegrets),
  ...tableRows(state),
]

/** Everything that a message with these rows consists of. */
export function attest(attested: Attested, label: number) {
  const { inputs, state, outputs, settledLeaf } = attested
  const lists = {
    inputs: listRow(KIND.inputs, inputs),
    outputs: listRow(KIND.outputs, outputs),
    beforehand: listRow(KIND.state, state),
  }
  const context = encodeReportContext({
    parametersHash: rowHash(attested.parameters ?? (inputs[0] as Uint8Array)),
    settledEpoch: settledLeaf === NOT_SETTLED ? 0 : 1,
    settledLeaf,
    stateHash: rowHash(lists.beforehand),
    inputsHash: rowHash(lists.inputs),
    outputsHash: rowHash(lists.outputs),
  })
  return { lists, context, report: reportOf(attested, label, rowHash(context)) }
}

function reportOf({ outputs, value, sigma }: Attested, label: number, context: Hex) {
  const said = () => decodeValue(outputs[label] as Uint8Array)
  return {
    topicId: 1,
    label,
    epoch: 7,
    observedAt: 1_700_000_000,
    lag: 3_600,
    history: 0,
    value: value ?? said().combined,
    sigma: sigma ?? packSigma(said().sigma),
    context,
  }
}

/** Which seat, forecast, or row of a list a claim is about. */
export type About = {
  readonly label: number
  readonly seat?: number
  readonly place?: number
  readonly list?: number
  /** The report's own label, if it is another. */
  readonly reported?: number
}

const NEEDS_INPUTS_ONLY: readonly ClaimName[] = ["Inputs"]
const NEEDS_OUTPUTS_ONLY: readonly ClaimName[] = ["Value", "Sigma"]

/** A claim's second argument. */
export function atOf(claim: ClaimName, { label, seat = 0, place = 0, list = 1 }: About): bigint {
  if (claim === "Lists") return BigInt(list)
  if (claim === "Row") return (BigInt(list) << 16n) | BigInt(place)
  if (["Inputs", "Value", "Sigma"].includes(claim)) return 0n
  const within =
    claim === "Implied" ? place : claim === "ImpliedWithout" ? (place << 8) | seat : seat
  const hasSeat = [
    "Implied",
    "ImpliedWithout",
    "OneOutInferer",
    "OneOutForecaster",
    "OneInForecaster",
  ]
  return (BigInt(label) << 16n) | BigInt(hasSeat.includes(claim) ? within : 0)
}

/** The rows that a claim rests on. */
export function rowsOf(claim: ClaimName, attested: Attested, about: About): Rows {
  const { inputs, state, outputs, labels, settledLeaf } = attested
  const { label, seat = 0, place = 0, list = 1 } = about
  const parameters = inputs[0] as Uint8Array
  const inferences = inputs[1 + label] as Uint8Array
  const forecasts = inputs.filter(([kind]) => kind === KIND.forecast)
  const forecast = forecasts[place] as Uint8Array
  const listed = stateListed(state)
  const [regrets, errors, oneOut, oneIn] = [2, 3, 6, 7].map((at) => listed[at]) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ]
  const value = outputs[label] as Uint8Array
  const implied = outputs[labels + 1 + label] as Uint8Array
  const counterfactuals = outputs[2 * labels + 1 + label] as Uint8Array
  const z = needsScale(regrets) ? forecasts : []
  const table = (kind: number) => state.filter((row) => row[0] === kind && row[1] === seat)
  const end = settledLeaf === NOT_SETTLED ? inputs.filter(([kind]) => kind === KIND.signatures) : []
  const rows: Record<ClaimName, Rows> = {
    Lists: [parameters],
    Row: [parameters, ...(list === 1 ? inputs : outputs).slice(place, place + 2)],
    Inputs: [...inputs.slice(0, 1 + labels), ...forecasts],
    Value: [parameters, value],
    Sigma: [parameters, value],
    Combined: [parameters, inferences, implied, regrets, value, ...z],
    Percentiles: [parameters, inferences, implied, regrets, value, ...z],
    Naive: [parameters, inferences, regrets, value, ...z],
    Deviation: [parameters, inferences, implied, regrets, errors, value, ...z],
    ValueRow: [parameters, inferences, implied, regrets, errors, ...z],
    Weights: [parameters, inferences, implied, regrets, ...z],
    Implied: [parameters, inferences, regrets, implied, forecast, ...z],
    ImpliedRow: [parameters, inferences, regrets, ...forecasts, ...end],
    OneOutInferer: [
      ...[parameters, inferences, regrets, counterfactuals, oneOut],
      ...table(KIND.oneOutRegrets),
      ...z,
    ],
    OneOutForecaster: [
      ...[parameters, inferences, implied, regrets, counterfactuals, oneOut],
      ...table(KIND.oneOutRegrets),
      ...z,
    ],
    OneInForecaster: [
      ...[parameters, inferences, implied, regrets, counterfactuals, oneIn],
      ...table(KIND.oneInRegrets),
      ...z,
    ],
    ImpliedWithout: [parameters, inferences, regrets, counterfactuals, forecast, ...z],
    Counterfactuals: [parameters, inferences, implied, counterfactuals],
  }
  return rows[claim]
}

function needsScale(regrets: Uint8Array): boolean {
  try {
    const { scale, initialRegret } = decodeRegrets(regrets)
    return scale === 0n && initialRegret !== undefined
  } catch {
    return false
  }
}

/** A claim as `IVerifier.judgeReport` takes it; `rows` stand in the place of those that it rests on. */
export function claimed(
  claim: ClaimName,
  attested: Attested,
  about: About,
  rows: Rows = rowsOf(claim, attested, about),
) {
  const { lists, context, report } = attest(attested, about.reported ?? about.label)
  const none = new Uint8Array()
  const list = about.list ?? 1
  const has = (isThere: boolean, row: Uint8Array) => bytesToHex(isThere ? row : none)
  const needs = {
    inputs: !NEEDS_OUTPUTS_ONLY.includes(claim),
    outputs: !NEEDS_INPUTS_ONLY.includes(claim),
    beforehand: CLAIM[claim] >= CLAIM.Combined,
  }
  if (claim === "Lists" || claim === "Row") {
    needs.inputs = list === 1
    needs.outputs = list === 2
  }
  const evidence = {
    context: bytesToHex(context),
    inputs: has(needs.inputs, lists.inputs),
    outputs: has(needs.outputs, lists.outputs),
    beforehand: has(needs.beforehand, lists.beforehand),
    afterwards: "0x",
    origin: [],
    rows: rows.map((row) => bytesToHex(row)),
  } as const
  return [report, CLAIM[claim], atOf(claim, about), evidence] as const
}

/** What `IVerifier.confirms` takes. */
export function confirmed(attested: Attested, label: number) {
  const { lists, context, report } = attest(attested, label)
  const listed = stateListed(attested.state)
  const { inputs } = attested
  const rows = [inputs[0], inputs[1 + label], listed[2], listed[3]] as Uint8Array[]
  const evidence = {
    context: bytesToHex(context),
    inputs: bytesToHex(lists.inputs),
    outputs: "0x",
    beforehand: bytesToHex(lists.beforehand),
    afterwards: "0x",
    origin: [],
    rows: [...rows, ...inputs.filter(([kind]) => kind === KIND.forecast)].map((row) =>
      bytesToHex(row),
    ),
  } as const
  return [report, evidence] as const
}

/** Every claim that can be made about a report, about everything that it has. */
export function everyClaim(attested: Attested): [ClaimName, About][] {
  const { inputs, outputs, labels } = attested
  const forecasts = inputs
    .filter(([kind]) => kind === KIND.forecast)
    .map((row) => decodeForecast(row).seat)
  const forecasters = forecasts.length === 0 ? [0x80] : forecasts
  const seats = Array.from({ length: 33 }, (_, seat) => seat)
  const claims: [ClaimName, About][] = [
    ["Lists", { label: 0, list: 1 }],
    ["Lists", { label: 0, list: 2 }],
    ["Inputs", { label: 0 }],
    ["Weights", { label: 0 }],
    ...inputs.map((_, place): [ClaimName, About] => ["Row", { label: 0, list: 1, place }]),
    ...outputs.map((_, place): [ClaimName, About] => ["Row", { label: 0, list: 2, place }]),
  ]
  for (let label = 0; label < labels; label++) {
    const plain = [
      "Value",
      "Sigma",
      "Combined",
      "Naive",
      "Deviation",
      "Percentiles",
      "ValueRow",
    ] as const
    for (const claim of [...plain, "ImpliedRow", "Counterfactuals"] as const)
      claims.push([claim, { label }])
    for (const seat of seats) claims.push(["OneOutInferer", { label, seat }])
    for (const seat of [...forecasters, 0x8f]) {
      claims.push(["OneOutForecaster", { label, seat }], ["OneInForecaster", { label, seat }])
    }
    for (const place of forecasts.keys()) {
      claims.push(["Implied", { label, place }])
      for (const seat of [0, 7, 31, 40]) claims.push(["ImpliedWithout", { label, place, seat }])
    }
  }
  return claims
}
