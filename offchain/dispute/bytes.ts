// Step 7: the bytes under an attested message, as they were signed: each row by its hash, sound or not. A row that nobody
// serves is told from one that is wrong.
import type { Hex } from "viem"
import {
  CoreError,
  decodeList,
  decodeOneInTables,
  decodeOneOutTables,
  decodeReportContext,
  decodeSettlementContext,
  KIND,
  listRows,
  type ReportContext,
  rowHash,
  type SettlementContext,
} from "../../wasm/index.ts"
import { isNodeError } from "../errors.ts"
import type { FetchRow } from "../replay.ts"
import { NO_LEAF } from "../synthesis.ts"

/** A list and what stands in it; a place whose row nobody serves is undefined. */
export type Listed = {
  readonly row: Uint8Array
  /** Undefined: the list itself does not decode. */
  readonly hashes: readonly Hex[] | undefined
  readonly rows: readonly (Uint8Array | undefined)[]
}

export const LISTS = ["inputs", "outputs", "beforehand", "afterwards"] as const
export type ListName = (typeof LISTS)[number]

/** A row that nobody serves: `list` is undefined for the context, `place` for the list itself. */
export type Missing = {
  readonly hash: Hex
  readonly what: string
  readonly list?: ListName
  readonly place?: number
  /** A table of the state made, by its kind of list and its seat. */
  readonly table?: { readonly kind: number; readonly seat: number }
}

/** What a row is demanded by: the kind of its list, and its place there. */
export function demanded({ list, place = 0, table }: Missing): { kind: number; index: number } {
  if (table) return { kind: table.kind, index: table.seat }
  const kinds = { inputs: KIND.inputs, outputs: KIND.outputs, afterwards: KIND.state }
  if (list === undefined || list === "beforehand") return { kind: 0, index: 0 }
  return { kind: kinds[list], index: place }
}

export type Bytes<Context> = {
  readonly contextRow: Uint8Array | undefined
  /** Undefined: nobody serves it, or it does not decode. */
  readonly context: Context | undefined
  readonly inputs: Listed | undefined
  readonly outputs: Listed | undefined
  readonly missing: readonly Missing[]
}

export type StateBytes = {
  readonly list: Listed
  /** Rows 0x27 and 0x28 by seat, where they are here. */
  readonly oneOut: ReadonlyMap<number, Uint8Array>
  readonly oneIn: ReadonlyMap<number, Uint8Array>
}

export type ReportBytes = Bytes<ReportContext> & { readonly beforehand: StateBytes }
export type SettlementBytes = Bytes<SettlementContext> & {
  readonly beforehand: StateBytes
  readonly afterwards: StateBytes | undefined
}

/** A gatherer of rows that notes which ones nobody has. */
export function createGathering(fetchRow: FetchRow) {
  const missing: Missing[] = []

  async function row(lack: Missing): Promise<Uint8Array | undefined> {
    try {
      return await fetchRow(lack.hash, lack.what)
    } catch (error) {
      // What is served under a hash and does not have it is as good as nothing.
      if (!isNodeError(error, "RowMissing") && !isNodeError(error, "RowMismatch")) throw error
      missing.push(lack)
      return undefined
    }
  }

  async function listed(hash: Hex, list: ListName): Promise<Listed | undefined> {
    if (hash === NO_LEAF) return undefined
    const bytes = await row({ hash, what: `list of ${list}`, list })
    if (!bytes) return undefined
    const hashes = decoded(() => decodeList(bytes))?.hashes
    const rows = await Promise.all(
      (hashes ?? []).map((each, place) =>
        row({ hash: each, what: `${list} ${place}`, list, place }),
      ),
    )
    return { row: bytes, hashes, rows }
  }

  async function state(hash: Hex, list: ListName): Promise<StateBytes | undefined> {
    const found = await listed(hash, list)
    if (!found) return undefined
    const named = found.rows.flatMap((each) => (each ? tablesIn(each) : []))
    const tables = await Promise.all(
      named.map(({ hash: each, ...table }) =>
        row({ hash: each, what: `the table of seat ${table.seat} in ${list}`, list, table }),
      ),
    )
    return { list: found, ...tablesOf(tables.filter((each) => each !== undefined)) }
  }

  return { missing, row, listed, state }
}

/** The tables that a row of a state names, by seat. */
function tablesIn(row: Uint8Array) {
  const decode =
    row[0] === KIND.oneOutTables
      ? decodeOneOutTables
      : row[0] === KIND.oneInTables
        ? decodeOneInTables
        : undefined
  const named = decode && decoded(() => decode(row))
  return (named ?? []).map((each) => ({ ...each, kind: row[0] as number }))
}

/** The bytes of a report that starts from a state that is known here. */
export async function reportBytes(
  context: Hex,
  state: readonly Uint8Array[],
  fetchRow: FetchRow,
): Promise<ReportBytes> {
  const gathering = createGathering(fetchRow)
  const contextRow = await gathering.row({ hash: context, what: "context" })
  const said = contextRow && decoded(() => decodeReportContext(contextRow))
  return {
    contextRow,
    context: said,
    inputs: said && (await gathering.listed(said.inputsHash, "inputs")),
    outputs: said && (await gathering.listed(said.outputsHash, "outputs")),
    beforehand: stateBytes(state),
    missing: gathering.missing,
  }
}

/** The bytes of a settlement, likewise; `state` is the hash of what it says it leaves. */
export async function settlementBytes(
  { context, state: made }: { readonly context: Hex; readonly state: Hex },
  state: readonly Uint8Array[],
  fetchRow: FetchRow,
): Promise<SettlementBytes> {
  const gathering = createGathering(fetchRow)
  const contextRow = await gathering.row({ hash: context, what: "context" })
  const said = contextRow && decoded(() => decodeSettlementContext(contextRow))
  return {
    contextRow,
    context: said,
    inputs: said && (await gathering.listed(said.inputsHash, "inputs")),
    outputs: said && (await gathering.listed(said.outputsHash, "outputs")),
    beforehand: stateBytes(state),
    afterwards: await gathering.state(made, "afterwards"),
    missing: gathering.missing,
  }
}

/** The bytes of a state whose rows are all here. */
export function stateBytes(state: readonly Uint8Array[]): StateBytes {
  const [row, ...lists] = listRows(KIND.state, state) as [Uint8Array, ...Uint8Array[]]
  const plain = state.filter(([kind]) => kind !== KIND.oneOutRegrets && kind !== KIND.oneInRegrets)
  const rows = [...plain, ...lists]
  return { list: { row, hashes: rows.map(rowHash), rows }, ...tablesOf(state) }
}

function tablesOf(rows: readonly Uint8Array[]): Pick<StateBytes, "oneOut" | "oneIn"> {
  const of = (kind: number) =>
    new Map(rows.filter((row) => row[0] === kind).map((row) => [row[1] as number, row]))
  return { oneOut: of(KIND.oneOutRegrets), oneIn: of(KIND.oneInRegrets) }
}

/** What the bytes say, or undefined if they do not decode. */
export function decoded<T>(decode: () => T): T | undefined {
  try {
    return decode()
  } catch (error) {
    if (error instanceof CoreError) return undefined
    throw error
  }
}
