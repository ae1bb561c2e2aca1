// Reports that a whole quorum signs although the chain knows better: made as an honest committee would make them, rows,
// numbers and hashes, but for one thing that is not so.
import type { Hex } from "viem"
import type { Claim } from "../../offchain/dispute/claims.ts"
import { type Domain, digestOf } from "../../offchain/message.ts"
import type { Report } from "../../offchain/report.ts"
import { registrationRows } from "../../offchain/seats.ts"
import type { Signer } from "../../offchain/signer.ts"
import { type Submission, submissionHash } from "../../offchain/submission.ts"
import { genesisOf, inputRows, NO_LEAF, type Past } from "../../offchain/synthesis.ts"
import type { EpochTerms } from "../../offchain/terms.ts"
import {
  decodeForecast,
  decodeInferences,
  decodeSignatures,
  decodeValue,
  encodeForecast,
  encodeInferences,
  encodeParameters,
  encodeQuality,
  encodeReportContext,
  encodeSignatures,
  infer,
  KIND,
  listRow,
  listRows,
  packSigma,
  type ReportContext,
  rowHash,
} from "../../wasm/index.ts"

export const OTHER: Hex = `0x${"55".repeat(32)}`
export const WAD = 10n ** 18n

/** What is expected: the claim by which it falls, that it is struck, or that the chain cannot judge it. */
export type Fate = Claim | "struck" | "said"

export type Keys = {
  readonly domain: Domain
  /** A key that the topic does not know. */
  readonly stranger: Signer
}

/** An epoch to be reported. The worker on seat 2 said nothing in it. */
export type Reporting = Keys & {
  readonly terms: EpochTerms
  readonly past: Past
  readonly submissions: readonly Submission[]
  /** The state of the settlement before the last one. */
  readonly older?: Past | undefined
}

export type Reports = {
  readonly leaves: readonly Report[]
  readonly rows: readonly Uint8Array[]
  /** The slot of the batch, where it is not the window's close. */
  readonly slot?: number
}

export type Change = (row: Uint8Array) => Uint8Array

/** What the core makes of these rows, and reports that say so. */
function reportsOf(
  { terms, past }: Pick<Reporting, "terms" | "past">,
  inputs: readonly Uint8Array[],
  said: Partial<ReportContext> = {},
): Reports {
  const outputs = infer(inputs, past.state)
  const [stateList, ...tables] = listRows(KIND.state, past.state) as [Uint8Array, ...Uint8Array[]]
  const lists = [listRow(KIND.inputs, inputs), listRow(KIND.outputs, outputs)] as const
  const context = encodeReportContext({
    parametersHash: rowHash(inputs[0] as Uint8Array),
    settledEpoch: past.epoch,
    settledLeaf: past.leaf,
    stateHash: rowHash(stateList),
    inputsHash: rowHash(lists[0]),
    outputsHash: rowHash(lists[1]),
    ...said,
  })
  const { topicId, epoch, closesAt, parameters } = terms
  const leaves = outputs
    .filter(([kind]) => kind === KIND.value)
    .map(decodeValue)
    .map(({ label, combined, sigma }) => ({
      topicId,
      label,
      epoch,
      observedAt: closesAt,
      lag: parameters.schedule.lag,
      history: parameters.history,
      value: combined,
      sigma: packSigma(sigma),
      context: rowHash(context),
    }))
  return {
    leaves,
    rows: [context, ...lists, stateList, ...tables, ...inputs, ...past.state, ...outputs],
  }
}

const inputsOf = ({ terms, submissions }: Reporting) => inputRows(terms, submissions)

export const honestReports = (given: Reporting): Reports => reportsOf(given, inputsOf(given))

const withLeaf =
  (change: (leaf: Report) => Partial<Report>) =>
  (given: Reporting): Reports => {
    const { leaves, rows } = honestReports(given)
    return { rows, leaves: leaves.map((leaf) => ({ ...leaf, ...change(leaf) })) }
  }

const withContext = (said: (given: Reporting) => Partial<ReportContext>) => (given: Reporting) =>
  reportsOf(given, inputsOf(given), said(given))

/** Rows of some kinds are replaced, in the inputs. */
const withRows = (changes: (given: Reporting) => Readonly<Record<number, Change>>) => {
  return (given: Reporting): Reports => {
    const each = changes(given)
    const inputs = inputsOf(given).map((row) => each[row[0] as number]?.(row) ?? row)
    return reportsOf(given, inputs)
  }
}

export const inferring =
  (seat: number, value: bigint): Change =>
  (row) => {
    const { label, entries } = decodeInferences(row)
    const others = entries.filter((entry) => entry.seat !== seat)
    const all = [...others, { seat, value }].sort((a, b) => a.seat - b.seat)
    return encodeInferences({ label, entries: all })
  }

type Signed = ReturnType<typeof decodeSignatures>
const signing =
  (change: (signatures: Signed) => Signed): Change =>
  (row) =>
    encodeSignatures([...change(decodeSignatures(row))].sort((a, b) => a.seat - b.seat))

/** What somebody signs as the submission of a seat. */
function signedBy(
  { domain, terms: { topicId, epoch, parameters } }: Reporting,
  signer: Signer,
  { seat, value }: { readonly seat: number; readonly value: bigint },
): Signed[number] {
  const worker = { owner: signer.address, signer: signer.address, roles: 1, infererSeat: seat }
  const inference = parameters.labels.map(() => value)
  const unsigned = { topicId, epoch, worker: signer.address, inference, extra: NO_LEAF }
  const signature = signer.sign(digestOf(domain, submissionHash(unsigned, worker)))
  return { seat, extra: NO_LEAF, signature }
}

export const SILENT = { seat: 2, value: 99n * WAD }
const EMPTY = { seat: 9, value: 99n * WAD }

const otherState = (past: Past): Past => ({
  ...past,
  state: past.state.map((row) =>
    row[0] === KIND.quality
      ? encodeQuality({ losses: undefined, coverage: undefined, missed: 7 })
      : row,
  ),
})

export type Case<Given, Made> = readonly [what: string, fate: Fate, make: (given: Given) => Made]

/** Of any epoch. */
const ANY_REPORT: readonly Case<Reporting, Reports>[] = [
  [
    "a time that is not the schedule's",
    "Schedule",
    withLeaf(({ observedAt }) => ({ observedAt: observedAt - 1 })),
  ],
  ["a lag that is not the schedule's", "Schedule", withLeaf(({ lag }) => ({ lag: lag + 1 }))],
  [
    "a history that the topic does not have",
    "Schedule",
    withLeaf(({ history }) => ({ history: history + 1 })),
  ],
  ["an epoch far ahead", "Schedule", withLeaf(() => ({ epoch: 100_000 }))],
  [
    "parameters that the topic does not have",
    "Parameters",
    withRows(({ terms: { parameters } }) => {
      const money = { ...parameters.money, workerBond: 1n }
      return { [KIND.parameters]: () => encodeParameters({ ...parameters, money }) }
    }),
  ],
  [
    "a context that is none",
    "Parameters",
    (given) => {
      const { leaves, rows } = honestReports(given)
      const context = Uint8Array.of(1, 2, 3)
      return {
        leaves: leaves.map((leaf) => ({ ...leaf, context: rowHash(context) })),
        rows: [...rows, context],
      }
    },
  ],
  [
    "the epoch of a settlement that there was not",
    "State",
    withContext(({ past }) => ({ settledEpoch: past.epoch + 1 })),
  ],
  [
    "another state than the one named",
    "State",
    (given) => reportsOf({ ...given, past: otherState(given.past) }, inputsOf(given)),
  ],
  [
    "an inference that nobody signed",
    "Submission",
    withRows(() => ({ [KIND.inferences]: inferring(SILENT.seat, SILENT.value) })),
  ],
  [
    "an inference that a stranger signed",
    "Submission",
    withRows((given) => ({
      [KIND.inferences]: inferring(SILENT.seat, SILENT.value),
      [KIND.signatures]: signing((all) => [...all, signedBy(given, given.stranger, SILENT)]),
    })),
  ],
  [
    "a stranger on a seat that nobody has",
    "Submission",
    withRows((given) => ({
      [KIND.inferences]: inferring(EMPTY.seat, EMPTY.value),
      [KIND.signatures]: signing((all) => [...all, signedBy(given, given.stranger, EMPTY)]),
    })),
  ],
  [
    "another inference than the one that was signed",
    "Submission",
    withRows(() => ({ [KIND.inferences]: inferring(0, 98n * WAD) })),
  ],
  [
    "a signature of a worker without entries",
    "Submission",
    withRows((given) => ({
      [KIND.signatures]: signing((all) => [...all, signedBy(given, given.stranger, SILENT)]),
    })),
  ],
  [
    "another forecast than the one that was signed",
    "Submission",
    withRows(() => ({
      [KIND.forecast]: (row) => {
        const { seat, entries } = decodeForecast(row)
        return encodeForecast({
          seat,
          entries: entries.map((each) => ({ ...each, loss: each.loss + 1n })),
        })
      },
    })),
  ],
  [
    "a forecast that nobody signed",
    "Submission",
    withRows(() => ({
      [KIND.signatures]: signing((all) => all.filter(({ seat }) => seat < 128)),
    })),
  ],
  [
    "a slot in which signing twice would convict nobody",
    "said",
    (given) => ({ ...honestReports(given), slot: given.terms.closesAt + 1 }),
  ],
]

/** Before the first settlement. */
export const FIRST_REPORTS: readonly Case<Reporting, Reports>[] = [
  ...ANY_REPORT,
  ["an epoch before the first", "Schedule", withLeaf(() => ({ epoch: 0 }))],
  [
    "a registration left out",
    "Registrations",
    (given) => {
      const changes = given.terms.changes.slice(0, -1)
      return reportsOf(given, inputsOf({ ...given, terms: { ...given.terms, changes } }))
    },
  ],
  [
    "a registration invented",
    "Registrations",
    (given) => {
      const { address } = given.stranger
      const invented = { change: "joined", roles: 1, owner: address, signer: address } as const
      const changes = [...given.terms.changes, invented]
      return reportsOf(given, inputsOf({ ...given, terms: { ...given.terms, changes } }))
    },
  ],
]

/** After it. */
export const LATER_REPORTS: readonly Case<Reporting, Reports>[] = [
  ...ANY_REPORT,
  [
    "registrations that the state has taken up",
    "Row",
    (given) => reportsOf(given, [...inputsOf(given), ...registrationRows(given.terms.changes)]),
  ],
  [
    "a settlement that is not the last before the window",
    "struck",
    (given) => reportsOf({ ...given, past: given.older as Past }, inputsOf(given)),
  ],
  [
    "no settlement, where there was one",
    "struck",
    (given) => {
      const past = genesisOf(given.terms.parameters)
      const terms = { ...given.terms, settled: undefined }
      return reportsOf({ ...given, past }, inputsOf({ ...given, terms }))
    },
  ],
  ["a settlement that the chain never took", "struck", withContext(() => ({ settledLeaf: OTHER }))],
]
