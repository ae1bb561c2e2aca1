// Step 1: the submission, the message in which a worker sends and signs its inference and forecast. Its form as JSON,
// and the hashes that tie it to the rows.
import { type Hex, keccak256 } from "viem"
import { z } from "zod"
import { types } from "../contracts/index.ts"
import { type Refusal, refusal } from "./errors.ts"
import { type Domain, digestOf, structHasher } from "./message.ts"
import type { Worker } from "./seats.ts"

export type Forecast = readonly { readonly seat: number; readonly loss: bigint }[]

/** One worker's answer for one epoch; a worker with both roles sends one that carries both. */
export type Submission = {
  readonly topicId: number
  readonly epoch: number
  /** The worker's owner. */
  readonly worker: Hex
  /** A Wad per label. */
  readonly inference?: readonly bigint[]
  /** Expected log10 losses of inferers, by ascending seat. */
  readonly forecast?: Forecast
  readonly extra: Hex
  readonly signature: Hex
}

/** The longest body that is parsed at all. */
export const SUBMISSION_LIMIT_BYTES = 65_536

const NONE: Hex = `0x${"00".repeat(32)}`
const INT128_LIMIT = 2n ** 127n

const uint32 = z.number().int().min(0).max(0xffffffff)
const hexOf = (bytes: number) =>
  z
    .string()
    .regex(new RegExp(`^0x[0-9a-fA-F]{${bytes * 2}}$`), `0x and ${bytes * 2} hex digits`)
    .transform((text) => text.toLowerCase() as Hex)
const wad = z
  .string()
  .regex(/^(0|-?[1-9]\d{0,38})$/, "a whole number of 1e-18 as decimal text")
  .transform((text) => BigInt(text))
  .refine((value) => value >= -INT128_LIMIT && value < INT128_LIMIT, "a number of 128 bits")

const json = z.strictObject({
  topicId: uint32,
  epoch: uint32,
  worker: hexOf(20),
  inference: z.array(wad).min(1).max(64).exactOptional(),
  forecast: z
    .array(z.strictObject({ seat: z.number().int().min(0).max(127), loss: wad }))
    .min(1)
    .max(128)
    .exactOptional(),
  extra: hexOf(32),
  signature: hexOf(64),
})

/** Reads a submission from JSON, strictly: nothing missing, nothing unknown, numbers of the path as decimal text. */
export function parseSubmission(body: string | Uint8Array): Submission | Refusal {
  // A server stops reading there, so how long the whole was is not known.
  if (Buffer.byteLength(body) > SUBMISSION_LIMIT_BYTES) {
    const limit = `${SUBMISSION_LIMIT_BYTES} bytes`
    return refusal("OversizedSubmission", `more than ${limit}`, `at most ${limit}`)
  }
  let value: unknown
  try {
    value = JSON.parse(typeof body === "string" ? body : Buffer.from(body).toString("utf8"))
  } catch {
    return refusal("MalformedSubmission", "no JSON", "a JSON object")
  }
  const parsed = json.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  return refusal("MalformedSubmission", issue?.path.join(".") || "the object", issue?.message)
}

export function encodeSubmission(submission: Submission): string {
  return JSON.stringify(submission, (_, value) =>
    typeof value === "bigint" ? value.toString() : value,
  )
}

const structHash = structHasher<{
  topicId: number
  epoch: number
  inference: Hex
  forecast: Hex
  extra: Hex
}>("Submission", types.Submission)

/** The struct hash that names a submission; its entries carry the worker's seats, exactly as in the rows. */
export function submissionHash(submission: Omit<Submission, "signature">, worker: Worker): Hex {
  const { topicId, epoch, extra } = submission
  return structHash({
    topicId,
    epoch,
    inference: inferenceHash(submission.inference, worker.infererSeat),
    forecast: forecastHash(submission.forecast, worker.forecasterSeat),
    extra,
  })
}

/** What the worker's signer signs. */
export function submissionDigest(
  domain: Domain,
  submission: Omit<Submission, "signature">,
  worker: Worker,
): Hex {
  return digestOf(domain, submissionHash(submission, worker))
}

// Both hashes cover the entries as they stand in the rows 0x12 and 0x13: seat in 1 byte, count in 2, Wads in 16.
function inferenceHash(values: readonly bigint[] | undefined, seat: number | undefined): Hex {
  if (!values) return NONE
  return hashOf(values.map((value) => hex(seat as number, 1) + hex(value, 16)).join(""))
}

function forecastHash(forecast: Forecast | undefined, seat: number | undefined): Hex {
  if (!forecast) return NONE
  const entries = forecast.map((entry) => hex(entry.seat, 1) + hex(entry.loss, 16)).join("")
  return hashOf(hex(seat as number, 1) + hex(forecast.length, 2) + entries)
}

function hex(value: number | bigint, bytes: number): string {
  return BigInt.asUintN(bytes * 8, BigInt(value))
    .toString(16)
    .padStart(bytes * 2, "0")
}

function hashOf(digits: string): Hex {
  return keccak256(Buffer.from(digits, "hex"))
}
