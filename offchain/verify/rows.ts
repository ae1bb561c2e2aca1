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
import type { Report } from "../report.ts"
import { fetchRow } from "../rowclient.ts"
import { registrationsHash } from "../seats.ts"
import { recover } from "../signer.ts"
import { type Submission, submissionHash } from "../submission.ts"
import { genesisOf } from "../synthesis.ts"
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

/** All rows under a context, by hash, from whoever serves them at `urls`. */
export async function rowsOf(contextHash: Hex, urls: readonly string[]): Promise<Rows> {
  const context = decodeReportContext(await fetchRow(contextHash, "context", urls))
  const listed = async (hash: Hex, kind: List["kind"]) => {
    const name = NAMES[kind]
    const list = decodeList(await fetchRow(hash, `${name} list`, urls))
    requireEqual(`the kind of the ${name} list`, list.kind, kind)
    return Promise.all(list.hashes.map((row, index) => fetchRow(row, `${name} ${index}`, urls)))
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

/** The registrations in the rows are those under the running hash that Topics keeps. */
export async function requireRegistrations(
  chain: Chain,
  { topicId, cutoff }: EpochTerms,
  { inputs }: Rows,
): Promise<void> {
  const entries = inputs
    .filter((row) => row[0] === KIND.registrations)
    .flatMap((row) => decodeRegistrations(row).entries)
  const [onChain] = await chain.read<[Hex, number]>({
    address: chain.deployment.topics,
    abi: topicsAbi,
    functionName: "registrationsAt",
    args: [topicId, cutoff],
  })
  requireEqual(
    "the registrations' running hash (rows, Topics)",
    registrationsHash(entries),
    onChain,
  )
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

/** The state the report names: before the first settlement the one that follows from the parameters. */
export function requireFirstState({ parameters }: EpochTerms, { context, state }: Rows): void {
  const first = genesisOf(parameters)
  requireEqual("the settled epoch", context.settledEpoch, first.epoch)
  requireEqual("the settlement's leaf", context.settledLeaf, first.leaf)
  requireEqual(
    "the state (named, the first one)",
    listHash(KIND.state, state),
    listHash(KIND.state, first.state),
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
