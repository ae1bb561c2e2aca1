// Step 7: one accepted message, all bytes under it, and everything in it that is not as it has to be.
import { bytesToHex, type Hex } from "viem"
import { type Deployment, domain } from "../../contracts/index.ts"
import { decodeReportContext, encodeParameters, KIND, listHash, rowHash } from "../../wasm/index.ts"
import { truthTermsOf } from "../electorate.ts"
import type { Ledger, Settled } from "../ledger.ts"
import type { FetchRow } from "../replay.ts"
import { registrationsSince } from "../replay.ts"
import { firstSettled, isEpoch, windowOf } from "../schedule.ts"
import { registrationRows } from "../seats.ts"
import type { States } from "../states.ts"
import { NO_LEAF } from "../synthesis.ts"
import { termsOf } from "../terms.ts"
import type { Status } from "../word.ts"
import type { Message, ReportMessage, SettlementMessage } from "./attested.ts"
import { decoded, type Missing, reportBytes, settlementBytes, stateBytes } from "./bytes.ts"
import type { Difference, Refuting } from "./claims.ts"
import { differencesOfReport, differencesOfSettlement } from "./compare.ts"
import { proofEvidence, reportEvidence } from "./evidence/report.ts"
import { settlementEvidence } from "./evidence/settlement.ts"
import type { Evidence } from "./evidence.ts"
import type { Scorable } from "./scored.ts"

export type Examined = {
  readonly message: Message
  readonly differences: readonly Difference[]
  readonly missing: readonly Missing[]
  readonly contextRow: Hex
  readonly parent: Settled | undefined
  readonly evidence: (refuting: Refuting) => Evidence
  /** What `prove` takes; of a report alone. */
  readonly proof?: () => Evidence
}

export type ExaminingParts = {
  readonly ledger: Ledger
  readonly deployment: Deployment
  readonly states: Pick<States, "pastOf" | "seatsAfter" | "made">
  readonly keep: (rows: readonly Uint8Array[]) => void
  readonly fetchRow: FetchRow
}

const FALLEN: readonly Status[] = ["Void", "Refuted"]

const hex = (row: Uint8Array | undefined): Hex => (row ? bytesToHex(row) : "0x")

export function createExamining({ ledger, deployment, states, keep, fetchRow }: ExaminingParts) {
  const home = domain(deployment)

  /** Undefined while the state that it starts from is not here. */
  async function report(message: ReportMessage): Promise<Examined | undefined> {
    const { topicId, epoch, context } = message.message
    const schedule = ledger.terms(topicId, epoch)?.parameters.schedule
    const isThere = schedule !== undefined && isEpoch(schedule, epoch)
    const opensAt = isThere ? windowOf(schedule, epoch).opensAt : 0
    const settled = isThere ? ledger.settledBefore(topicId, opensAt) : undefined
    const past = isThere ? states.pastOf(topicId, settled) : undefined
    // Of a topic or an epoch that there is not, everything is known.
    if (isThere && !past) return undefined
    const terms = termsOf(ledger, deployment, { topicId, epoch }, states.seatsAfter)
    const given = await reportBytes(context, past?.state ?? [], fetchRow)
    const { slot } = message.attested.batch
    const compared = differencesOfReport({
      report: message.message,
      slot,
      terms,
      bytes: given,
      domain: home,
    })
    const { bytes, differences, missing } = compared
    keepAll(given)
    const registrations = registrationRows(terms?.changes ?? [])
    const shown = { report: message.message, bytes, settled: leafOf(settled), registrations }
    return {
      message,
      differences,
      missing,
      contextRow: hex(given.contextRow),
      parent: settled,
      evidence: (refuting) => reportEvidence(shown, refuting),
      proof: () => proofEvidence(shown),
    }
  }

  /** Undefined while the state before it is not here. */
  async function settlement(
    message: SettlementMessage,
    settled: Settled,
  ): Promise<Examined | undefined> {
    const { topicId, epoch, parent: leaf } = settled
    const parent = ledger.settlements(topicId).find((each) => each.leaf === leaf)
    const past = states.pastOf(topicId, parent)
    if (!past || (leaf !== NO_LEAF && !parent)) return undefined
    const given = await settlementBytes(settled, past.state, fetchRow)
    const terms = truthTermsOf(ledger, deployment, settled)
    const schedule = ledger.terms(topicId, epoch)?.parameters.schedule
    const createdAt = ledger.createdAt(topicId) ?? 0
    const since = registrationsSince(ledger, deployment, settled, parent)
    const scored = await scoredBy(given.context?.reportContext, topicId)
    const reported = termsOf(ledger, deployment, { topicId, epoch }, states.seatsAfter)
    const missedInputs = terms
      ? [encodeParameters(terms.parameters), ...registrationRows(since.changes)]
      : []
    const compared = differencesOfSettlement({
      settlement: message.message,
      slot: message.attested.batch.slot,
      bytes: given,
      domain: home,
      acceptedAt: settled.acceptedAt,
      terms,
      parent,
      firstEpoch: schedule ? firstSettled(schedule, { createdAt, ...deployment }) : 0,
      ...since,
      accepted: acceptedOf(topicId, epoch),
      scored,
      seats: reported?.roster.seats,
      missedInputs,
    })
    const { bytes, differences, missing, state, made } = compared
    keepAll(given)
    // What others build on is the state that was attested, be it right or wrong.
    if (state && listHash(KIND.state, state) === settled.state) states.made(state)
    keep(made)
    const parentContext =
      parent && (await fetchRow(parent.context, "the parent's context").catch(() => undefined))
    const shown = {
      bytes,
      parent: leafOf(parent),
      parentContext,
      missedInputs,
      scored: scored && {
        ...scored,
        registrations: registrationRows(reported?.changes ?? []),
      },
    }
    return {
      message,
      differences,
      missing,
      contextRow: hex(given.contextRow),
      parent,
      evidence: (refuting) => settlementEvidence(shown, refuting),
    }
  }

  /** The accepted reports of an epoch, all labels'. */
  function acceptedOf(topicId: number, epoch: number): readonly Scorable[] {
    const labels = ledger.terms(topicId, epoch)?.parameters.labels ?? []
    return labels.flatMap((_, label) => {
      const report = ledger.report(topicId, label, epoch)
      const hasFallen = FALLEN.includes(ledger.statusOf(topicId, label, epoch))
      return report ? [{ ...report, hasFallen }] : []
    })
  }

  /** The lists of the report that a settlement names, and the state that this starts from. */
  async function scoredBy(context: Hex | undefined, topicId: number) {
    if (!context || context === NO_LEAF) return undefined
    const { contextRow, inputs, outputs } = await reportBytes(context, [], fetchRow)
    const said = contextRow && decoded(() => decodeReportContext(contextRow))
    const named = said && ledger.settlements(topicId).find(({ leaf }) => leaf === said.settledLeaf)
    const past = named && states.pastOf(topicId, named)
    return { contextRow, inputs, outputs, state: past && stateBytes(past.state).list }
  }

  /** Kept, so that they can be published, and stand here after a restart. */
  function keepAll(given: Awaited<ReturnType<typeof reportBytes | typeof settlementBytes>>): void {
    const lists = [
      given.inputs,
      given.outputs,
      "afterwards" in given ? given.afterwards?.list : undefined,
    ]
    const tables =
      "afterwards" in given && given.afterwards
        ? [...given.afterwards.oneOut.values(), ...given.afterwards.oneIn.values()]
        : []
    const rows = lists.flatMap((list) => (list ? [list.row, ...list.rows] : []))
    const all = [given.contextRow, ...rows, ...tables]
    keep(all.filter((row) => row !== undefined))
  }

  return { report, settlement }
}

/** The leaf's own fields alone. */
export function leafOf(settled: Settled | undefined) {
  if (!settled) return undefined
  const { topicId, epoch, generation, parent, state, pot, quality, context } = settled
  return { topicId, epoch, generation, parent, state, pot, quality, context }
}

/** The way to a row that was demanded, from rows that are here; undefined while one of them is not. */
export async function answerTo(
  { kind, index }: { readonly kind: number; readonly index: number },
  { context, state }: { readonly context: Hex; readonly state?: Hex },
  row: FetchRow,
) {
  const empty = { context: "0x", list: "0x", tables: "0x", row: "0x" } as const
  const contextRow = await row(context, "context")
  if (kind === 0) return { ...empty, row: hex(contextRow) }
  return wayTo({ kind, index }, { contextRow, state }, row)
}

async function wayTo(
  { kind, index }: { readonly kind: number; readonly index: number },
  { contextRow, state }: { readonly contextRow: Uint8Array; readonly state: Hex | undefined },
  row: FetchRow,
) {
  const { decodeList, decodeOneInTables, decodeOneOutTables, decodeSettlementContext } =
    await import("../../wasm/index.ts")
  const isTable = kind === KIND.oneOutTables || kind === KIND.oneInTables
  const isOfState = isTable || kind === KIND.state
  const words =
    decoded(() => decodeReportContext(contextRow)) ??
    decoded(() => decodeSettlementContext(contextRow))
  const context = isOfState ? ("0x" as const) : hex(contextRow)
  const empty = { context, list: "0x", tables: "0x", row: "0x" } as const
  const listed = isOfState ? state : kind === KIND.inputs ? words?.inputsHash : words?.outputsHash
  // A context that does not decode is an answer, and so is one of a missed epoch.
  if (!listed || listed === NO_LEAF) return empty
  const list = await row(listed, "list")
  const hashes = decoded(() => decodeList(list))?.hashes ?? []
  const place = isTable ? (kind === KIND.oneOutTables ? 6 : 7) : index
  const hash = hashes[place]
  if (!hash) return { ...empty, list: hex(list) }
  const found = await row(hash, "row")
  if (!isTable) return { ...empty, list: hex(list), row: hex(found) }
  const decode = kind === KIND.oneOutTables ? decodeOneOutTables : decodeOneInTables
  const table = decoded(() => decode(found))?.find(({ seat }) => seat === index)
  const way = { ...empty, list: hex(list), tables: hex(found) }
  return table ? { ...way, row: hex(await row(table.hash, "table")) } : way
}

/** Rows that were published, each under its own hash. */
export function publishedRows(answer: Readonly<Record<string, Hex>>): readonly Uint8Array[] {
  return Object.values(answer)
    .filter((bytes) => bytes !== "0x")
    .map((bytes) => Uint8Array.from(Buffer.from(bytes.slice(2), "hex")))
    .filter((row) => rowHash(row) !== NO_LEAF)
}
