// The packed rows in TypeScript: encoders and strict decoders of every kind, tied to contracts/types/Rows.sol, the norm, and
// to src/codec.rs by test/vectors/rows.json. A decoder throws `CoreError` with code MalformedRow.
import { type Hex, keccak256 } from "viem"
import { malformed } from "./errors.ts"
import {
  type Field,
  hex,
  integer,
  list,
  name,
  optional,
  record,
  type Source,
  seated,
  wad,
} from "./fields.ts"
import { type Parameters, type ParametersRow, parametersRow, summarised } from "./parameters.ts"

export type { Parameters, ParametersRow } from "./parameters.ts"

/** The kinds of rows, and of lists (`inputs`, `state`, `outputs`). */
export const KIND = {
  reportContext: 0x01,
  inputs: 0x10,
  parameters: 0x11,
  inferences: 0x12,
  forecast: 0x13,
  signatures: 0x14,
  registrations: 0x15,
  state: 0x20,
  version: 0x21,
  seats: 0x22,
  regrets: 0x23,
  errors: 0x24,
  outputs: 0x30,
  value: 0x31,
  weights: 0x32,
  implied: 0x33,
  list: 0xff,
} as const

export type ListKind = typeof KIND.inputs | typeof KIND.state | typeof KIND.outputs

/** The longest row there is. */
export const MAX_ROW_BYTES = 16_384
/** How many registrations a full row holds. */
export const MAX_REGISTRATIONS = 380

export type ReportContext = {
  readonly parametersHash: Hex
  readonly settledEpoch: number
  readonly settledLeaf: Hex
  readonly stateHash: Hex
  readonly inputsHash: Hex
  readonly outputsHash: Hex
}
export type List = { readonly kind: ListKind; readonly hashes: readonly Hex[] }
export type Valued = { readonly seat: number; readonly value: bigint }
export type Forecasted = { readonly seat: number; readonly loss: bigint }
export type Signed = { readonly seat: number; readonly extra: Hex; readonly signature: Hex }
export type Inferences = { readonly label: number; readonly entries: readonly Valued[] }
export type Forecast = { readonly seat: number; readonly entries: readonly Forecasted[] }
export type Registration = {
  readonly change: "joined" | "left" | "signerChanged"
  readonly roles: number
  readonly owner: Hex
  readonly signer: Hex
}
export type Registrations = { readonly number: number; readonly entries: readonly Registration[] }
export type Seated = { readonly seat: number; readonly owner: Hex }
export type InfererRegret = {
  readonly seat: number
  readonly network: bigint
  readonly naive: bigint
}
export type ForecasterRegret = { readonly seat: number; readonly network: bigint }
export type Regrets = {
  readonly previousLoss: bigint | undefined
  readonly scale: bigint
  /** Absent: all are new. */
  readonly initialRegret: bigint | undefined
  readonly inferers: readonly InfererRegret[]
  readonly forecasters: readonly ForecasterRegret[]
}
export type LabelErrors = {
  readonly emaError: bigint | undefined
  readonly lastMedian: bigint | undefined
  readonly mad: bigint | undefined
}
export type Value = {
  readonly label: number
  readonly combined: bigint
  readonly naive: bigint
  readonly sigma: bigint | undefined
  readonly p2: bigint
  readonly p16: bigint
  readonly p50: bigint
  readonly p84: bigint
  readonly p98: bigint
}
export type Weight = { readonly seat: number; readonly weight: bigint }
export type Implied = { readonly label: number; readonly entries: readonly Valued[] }

const hash = hex(32)
const address = hex(20)
const label = integer(2)
const seat = integer(1)
const inferer = integer(1, 0, 0x7f)
const forecaster = integer(1, 0x80, 0xff)
const listKind: Field<ListKind> = {
  write: (kind, out) => integer(1).write(asListKind(kind), out),
  read: (source) => asListKind(integer(1).read(source)),
}

function asListKind(kind: number): ListKind {
  if (kind === KIND.inputs || kind === KIND.state || kind === KIND.outputs) return kind
  return malformed(`given ${kind}, required a kind of list`)
}

const FIELDS = {
  reportContext: record<ReportContext>({
    parametersHash: hash,
    settledEpoch: integer(4),
    settledLeaf: hash,
    stateHash: hash,
    inputsHash: hash,
    outputsHash: hash,
  }),
  list: record<List>({ kind: listKind, hashes: list(hash) }),
  inferences: record<Inferences>({ label, entries: seated(record({ seat: inferer, value: wad })) }),
  forecast: record<Forecast>({
    seat: forecaster,
    entries: seated(record({ seat: inferer, loss: wad })),
  }),
  signatures: seated(record<Signed>({ seat, extra: hash, signature: hex(64) })),
  registrations: record<Registrations>({
    number: integer(2),
    entries: list(
      record<Registration>({
        change: name(["joined", "left", "signerChanged"]),
        roles: integer(1, 1, 3),
        owner: address,
        signer: address,
      }),
      1,
      MAX_REGISTRATIONS,
    ),
  }),
  version: integer(2, 1, 1),
  seats: seated(record<Seated>({ seat, owner: address })),
  regrets: record<Regrets>({
    previousLoss: optional(wad),
    scale: wad,
    initialRegret: optional(wad),
    inferers: seated(record<InfererRegret>({ seat: inferer, network: wad, naive: wad })),
    forecasters: seated(record<ForecasterRegret>({ seat: forecaster, network: wad })),
  }),
  errors: list(
    record<LabelErrors>({
      emaError: optional(wad),
      lastMedian: optional(wad),
      mad: optional(wad),
    }),
  ),
  value: record<Value>({
    label,
    combined: wad,
    naive: wad,
    sigma: optional(wad),
    p2: wad,
    p16: wad,
    p50: wad,
    p84: wad,
    p98: wad,
  }),
  weights: seated(record<Weight>({ seat, weight: wad })),
  implied: record<Implied>({ label, entries: seated(record({ seat: forecaster, value: wad })) }),
}

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

export const [encodeReportContext, decodeReportContext] = coder(
  KIND.reportContext,
  FIELDS.reportContext,
)
export const [encodeList, decodeList] = coder(KIND.list, FIELDS.list)
/** The row of which the parameters are a summary: metadata and labels stand in it as hashes. */
export const [encodeParametersRow, decodeParameters] = coder<ParametersRow>(
  KIND.parameters,
  parametersRow,
)
export const [encodeInferences, decodeInferences] = coder(KIND.inferences, FIELDS.inferences)
export const [encodeForecast, decodeForecast] = coder(KIND.forecast, FIELDS.forecast)
export const [encodeSignatures, decodeSignatures] = coder(KIND.signatures, FIELDS.signatures)
export const [encodeRegistrations, decodeRegistrations] = coder(
  KIND.registrations,
  FIELDS.registrations,
)
export const [encodeVersion, decodeVersion] = coder(KIND.version, FIELDS.version)
export const [encodeSeats, decodeSeats] = coder(KIND.seats, FIELDS.seats)
export const [encodeRegrets, decodeRegrets] = coder(KIND.regrets, FIELDS.regrets)
export const [encodeErrors, decodeErrors] = coder(KIND.errors, FIELDS.errors)
export const [encodeValue, decodeValue] = coder(KIND.value, FIELDS.value)
export const [encodeWeights, decodeWeights] = coder(KIND.weights, FIELDS.weights)
export const [encodeImplied, decodeImplied] = coder(KIND.implied, FIELDS.implied)

/** The parameters row; its hash is what `Topics` stores and a report's context names. */
export function encodeParameters(parameters: Parameters): Uint8Array {
  return encodeParametersRow(summarised(parameters))
}

/** A row's keccak256. */
export function rowHash(row: Uint8Array): Hex {
  return keccak256(row)
}

/** The list of rows, itself a row. */
export function listRow(kind: ListKind, rows: readonly Uint8Array[]): Uint8Array {
  return encodeList({ kind, hashes: rows.map(rowHash) })
}

/** The hash of the list of rows. */
export function listHash(kind: ListKind, rows: readonly Uint8Array[]): Hex {
  return rowHash(listRow(kind, rows))
}
