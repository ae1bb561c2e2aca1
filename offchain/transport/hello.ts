// The greeting on a mesh connection: each side sends a nonce, then signs the other's. So neither a stranger nor a replay
// is taken for a member. Who sent a message later is shown by that message's own signature.
import { randomBytes } from "node:crypto"
import type { Hex } from "viem"
import { type Refusal, refusal } from "../errors.ts"
import { type Domain, digestOf, structHasher } from "../message.ts"
import { recover, type Signer } from "../signer.ts"

export type HelloOptions = {
  readonly era: number
  readonly self: number
  /** The era's signers in member order. */
  readonly members: readonly Hex[]
  readonly domain: Domain
}

/** As the first frame, the nonce; as the second, the member's index in one byte and its signature. */
export const NONCE_BYTES = 32
const SIGNATURE_BYTES = 64

export const helloHash = structHasher<{ era: number; from: number; to: number; nonce: Hex }>(
  "Hello",
  [
    { name: "era", type: "uint32" },
    { name: "from", type: "uint8" },
    { name: "to", type: "uint8" },
    { name: "nonce", type: "bytes32" },
  ],
)

export type Hello = ReturnType<typeof createHello>

export function createHello({ era, self, members, domain }: HelloOptions, signer: Signer) {
  const digest = (from: number, to: number, nonce: Uint8Array) =>
    digestOf(domain, helloHash({ era, from, to, nonce: hexOf(nonce) }))

  return {
    self,
    nonce: (): Uint8Array => randomBytes(NONCE_BYTES),

    /** Answers the nonce of member `to`. */
    write(to: number, nonce: Uint8Array): Uint8Array {
      const signature = signer.sign(digest(self, to, nonce)).slice(2)
      return Buffer.concat([Buffer.from([self]), Buffer.from(signature, "hex")])
    },

    /** The member that signed our nonce, or why this is none. */
    read(bytes: Uint8Array, nonce: Uint8Array): number | Refusal {
      if (bytes.length !== 1 + SIGNATURE_BYTES) {
        return refusal("MalformedHello", `${bytes.length} bytes`, `${1 + SIGNATURE_BYTES} bytes`)
      }
      const from = bytes[0] as number
      const member = members[from]
      if (from === self || member === undefined) {
        return refusal(
          "UnknownMember",
          from,
          `another of the ${members.length} members of era ${era}`,
        )
      }
      const signed = recover(digest(from, self, nonce), hexOf(bytes.subarray(1)))
      return signed === member ? from : refusal("BadSignature", signed ?? "no signature", member)
    },
  }
}

function hexOf(bytes: Uint8Array): Hex {
  return `0x${Buffer.from(bytes).toString("hex")}`
}
