// Verifying, the chain of states: every settlement that a report builds on, from the first one, with the quorum behind
// it, the truths and their signatures, the report it scores, and the state that it leaves.
import type { Hex } from "viem"
import { domain } from "../../contracts/index.ts"
import { decodeElectorate, decodeRoster, KIND, quality, rowHash } from "../../wasm/index.ts"
import type { Chain } from "../chain.ts"
import { type TruthTerms, truthTermsOf } from "../electorate.ts"
import { isRefusal, NodeError } from "../errors.ts"
import type { Settled } from "../ledger.ts"
import { type FetchRow, firstPast, type Replayed, replay } from "../replay.ts"
import { firstSettled, slotOf } from "../schedule.ts"
import { registrationsHash } from "../seats.ts"
import { settlementHash } from "../settlement.ts"
import { NO_LEAF, type Past } from "../synthesis.ts"
import { type EpochTerms, fetchTerms } from "../terms.ts"
import { examineTruth, truthsIn } from "../truth.ts"
import type { Progress } from "../verify.ts"
import { requireEqual } from "./equal.ts"
import { requireAttestedLeaves, settledBy } from "./posted.ts"
import { requireKept, rowsOf } from "./rows.ts"

export type ChainOfStates = {
  /** The state that the report builds on. */
  readonly past: Past
  readonly inWords: string
}

type Around = { readonly chain: Chain; readonly row: FetchRow }

/** Replays and checks all settlements up to the one that the epoch builds on. */
export async function replayAll(
  { chain, terms, row }: Around & { readonly terms: EpochTerms },
  progress: Progress,
): Promise<ChainOfStates> {
  const { ledger, deployment } = chain
  const { topicId, settled } = terms
  const all = ledger.settlements(topicId)
  const chained = settled ? all.slice(0, all.indexOf(settled) + 1) : []
  let past = firstPast(ledger, topicId) as Past
  let told = 0
  let missed = 0
  for (const [done, next] of chained.entries()) {
    progress(done, chained.length)
    await requireSettled({ chain, row }, next, past)
    const replayed = await replay(next, { ledger, ...deployment, past }, row)
    const truths = await requireTold({ chain, row }, next, replayed)
    told += truths
    if (truths === 0) missed += 1
    past = replayed.past
  }
  progress(chained.length, chained.length)
  if (!settled) return { past, inWords: "the first one, which follows from the parameters" }
  const settlements = chained.length === 1 ? "1 settlement" : `${chained.length} settlements`
  const inWords = `of epoch ${settled.epoch}: ${settlements} replayed from the first state, ${told} truths by registered reputers, ${missed} epochs missed`
  return { past, inWords }
}

/** The chain's side of one settlement: its quorum, its place after the one before, its time. */
async function requireSettled({ chain }: Around, settled: Settled, past: Past): Promise<void> {
  const { topicId, epoch } = settled
  const { ledger, deployment } = chain
  const posted = await settledBy(chain, settled.transaction)
  const leaves = posted.leaves.map(settlementHash)
  requireAttestedLeaves({ ...posted, leaves }, chain)
  requireEqual("the settlement's leaf (signed, in the event)", leaves.includes(settled.leaf), true)
  requireEqual("the settlement's leaf (its event's, hashed)", settlementHash(settled), settled.leaf)
  requireEqual("the pot", settled.pot, 0n)
  const schedule = ledger.terms(topicId, epoch)?.parameters.schedule
  const createdAt = ledger.createdAt(topicId)
  if (!schedule || createdAt === undefined) return
  const first = firstSettled(schedule, { createdAt, ...deployment })
  const required = past.leaf === NO_LEAF ? first : past.epoch + 1
  requireEqual("the settled epoch (given, the next one)", epoch, required)
  const slot = slotOf(schedule, { kind: "settlement", epoch })
  requireEqual("the slot (signed, by the schedule)", posted.batch.slot, slot)
}

/** The rows' side: who could speak, who spoke, what was scored. Answers how many truths there are, 0 for a missed epoch. */
async function requireTold(
  { chain, row }: Around,
  settled: Settled,
  { past, context, inputs }: Replayed,
): Promise<number> {
  const { ledger, deployment } = chain
  const terms = truthTermsOf(ledger, deployment, settled) as TruthTerms
  requireEqual("the settlement's parameters", context.parametersHash, terms.parametersHash)
  const changes = ledger.changes(settled.topicId, terms.cutoff)
  await requireKept(chain, terms, registrationsHash(changes))
  requireEqual(
    "the quality word (signed, recomputed)",
    settled.quality,
    quality(inputs, past.state),
  )
  const accepted = ledger.report(settled.topicId, 0, settled.epoch)
  if (context.inputsHash === NO_LEAF) {
    if (context.reportContext !== NO_LEAF)
      requireEqual("the report that was missed", context.reportContext, accepted?.context)
    if (settled.acceptedAt >= terms.deadlineAt) return 0
    throw new NodeError("Mismatch", {
      sentence: `epoch ${settled.epoch} was settled as missed before its deadline`,
      remedy: "refuse",
      given: settled.acceptedAt,
      required: `${terms.deadlineAt} or later`,
    })
  }
  requireEqual("the report that is scored", context.reportContext, accepted?.context)
  await requireScored({ chain, row }, settled, { context: context.reportContext, inputs })
  const electors = inputs.filter((each) => each[0] === KIND.electorate).flatMap(decodeElectorate)
  const inText = (entries: readonly { reputer: Hex; stake: bigint }[]) =>
    entries.map(({ reputer, stake }) => `${reputer} ${stake}`).join()
  requireEqual(
    "the electorate (rows, Topics and Stakes)",
    inText(electors),
    inText(terms.electorate),
  )
  const truths = truthsIn(settled, inputs)
  for (const truth of truths) {
    const examined = examineTruth(truth, { domain: domain(deployment), terms })
    if (isRefusal(examined))
      throw new NodeError(examined.code, {
        sentence: `the truth of ${truth.reputer} about epoch ${settled.epoch} does not hold`,
        remedy: "refuse",
        given: examined.given,
        required: examined.required,
      })
  }
  return truths.length
}

/** What is scored is what the report rests on, by those who sat then. */
async function requireScored(
  { chain, row }: Around,
  settled: Settled,
  { context, inputs }: { readonly context: Hex; readonly inputs: readonly Uint8Array[] },
): Promise<void> {
  const { ledger, deployment } = chain
  const report = await rowsOf(context, row)
  const hashes = (rows: readonly Uint8Array[], kinds: readonly number[]) =>
    rows
      .filter((each) => kinds.includes(each[0] as number))
      .map(rowHash)
      .join()
  const said = [KIND.inferences, KIND.forecast]
  requireEqual(
    "inferences and forecasts (scored, reported)",
    hashes(inputs, said),
    hashes(report.inputs, said),
  )
  const made = [KIND.value, KIND.implied, KIND.counterfactuals]
  requireEqual("values (scored, reported)", hashes(inputs, made), hashes(report.outputs, made))
  const terms = await fetchTerms(ledger, deployment, settled, row)
  const seats = inputs.filter((each) => each[0] === KIND.roster).flatMap(decodeRoster)
  const inText = (all: readonly { seat: number; owner: Hex }[] = []) =>
    all.map(({ seat, owner }) => `${seat} ${owner}`).join()
  requireEqual("who sat where (rows, by the chain)", inText(seats), inText(terms?.roster.seats))
}
