// A member's application over a settled topic: a chain that shows the first so many settlements, and what it holds.
import assert from "node:assert/strict"
import type { Submission as Held, Key } from "../../offchain/agreement.ts"
import { createApplication } from "../../offchain/application.ts"
import { createSubmissionPool } from "../../offchain/inference.ts"
import { createLog } from "../../offchain/log.ts"
import { type Submission, submissionHash } from "../../offchain/submission.ts"
import { termsOf } from "../../offchain/terms.ts"
import { createTruthPool, type Truth, truthHash } from "../../offchain/truth.ts"
import { type AskTwin, createTwin } from "../../offchain/twin.ts"
import { follower } from "./follower.ts"
import { DELAY_SECONDS, DOMAIN, TOPIC } from "./reputers.ts"
import type { SettledTopic } from "./settled.ts"

const DELAY = { delaySeconds: DELAY_SECONDS }
export const KEPT_SECONDS = 5_000
export const reportKey = (epoch: number): Key => `1/${TOPIC}/${epoch}`
export const settlementKey = (epoch: number, generation = 0): Key =>
  `2/${TOPIC}/${epoch}/${generation}`

/** Ascending by worker, as the agreement hands them over. */
export const asInputs = (held: readonly Held[]) =>
  [...held].sort((a, b) => (a.worker < b.worker ? -1 : 1))

/** A member to which the chain shows the first so many settlements, with what it holds. */
export async function applicant(
  topic: SettledTopic,
  {
    settled = topic.settlements.length,
    hasStates = true,
    hidden,
    fallen,
    generation = 0,
    ask,
  }: {
    settled?: number
    hasStates?: boolean
    /** A label whose reports the chain does not show. */
    hidden?: number
    /** A label whose reports the chain says are refuted. */
    fallen?: number
    /** Of the topic's next settlement. */
    generation?: number
    /** What the twin on the chain answers. */
    ask?: AskTwin
  } = {},
) {
  const shown = topic.ledgerWith(topic.settlements.slice(0, settled))
  const ledger: typeof shown = {
    ...shown,
    report: (topicId, label, epoch) =>
      label === hidden ? undefined : shown.report(topicId, label, epoch),
    statusOf: (topicId, label, epoch) =>
      label === fallen ? "Refuted" : shown.statusOf(topicId, label, epoch),
    generation: () => generation,
  }
  const { states, asked } = follower(ledger, topic.rows)
  if (hasStates) await states.catchUp()
  const submissions = createSubmissionPool()
  const truths = createTruthPool()
  const clock = { now: 0 }
  const readmitted = { isDone: true }
  const log = createLog({ level: "silent" })
  const kept: { rows: readonly Uint8Array[]; until: number }[] = []
  const application = createApplication(
    { domain: DOMAIN, ...DELAY, rowsForSeconds: KEPT_SECONDS },
    {
      ledger,
      submissions,
      truths,
      readmission: { isDone: () => readmitted.isDone },
      states,
      twin: ask && createTwin({ ask, log }),
      terms: (epoch) => termsOf(ledger, DELAY, epoch, states.seatsAfter),
      now: () => clock.now,
      keep: (rows, until) => void kept.push({ rows, until }),
    },
  )
  const rosterOf = (epoch: number) => {
    const terms = termsOf(ledger, DELAY, { topicId: TOPIC, epoch }, states.seatsAfter)
    assert.ok(terms)
    return terms.roster
  }
  const hold = {
    submission(submission: Submission) {
      const worker = rosterOf(submission.epoch).workers.get(submission.worker)
      assert.ok(worker)
      submissions.take({ hash: submissionHash(submission, worker), message: submission })
    },
    truth: (truth: Truth) => void truths.take({ hash: truthHash(truth), message: truth }),
  }
  return { application, states, asked, clock, kept, rosterOf, hold, ledger, readmitted }
}
