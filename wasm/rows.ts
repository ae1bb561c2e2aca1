// The packed rows in TypeScript: encoders and strict decoders of every kind, tied to contracts/types/Rows.sol, the norm, and
// to src/codec.rs by test/vectors/rows.json. A decoder throws `CoreError` with code MalformedRow.
import { type Hex, keccak256 } from "viem"
import { malformed } from "./errors.ts"
import { type Field, hex, integer, record, type Source } from "./fields.ts"
import { forecast, inferences, registrations, signatures } from "./inputs.ts"
import { hashList, type ListKind, tableHashes } from "./lists.ts"
import { implied, value, weights } from "./outputs.ts"
import { type Parameters, type ParametersRow, parametersRow, summarised } from "./parameters.ts"
import {
  electorate,
  losses,
  pot,
  roster,
  settledTruth,
  settlementContext,
  truthSignatures,
  truths,
} from "./settlement.ts"
import { errors, inclusions, quality, regrets, seats, version } from "./state.ts"
import { counterfactualLosses, counterfactuals, oneInRegrets, oneOutRegrets } from "./withheld.ts"

export type * from "./inputs.ts"
export { MAX_REGISTRATIONS } from "./inputs.ts"
export type * from "./lists.ts"
export type * from "./outputs.ts"
export type { Parameters, ParametersRow } from "./parameters.ts"
export type * from "./settlement.ts"
export { MAX_ELECTORS } from "./settlement.ts"
export type * from "./state.ts"
export { MAX_WAITING } from "./state.ts"
export type * from "./withheld.ts"

/** The kinds of rows, and of lists (`inputs`, `state`, `outputs`). */
export const KIND = {
  reportContext: 0x01,
  settlementContext: 0x02,
  inputs: 0x10,
  parameters: 0x11,
  inferences: 0x12,
  forecast: 0x13,
  signatures: 0x14,
  registrations: 0x15,
  electorate: 0x16,
  truths: 0x17,
  truthSignatures: 0x18,
  pot: 0x19,
  roster: 0x1a,
  state: 0x20,
  version: 0x21,
  seats: 0x22,
  regrets: 0x23,
  errors: 0x24,
  inclusions: 0x25,
  quality: 0x26,
  oneOutRegrets: 0x27,
  oneInRegrets: 0x28,
  oneOutTables: 0x29,
  oneInTables: 0x2a,
  outputs: 0x30,
  value: 0x31,
  weights: 0x32,
  implied: 0x33,
  settledTruth: 0x34,
  losses: 0x35,
  counterfactuals: 0x36,
  counterfactualLosses: 0x37,
  list: 0xff,
} as const

/** The longest row there is. */
export const MAX_ROW_BYTES = 16_384

export type ReportContext = {
  readonly parametersHash: Hex
  readonly settledEpoch: number
  readonly settledLeaf: Hex
  readonly stateHash: Hex
  readonly inputsHash: Hex
  readonly outputsHash: Hex
}

const hash = hex(32)

const reportContext = record<ReportContext>({
  parametersHash: hash,
  settledEpoch: integer(4),
  settledLeaf: hash,
  stateHash: hash,
  inputsHash: hash,
  outputsHash: hash,
})

function encode<T>(kind: number, field: Field<T>, value: T): Uint8Array {
  const out = [kind]
  field.write(value, out)
  return within(Uint8Array.from(out))
}

function decode<T>(kind: number, field: Field<T>, row: Uint8Array): T {
  const source: Source = { bytes: within(row), at: 1 }
  if (row[0] !== kind) malformed(`given kind ${row[0]}, required ${kind}`)
  const value = field.read(source)
  if (source.at !== row.length) {
    malformed(`given ${row.length} bytes, required ${source.at}`)
  }
  return value
}

function within(row: Uint8Array): Uint8Array {
  if (row.length > MAX_ROW_BYTES) {
    malformed(`given ${row.length} bytes, required at most ${MAX_ROW_BYTES}`)
  }
  return row
}

type Encode<T> = (value: T) => Uint8Array
type Decode<T> = (row: Uint8Array) => T

function coder<T>(kind: number, field: Field<T>): [Encode<T>, Decode<T>] {
  return [(value) => encode(kind, field, value), (row) => decode(kind, field, row)]
}

export const [encodeReportContext, decodeReportContext] = coder(KIND.reportContext, reportContext)
export const [encodeSettlementContext, decodeSettlementContext] = coder(
  KIND.settlementContext,
  settlementContext,
)
export const [encodeList, decodeList] = coder(KIND.list, hashList)
/** The row of which the parameters are a summary: metadata and labels stand in it as hashes. */
export const [encodeParametersRow, decodeParameters] = coder<ParametersRow>(
  KIND.parameters,
  parametersRow,
)
export const [encodeInferences, decodeInferences] = coder(KIND.inferences, inferences)
export const [encodeForecast, decodeForecast] = coder(KIND.forecast, forecast)
export const [encodeSignatures, decodeSignatures] = coder(KIND.signatures, signatures)
export const [encodeRegistrations, decodeRegistrations] = coder(KIND.registrations, registrations)
export const [encodeElectorate, decodeElectorate] = coder(KIND.electorate, electorate)
export const [encodeTruths, decodeTruths] = coder(KIND.truths, truths)
export const [encodeTruthSignatures, decodeTruthSignatures] = coder(
  KIND.truthSignatures,
  truthSignatures,
)
export const [encodePot, decodePot] = coder(KIND.pot, pot)
export const [encodeRoster, decodeRoster] = coder(KIND.roster, roster)
export const [encodeVersion, decodeVersion] = coder(KIND.version, version)
export const [encodeSeats, decodeSeats] = coder(KIND.seats, seats)
export const [encodeRegrets, decodeRegrets] = coder(KIND.regrets, regrets)
export const [encodeErrors, decodeErrors] = coder(KIND.errors, errors)
export const [encodeInclusions, decodeInclusions] = coder(KIND.inclusions, inclusions)
export const [encodeQuality, decodeQuality] = coder(KIND.quality, quality)
export const [encodeOneOutRegrets, decodeOneOutRegrets] = coder(KIND.oneOutRegrets, oneOutRegrets)
export const [encodeOneInRegrets, decodeOneInRegrets] = coder(KIND.oneInRegrets, oneInRegrets)
export const [encodeOneOutTables, decodeOneOutTables] = coder(KIND.oneOutTables, tableHashes)
export const [encodeOneInTables, decodeOneInTables] = coder(KIND.oneInTables, tableHashes)
export const [encodeValue, decodeValue] = coder(KIND.value, value)
export const [encodeWeights, decodeWeights] = coder(KIND.weights, weights)
export const [encodeImplied, decodeImplied] = coder(KIND.implied, implied)
export const [encodeSettledTruth, decodeSettledTruth] = coder(KIND.settledTruth, settledTruth)
export const [encodeLosses, decodeLosses] = coder(KIND.losses, losses)
export const [encodeCounterfactuals, decodeCounterfactuals] = coder(
  KIND.counterfactuals,
  counterfactuals,
)
export const [encodeCounterfactualLosses, decodeCounterfactualLosses] = coder(
  KIND.counterfactualLosses,
  counterfactualLosses,
)

/** The parameters row; its hash is what `Topics` stores and a report's context names. */
export function encodeParameters(parameters: Parameters): Uint8Array {
  return encodeParametersRow(summarised(parameters))
}

/** A row's keccak256. */
export function rowHash(row: Uint8Array): Hex {
  return keccak256(row)
}

/** The rows by which hashes of rows are listed: the list itself and, of a state, the rows 0x29 and 0x2a of its tables. */
export function listRows(kind: ListKind, rows: readonly Uint8Array[]): Uint8Array[] {
  const listed =
    kind === KIND.state ? [...rows.filter((row) => !isTable(row)), ...tableRows(rows)] : rows
  const list = encodeList({ kind, hashes: listed.map(rowHash) })
  return kind === KIND.state ? [list, ...tableRows(rows)] : [list]
}

/** The list of rows, itself a row. */
export function listRow(kind: ListKind, rows: readonly Uint8Array[]): Uint8Array {
  return listRows(kind, rows)[0] as Uint8Array
}

/** The hash of the list of rows. */
export function listHash(kind: ListKind, rows: readonly Uint8Array[]): Hex {
  return rowHash(listRow(kind, rows))
}

/** The rows 0x29 and 0x2a of a state: which tables of regrets it has. */
export function tableRows(state: readonly Uint8Array[]): [Uint8Array, Uint8Array] {
  const of = (kind: number) =>
    state
      .filter((row) => row[0] === kind)
      .map((row) => ({ seat: row[1] as number, hash: rowHash(row) }))
  return [encodeOneOutTables(of(KIND.oneOutRegrets)), encodeOneInTables(of(KIND.oneInRegrets))]
}

/** The hashes of the tables that a row of a state names: none but if it is 0x29 or 0x2a. */
export function tablesNamed(row: Uint8Array): readonly Hex[] | undefined {
  if (row[0] === KIND.oneOutTables) return decodeOneOutTables(row).map(({ hash }) => hash)
  if (row[0] === KIND.oneInTables) return decodeOneInTables(row).map(({ hash }) => hash)
  return undefined
}

function isTable([kind]: Uint8Array): boolean {
  return kind === KIND.oneOutRegrets || kind === KIND.oneInRegrets
}
