// What a whole quorum may sign although it is not so: reports with rows that go with them, made as an honest committee
// would make them but for one thing.
import type { Report } from "../../offchain/report.ts"
import type { Submission } from "../../offchain/submission.ts"
import { type Past, synthesize } from "../../offchain/synthesis.ts"
import type { EpochTerms } from "../../offchain/terms.ts"
import {
  decodeReportContext,
  decodeValue,
  encodeReportContext,
  encodeValue,
  KIND,
  listRow,
  rowHash,
} from "../../wasm/index.ts"
import { modelSigners, signedSubmission } from "./committee.ts"
import type { Flow } from "./support.ts"

const ONE = 10n ** 18n

/** An epoch to be reported: what stands about it, the state it builds on, and another topic's terms. */
export type Ground = {
  readonly flow: Flow
  readonly terms: EpochTerms
  readonly past: Past
  readonly other: EpochTerms
}

/** What an honest committee would report for an epoch in which all models say the same. */
export function honest({ flow, terms, past }: Ground) {
  const submissions = modelSigners(flow, terms.topicId).map((signer) =>
    signedSubmission(flow, terms, signer, { inference: [1_300n * ONE] }),
  )
  return { submissions, ...synthesize(terms, past, submissions) }
}

export type Forged = {
  readonly reports: readonly Report[]
  readonly rows: readonly Uint8Array[]
  /** The slot of the batch, where it is not the reports' own. */
  readonly slot?: number
}

/** Rows and report as they would be with other output rows. */
export function withOutputs(ground: Ground, change: (row: Uint8Array) => Uint8Array): Forged {
  const { rows, outputs, reports } = honest(ground)
  const forged = outputs.map(change)
  const list = listRow(KIND.outputs, forged)
  const context = encodeReportContext({
    ...decodeReportContext(rows[0] as Uint8Array),
    outputsHash: rowHash(list),
  })
  const [row] = forged.filter((each) => each[0] === KIND.value).map(decodeValue)
  return {
    rows: [...rows, ...forged, list, context],
    reports: reports.map((report) => ({
      ...report,
      value: row?.combined as bigint,
      context: rowHash(context),
    })),
  }
}

const withSubmissions = (
  ground: Ground,
  change: (submissions: readonly Submission[]) => readonly Submission[],
): Forged => synthesize(ground.terms, ground.past, change(honest(ground).submissions))

/** What is forged, what has to be found, and how it is made for an epoch. */
export const FORGERIES: readonly [
  what: string,
  differs: RegExp,
  forge: (ground: Ground) => Forged,
][] = [
  [
    "a batch of another slot, where signing twice would convict nobody",
    /^the slot \(signed, by the schedule\) differs/,
    (ground) => ({ ...honest(ground), slot: ground.terms.closesAt + 1 }),
  ],
  [
    "a value that the rows do not give",
    /^the output row 0, value \(signed, recomputed\) differs/,
    (ground) =>
      withOutputs(ground, (row) => {
        if (row[0] !== KIND.value) return row
        const value = decodeValue(row)
        return encodeValue({ ...value, combined: value.combined + 1n })
      }),
  ],
  [
    "a report that does not say what its own value row says",
    /^the value of label 0 \(signed, recomputed\) differs/,
    (ground) => {
      const { reports, rows } = honest(ground)
      return { rows, reports: reports.map((report) => ({ ...report, value: report.value + 1n })) }
    },
  ],
  [
    "a sigma that the rows do not give",
    /^sigma of label 0 \(signed, recomputed\) differs/,
    (ground) => {
      const { reports, rows } = honest(ground)
      return { rows, reports: reports.map((report) => ({ ...report, sigma: 0 })) }
    },
  ],
  [
    "a submission that its worker did not sign",
    /^the signer of seat 0 \(recovered, registered\) differs/,
    (ground) =>
      withSubmissions(ground, ([first, ...others]) => [
        { ...(first as Submission), inference: [1_400n * ONE] },
        ...others,
      ]),
  ],
  [
    "registrations that the chain does not have",
    /^the registrations' running hash \(rows, Topics\) differs/,
    (ground) => {
      const { terms, past } = ground
      const { submissions } = honest(ground)
      // As if there had been no settlement, which carries what it took up.
      return synthesize({ ...terms, settled: undefined }, past, submissions)
    },
  ],
  [
    "parameters of another topic",
    /^the parameters differs/,
    (ground) => {
      const { terms, past, other } = ground
      const { submissions } = honest(ground)
      const { money } = other.parameters
      return synthesize({ ...terms, parameters: { ...terms.parameters, money } }, past, submissions)
    },
  ],
  [
    "a settlement that there was not",
    /^the settled epoch \(named, by the chain\) differs/,
    (ground) => {
      const { submissions } = honest(ground)
      const past = { ...ground.past, epoch: ground.past.epoch + 1 }
      return synthesize(ground.terms, past, submissions)
    },
  ],
  [
    "a time that is not the schedule's",
    /^observedAt \(signed, by the schedule\) differs/,
    (ground) => {
      const { reports, rows } = honest(ground)
      return {
        rows,
        reports: reports.map((report) => ({ ...report, observedAt: report.observedAt - 1 })),
      }
    },
  ],
]
