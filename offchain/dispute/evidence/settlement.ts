// Step 7: what each claim about a settlement rests on, in the order of the tables in IVerifier.sol and Facts.sol.
import { KIND } from "../../../wasm/index.ts"
import type { Settlement } from "../../settlement.ts"
import { NO_LEAF } from "../../synthesis.ts"
import type { Listed, ListName, SettlementBytes } from "../bytes.ts"
import type { Claim, Refuting } from "../claims.ts"
import { type Evidence, evidenceOf, type Rests, type Row } from "../evidence.ts"
import { breaksOrder, placesOf, rowsOfKind } from "../shape.ts"

export type SettlementCase = {
  readonly bytes: SettlementBytes
  /** The settlement that it follows, if there is one. */
  readonly parent: Settlement | undefined
  readonly parentContext: Row
  /** Of a missed epoch: the parameters row, and all rows 0x15 since the parent. */
  readonly missedInputs: readonly Uint8Array[]
  /** The report that the settlement's context names. */
  readonly scored:
    | {
        readonly contextRow: Row
        readonly inputs: Listed | undefined
        readonly outputs: Listed | undefined
        /** The list of the state that it starts from, and its row of seats; none before the first settlement. */
        readonly state: Listed | undefined
        /** All rows 0x15 since the start, before the first settlement. */
        readonly registrations: readonly Uint8Array[]
      }
    | undefined
}

const LIST_OF = { 0: [], 1: ["inputs"], 2: ["outputs"], 3: ["afterwards"] } as const
const WORD = 1 << 16

/** Throws `RowMissing` where a row that it needs is not here. */
export function settlementEvidence(given: SettlementCase, { claim, at }: Refuting): Evidence {
  const { bytes, scored } = given
  const { contextRow, inputs, outputs } = bytes
  const lists = {
    inputs,
    outputs,
    // Who sat where is asked of the state that the report started from.
    beforehand: claim === "Roster" ? scored?.state : bytes.beforehand.list,
    afterwards: bytes.afterwards?.list,
  }
  // The parent is shown whatever the claim.
  return evidenceOf({ contextRow, lists }, { ...restsOf(given, claim, at), origin: given.parent })
}

function rowsFor({ bytes, missedInputs, parent, parentContext }: SettlementCase) {
  const { inputs, outputs, beforehand, afterwards, context } = bytes
  const isMissed = context?.inputsHash === NO_LEAF
  const of = (kind: number) => rowsOfKind(inputs, kind)
  const [parameters] = isMissed ? missedInputs : of(KIND.parameters)
  const seatings: readonly Row[] = isMissed
    ? [...(parent ? [parentContext] : []), ...missedInputs.slice(1)]
    : [...of(KIND.forecast), ...of(KIND.registrations)]
  return {
    isMissed,
    of,
    parameters,
    seatings,
    before: (kind: number): Row => rowsOfKind(beforehand.list, kind)[0],
    made: (kind: number): Row => rowsOfKind(afterwards?.list, kind)[0],
    output: (place: number): Row => outputs?.rows[place],
    /** Left out of a missed epoch. */
    told: (rows: readonly Row[]): readonly Row[] => (isMissed ? [] : rows),
    lists: (names: readonly ListName[]): readonly ListName[] =>
      isMissed ? names.filter((name) => name !== "inputs" && name !== "outputs") : names,
  }
}

const ALL = ["inputs", "outputs", "beforehand", "afterwards"] as const

function restsOf(given: SettlementCase, claim: Claim, at: bigint): Rests {
  const { bytes } = given
  const { beforehand } = bytes
  const all = rowsFor(given)
  const { of, parameters, seatings, before, made, output, told, lists } = all
  const [truth, losses, withheld] = [output(0), output(1), output(2)]
  const [roster] = of(KIND.roster)
  switch (claim) {
    case "SettlementLists": {
      const list = Number(at) as 0 | 1 | 2 | 3
      return { lists: LIST_OF[list], rows: list === 1 ? [parameters] : [] }
    }
    case "SettlementRow": {
      const [row, next] = (bytes.inputs?.rows ?? []).slice(Number(at), Number(at) + 2)
      const after = breaksOrder(row, next) ? [next] : []
      return { lists: ["inputs"], rows: [parameters, row, ...after] }
    }
    case "SettlementInputs":
      return partOf(given, all, { part: Number(at) >> 16, label: Number(at) & 0xffff })
    case "Truth":
      return {
        lists: ["inputs", "outputs"],
        rows: [parameters, ...of(KIND.electorate), ...of(KIND.truths)],
      }
    case "Losses":
      return {
        lists: ["inputs", "outputs"],
        rows: [parameters, truth, ...of(KIND.inferences), ...of(KIND.value), ...of(KIND.implied)],
      }
    case "CounterfactualLosses":
      return {
        lists: ["inputs", "outputs"],
        rows: [parameters, truth, ...of(KIND.counterfactuals)],
      }
    case "Seats":
      return {
        lists: lists(["inputs", "beforehand", "afterwards"]),
        rows: [parameters, before(KIND.seats), ...seatings],
      }
    case "Regrets":
      return {
        lists: lists(ALL),
        rows: [
          parameters,
          before(KIND.seats),
          before(KIND.regrets),
          ...told([before(KIND.inclusions), roster, losses]),
          ...seatings,
        ],
      }
    case "Errors":
      return {
        lists: lists(ALL),
        rows: [
          parameters,
          ...told([before(KIND.errors), truth, ...of(KIND.inferences), ...of(KIND.value)]),
        ],
      }
    case "Inclusions":
      return {
        lists: lists(ALL),
        rows: [
          parameters,
          before(KIND.seats),
          before(KIND.inclusions),
          ...told([roster, losses]),
          ...seatings,
        ],
      }
    case "Quality":
      return {
        lists: lists(ALL),
        rows: [parameters, before(KIND.quality), ...told([truth, losses, ...of(KIND.value)])],
      }
    case "QualityWord":
      return {
        lists: lists(["inputs", "afterwards"]),
        rows: [parameters, made(KIND.quality), ...told(of(KIND.inferences).slice(0, 1))],
      }
    case "OneOutTable":
    case "OneInTable": {
      const isOut = claim === "OneOutTable"
      const kind = isOut ? KIND.oneOutTables : KIND.oneInTables
      const table = (isOut ? beforehand.oneOut : beforehand.oneIn).get(Number(at))
      return {
        lists: lists(ALL),
        rows: [
          parameters,
          before(KIND.seats),
          before(kind),
          ...(table ? [table] : []),
          made(kind),
          ...told([before(KIND.regrets), roster, losses, withheld]),
          ...seatings,
        ],
      }
    }
    case "Tables":
      return {
        lists: ["afterwards"],
        rows: [parameters, made(at === 6n ? KIND.oneOutTables : KIND.oneInTables)],
      }
    case "SettlementParameters":
      return at === 1n ? { isContextLeftOut: true } : {}
    case "SettlementRegistrations":
      return {}
    case "SettledReport":
    case "Roster":
    case "Electorate":
    case "TruthSignature":
      return factsOf(given, claim, Number(BigInt.asUintN(32, at)))
    default:
      throw new Error(`${claim} is no claim about a settlement`)
  }
}

type Part = { readonly part: number; readonly label: number }

/** What admits the inputs, part by part. */
function partOf(
  { parent, parentContext, bytes: { inputs } }: SettlementCase,
  { of, parameters, seatings }: ReturnType<typeof rowsFor>,
  { part, label }: Part,
): Rests {
  const [first] = of(KIND.inferences)
  const implied = of(KIND.implied)
  const withheld = of(KIND.counterfactuals)
  const forecasts = placesOf(inputs, KIND.forecast)
  const after = (forecasts.at(-1) ?? of(KIND.inferences).length) + 1
  const rows: Readonly<Record<number, readonly Row[]>> = {
    1: of(KIND.inferences),
    2: of(KIND.forecast),
    3: [...seatings, ...(parent ? [parentContext] : [])],
    4: [...of(KIND.electorate), ...of(KIND.truths), ...of(KIND.truthSignatures)],
    5: [of(KIND.value)[label]],
    6: [implied[0], implied[label], ...of(KIND.forecast), inputs?.rows[after]],
    7: [first, implied[0], withheld[0], withheld[label]],
    8: of(KIND.pot),
    9: [first, implied[0], ...of(KIND.roster)],
  }
  return {
    lists: ["inputs"],
    rows: [parameters, ...(rows[part] ?? [])],
  }
}

function factsOf({ bytes, scored }: SettlementCase, claim: Claim, at: number): Rests {
  const of = (kind: number) => rowsOfKind(bytes.inputs, kind)
  const around = { lists: ["inputs"] as const }
  if (claim === "Electorate") return { ...around, rows: of(KIND.electorate) }
  if (claim === "TruthSignature")
    return { ...around, rows: [...of(KIND.truths), ...of(KIND.truthSignatures)] }
  const report = [scored?.contextRow, scored?.inputs?.row, scored?.outputs?.row]
  if (claim === "Roster") {
    const seats = scored?.state ? [scored.state.rows[1]] : (scored?.registrations ?? [])
    return {
      lists: scored?.state ? ["inputs", "beforehand"] : ["inputs"],
      rows: [scored?.contextRow, ...of(KIND.roster), ...seats],
    }
  }
  if (at >= WORD)
    return bytes.context?.inputsHash === NO_LEAF
      ? {}
      : { ...around, rows: [of(KIND.value)[at - WORD]] }
  const rows = at === 0 ? report : [...report, bytes.inputs?.rows[at]]
  return { ...around, rows }
}
