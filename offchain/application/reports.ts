// Steps 1 to 3 for one key: the submissions of an epoch, and the reports that the core makes of them.
import type { Submission as Held, Leaf } from "../agreement.ts"
import {
  type ApplicationOptions,
  type ApplicationParts,
  dueOf,
  type Steps,
} from "../application.ts"
import { isRefusal, type Refusal, refusal } from "../errors.ts"
import { examine } from "../inference.ts"
import { parseReport, REPORT_KIND, type Report, reportBody, reportHash } from "../report.ts"
import { encodeSubmission, parseSubmission, type Submission } from "../submission.ts"
import { synthesize } from "../synthesis.ts"

/** A report as a leaf of the agreement. */
export function leafOfReport(report: Report): Leaf {
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

export function createReportSteps(
  { domain, rowsForSeconds }: ApplicationOptions,
  { submissions: pool, states, terms, twin, keep }: ApplicationParts,
): Steps {
  return {
    held(key) {
      const { topicId, epoch } = dueOf(key)
      return pool.held(topicId, epoch).map(({ hash, message }) => ({
        hash,
        worker: message.worker,
        bytes: encodeSubmission(message),
      }))
    },

    // Without the state that the epoch builds on nothing can be checked.
    ready: (key) => terms(dueOf(key)) !== undefined,

    mandatory: () => false,

    check(key, bytes): Held | Refusal {
      const submission = parseSubmission(bytes)
      if (isRefusal(submission)) return submission
      const due = dueOf(key)
      const wrong = refuseEpoch(submission, due)
      if (wrong) return wrong
      const known = terms(due)
      if (!known) return refusal("StateUnknown", due.topicId, "a topic whose state is here")
      const examined = examine(submission, { ...known, domain })
      return isRefusal(examined)
        ? examined
        : { hash: examined.hash, worker: submission.worker, bytes }
    },

    async compute(key, inputs) {
      const known = terms(dueOf(key))
      const past = known && states.pastOf(known.topicId, known.settled)
      const submissions = inputs.map(({ bytes }) => parseSubmission(bytes))
      const readable = submissions.filter(
        (submission): submission is Submission => !isRefusal(submission),
      )
      if (!known || !past || readable.length !== inputs.length) return undefined
      // Forecasts alone make no value: the epoch has no report.
      if (!readable.some(({ inference }) => inference)) return undefined
      const made = synthesize(known, past, readable)
      keep(made.rows, known.closesAt + rowsForSeconds)
      twin?.made(made, past.state)
      return made.reports.map(leafOfReport)
    },

    // The very rows that were hashed when it was computed; where the era has no twin, our core's word is enough.
    confirm: async (_, leaves) =>
      twin ? twin.confirms(leaves.map(({ hash }) => hash)) : "confirmed",

    leaf(body) {
      const report = parseReport(body)
      return report && leafOfReport(report)
    },
  }
}

/** Why a message is not of the epoch that a key names. */
export function refuseEpoch(
  given: { readonly topicId: number; readonly epoch: number },
  due: { readonly topicId: number; readonly epoch: number },
): Refusal | undefined {
  if (given.topicId === due.topicId && given.epoch === due.epoch) return undefined
  return refusal("WrongEpoch", `${given.topicId}/${given.epoch}`, `${due.topicId}/${due.epoch}`)
}
