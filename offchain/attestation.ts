// Step 3: the attestation, a quorum's signatures over one batch. Byte 0 names the scheme; scheme 0 is the ECDSA set:
// a bitmap of 8 bytes (bit i = member i of the era), then 64-byte signatures in ascending member order.
import type { Hex } from "viem"
import { isRefusal, NodeError, type Refusal, refusal } from "./errors.ts"
import { recover } from "./signer.ts"

/** Who may sign, as the era's code on chain says: signers in member order, and how many it takes. */
export type Signers = { readonly members: readonly Hex[]; readonly quorum: number }

export type Signatures = ReadonlyMap<number, Hex>

const HEAD_DIGITS = 2 + 2 + 16
const SIGNATURE_DIGITS = 128
const MAX_MEMBERS = 64

/** Packs signatures by member index. */
export function encodeAttestation(signatures: Signatures): Hex {
  let bitmap = 0n
  let packed = ""
  for (const [index, signature] of [...signatures].sort(([a], [b]) => a - b)) {
    if (!Number.isInteger(index) || index < 0 || index >= MAX_MEMBERS) {
      throw malformed("a member's index does not fit the bitmap", index, "0 to 63")
    }
    if (!/^0x[0-9a-f]{128}$/i.test(signature)) {
      throw malformed("a signature has another length", signature, "64 bytes")
    }
    bitmap |= 1n << BigInt(index)
    packed += signature.slice(2).toLowerCase()
  }
  return `0x00${bitmap.toString(16).padStart(16, "0")}${packed}`
}

/** The signatures by member index, unchecked but for their form. */
export function decodeAttestation(attestation: Hex): Signatures | Refusal {
  if (!/^0x([0-9a-f]{2})+$/i.test(attestation)) {
    return refusal("MalformedAttestation", attestation.slice(0, 20), "hex bytes")
  }
  if (attestation.length < HEAD_DIGITS) {
    return refusal("MalformedAttestation", `${byteCount(attestation)} bytes`, "at least 9 bytes")
  }
  const scheme = attestation.slice(2, 4)
  if (scheme !== "00") return refusal("UnknownScheme", Number.parseInt(scheme, 16), 0)
  const bitmap = BigInt(`0x${attestation.slice(4, HEAD_DIGITS)}`)
  const indices = Array.from({ length: MAX_MEMBERS }, (_, i) => i).filter(
    (i) => (bitmap >> BigInt(i)) & 1n,
  )
  const length = HEAD_DIGITS + indices.length * SIGNATURE_DIGITS
  if (attestation.length !== length) {
    return refusal(
      "MalformedAttestation",
      `${byteCount(attestation)} bytes`,
      `${(length - 2) / 2} bytes for ${indices.length} signatures`,
    )
  }
  return new Map(
    indices.map((index, k): [number, Hex] => {
      const start = HEAD_DIGITS + k * SIGNATURE_DIGITS
      return [index, `0x${attestation.slice(start, start + SIGNATURE_DIGITS).toLowerCase()}`]
    }),
  )
}

/** The members that signed `digest`, or why this attests to nothing: names and order of checks are the contract's. */
export function verifyAttestation(
  digest: Hex,
  attestation: Hex,
  { members, quorum }: Signers,
): readonly number[] | Refusal {
  const signatures = decodeAttestation(attestation)
  if (isRefusal(signatures)) return signatures
  const indices = [...signatures.keys()]
  const last = indices.at(-1) ?? 0
  if (last >= members.length) {
    return refusal(
      "MalformedAttestation",
      `a signature of member ${last}`,
      `members 0 to ${members.length - 1}`,
    )
  }
  if (indices.length < quorum) return refusal("QuorumNotReached", indices.length, quorum)
  for (const [index, signature] of signatures) {
    const signer = recover(digest, signature)
    // Each bit stands for one member, so each member counts once.
    if (signer === undefined || signer !== members[index]?.toLowerCase()) {
      return refusal(
        "InvalidSignature",
        `member ${index}: ${signer ?? "no signature"}`,
        `member ${index}: ${members[index]}`,
      )
    }
  }
  return indices
}

function byteCount(hex: Hex): number {
  return (hex.length - 2) / 2
}

function malformed(sentence: string, given: unknown, required: string): NodeError {
  return new NodeError("MalformedAttestation", { sentence, remedy: "refuse", given, required })
}
