// Step 2: many inferences become one value. Here the rows are laid out and hashed; the arithmetic is in wasm/.
import type { Hex } from "viem"
import type { Parameters } from "../contracts/index.ts"
import {
  decodeValue,
  encodeForecast,
  encodeInferences,
  encodeParameters,
  encodeReportContext,
  encodeSignatures,
  genesis,
  infer,
  KIND,
  listRow,
  listRows,
  packSigma,
  rowHash,
} from "../wasm/index.ts"
import type { Report } from "./report.ts"
import { registrationRows } from "./seats.ts"
import type { Submission } from "./submission.ts"
import type { EpochTerms } from "./terms.ts"

/** The state that an epoch starts from, and the settlement that left it. */
export type Past = {
  readonly epoch: number
  /** The settlement's leaf; zero before the first one. */
  readonly leaf: Hex
  readonly state: readonly Uint8Array[]
}

export type Synthesis = {
  readonly inputs: readonly Uint8Array[]
  readonly outputs: readonly Uint8Array[]
  readonly reports: readonly Report[]
  /** Every row that the reports' context names, itself and the lists included: what members serve by hash. */
  readonly rows: readonly Uint8Array[]
}

export const NO_LEAF: Hex = `0x${"00".repeat(32)}`

/** The state before a topic's first settlement: it follows from the parameters alone. */
export function genesisOf(parameters: Parameters): Past {
  return { epoch: 0, leaf: NO_LEAF, state: genesis(encodeParameters(parameters)) }
}

/**
 * Lays out the input rows of an epoch. The submissions were admitted under the same terms: each worker has the seats
 * it needs, each entry its place.
 */
export function inputRows(
  { parameters, changes, settled, roster }: EpochTerms,
  submissions: readonly Submission[],
): Uint8Array[] {
  const seated = submissions.map((submission) => {
    const { infererSeat = 0, forecasterSeat = 0 } = roster.workers.get(submission.worker) ?? {}
    return { ...submission, infererSeat, forecasterSeat }
  })
  const inferers = seated
    .filter(({ inference }) => inference)
    .sort((a, b) => a.infererSeat - b.infererSeat)
  const forecasters = seated
    .filter(({ forecast }) => forecast)
    .sort((a, b) => a.forecasterSeat - b.forecasterSeat)
  const signatures = seated
    .map(({ inference, infererSeat, forecasterSeat, extra, signature }) => ({
      seat: inference ? infererSeat : forecasterSeat,
      extra,
      signature,
    }))
    .sort((a, b) => a.seat - b.seat)
  return [
    encodeParameters(parameters),
    ...parameters.labels.map((_, label) =>
      encodeInferences({
        label,
        entries: inferers.map(({ infererSeat, inference }) => ({
          seat: infererSeat,
          value: inference?.[label] ?? 0n,
        })),
      }),
    ),
    ...forecasters.map(({ forecasterSeat, forecast = [] }) =>
      encodeForecast({ seat: forecasterSeat, entries: forecast }),
    ),
    encodeSignatures(signatures),
    // A settled state says who sits; before the first one the registrations do.
    ...registrationRows(settled ? [] : changes),
  ]
}

/** Computes an epoch's reports, one a label, with every row they rest on. */
export function synthesize(
  terms: EpochTerms,
  past: Past,
  submissions: readonly Submission[],
): Synthesis {
  const { topicId, epoch, parameters, closesAt } = terms
  const inputs = inputRows(terms, submissions)
  const outputs = infer(inputs, past.state)
  const [stateList, ...tables] = listRows(KIND.state, past.state) as [Uint8Array, ...Uint8Array[]]
  const lists = [listRow(KIND.inputs, inputs), stateList, listRow(KIND.outputs, outputs)] as const
  const [inputsHash, stateHash, outputsHash] = lists.map(rowHash) as [Hex, Hex, Hex]
  const context = encodeReportContext({
    parametersHash: rowHash(inputs[0] as Uint8Array),
    settledEpoch: past.epoch,
    settledLeaf: past.leaf,
    stateHash,
    inputsHash,
    outputsHash,
  })
  const shared = {
    topicId,
    epoch,
    observedAt: closesAt,
    lag: parameters.schedule.lag,
    history: parameters.history,
    context: rowHash(context),
  }
  const reports = outputs
    .filter((row) => row[0] === KIND.value)
    .map(decodeValue)
    .map(({ label, combined, sigma }) => ({
      ...shared,
      label,
      value: combined,
      sigma: packSigma(sigma),
    }))
  return {
    inputs,
    outputs,
    reports,
    rows: [context, ...lists, ...tables, ...inputs, ...past.state, ...outputs],
  }
}
