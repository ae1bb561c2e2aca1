// Verifying, the half that the rows answer for: every row by its hash, the registrations and signatures in them, the
// state they start from, and the number that the core makes of them.
import type { Hex } from "viem"
import { domain, topicsAbi } from "../../contracts/index.ts"
import {
  decodeForecast,
  decodeInferences,
  decodeList,
  decodeRegistrations,
  decodeReportContext,
  decodeSignatures,
  decodeValue,
  infer,
  KIND,
  type List,
  listHash,
  packSigma,
  type ReportContext,
  rowHash,
} from "../../wasm/index.ts"
import type { Chain } from "../chain.ts"
import { NodeError } from "../errors.ts"
import { digestOf } from "../message.ts"
import { type FetchRow, fetchListed } from "../replay.ts"
import type { Report } from "../report.ts"
import { fetchRow } from "../rowclient.ts"
import { NO_REGISTRATIONS, registrationsHash } from "../seats.ts"
import { recover } from "../signer.ts"
import { type Submission, submissionHash } from "../submission.ts"
import type { Past } from "../synthesis.ts"
import type { EpochTerms } from "../terms.ts"
import { requireEqual } from "./equal.ts"

export type Rows = {
  readonly context: ReportContext
  readonly inputs: readonly Uint8Array[]
  readonly state: readonly Uint8Array[]
  readonly outputs: readonly Uint8Array[]
}

const NAMES: Readonly<Record<number, string>> = Object.fromEntries(
  Object.entries(KIND).map(([name, kind]) => [kind, name]),
)

/** Rows by hash from whoever serves them at `urls`, each fetched once. */
export function rowSource(urls: readonly string[]): FetchRow {
  const known = new Map<Hex, Promise<Uint8Array>>()
  return (hash, what) => {
    const row = known.get(hash) ?? fetchRow(hash, what, urls)
    known.set(hash, row)
    return row
  }
}

/** All rows under a report's context. */
export async function rowsOf(contextHash: Hex, row: FetchRow): Promise<Rows> {
  const context = decodeReportContext(await row(contextHash, "context"))
  const listed = async (hash: Hex, kind: List["kind"]) => {
    const name = NAMES[kind]
    const list = decodeList(await row(hash, `${name} list`))
    requireEqual(`the kind of the ${name} list`, list.kind, kind)
    return fetchListed(hash, name, row)
  }
  return {
    context,
    inputs: await listed(context.inputsHash, KIND.inputs),
    state: await listed(context.stateHash, KIND.state),
    outputs: await listed(context.outputsHash, KIND.outputs),
  }
}

export function requireParameters({ context, inputs }: Rows, { parametersHash }: EpochTerms): void {
  requireEqual("the parameters", context.parametersHash, parametersHash)
  requireEqual("the parameters row", rowHash(inputs[0] as Uint8Array), parametersHash)
}

/**
 * The registrations that decide who may submit are those under the running hash that Topics keeps; the rows carry them
 * before the first settlement.
 */
export async function requireRegistrations(
  chain: Chain,
  { topicId, cutoff, changes, settled }: EpochTerms,
  { inputs }: Rows,
): Promise<void> {
  const entries = inputs
    .filter((row) => row[0] === KIND.registrations)
    .flatMap((row) => decodeRegistrations(row).entries)
  const hash = registrationsHash(changes)
  await requireKept(chain, { topicId, cutoff }, hash)
  const carried = registrationsHash(entries)
  const required = settled ? NO_REGISTRATIONS : hash
  requireEqual("the registrations' running hash (rows, Topics)", carried, required)
}

/** The running hash that Topics keeps as of a time. */
export async function requireKept(
  chain: Chain,
  { topicId, cutoff }: { readonly topicId: number; readonly cutoff: number },
  given: Hex,
): Promise<void> {
  const [onChain] = await chain.read<[Hex, number]>({
    address: chain.deployment.topics,
    abi: topicsAbi,
    functionName: "registrationsAt",
    args: [topicId, cutoff],
  })
  requireEqual("the registrations' running hash (followed here, kept by Topics)", given, onChain)
}

/**
 * Every entry of inference and forecast rows is covered by its worker's one signature. Answers how many signatures
 * there are.
 */
export function requireSignatures(
  chain: Pick<Chain, "deployment">,
  { topicId, epoch, roster }: EpochTerms,
  { inputs }: Rows,
): number {
  const byLabel = inputs.filter((row) => row[0] === KIND.inferences).map(decodeInferences)
  const forecasts = inputs.filter((row) => row[0] === KIND.forecast).map(decodeForecast)
  const signatures = inputs.filter((row) => row[0] === KIND.signatures).flatMap(decodeSignatures)
  const covered: number[] = []
  for (const { seat, extra, signature } of signatures) {
    const owner = roster.seats.find((taken) => taken.seat === seat)?.owner
    const worker = owner === undefined ? undefined : roster.workers.get(owner)
    if (!worker)
      throw new NodeError("Unregistered", {
        sentence: "a signature stands for a seat that nobody has",
        remedy: "refuse",
        given: seat,
      })
    const values = byLabel.flatMap(({ entries }) =>
      entries.filter((entry) => entry.seat === worker.infererSeat),
    )
    const forecast = forecasts.find((row) => row.seat === worker.forecasterSeat)
    const submission: Omit<Submission, "signature"> = {
      topicId,
      epoch,
      worker: worker.owner,
      extra,
      ...(values.length > 0 ? { inference: values.map(({ value }) => value) } : {}),
      ...(forecast ? { forecast: forecast.entries } : {}),
    }
    const digest = digestOf(domain(chain.deployment), submissionHash(submission, worker))
    requireEqual(
      `the signer of seat ${seat} (recovered, registered)`,
      recover(digest, signature),
      worker.signer,
    )
    const lowest = values.length > 0 ? worker.infererSeat : forecast?.seat
    requireEqual("the seat of a signature (given, the worker's lowest)", seat, lowest)
    if (values.length > 0) covered.push(worker.infererSeat as number)
    if (forecast) covered.push(forecast.seat)
  }
  const inOrder = (seats: readonly number[]) => [...seats].sort((a, b) => a - b).join()
  for (const { label, entries } of byLabel)
    requireEqual(
      `which seats have a signature, and which an entry for label ${label} or a forecast,`,
      inOrder(covered),
      inOrder([...entries, ...forecasts].map(({ seat }) => seat)),
    )
  return signatures.length
}

/** The report names the last settlement accepted before its window opened, and starts from the state that it left. */
export function requireState(past: Past, { context, state }: Rows): void {
  requireEqual("the settled epoch (named, by the chain)", context.settledEpoch, past.epoch)
  requireEqual("the settlement's leaf (named, by the chain)", context.settledLeaf, past.leaf)
  requireEqual(
    "the state (named, replayed from the first)",
    listHash(KIND.state, state),
    listHash(KIND.state, past.state),
  )
}

/** The core's own outputs equal the signed ones row by row, and the reports carry their values. */
export function requireNumbers({ inputs, state, outputs }: Rows, reports: readonly Report[]): void {
  const computed = infer(inputs, state)
  requireEqual("the number of output rows (signed, recomputed)", outputs.length, computed.length)
  for (const [index, row] of computed.entries()) {
    const what = `the output row ${index}, ${NAMES[row[0] as number]} (signed, recomputed)`
    requireEqual(what, rowHash(outputs[index] as Uint8Array), rowHash(row))
  }
  const values = computed.filter((row) => row[0] === KIND.value).map(decodeValue)
  for (const { label, value, sigma } of reports) {
    const own = values.find((candidate) => candidate.label === label)
    requireEqual(`the value of label ${label} (signed, recomputed)`, value, own?.combined)
    requireEqual(`sigma of label ${label} (signed, recomputed)`, sigma, packSigma(own?.sigma))
  }
}
