// Step 1: the inference. Who is let in and what is held until the close: `admit` holds every rule that anyone can
// break, cheapest first, and answers with a refusal, never an exception.
import type { Hex } from "viem"
import type { Parameters } from "../contracts/index.ts"
import { isRefusal, type Refusal, refusal } from "./errors.ts"
import { type Domain, digestOf } from "./message.ts"
import { epochAt, isEpoch, type Schedule, windowOf } from "./schedule.ts"
import { FIRST_FORECASTER_SEAT, type Roster, type Worker } from "./seats.ts"
import { recover } from "./signer.ts"
import { type Forecast, parseSubmission, type Submission, submissionHash } from "./submission.ts"

/** What has to be known about the topic and the epoch. */
export type Terms = {
  readonly domain: Domain
  readonly parameters: Pick<Parameters, "labels" | "schedule" | "arithmetic">
  /** As registered D before the epoch's window opened, signers included. */
  readonly roster: Roster
}

/** The same, and the time of the newest block. */
export type Admission = Terms & { readonly chainTime: number }

export type Admitted = { readonly hash: Hex }

/** A submission that was let in, under its struct hash. */
export type Held = { readonly hash: Hex; readonly submission: Submission }

const ONE = 10n ** 18n
/** The core takes losses within it: log10 of anything measured lies far inside. */
export const LOSS_LIMIT = 1000n * ONE

/** The submission's hash if it counts, else the first rule that it breaks. */
export function admit(submission: Submission, admission: Admission): Admitted | Refusal {
  const { schedule } = admission.parameters
  return (
    refuseTime(submission.epoch, schedule, admission.chainTime) ?? examine(submission, admission)
  )
}

/** The rules that hold at any time: what another member passes on after the close is held to these. */
export function examine(
  submission: Submission,
  { domain, parameters, roster }: Terms,
): Admitted | Refusal {
  const worker = roster.workers.get(submission.worker)
  if (!worker)
    return refusal("Unregistered", submission.worker, "registered before the epoch's cut-off")
  const unfit =
    refuseSeat(submission, worker) ??
    refuseInference(submission.inference, parameters) ??
    refuseForecast(submission.forecast, roster)
  if (unfit) return unfit
  const hash = submissionHash(submission, worker)
  const signer = recover(digestOf(domain, hash), submission.signature)
  if (signer !== worker.signer)
    return refusal("BadSignature", signer ?? "no signature", worker.signer)
  return { hash }
}

function refuseTime(epoch: number, schedule: Schedule, chainTime: number): Refusal | undefined {
  const current = epochAt(schedule, chainTime)
  if (!isEpoch(schedule, epoch)) {
    return refusal("WrongEpoch", epoch, `the running epoch, ${current ?? "none"}`)
  }
  const { opensAt, closesAt } = windowOf(schedule, epoch)
  // What comes at or after the close does not count, whoever passes it on.
  if (chainTime >= closesAt) return refusal("InferenceExpired", chainTime, `before ${closesAt}`)
  if (current === undefined || epoch > current) {
    return refusal("WrongEpoch", epoch, `the running epoch, ${current ?? "none"}`)
  }
  if (chainTime < opensAt) return refusal("WindowNotOpen", chainTime, `${opensAt} or later`)
  return undefined
}

function refuseSeat({ inference, forecast }: Submission, worker: Worker): Refusal | undefined {
  if (!inference && !forecast)
    return refusal("MalformedSubmission", "neither", "an inference or a forecast")
  if (inference && worker.infererSeat === undefined) {
    return refusal("NotSeated", "an inference", "an inferer's seat")
  }
  if (forecast && worker.forecasterSeat === undefined) {
    return refusal("NotSeated", "a forecast", "a forecaster's seat")
  }
  return undefined
}

function refuseInference(
  inference: readonly bigint[] | undefined,
  { labels, arithmetic }: Admission["parameters"],
): Refusal | undefined {
  if (!inference) return undefined
  const { minimum, maximum, requireUnity, unityTolerance } = arithmetic
  if (inference.length !== labels.length) {
    return refusal("WrongLabels", `${inference.length} values`, `${labels.length}, one per label`)
  }
  const outside = inference.find((value) => value < minimum || value > maximum)
  if (outside !== undefined) return refusal("OutOfRange", outside, `${minimum} to ${maximum}`)
  if (!requireUnity) return undefined
  const sum = inference.reduce((total, value) => total + value, 0n)
  const distance = sum > ONE ? sum - ONE : ONE - sum
  return distance > unityTolerance
    ? refusal("NotUnity", sum, `${ONE} within ${unityTolerance}`)
    : undefined
}

function refuseForecast(forecast: Forecast | undefined, { seats }: Roster): Refusal | undefined {
  if (!forecast) return undefined
  const inferers = seats.filter((taken) => taken.seat < FIRST_FORECASTER_SEAT).length
  let previous = -1
  for (const { seat, loss } of forecast) {
    // The row holds each seat once, in order; anything else would not decode.
    if (seat <= previous)
      return refusal("MalformedSubmission", `seat ${seat} after ${previous}`, "ascending seats")
    if (seat >= inferers)
      return refusal("UnknownSeat", seat, `a seat that is taken, below ${inferers}`)
    if (loss < -LOSS_LIMIT || loss > LOSS_LIMIT) {
      return refusal("LossOutOfRange", loss, `${-LOSS_LIMIT} to ${LOSS_LIMIT}`)
    }
    previous = seat
  }
  return undefined
}

export type Pool = ReturnType<typeof createPool>

/** What this member took in before the close, by topic and epoch: the first submission of a worker counts. */
export function createPool() {
  const epochs = new Map<string, Map<Hex, Held>>()
  const keyOf = (topicId: number, epoch: number) => `${topicId}/${epoch}`

  return {
    /** Keeps it; the same one again is taken as kept, a second different one is refused. */
    take(held: Held): Admitted | Refusal {
      const { topicId, epoch, worker } = held.submission
      const key = keyOf(topicId, epoch)
      const workers = epochs.get(key) ?? new Map<Hex, Held>()
      epochs.set(key, workers)
      const first = workers.get(worker)
      if (first && first.hash !== held.hash)
        return refusal("DuplicateInference", held.hash, first.hash)
      if (!first) workers.set(worker, held)
      return { hash: held.hash }
    },
    held(topicId: number, epoch: number): readonly Held[] {
      return [...(epochs.get(keyOf(topicId, epoch))?.values() ?? [])]
    },
    /** Forgets a topic's epochs before `epoch`. */
    prune(topicId: number, epoch: number): void {
      for (const key of epochs.keys()) {
        const [topic, at] = key.split("/").map(Number) as [number, number]
        if (topic === topicId && at < epoch) epochs.delete(key)
      }
    },
  }
}

/**
 * The way in for a body from anyone: parse, admit, keep; each refusal is counted under its code.
 * `admissionOf` answers for a topic and epoch, with a refusal where there is no such topic.
 */
export function createIntake(
  pool: Pool,
  admissionOf: (topicId: number, epoch: number) => Promise<Admission | Refusal>,
) {
  const counts = new Map<string, number>()

  const take = async (body: string | Uint8Array) => {
    const submission = parseSubmission(body)
    if (isRefusal(submission)) return submission
    const admission = await admissionOf(submission.topicId, submission.epoch)
    if (isRefusal(admission)) return admission
    const admitted = admit(submission, admission)
    return isRefusal(admitted) ? admitted : pool.take({ hash: admitted.hash, submission })
  }

  return {
    async take(body: string | Uint8Array): Promise<Admitted | Refusal> {
      const taken = await take(body)
      if (isRefusal(taken)) counts.set(taken.code, (counts.get(taken.code) ?? 0) + 1)
      return taken
    },
    /** Refusals so far, by code. */
    refusals(): Readonly<Record<string, number>> {
      return Object.fromEntries(counts)
    },
  }
}
