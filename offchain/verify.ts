// Step 7, by anyone: recomputes one epoch's report from chain data and served rows alone, without a key. Rows are
// taken by hash and chain data from the chain, so nothing that a member says is believed.
import { coreId } from "../wasm/index.ts"
import type { Chain } from "./chain.ts"
import { decimal } from "./decimal.ts"
import { NodeError } from "./errors.ts"
import { type EpochTerms, termsOf } from "./terms.ts"
import { requireEqual } from "./verify/equal.ts"
import {
  acceptedOf,
  postedBy,
  reportsOf,
  requireAttested,
  requireScheduled,
} from "./verify/posted.ts"
import {
  requireFirstState,
  requireNumbers,
  requireParameters,
  requireRegistrations,
  requireSignatures,
  rowsOf,
} from "./verify/rows.ts"

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

/** Verifies one epoch's reports, all labels; `say` hears each step that held. The chain must be followed to its head. */
export async function verify(
  question: Question,
  chain: Chain,
  say: (step: Step) => void,
): Promise<Verified> {
  const { topicId, epoch } = question
  const terms = termsOf(chain.ledger, chain.deployment, question)
  const accepted = terms ? acceptedOf(chain, terms) : []
  const [first] = accepted
  if (!terms || !first) throw nothingThere(chain, question)

  // -- What the chain says --
  const posted = await postedBy(chain, first.transaction)
  const { era, signers } = requireAttested(posted, chain)
  const reports = reportsOf(posted, terms, accepted)
  for (const { label, context } of reports)
    requireEqual(`the context of label ${label} (its own, label 0's)`, context, first.context)
  say({
    step: "report",
    detail: `${reports.length} of transaction ${first.transaction}, as the words on chain say`,
  })
  say({
    step: "attestation",
    detail: `${signers.length} of ${era.members.length}, quorum ${era.quorum}, era ${era.number}`,
  })
  requireScheduled(posted, reports, terms)
  say({ step: "schedule", detail: scheduleInWords(terms) })

  // -- What the rows say --
  const urls = question.members ?? chain.memberUrls(era.number)
  const rows = await rowsOf(first.context, urls)
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
  requireFirstState(terms, rows)
  say({ step: "state", detail: "the first one, which follows from the parameters" })

  // -- What follows from both --
  requireEqual("the core (era's on the chain, ours here)", coreId(), era.coreId)
  say({ step: "core", detail: era.coreId })
  requireNumbers(rows, reports)
  const values = reports.map(({ value }) => value)
  say({ step: "number", detail: `recomputed: ${values.map(decimal).join(", ")}` })
  return { topicId, epoch, values }
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
