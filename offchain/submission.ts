// Step 1: the submission, the message in which a worker sends and signs its inference and forecast. Its form as JSON,
// and the hashes that tie it to the rows.
import { type Hex, keccak256 } from "viem"
import { z } from "zod"
import { types } from "../contracts/index.ts"
import { encodeBody, hexOf, parseBody, uint32, wad } from "./body.ts"
import type { Refusal } from "./errors.ts"
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

const NONE: Hex = `0x${"00".repeat(32)}`

const shape = z.strictObject({
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

export function parseSubmission(body: string | Uint8Array): Submission | Refusal {
  return parseBody<Submission>(body, { noun: "Submission", shape })
}

export function encodeSubmission(submission: Submission): string {
  return encodeBody(submission)
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
