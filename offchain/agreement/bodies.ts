// Step 3, agreement: what each sort of message says, and the strict form in which it is read. Sorts and their senders:
//
//   VIEW     to all       a view above 0 was entered
//   OBSERVE  to leader    submissions held, by hash; locks (their certificates enclosed)
//   WANT     to observer  submissions that the leader has not seen;  GIVE is the answer
//   PROPOSE  to all       the observations (enclosed), the submissions, the leaves
//   PREPARE  to leader    the leaf hashes accepted
//   CERTIFY  to all       the certified leaves (q or more PREPAREs enclosed)
//   SIGN     to all       the batch's root, under the batch's own signature
//   ATTEST   to any       a batch's leaves with q signatures
import type { Hex } from "viem"
import { z } from "zod"

export const TYPES = [
  "VIEW",
  "OBSERVE",
  "WANT",
  "GIVE",
  "PROPOSE",
  "PREPARE",
  "CERTIFY",
  "SIGN",
  "ATTEST",
] as const
export type Type = (typeof TYPES)[number]

// Seats are at most 38, so no honest member holds this many submissions of a key; labels are at most 64.
const SUBMISSIONS_PER_KEY = 256
const LEAVES_PER_KEY = 64
const MEMBERS = 64

export const uint = (bits: number) =>
  z
    .int()
    .min(0)
    .max(2 ** bits - 1)
const hex = (bytes: number) =>
  z.custom<Hex>((value) => typeof value === "string" && HEX[bytes]?.test(value) === true)
const HEX: { readonly [bytes: number]: RegExp } = {
  32: /^0x[0-9a-f]{64}$/,
  64: /^0x[0-9a-f]{128}$/,
}
export const hash = hex(32)
export const signature = hex(64)
const key = z.string().regex(/^\d{1,3}\/\d{1,10}\/\d{1,10}(\/\d{1,5})?$/)
const perKey = <Value extends z.ZodType>(value: Value) => z.record(key, value)

const leaf = z.strictObject({ kind: uint(8), body: z.string() })
const leaves = z.array(leaf).min(1).max(LEAVES_PER_KEY)
const hashes = z.array(hash).max(SUBMISSIONS_PER_KEY)
const submissions = z.array(z.string()).max(SUBMISSIONS_PER_KEY)
const member = uint(6)

export const bodySchemas = {
  VIEW: z.strictObject({}),
  OBSERVE: z.strictObject({
    held: perKey(hashes),
    locks: perKey(z.strictObject({ view: uint(32), leaves })),
  }),
  WANT: z.strictObject({ wanted: perKey(hashes) }),
  GIVE: z.strictObject({ submissions: perKey(submissions) }),
  PROPOSE: z.strictObject({
    observations: z.array(z.tuple([member, hash])).max(MEMBERS),
    submissions: perKey(submissions),
    leaves: perKey(leaves),
  }),
  PREPARE: z.strictObject({
    proposal: hash,
    accepted: perKey(z.array(hash).min(1).max(LEAVES_PER_KEY)),
  }),
  CERTIFY: z.strictObject({ proposal: hash, leaves: perKey(leaves) }),
  SIGN: z.undefined(),
  ATTEST: z.strictObject({
    view: uint(32),
    leaves: z.array(leaf).min(1),
    signatures: z.array(z.tuple([member, signature])).max(MEMBERS),
  }),
} as const

export type Bodies = { readonly [T in Type]: z.infer<(typeof bodySchemas)[T]> }
export type WireLeaf = z.infer<typeof leaf>
