// What a quorum would sign if it changed one row and put the hashes above it right: the same message with other bytes.
import type { Hex } from "viem"
import {
  type ReportBytes,
  reportBytes,
  type SettlementBytes,
  settlementBytes,
} from "../../offchain/dispute/bytes.ts"
import type { SettlementGiven } from "../../offchain/dispute/compare/settlement.ts"
import type { ReportGiven } from "../../offchain/dispute/facts.ts"
import type { SettlementFacts } from "../../offchain/dispute/settledfacts.ts"
import { NodeError } from "../../offchain/errors.ts"
import type { FetchRow } from "../../offchain/replay.ts"
import { firstSettled } from "../../offchain/schedule.ts"
import { registrationRows } from "../../offchain/seats.ts"
import {
  decodeList,
  decodeReportContext,
  decodeSettlementContext,
  encodeList,
  encodeParameters,
  encodeReportContext,
  encodeSettlementContext,
  rowHash,
} from "../../wasm/index.ts"
import type { Concluded, Disputed, Reported } from "./disputed.ts"
import { DELAY_SECONDS, DOMAIN, SCHEDULE } from "./reputers.ts"

export type Change = (row: Uint8Array) => Uint8Array

/** Which bytes of a message: a row of a list by its place, the list, or the context itself. */
export type Target =
  | { readonly list: "inputs" | "outputs" | "afterwards"; readonly place: number | "list" }
  | { readonly table: number }
  | "context"

/** Rows by hash, where only these are served. */
export const served =
  (rows: ReadonlyMap<Hex, Uint8Array>): FetchRow =>
  async (hash, what) => {
    const row = rows.get(hash)
    if (row) return row
    throw new NodeError("RowMissing", { sentence: `nobody has the ${what} row`, remedy: "retry" })
  }

/** The list with one row changed, or with a change in itself. */
function changedList(
  rows: Map<Hex, Uint8Array>,
  list: Uint8Array,
  { place, change }: { readonly place: number | "list"; readonly change: Change },
): Uint8Array {
  const put = (row: Uint8Array) => {
    rows.set(rowHash(row), row)
    return row
  }
  if (place === "list") return put(change(list))
  const { kind, hashes } = decodeList(list)
  const row = put(change(rows.get(hashes[place] as Hex) as Uint8Array))
  return put(
    encodeList({ kind, hashes: hashes.map((hash, i) => (i === place ? rowHash(row) : hash)) }),
  )
}

/** A report of the epoch, with a change in its rows or in its leaf. */
export async function forgedReport(
  topic: Disputed,
  epoch: number,
  {
    label = 0,
    target,
    change = (row) => row,
    leaf = {},
  }: { label?: number; target?: Target; change?: Change; leaf?: Partial<ReportGiven["report"]> },
): Promise<ReportGiven & { readonly rows: Map<Hex, Uint8Array> }> {
  const { terms, past, reports, rows: own } = topic.reported.get(epoch) as Reported
  const rows = new Map(topic.rows)
  let contextRow = own[0] as Uint8Array
  if (target === "context") contextRow = change(contextRow)
  else if (target && "list" in target) {
    const context = decodeReportContext(contextRow)
    const name = target.list === "inputs" ? "inputsHash" : "outputsHash"
    const list = rows.get(context[name]) as Uint8Array
    const other = changedList(rows, list, { place: target.place, change })
    contextRow = encodeReportContext({ ...context, [name]: rowHash(other) })
  }
  rows.set(rowHash(contextRow), contextRow)
  const report = {
    ...(reports[label] as ReportGiven["report"]),
    context: rowHash(contextRow),
    ...leaf,
  }
  const bytes: ReportBytes = await reportBytes(report.context, past.state, served(rows))
  return { report, slot: terms.closesAt, terms, bytes, domain: DOMAIN, rows }
}

export type GivenSettlement = SettlementGiven & SettlementFacts

/** The settlement of the epoch, with a change in its rows or in its leaf. */
export async function forgedSettlement(
  topic: Disputed,
  epoch: number,
  {
    target,
    change = (row) => row,
    leaf = {},
  }: { target?: Target; change?: Change; leaf?: Partial<Concluded["settlement"]> },
): Promise<
  GivenSettlement & { readonly rows: Map<Hex, Uint8Array>; readonly past: readonly Uint8Array[] }
> {
  const own = topic.concluded.get(epoch) as Concluded
  const { settling, terms, acceptedAt } = own
  const rows = new Map(topic.rows)
  let contextRow = own.rows[0] as Uint8Array
  let { state } = own.settlement
  const put = (row: Uint8Array) => {
    rows.set(rowHash(row), row)
    return rowHash(row)
  }
  if (target === "context") contextRow = change(contextRow)
  else if (target && "table" in target) state = put(changedTable(rows, state, { target, change }))
  else if (target?.list === "afterwards")
    state = put(changedList(rows, rows.get(state) as Uint8Array, { place: target.place, change }))
  else if (target) {
    const context = decodeSettlementContext(contextRow)
    const name = target.list === "inputs" ? "inputsHash" : "outputsHash"
    const other = changedList(rows, rows.get(context[name]) as Uint8Array, {
      place: target.place,
      change,
    })
    contextRow = encodeSettlementContext({ ...context, [name]: rowHash(other) })
  }
  const settlement = { ...own.settlement, state, context: put(contextRow), ...leaf }
  const bytes: SettlementBytes = await settlementBytes(
    settlement,
    settling.past.state,
    served(rows),
  )
  const report = topic.reported.get(epoch) as Reported
  const scored = await reportBytes(
    report.reports[0]?.context as Hex,
    report.past.state,
    served(rows),
  )
  return {
    settlement,
    slot: terms.closesAt,
    bytes,
    domain: DOMAIN,
    acceptedAt,
    terms,
    parent: topic.concluded.get(epoch - 1)?.settlement,
    firstEpoch: firstSettled(SCHEDULE, { createdAt: 1, delaySeconds: DELAY_SECONDS }),
    changes: settling.changes,
    registrations: settling.registrations,
    accepted: report.accepted,
    scored,
    seats: report.terms.roster.seats,
    missedInputs: [encodeParameters(terms.parameters), ...registrationRows(settling.changes)],
    rows,
    past: settling.past.state,
  }
}

/** A table of the state made, counted through both rows that name tables. */
function changedTable(
  rows: Map<Hex, Uint8Array>,
  state: Hex,
  { target, change }: { readonly target: { readonly table: number }; readonly change: Change },
): Uint8Array {
  const { kind, hashes } = decodeList(rows.get(state) as Uint8Array)
  const named = hashes.slice(6).map((hash) => Uint8Array.from(rows.get(hash) as Uint8Array))
  const at = (entry: number) => 3 + entry * 33
  const counts = named.map((row) => ((row[1] as number) << 8) | (row[2] as number))
  const [first = 0, second = 0] = counts
  const entry = target.table % (first + second)
  const of = entry < first ? 0 : 1
  const row = named[of] as Uint8Array
  const start = at(entry - of * first) + 1
  const old: Hex = `0x${Buffer.from(row.subarray(start, start + 32)).toString("hex")}`
  const table = change(rows.get(old) as Uint8Array)
  rows.set(rowHash(table), table)
  row.set(Buffer.from(rowHash(table).slice(2), "hex"), start)
  rows.set(rowHash(row), row)
  const list = hashes.map((hash, place) => (place === 6 + of ? rowHash(row) : hash))
  return encodeList({ kind, hashes: list })
}
