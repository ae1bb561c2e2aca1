// Step 1: the inference. Who is let in: `admit` holds every rule that anyone can break, cheapest first, and answers with a
// refusal, never an exception.
import type { Parameters } from "../contracts/index.ts"
import { isRefusal, type Refusal, refusal } from "./errors.ts"
import { type Domain, digestOf } from "./message.ts"
import { type Admitted, createIntake, createPool, type Intake, type Pool } from "./pool.ts"
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
  const inferers = new Set(
    seats.flatMap(({ seat }) => (seat < FIRST_FORECASTER_SEAT ? [seat] : [])),
  )
  let previous = -1
  for (const { seat, loss } of forecast) {
    // The row holds each seat once, in order; anything else would not decode.
    if (seat <= previous)
      return refusal("MalformedSubmission", `seat ${seat} after ${previous}`, "ascending seats")
    // Who leaves makes a hole, which stays until a settlement.
    if (!inferers.has(seat)) return refusal("UnknownSeat", seat, "a seat that is taken")
    if (loss < -LOSS_LIMIT || loss > LOSS_LIMIT) {
      return refusal("LossOutOfRange", loss, `${-LOSS_LIMIT} to ${LOSS_LIMIT}`)
    }
    previous = seat
  }
  return undefined
}

/** What this member took in before the close, by topic and epoch: the first submission of a worker counts. */
export function createSubmissionPool(): Pool<Submission> {
  return createPool<Submission>(({ worker }) => worker, "DuplicateInference")
}

/**
 * The way in for a submission from anyone. `admissionOf` answers for a topic and epoch, with a refusal where there is no
 * such topic.
 */
export function createSubmissionIntake(
  pool: Pool<Submission>,
  admissionOf: (topicId: number, epoch: number) => Promise<Admission | Refusal>,
): Intake {
  return createIntake(pool, {
    parse: parseSubmission,
    async admit(submission) {
      const admission = await admissionOf(submission.topicId, submission.epoch)
      return isRefusal(admission) ? admission : admit(submission, admission)
    },
  })
}
