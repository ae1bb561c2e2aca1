// Step 1: the worker. While an epoch's window is open on the chain it asks each of its models for the epoch's values,
// signs them as one submission a model, and sends that to every member until it is taken, refused, or too late.
import type { Hex } from "viem"
import type { Answers, Prediction } from "./answers.ts"
import type { Clock } from "./clock.ts"
import { decimal } from "./decimal.ts"
import { isRefusal, NodeError, type Refusal, refusal } from "./errors.ts"
import { examine } from "./inference.ts"
import type { Log } from "./log.ts"
import { type Answer, deliver, type MemberClient } from "./memberclient.ts"
import type { Domain } from "./message.ts"
import { epochAt, type Schedule, windowOf } from "./schedule.ts"
import type { Worker as Registered } from "./seats.ts"
import type { Signer } from "./signer.ts"
import { encodeSubmission, type Submission, submissionDigest } from "./submission.ts"
import type { EpochTerms } from "./terms.ts"

/** How much time there is for an answer. */
export type Limits = {
  /** Of chain time, until the window closes. */
  readonly seconds: number
  /** Aborted when the window closes, or the worker is stopped. */
  readonly signal: AbortSignal
}

/** One registered worker: its registration's owner, its key, and how it comes to what it says of an epoch. */
export type WorkerModel = {
  readonly name: string
  readonly owner: Hex
  readonly signer: Signer
  readonly predict: (
    terms: EpochTerms,
    limits: Limits,
  ) => Prediction | Refusal | Promise<Prediction | Refusal>
}

/** What a worker has to know of the chain. */
export type WorkerChain = {
  /** The newest block's time in seconds; undefined before the first block. */
  readonly time: () => number | undefined
  /** The topic's schedule, which never changes. */
  readonly schedule: (topicId: number) => Schedule | undefined
  /** Undefined while it is not known: then it is asked for again at the next block. */
  readonly terms: (
    topicId: number,
    epoch: number,
  ) => EpochTerms | undefined | Promise<EpochTerms | undefined>
  /** Where the members are reached. */
  readonly members: () => readonly string[]
}

export type WorkerOptions = {
  readonly topicId: number
  readonly domain: Domain
  readonly models: readonly WorkerModel[]
}

export type WorkerDeps = {
  readonly chain: WorkerChain
  readonly members: MemberClient
  readonly answers: Answers
  readonly clock: Clock
  readonly log: Pick<Log, "debug" | "info" | "warn" | "error">
}

export type WorkerCounts = {
  /** Submissions signed, one a model and epoch. */
  readonly signed: number
  /** How often a member took one. */
  readonly taken: number
  /** How often a member could not be reached or did not answer. */
  readonly failed: number
  /** Members that had not taken one when the window closed. */
  readonly missed: number
  /** Refusals by code: the members', and our own of models that cannot take part in an epoch. */
  readonly refusals: Readonly<Record<string, number>>
}

/** An epoch whose window is open; aborted when it closes. */
type Round = { readonly epoch: number; readonly over: AbortController }

const EXTRA: Hex = `0x${"00".repeat(32)}`

export function createWorker(options: WorkerOptions, deps: WorkerDeps) {
  const { topicId, domain, models } = options
  const { chain, members, answers, clock, log } = deps
  const refusals = new Map<string, number>()
  const counts = { signed: 0, taken: 0, failed: 0, missed: 0 }
  let round: Round | undefined
  let stopped = false

  function refuse({ code, given, required }: Refusal, facts: object) {
    refusals.set(code, (refusals.get(code) ?? 0) + 1)
    log.warn({ code, given, required, ...facts }, "refused")
  }

  function endRound() {
    round?.over.abort()
    round = undefined
  }

  /** Sends to one member, and counts what comes of it. */
  async function send(url: string, body: string, { signal }: AbortController, facts: object) {
    const seen = (answer: Answer) => {
      if (answer.outcome === "taken") counts.taken += 1
      else if (answer.outcome === "refused") refuse(answer.refusal, { ...facts, url })
      else if (!signal.aborted) {
        counts.failed += 1
        log.debug({ ...facts, url, reason: answer.reason }, "a member could not be reached")
      }
    }
    if ((await deliver({ url, body, signal }, { members, clock, seen })) || stopped) return
    counts.missed += 1
    log.warn({ ...facts, url }, "a member had not taken the submission when the window closed")
  }

  /** All that an answer depends on, so that old keys on a fresh chain start afresh. */
  const answerName = ({ epoch, parametersHash }: EpochTerms, { owner }: WorkerModel) =>
    [domain.chainId, domain.verifyingContract, topicId, parametersHash, epoch, owner].join("/")

  async function run({ epoch, over }: Round, model: WorkerModel, terms: EpochTerms) {
    const facts = { model: model.name, topicId, epoch }
    const registered = terms.roster.workers.get(model.owner)
    const unfit = refuseRegistration(model, registered, terms.cutoff)
    if (unfit) return refuse(unfit, facts)
    const worker = registered as Registered
    const name = answerName(terms, model)
    const seconds = terms.closesAt - (chain.time() ?? terms.closesAt)
    const said = answers.of(name) ?? (await model.predict(terms, { seconds, signal: over.signal }))
    if (stopped) return
    if (over.signal.aborted)
      return refuse(refusal("InferenceExpired", chain.time(), `before ${terms.closesAt}`), facts)
    if (isRefusal(said)) return refuse(said, facts)
    // Where a reorganisation opened the window twice, the first answer is the one.
    const first = answers.of(name)
    const prediction = first ?? seated(said, worker, (code) => refuse(code, facts))
    if (!prediction.inference && !prediction.forecast) return
    const unsigned = { topicId, epoch, worker: model.owner, ...prediction, extra: EXTRA }
    const digest = submissionDigest(domain, unsigned, worker)
    const submission: Submission = { ...unsigned, signature: model.signer.sign(digest) }
    // What no member would take is said here, and not kept: a model that is mended may answer again.
    const verdict = examine(submission, { domain, ...terms })
    if (isRefusal(verdict)) return refuse(verdict, facts)
    if (!first) answers.keep(name, prediction)
    counts.signed += 1
    const body = encodeSubmission(submission)
    const urls = chain.members()
    if (urls.length === 0)
      return refuse(refusal("NoMembers", "none", "an era in force, or members given"), facts)
    log.info({ ...facts, ...spoken(prediction) }, "answers")
    await Promise.all(urls.map((url) => send(url, body, over, facts)))
  }

  /** Starts every model once the epoch's terms are known. */
  async function begin(begun: Round) {
    const { epoch, over } = begun
    const terms = await chain.terms(topicId, epoch)
    if (over.signal.aborted) return
    if (!terms) return endRound()
    for (const model of models)
      run(begun, model, terms).catch((error: unknown) => {
        if (!stopped) failed(error, { model: model.name, topicId, epoch })
      })
  }

  /** A model that fails costs its own epoch and nobody else's. */
  function failed(error: unknown, facts: object) {
    const code = error instanceof NodeError ? error.code : "ModelFailed"
    refusals.set(code, (refusals.get(code) ?? 0) + 1)
    log.error({ code, ...facts, error }, "no answer for this epoch")
  }

  return {
    /** To be called at each new block. Starts the epoch whose window is open, once; never waits. */
    blockSeen(): void {
      if (stopped) return
      const time = chain.time()
      const schedule = chain.schedule(topicId)
      if (time === undefined || schedule === undefined) return
      const epoch = epochAt(schedule, time)
      const window = epoch === undefined ? undefined : windowOf(schedule, epoch)
      const open = window && time >= window.opensAt && time < window.closesAt
      if (round && !(open && epoch === round.epoch)) endRound()
      if (round || !open || epoch === undefined) return
      const begun: Round = { epoch, over: new AbortController() }
      round = begun
      begin(begun).catch((error: unknown) => {
        if (round === begun) endRound()
        log.warn({ topicId, epoch, error }, "the epoch's terms are not known yet")
      })
    },

    counts: (): WorkerCounts => ({ ...counts, refusals: Object.fromEntries(refusals) }),

    /** Sends nothing more. */
    stop(): void {
      stopped = true
      endRound()
    },
  }
}

export type Worker = ReturnType<typeof createWorker>

/** Why a model cannot take part in an epoch; the members would say the same. */
function refuseRegistration(
  { owner, signer }: WorkerModel,
  registered: Registered | undefined,
  cutoff: number,
): Refusal | undefined {
  if (!registered) return refusal("Unregistered", owner, `registered at ${cutoff} or before`)
  if (registered.infererSeat === undefined && registered.forecasterSeat === undefined)
    return refusal("NotSeated", `roles ${registered.roles}`, "a seat")
  if (registered.signer !== signer.address)
    return refusal("WrongSigner", signer.address, registered.signer)
  return undefined
}

/** The parts of an answer that the worker has a seat for; `refuse` is told of the others. */
function seated(
  { inference, forecast }: Prediction,
  { infererSeat, forecasterSeat }: Registered,
  refuse: (refusal: Refusal) => void,
): Prediction {
  if (inference && infererSeat === undefined)
    refuse(refusal("NotSeated", "an inference", "an inferer's seat"))
  if (forecast && forecasterSeat === undefined)
    refuse(refusal("NotSeated", "a forecast", "a forecaster's seat"))
  return {
    ...(inference && infererSeat !== undefined ? { inference } : {}),
    ...(forecast && forecasterSeat !== undefined ? { forecast } : {}),
  }
}

/** For a log line. */
function spoken({ inference, forecast }: Prediction) {
  const losses = forecast?.map(({ seat, loss }) => `${seat}: ${decimal(loss)}`)
  return { ...(inference && { values: inference.map(decimal) }), ...(losses && { losses }) }
}
