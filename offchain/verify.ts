// Step 7, by anyone: recomputes one epoch's report from chain data and served rows alone, without a key, with every
// settlement that it builds on. Rows are taken by hash and chain data from the chain, so nothing that a member says is
// believed.
import { coreId } from "../wasm/index.ts"
import type { Chain } from "./chain.ts"
import { decimal } from "./decimal.ts"
import { NodeError } from "./errors.ts"
import { type EpochTerms, fetchTerms } from "./terms.ts"
import { requireEqual } from "./verify/equal.ts"
import {
  acceptedOf,
  postedBy,
  reportsOf,
  requireAttested,
  requireScheduled,
} from "./verify/posted.ts"
import {
  requireNumbers,
  requireParameters,
  requireRegistrations,
  requireSignatures,
  requireState,
  rowSource,
  rowsOf,
} from "./verify/rows.ts"
import { replayAll } from "./verify/settlements.ts"
import { POSTED_UNIT, type Status, unpackWord } from "./word.ts"

export { type Posted, requireAttested } from "./verify/posted.ts"

export type Question = {
  readonly topicId: number
  readonly epoch: number
  /** Who serves rows; default: the members of the era that signed. */
  readonly members?: readonly string[] | undefined
}

/** One step that held. */
export type Step = { readonly step: string; readonly detail: string }

export type Verified = {
  readonly topicId: number
  readonly epoch: number
  readonly values: readonly bigint[]
}

/** How far the replay of settlements has come. */
export type Progress = (done: number, of: number) => void

/** Verifies one epoch's reports, all labels; `say` hears each step that held. The chain must be followed to its head. */
export async function verify(
  question: Question,
  chain: Chain,
  say: (step: Step) => void,
  progress: Progress = () => {},
): Promise<Verified> {
  const { topicId, epoch } = question
  const { ledger, deployment } = chain
  const first = ledger.report(topicId, 0, epoch)
  if (!first) throw nothingThere(chain, question)

  // -- What the chain says --
  const status = statusOf(chain, question)
  const posted = await postedBy(chain, first.transaction)
  const { era, signers } = requireAttested(posted, chain)
  const row = rowSource(question.members ?? chain.memberUrls(era.number))
  const terms = await fetchTerms(ledger, deployment, question, row)
  const accepted = terms ? acceptedOf(chain, terms) : []
  if (!terms || accepted.length === 0) throw nothingThere(chain, question)
  const reports = reportsOf(posted, terms, accepted)
  for (const { label, context } of reports)
    requireEqual(`the context of label ${label} (its own, label 0's)`, context, first.context)
  say({
    step: "report",
    detail: `${reports.length} of transaction ${first.transaction}, as the words on chain say`,
  })
  say({ step: "status", detail: status })
  say({
    step: "attestation",
    detail: `${signers.length} of ${era.members.length}, quorum ${era.quorum}, era ${era.number}`,
  })
  requireScheduled(posted, reports, terms)
  say({ step: "schedule", detail: scheduleInWords(terms) })

  // -- What the rows say --
  const rows = await rowsOf(first.context, row)
  const all = [...rows.inputs, ...rows.state, ...rows.outputs]
  say({
    step: "rows",
    detail: `${all.length} rows, ${all.reduce((sum, row) => sum + row.length, 0)} bytes, each with the hash that was signed`,
  })
  requireParameters(rows, terms)
  say({ step: "parameters", detail: terms.parametersHash })
  await requireRegistrations(chain, terms, rows)
  say({
    step: "registrations",
    detail: `${terms.changes.length} changes under the hash that Topics keeps`,
  })
  const count = requireSignatures(chain, terms, rows)
  say({
    step: "signatures",
    detail: `${count} submissions, each by the worker's registered signer`,
  })
  const chainOfStates = await replayAll({ chain, terms, row }, progress)
  requireState(chainOfStates.past, rows)
  say({ step: "state", detail: chainOfStates.inWords })

  // -- What follows from both --
  requireEqual("the core (era's on the chain, ours here)", coreId(), era.coreId)
  say({ step: "core", detail: era.coreId })
  requireNumbers(rows, reports)
  const values = reports.map(({ value }) => value)
  say({ step: "number", detail: `recomputed: ${values.map(decimal).join(", ")}` })
  return { topicId, epoch, values }
}

/** How far the chain itself vouches for the epoch, all labels. Throws where its numbers must not be used. */
function statusOf({ ledger, deployment }: Chain, { topicId, epoch }: Question): Status {
  const labels = ledger.terms(topicId, epoch)?.parameters.labels ?? []
  const all = labels.map((_, label) => ledger.statusOf(topicId, label, epoch))
  for (const fallen of ["Refuted", "Void"] as const)
    if (all.includes(fallen))
      throw new NodeError(`Report${fallen}`, {
        sentence: `on the chain epoch ${epoch} of topic ${topicId} is ${fallen}: its number must not be used`,
        remedy: "refuse",
        given: all.join(", "),
        required: "Attested, Final or Proven",
      })
  if (all.every((each) => each === "Proven")) return "Proven"
  const now = ledger.head()?.time ?? 0
  const isFinal = labels.every((_, label) => {
    const { observedAt, postedAfter } = unpackWord(ledger.report(topicId, label, epoch)?.word ?? 0n)
    return now >= observedAt + POSTED_UNIT * postedAfter + deployment.disputeSeconds
  })
  return isFinal ? "Final" : "Attested"
}

function nothingThere({ ledger }: Chain, { topicId, epoch }: Question): NodeError {
  if (!ledger.topics().includes(topicId))
    return new NodeError("NoTopic", {
      sentence: "the chain has no such topic; `allora topic list` says which there are",
      remedy: "refuse",
      given: topicId,
      required: ledger.topics().join(", ") || "a topic created first",
    })
  const newest = ledger.newest(topicId, 0)?.epoch
  return new NodeError("NoReport", {
    sentence: `topic ${topicId} has no accepted report for epoch ${epoch}`,
    remedy: "refuse",
    given: epoch,
    required: newest === undefined ? "one that was reported; none is yet" : `one up to ${newest}`,
  })
}

function scheduleInWords({ opensAt, closesAt, parameters }: EpochTerms): string {
  const time = (seconds: number) => new Date(seconds * 1000).toISOString().replace(".000", "")
  return `window ${time(opensAt)} to ${time(closesAt)}, about ${time(closesAt + parameters.schedule.lag)}`
}
