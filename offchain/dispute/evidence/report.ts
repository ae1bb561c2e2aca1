// Step 7: what each claim about a report rests on, in the order of the tables in IVerifier.sol and Facts.sol.
import { decodeRegrets, KIND } from "../../../wasm/index.ts"
import type { Report } from "../../report.ts"
import type { Settlement } from "../../settlement.ts"
import { decoded, type ReportBytes } from "../bytes.ts"
import type { Claim, Refuting } from "../claims.ts"
import { type Evidence, evidenceOf, type Rests, type Row } from "../evidence.ts"
import { placesOf, rowsOfKind } from "../shape.ts"

export type ReportCase = {
  readonly report: Pick<Report, "label">
  readonly bytes: ReportBytes
  /** The settlement that the context names, if it names one. */
  readonly settled: Settlement | undefined
  /** All rows 0x15 since the start: where no settlement is named, who sits follows from them. */
  readonly registrations: readonly Uint8Array[]
}

const LIST_OF = { 1: "inputs", 2: "outputs" } as const
const ALL = ["inputs", "outputs", "beforehand"] as const

/** Throws `RowMissing` where a row that it needs is not here. */
export function reportEvidence(given: ReportCase, { claim, at }: Refuting): Evidence {
  const { bytes } = given
  const { contextRow, inputs, outputs } = bytes
  const lists = { inputs, outputs, beforehand: bytes.beforehand.list, afterwards: undefined }
  return evidenceOf({ contextRow, lists }, restsOf(given, claim, Number(at)))
}

/** What value and sigma of a report follow from, for `prove`. */
export function proofEvidence({ bytes, report, settled }: ReportCase): Evidence {
  const { contextRow, inputs } = bytes
  const lists = {
    inputs,
    outputs: undefined,
    beforehand: bytes.beforehand.list,
    afterwards: undefined,
  }
  const of = rowsFor(bytes, report.label)
  const rows = [of.parameters, of.inferences, of.regrets, of.errors, ...of.forecasts]
  return evidenceOf(
    { contextRow, lists },
    { lists: ["inputs", "beforehand"], origin: settled, rows },
  )
}

function rowsFor({ inputs, outputs, beforehand }: ReportBytes, label: number) {
  const of = (kind: number) => rowsOfKind(inputs, kind)
  const state = (kind: number): Row => rowsOfKind(beforehand.list, kind)[0]
  const made = (kind: number, place: number): Row => rowsOfKind(outputs, kind)[place]
  const [parameters] = of(KIND.parameters)
  const forecasts = of(KIND.forecast)
  const regrets = state(KIND.regrets)
  const scale = regrets && decoded(() => decodeRegrets(regrets))?.scale
  return {
    parameters,
    inferences: of(KIND.inferences)[label],
    signatures: of(KIND.signatures),
    forecasts,
    regrets,
    errors: state(KIND.errors),
    oneOutTables: state(KIND.oneOutTables),
    oneInTables: state(KIND.oneInTables),
    value: made(KIND.value, label),
    implied: made(KIND.implied, label),
    counterfactuals: made(KIND.counterfactuals, label),
    /** A scale that the state does not have is made from those present. */
    scaled: scale === 0n ? forecasts : [],
  }
}

const ifAny = <T>(row: T | undefined): T[] => (row === undefined ? [] : [row])

/** Claims about the report itself, or its lists: all others say in the high bits of `at` which label they are about. */
const OWN: readonly Claim[] = ["Value", "Sigma"]

function restsOf(given: ReportCase, claim: Claim, place: number): Rests {
  const { bytes, report, settled, registrations } = given
  const { inputs, beforehand } = bytes
  const of = rowsFor(bytes, OWN.includes(claim) ? report.label : place >> 16)
  const at = place & 0xffff
  // Before the first settlement the signatures say where the forecasts end.
  const counted = [...of.forecasts, ...(settled ? [] : of.signatures)]
  switch (claim) {
    case "Lists":
      return { lists: [LIST_OF[place as 1 | 2]], rows: [of.parameters] }
    case "Row": {
      const name = LIST_OF[(place >> 16) as 1 | 2]
      const rows = bytes[name]?.rows ?? []
      // The next one is looked at where the row itself is sound.
      return { lists: [name], rows: [of.parameters, rows[at], ...ifAny(rows[at + 1])] }
    }
    case "Inputs":
      return {
        lists: ["inputs"],
        rows: [of.parameters, ...rowsOfKind(inputs, KIND.inferences), ...of.forecasts],
      }
    case "Value":
    case "Sigma":
      return { lists: ["outputs"], rows: [of.parameters, of.value] }
    case "Combined":
    case "Percentiles":
      return {
        lists: ALL,
        rows: [of.parameters, of.inferences, of.implied, of.regrets, of.value, ...of.scaled],
      }
    case "Naive":
      return {
        lists: ALL,
        rows: [of.parameters, of.inferences, of.regrets, of.value, ...of.scaled],
      }
    case "Deviation":
      return {
        lists: ALL,
        rows: [
          of.parameters,
          of.inferences,
          of.implied,
          of.regrets,
          of.errors,
          of.value,
          ...of.scaled,
        ],
      }
    case "ValueRow":
      return {
        lists: ALL,
        rows: [of.parameters, of.inferences, of.implied, of.regrets, of.errors, ...of.scaled],
      }
    case "Weights":
      return {
        lists: ALL,
        rows: [of.parameters, of.inferences, of.implied, of.regrets, ...of.scaled],
      }
    case "Implied":
      return {
        lists: ALL,
        rows: [
          of.parameters,
          of.inferences,
          of.regrets,
          of.implied,
          of.forecasts[at],
          ...of.scaled,
        ],
      }
    case "ImpliedRow":
      return { lists: ALL, rows: [of.parameters, of.inferences, of.regrets, ...counted] }
    case "OneOutInferer":
      return {
        lists: ALL,
        rows: [
          of.parameters,
          of.inferences,
          of.regrets,
          of.counterfactuals,
          of.oneOutTables,
          ...ifAny(beforehand.oneOut.get(at)),
          ...of.scaled,
        ],
      }
    case "OneOutForecaster":
    case "OneInForecaster": {
      const isOut = claim === "OneOutForecaster"
      return {
        lists: ALL,
        rows: [
          of.parameters,
          of.inferences,
          of.implied,
          of.regrets,
          of.counterfactuals,
          isOut ? of.oneOutTables : of.oneInTables,
          ...ifAny((isOut ? beforehand.oneOut : beforehand.oneIn).get(at)),
          ...of.scaled,
        ],
      }
    }
    case "ImpliedWithout":
      return {
        lists: ALL,
        rows: [
          of.parameters,
          of.inferences,
          of.regrets,
          of.counterfactuals,
          of.forecasts[at >> 8],
          ...of.scaled,
        ],
      }
    case "Counterfactuals":
      return {
        lists: ALL,
        rows: [of.parameters, of.inferences, of.implied, of.counterfactuals, ...counted],
      }
    case "Schedule":
      return { isContextLeftOut: true }
    case "Parameters":
      return {}
    case "State":
      return { origin: settled }
    case "Registrations": {
      const rows = inputs?.rows ?? []
      return {
        lists: ["inputs"],
        origin: settled,
        rows: settled ? [rows[at]] : rows.slice(at),
      }
    }
    case "Submission": {
      const [last = 0] = placesOf(inputs, KIND.signatures)
      const state = { lists: ["inputs", "beforehand"] as const, origin: settled }
      const submitted = (inputs?.rows ?? []).slice(1, last + 1)
      const [, seats] = beforehand.list.rows
      return settled
        ? { ...state, rows: [...submitted, seats] }
        : { lists: ["inputs"], rows: [...submitted, ...registrations] }
    }
    default:
      throw new Error(`${claim} is no claim about a report`)
  }
}
