// Step 3, agreement: what a member signs. Every sort of message has its own EIP-712 type, so that none can be taken for
// another or for a batch; the vote that counts on chain is the signature over the `Batch`.
import type { Hex } from "viem"
import { type Domain, digestOf, structHasher } from "../message.ts"
import { batchDigest, batchRoot } from "../report.ts"
import { TYPES } from "./bodies.ts"
import type { Digests, Signed } from "./words.ts"

type Fields = Omit<Signed, "type" | "signature">

const FIELDS = [
  { name: "era", type: "uint32" },
  { name: "slot", type: "uint40" },
  { name: "view", type: "uint32" },
  { name: "content", type: "bytes32" },
] as const

/** "OBSERVE" is `Observe(uint32 era,uint40 slot,uint32 view,bytes32 content)`. */
const hashers = new Map<string, (message: Fields) => Hex>(
  TYPES.filter((type) => type !== "SIGN").map((type) => [
    type,
    structHasher<Fields>(`${type[0]}${type.slice(1).toLowerCase()}`, FIELDS),
  ]),
)

export function createDigests(domain: Domain): Digests {
  return {
    root: batchRoot,
    batch: (batch) => batchDigest(domain, batch),
    message(type, message) {
      const hasher = hashers.get(type)
      if (hasher === undefined) throw new Error(`there is no message ${type}`)
      return digestOf(domain, hasher(message))
    },
  }
}
