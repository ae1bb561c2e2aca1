// What a whole quorum may sign although it is not so: reports with rows that go with them, made as an honest committee
// would make them but for one thing.
import type { Report } from "../../offchain/report.ts"
import type { Submission } from "../../offchain/submission.ts"
import { genesisOf, synthesize } from "../../offchain/synthesis.ts"
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
import { modelSigners, signedSubmission, termsAt } from "./committee.ts"
import type { Flow } from "./support.ts"

const ONE = 10n ** 18n

/** What an honest committee would report for an epoch in which all four models say the same. */
export function honest(flow: Flow, terms: EpochTerms) {
  const submissions = modelSigners(flow, terms.topicId).map((signer) =>
    signedSubmission(flow, terms, signer, { inference: [1_300n * ONE] }),
  )
  return { submissions, ...synthesize(terms, genesisOf(terms.parameters), submissions) }
}

export type Forged = {
  readonly reports: readonly Report[]
  readonly rows: readonly Uint8Array[]
  /** The slot of the batch, where it is not the reports' own. */
  readonly slot?: number
}

/** Rows and report as they would be with other output rows. */
function withOutputs(
  flow: Flow,
  terms: EpochTerms,
  change: (row: Uint8Array) => Uint8Array,
): Forged {
  const { rows, outputs, reports } = honest(flow, terms)
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
  flow: Flow,
  terms: EpochTerms,
  change: (submissions: readonly Submission[]) => readonly Submission[],
): Forged => synthesize(terms, genesisOf(terms.parameters), change(honest(flow, terms).submissions))

/** What is forged, what has to be found, and how it is made for an epoch. */
export const FORGERIES: readonly [
  what: string,
  differs: RegExp,
  forge: (flow: Flow, terms: EpochTerms) => Forged,
][] = [
  [
    "a batch of another slot, where signing twice would convict nobody",
    /^the slot \(signed, by the schedule\) differs/,
    (flow, terms) => ({ ...honest(flow, terms), slot: terms.closesAt + 1 }),
  ],
  [
    "a value that the rows do not give",
    /^the output row 0, value \(signed, recomputed\) differs/,
    (flow, terms) =>
      withOutputs(flow, terms, (row) => {
        if (row[0] !== KIND.value) return row
        const value = decodeValue(row)
        return encodeValue({ ...value, combined: value.combined + 1n })
      }),
  ],
  [
    "a report that does not say what its own value row says",
    /^the value of label 0 \(signed, recomputed\) differs/,
    (flow, terms) => {
      const { reports, rows } = honest(flow, terms)
      return { rows, reports: reports.map((report) => ({ ...report, value: report.value + 1n })) }
    },
  ],
  [
    "a sigma that the rows do not give",
    /^sigma of label 0 \(signed, recomputed\) differs/,
    (flow, terms) => {
      const { reports, rows } = honest(flow, terms)
      return { rows, reports: reports.map((report) => ({ ...report, sigma: 0 })) }
    },
  ],
  [
    "a submission that its worker did not sign",
    /^the signer of seat 0 \(recovered, registered\) differs/,
    (flow, terms) =>
      withSubmissions(flow, terms, ([first, ...others]) => [
        { ...(first as Submission), inference: [1_400n * ONE] },
        ...others,
      ]),
  ],
  [
    "registrations that the chain does not have",
    /^the registrations' running hash \(rows, Topics\) differs/,
    (flow, terms) => {
      const { submissions } = honest(flow, terms)
      const changes = terms.changes.slice(0, -1)
      return synthesize({ ...terms, changes }, genesisOf(terms.parameters), submissions)
    },
  ],
  [
    "parameters of another topic",
    /^the parameters differs/,
    (flow, terms) => {
      const { parameters } = termsAt(flow, 2, terms.epoch)
      const { submissions } = honest(flow, terms)
      const other = { ...terms, parameters: { ...terms.parameters, money: parameters.money } }
      return synthesize(other, genesisOf(other.parameters), submissions)
    },
  ],
  [
    "a settlement that there was not",
    /^the settled epoch differs/,
    (flow, terms) => {
      const { submissions } = honest(flow, terms)
      return synthesize(terms, { ...genesisOf(terms.parameters), epoch: 1 }, submissions)
    },
  ],
  [
    "a time that is not the schedule's",
    /^observedAt \(signed, by the schedule\) differs/,
    (flow, terms) => {
      const { reports, rows } = honest(flow, terms)
      return {
        rows,
        reports: reports.map((report) => ({ ...report, observedAt: report.observedAt - 1 })),
      }
    },
  ],
]
