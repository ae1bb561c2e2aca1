// Steps 1 and 6: the JSON in which anyone sends a submission or a truth, read strictly: nothing missing, nothing unknown,
// numbers of the path as decimal text.
import type { Hex } from "viem"
import { z } from "zod"
import { type Refusal, refusal } from "./errors.ts"

/** The longest body that is parsed at all. */
export const BODY_LIMIT_BYTES = 65_536

const INT128_LIMIT = 2n ** 127n

export const uint32 = z.number().int().min(0).max(0xffffffff)

export const hexOf = (bytes: number) =>
  z
    .string()
    .regex(new RegExp(`^0x[0-9a-fA-F]{${bytes * 2}}$`), `0x and ${bytes * 2} hex digits`)
    .transform((text) => text.toLowerCase() as Hex)

export const wad = z
  .string()
  .regex(/^(0|-?[1-9]\d{0,38})$/, "a whole number of 1e-18 as decimal text")
  .transform((text) => BigInt(text))
  .refine((value) => value >= -INT128_LIMIT && value < INT128_LIMIT, "a number of 128 bits")

/** Reads a body of that shape; a refusal's code is Malformed or Oversized with the noun, such as MalformedTruth. */
export function parseBody<T>(
  body: string | Uint8Array,
  { noun, shape }: { readonly noun: "Submission" | "Truth"; readonly shape: z.ZodType<T> },
): T | Refusal {
  // A server stops reading there, so how long the whole was is not known.
  if (Buffer.byteLength(body) > BODY_LIMIT_BYTES) {
    const limit = `${BODY_LIMIT_BYTES} bytes`
    return refusal(`Oversized${noun}`, `more than ${limit}`, `at most ${limit}`)
  }
  let value: unknown
  try {
    value = JSON.parse(typeof body === "string" ? body : Buffer.from(body).toString("utf8"))
  } catch {
    return refusal(`Malformed${noun}`, "no JSON", "a JSON object")
  }
  const parsed = shape.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  return refusal(`Malformed${noun}`, issue?.path.join(".") || "the object", issue?.message)
}

export function encodeBody(message: object): string {
  return JSON.stringify(message, (_, value) =>
    typeof value === "bigint" ? value.toString() : value,
  )
}
