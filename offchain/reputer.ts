// Step 6: the reputer. Once the time has come that an epoch's value is about, it signs what happened and sends that to every
// member, again and again, until the epoch is settled or past its deadline: what members hold does not outlive a restart.
import type { Hex } from "viem"
import type { Answers } from "./answers.ts"
import { decimal } from "./decimal.ts"
import { truthTermsOf } from "./electorate.ts"
import { isRefusal, NodeError, type Refusal, refusal } from "./errors.ts"
import type { Ledger } from "./ledger.ts"
import type { Domain } from "./message.ts"
import { EPOCH_LIMIT, firstSettled, type Schedule, truthTimes } from "./schedule.ts"
import type { Signer } from "./signer.ts"
import { refuseReputer } from "./standing.ts"
import { createTelling, STOPPED, type TellingCounts, type TellingDeps } from "./telling.ts"
import { encodeTruth, examineTruth, truthDigest } from "./truth.ts"

/** One registered reputer. */
export type Identity = {
  readonly owner: Hex
  readonly signer: Signer
  /** What it said of each epoch, so that it never says two things. */
  readonly answers: Answers
}

export type ReputerOptions = {
  readonly topicId: number
  readonly domain: Domain
  readonly reputers: readonly Identity[]
  /** What happened, a Wad a label. Throws `NodeError` while nobody knows, and is asked again at the next block. */
  readonly truth: (epoch: number) => readonly bigint[]
  /** How long after one answer of a member the same truth is sent to it again. */
  readonly resendMs: number
}

export type ReputerChain = {
  readonly ledger: Ledger
  readonly delaySeconds: number
  /** Where the members are reached. */
  readonly members: () => readonly string[]
}

export type ReputerDeps = TellingDeps & { readonly chain: ReputerChain }

/** What came of it; `signed` counts the truths signed, one a reputer and epoch. */
export type ReputerCounts = TellingCounts & { readonly signed: number }

/** A signed truth as JSON, and the members that it goes to. */
type Speech = { readonly body: string; readonly told: Set<string> }

/** An epoch that is to be settled; aborted when it is, or when its deadline has passed. */
type Round = {
  readonly epoch: number
  readonly over: AbortController
  readonly speeches: Map<Hex, Speech>
  /** What was said in the log already. */
  readonly complaints: Set<string>
}

const EXTRA: Hex = `0x${"00".repeat(32)}`
/** Epochs at a time: they settle one after another, so the oldest are the ones that matter. */
const ROUNDS_LIMIT = 256

export function createReputer(options: ReputerOptions, deps: ReputerDeps) {
  const { topicId, domain, reputers, truth } = options
  const { chain, log } = deps
  const { ledger, delaySeconds } = chain
  const telling = createTelling(options, deps)
  const rounds = new Map<number, Round>()
  let signed = 0
  let stopped = false

  /** Refuses a reputer's part in an epoch, once for each reason. */
  function complain({ epoch, complaints }: Round, reputer: Hex, why: Refusal) {
    const complaint = `${reputer}/${why.code}`
    if (complaints.has(complaint)) return
    complaints.add(complaint)
    telling.refuse(why, { topicId, epoch, reputer }, "warn")
  }

  /** All that a truth depends on, so that old keys on a fresh chain start afresh. */
  const answerName = (parametersHash: Hex, epoch: number, owner: Hex) =>
    [domain.chainId, domain.verifyingContract, topicId, parametersHash, epoch, owner, "truth"].join(
      "/",
    )

  /** Signs what the reputer says of the epoch, or says why it cannot. */
  function speechOf(round: Round, { owner, signer, answers }: Identity): Speech | Refusal {
    const { epoch } = round
    const terms = truthTermsOf(ledger, chain, { topicId, epoch })
    if (!terms) return refusal("WrongEpoch", epoch, "an epoch of the topic's schedule")
    const unfit = refuseReputer(ledger, terms, { owner, signer: signer.address })
    if (unfit) return unfit
    const name = answerName(terms.parametersHash, epoch, owner)
    const first = answers.of(name)?.inference
    const values = first ?? truth(epoch)
    const unsigned = { topicId, epoch, reputer: owner, values, extra: EXTRA }
    const said = { ...unsigned, signature: signer.sign(truthDigest(domain, unsigned)) }
    // What no member would take is said here, and not kept: a source that is mended may be asked again.
    const verdict = examineTruth(said, { domain, terms })
    if (isRefusal(verdict)) return verdict
    if (!first) answers.keep(name, { inference: values })
    signed += 1
    log.info({ topicId, epoch, reputer: owner, values: values.map(decimal) }, "says what happened")
    return { body: encodeTruth(said), told: new Set() }
  }

  /** One reputer's part in an epoch: called at each block, it does what is not done yet. */
  function speak(round: Round, reputer: Identity): void {
    const { owner } = reputer
    let speech = round.speeches.get(owner)
    if (!speech) {
      const made = speechOf(round, reputer)
      if (isRefusal(made)) return complain(round, owner, made)
      speech = made
      round.speeches.set(owner, speech)
    }
    const urls = chain.members()
    if (urls.length === 0)
      complain(round, owner, refusal("NoMembers", "none", "an era in force, or members given"))
    const facts = { topicId, epoch: round.epoch, reputer: owner }
    for (const url of urls) {
      if (speech.told.has(url)) continue
      speech.told.add(url)
      void telling.tell({ url, body: speech.body, signal: round.over.signal }, facts)
    }
  }

  /** The same, where a source or a disk that fails costs this reputer this block and nobody anything else. */
  function speakSafely(round: Round, reputer: Identity): void {
    try {
      speak(round, reputer)
    } catch (error) {
      const known = error instanceof NodeError
      const { given, required } = known ? error.facts : { given: error, required: "a truth" }
      complain(round, reputer.owner, refusal(known ? error.code : "TruthFailed", given, required))
    }
  }

  return {
    /** To be called at each new block; never waits. */
    blockSeen(): void {
      const time = ledger.head()?.time
      const schedule = ledger.terms(topicId, 0)?.parameters.schedule
      if (stopped || time === undefined || schedule === undefined) return
      const next = nextSettled(ledger, { topicId, schedule, delaySeconds })
      const open = epochsBetween(schedule, next, time)
      for (const [epoch, { over }] of rounds) {
        if (open.includes(epoch)) continue
        over.abort()
        rounds.delete(epoch)
      }
      for (const epoch of open) {
        const round = rounds.get(epoch) ?? roundOf(epoch)
        rounds.set(epoch, round)
        for (const reputer of reputers) speakSafely(round, reputer)
      }
    },

    counts: (): ReputerCounts => ({ signed, ...telling.counts() }),

    /** Sends nothing more. */
    stop(): void {
      stopped = true
      for (const { over } of rounds.values()) over.abort(STOPPED)
      rounds.clear()
    },
  }
}

export type Reputer = ReturnType<typeof createReputer>

function roundOf(epoch: number): Round {
  return { epoch, over: new AbortController(), speeches: new Map(), complaints: new Set() }
}

/** The epoch that the next settlement can be of. */
function nextSettled(
  ledger: Ledger,
  {
    topicId,
    schedule,
    delaySeconds,
  }: { topicId: number; schedule: Schedule; delaySeconds: number },
): number {
  const newest = ledger.newestSettlement(topicId)
  if (newest) return newest.epoch + 1
  return firstSettled(schedule, { createdAt: ledger.createdAt(topicId) ?? 0, delaySeconds })
}

/** From `next` on, those whose truth can be known at `time` and whose deadline is to come; the oldest first. */
function epochsBetween(schedule: Schedule, next: number, time: number): readonly number[] {
  const first = truthTimes(schedule, schedule.firstEpoch)
  const newestSince = (start: number) =>
    schedule.firstEpoch + Math.floor((time - start) / schedule.length)
  const from = Math.max(next, newestSince(first.deadlineAt) + 1)
  const to = Math.min(newestSince(first.aboutAt), EPOCH_LIMIT - 1)
  const length = Math.min(to - from + 1, ROUNDS_LIMIT)
  return Array.from({ length: Math.max(length, 0) }, (_, index) => from + index)
}
