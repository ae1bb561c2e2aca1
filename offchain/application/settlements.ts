// Step 6 for one key: the truths of an epoch, and the settlement that the core makes of them.
import type { Hex } from "viem"
import { decodeReportContext } from "../../wasm/index.ts"
import type { Leaf } from "../agreement.ts"
import {
  type ApplicationOptions,
  type ApplicationParts,
  type DueAgain,
  dueOf,
  type Epoch,
  type Steps,
} from "../application.ts"
import { isPresent, type TruthTerms, truthTermsOf } from "../electorate.ts"
import { isRefusal, refusal } from "../errors.ts"
import { fetchListed, registrationsSince } from "../replay.ts"
import { firstSettled } from "../schedule.ts"
import {
  parseSettlement,
  SETTLEMENT_KIND,
  type Settlement,
  settleEpoch,
  settlementBody,
  settlementHash,
  type Told,
} from "../settlement.ts"
import { encodeTruth, examineTruth, parseTruth, type Truth } from "../truth.ts"
import type { Status } from "../word.ts"
import { refuseEpoch } from "./reports.ts"

/** What nobody may use any more. */
const FALLEN: readonly Status[] = ["Void", "Refuted"]

/** A settlement as a leaf of the agreement. */
export function leafOfSettlement(settlement: Settlement): Leaf {
  const { topicId, epoch, generation } = settlement
  return {
    kind: SETTLEMENT_KIND,
    topicId,
    label: 0,
    epoch,
    generation,
    hash: settlementHash(settlement),
    body: settlementBody(settlement),
  }
}

export function createSettlementSteps(
  { domain, delaySeconds, rowsForSeconds }: ApplicationOptions,
  { ledger, truths: pool, readmission, states, terms: epochTerms, now, keep }: ApplicationParts,
): Steps {
  const termsOf = (epoch: Epoch) => truthTermsOf(ledger, { delaySeconds }, epoch)

  /** The truths here that count, if the electorate is what it will be. */
  function counted({ topicId, epoch }: Epoch, terms: TruthTerms) {
    return pool
      .held(topicId, epoch)
      .filter(({ message }) => !isRefusal(examineTruth(message, { domain, terms })))
  }

  /** One epoch after another, all of the generation that the topic has: the settlement before is on the chain, and its state is here. */
  function parentOf({ topicId, epoch, generation }: DueAgain) {
    if (generation !== ledger.generation(topicId)) return undefined
    const newest = ledger.newestSettlement(topicId)
    const schedule = ledger.terms(topicId, epoch)?.parameters.schedule
    const createdAt = ledger.createdAt(topicId)
    if (!schedule || createdAt === undefined) return undefined
    const first = firstSettled(schedule, { createdAt, delaySeconds })
    if (newest ? newest.epoch !== epoch - 1 : epoch !== first) return undefined
    const past = states.pastOf(topicId, newest)
    return past && { settled: newest, past }
  }

  /** The context of the epoch's report, if all labels are on the chain under one, and none was found wrong or void. */
  function reportOf({ topicId, epoch, parameters }: TruthTerms) {
    const reports = parameters.labels.map((_, label) =>
      FALLEN.includes(ledger.statusOf(topicId, label, epoch))
        ? undefined
        : ledger.report(topicId, label, epoch),
    )
    const context = reports[0]?.context
    return reports.every((report) => report?.context === context) ? context : undefined
  }

  /** What the report rests on. Throws where a row is nowhere. */
  async function scoredOf(
    context: Hex,
    terms: TruthTerms,
  ): Promise<Omit<Told, "truths"> | undefined> {
    const known = epochTerms(terms)
    if (!known) return undefined
    const { fetchRow } = states
    const { inputsHash, outputsHash } = decodeReportContext(await fetchRow(context, "context"))
    const inputs = await fetchListed(inputsHash, "inputs", fetchRow)
    const outputs = await fetchListed(outputsHash, "outputs", fetchRow)
    return { inputs, outputs, seats: known.roster.seats }
  }

  return {
    held(key) {
      const due = dueOf(key)
      const terms = termsOf(due)
      return (terms ? counted(due, terms) : []).map(({ hash, message }) => ({
        hash,
        worker: message.reputer,
        bytes: encodeTruth(message),
      }))
    },

    ready(key) {
      const due = dueOf(key)
      const terms = termsOf(due)
      if (!terms || !parentOf(due)) return false
      // What it was settled from before it was taken back is not here yet.
      if (!readmission.isDone(due)) return false
      if (now() >= terms.deadlineAt) return true
      const spoke = new Set(counted(due, terms).map(({ message }) => message.reputer))
      return reportOf(terms) !== undefined && isPresent(terms.electorate, spoke)
    },

    // An epoch of which nobody says anything is settled all the same, as missed.
    mandatory: () => true,

    check(key, bytes) {
      const truth = parseTruth(bytes)
      if (isRefusal(truth)) return truth
      const due = dueOf(key)
      const wrong = refuseEpoch(truth, due)
      if (wrong) return wrong
      const terms = termsOf(due)
      if (!terms) return refusal("UnknownTopic", due.topicId, "a topic on the chain")
      const examined = examineTruth(truth, { domain, terms })
      return isRefusal(examined) ? examined : { hash: examined.hash, worker: truth.reputer, bytes }
    },

    async compute(key, inputs) {
      const due = dueOf(key)
      const terms = termsOf(due)
      const parent = parentOf(due)
      if (!terms || !parent) return undefined
      const read = inputs.map(({ bytes }) => parseTruth(bytes))
      const truths = read.filter((truth): truth is Truth => !isRefusal(truth))
      const isTold = isPresent(terms.electorate, new Set(truths.map(({ reputer }) => reputer)))
      const reportContext = reportOf(terms)
      const isDecided = reportContext !== undefined && isTold
      // Before the deadline truths or report may still come.
      if (!isDecided && now() < terms.deadlineAt) return undefined
      const scored = isDecided ? await scoredOf(reportContext, terms) : undefined
      if (isDecided && !scored) return undefined
      const { settlement, state, rows } = settleEpoch({
        terms,
        generation: due.generation,
        past: parent.past,
        ...registrationsSince(ledger, { delaySeconds }, due, parent.settled),
        reportContext,
        told: scored && { ...scored, truths },
      })
      states.made(state)
      keep(rows, terms.closesAt + rowsForSeconds)
      return [leafOfSettlement(settlement)]
    },

    // The twin is asked for what a consumer reads: value and sigma.
    confirm: async () => "confirmed",

    leaf(body) {
      const settlement = parseSettlement(body)
      return settlement && leafOfSettlement(settlement)
    },
  }
}
