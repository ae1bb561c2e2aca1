// What the agreement asks of a member: which submissions it holds, what the core makes of them, which leaf a body
// describes. Between agreement.ts, which knows hashes alone, and the steps that know what they mean.
import type { Hex } from "viem"
import type { Application, Submission as Held, Key, Leaf } from "./agreement.ts"
import { isRefusal, type Refusal, refusal } from "./errors.ts"
import { examine, type Pool } from "./inference.ts"
import type { Ledger } from "./ledger.ts"
import type { Domain } from "./message.ts"
import { parseReport, REPORT_KIND, type Report, reportBody, reportHash } from "./report.ts"
import { encodeSubmission, parseSubmission, type Submission } from "./submission.ts"
import { genesisOf, synthesize } from "./synthesis.ts"
import { type EpochTerms, termsOf } from "./terms.ts"

export type Steps = Pick<Application, "held" | "check" | "compute" | "leaf">

export type ApplicationOptions = {
  readonly domain: Domain
  readonly delaySeconds: number
  /** Seconds after an epoch's close for which its rows are kept. */
  readonly rowsForSeconds: number
}

export type ApplicationParts = {
  readonly ledger: Ledger
  readonly pool: Pool
  /** Keeps rows until that time, in chain seconds. */
  readonly keep: (rows: readonly Uint8Array[], until: number) => void
}

/** A topic's epoch as the agreement names what is due then. */
export function agreementKey({ topicId, epoch }: { topicId: number; epoch: number }): Key {
  return `${REPORT_KIND}/${topicId}/${epoch}`
}

/** The same apart again. */
export function epochOf(key: Key): { topicId: number; epoch: number } {
  const [, topicId, epoch] = key.split("/")
  return { topicId: Number(topicId), epoch: Number(epoch) }
}

/** A report as a leaf of the agreement. */
export function leafOf(report: Report): Leaf {
  const { topicId, label, epoch } = report
  return {
    kind: REPORT_KIND,
    topicId,
    label,
    epoch,
    hash: reportHash(report),
    body: reportBody(report),
  }
}

export function createApplication(
  { domain, delaySeconds, rowsForSeconds }: ApplicationOptions,
  { ledger, pool, keep }: ApplicationParts,
): Steps {
  const termsOfKey = (key: Key): EpochTerms | undefined =>
    termsOf(ledger, { delaySeconds }, epochOf(key))

  return {
    held(key) {
      const { topicId, epoch } = epochOf(key)
      return pool.held(topicId, epoch).map(({ hash, submission }) => heldOf(hash, submission))
    },

    check(key, bytes): Held | Refusal {
      const submission = parseSubmission(bytes)
      if (isRefusal(submission)) return submission
      const { topicId, epoch } = epochOf(key)
      if (submission.topicId !== topicId || submission.epoch !== epoch)
        return refusal(
          "WrongEpoch",
          `${submission.topicId}/${submission.epoch}`,
          `${topicId}/${epoch}`,
        )
      const terms = termsOfKey(key)
      if (!terms) return refusal("UnknownTopic", topicId, "a topic on the chain")
      const examined = examine(submission, { ...terms, domain })
      return isRefusal(examined)
        ? examined
        : { hash: examined.hash, worker: submission.worker, bytes }
    },

    async compute(key, inputs) {
      const terms = termsOfKey(key)
      const submissions = inputs.map(({ bytes }) => parseSubmission(bytes))
      const readable = submissions.filter(
        (submission): submission is Submission => !isRefusal(submission),
      )
      if (!terms || readable.length !== inputs.length) return undefined
      // Forecasts alone make no value: the epoch has no report.
      if (!readable.some(({ inference }) => inference)) return undefined
      const { reports, rows } = synthesize(terms, genesisOf(terms.parameters), readable)
      keep(rows, terms.closesAt + rowsForSeconds)
      return reports.map(leafOf)
    },

    leaf(kind, body) {
      const report = kind === REPORT_KIND ? parseReport(body) : undefined
      return report && leafOf(report)
    },
  }
}

function heldOf(hash: Hex, submission: Submission): Held {
  return { hash, worker: submission.worker, bytes: encodeSubmission(submission) }
}
