// Step 1: the worker. While an epoch's window is open on the chain it asks each of its models for the epoch's values,
// signs them as one submission a model, and sends that to every member until it is taken, refused, or too late.
import type { Hex } from "viem"
import type { Parameters } from "../contracts/index.ts"
import type { Answers } from "./answers.ts"
import type { Clock } from "./clock.ts"
import { decimal } from "./decimal.ts"
import { NodeError, type Refusal, refusal } from "./errors.ts"
import type { Log } from "./log.ts"
import { type Answer, deliver, type MemberClient } from "./memberclient.ts"
import type { Domain } from "./message.ts"
import { epochAt, type Schedule, windowOf } from "./schedule.ts"
import type { Worker as Registered } from "./seats.ts"
import type { Signer } from "./signer.ts"
import { encodeSubmission, type Submission, submissionDigest } from "./submission.ts"
import type { EpochTerms } from "./terms.ts"

/** One registered worker: its registration's owner, its key, and how it comes to its values, one Wad a label. */
export type WorkerModel = {
  readonly name: string
  readonly owner: Hex
  readonly signer: Signer
  readonly predict: (
    epoch: number,
    parameters: Parameters,
  ) => readonly bigint[] | Promise<readonly bigint[]>
}

/** What a worker has to know of the chain. */
export type WorkerChain = {
  /** The newest block's time in seconds; undefined before the first block. */
  readonly time: () => number | undefined
  /** The topic's schedule, which never changes. */
  readonly schedule: (topicId: number) => Schedule | undefined
  readonly terms: (topicId: number, epoch: number) => EpochTerms | undefined
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
    const name = answerName(terms, model)
    const values = answers.of(name) ?? (await model.predict(epoch, terms.parameters))
    if (stopped) return
    if (over.signal.aborted)
      return refuse(refusal("InferenceExpired", chain.time(), `before ${terms.closesAt}`), facts)
    // Where a reorganisation opened the window twice, the first answer is the one.
    const inference = answers.of(name) ?? answers.keep(name, values)
    const unsigned = { topicId, epoch, worker: model.owner, inference, extra: EXTRA }
    const digest = submissionDigest(domain, unsigned, registered as Registered)
    const submission: Submission = { ...unsigned, signature: model.signer.sign(digest) }
    counts.signed += 1
    const body = encodeSubmission(submission)
    const urls = chain.members()
    if (urls.length === 0)
      return refuse(refusal("NoMembers", "none", "an era in force, or members given"), facts)
    log.info({ ...facts, values: inference.map(decimal) }, "answers")
    await Promise.all(urls.map((url) => send(url, body, over, facts)))
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
      const terms = chain.terms(topicId, epoch)
      if (!terms) return
      const begun: Round = { epoch, over: new AbortController() }
      round = begun
      for (const model of models)
        run(begun, model, terms).catch((error: unknown) => {
          // A model that fails costs its own epoch and nobody else's.
          const code = error instanceof NodeError ? error.code : "ModelFailed"
          refusals.set(code, (refusals.get(code) ?? 0) + 1)
          log.error({ code, model: model.name, epoch, error }, "no answer for this epoch")
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
  if (registered.infererSeat === undefined)
    return refusal("NotSeated", `roles ${registered.roles}`, "an inferer's seat")
  if (registered.signer !== signer.address)
    return refusal("WrongSigner", signer.address, registered.signer)
  return undefined
}
