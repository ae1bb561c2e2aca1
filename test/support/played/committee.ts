// What a committee posts, signed with the members' keys. Tree, digest and calldata are viem's and the leaf's own; no member of
// ours has a part in it.
import { concatHex, type Hex, hashStruct, hashTypedData, parseSignature, toHex } from "viem"
import { domain, reportsAbi, settlementsAbi, types } from "../../../contracts/index.ts"
import {
  batchRoot,
  multiproof,
  proofOf,
  type Report,
  reportHash,
} from "../../../offchain/report.ts"
import type { World } from "./world.ts"

export type Leaf = {
  readonly topicId: number
  readonly epoch: number
  readonly generation: number
  readonly parent: Hex
  readonly state: Hex
  readonly pot: bigint
  readonly quality: Hex
  readonly context: Hex
}

export const leafHash = (data: Leaf): Hex =>
  hashStruct({ data, primaryType: "Settlement", types: { Settlement: types.Settlement } })

/** What shows that a quorum signed one message, as `Disputes` takes it. */
export type Attested = Awaited<ReturnType<Committee["attest"]>>

export type Committee = ReturnType<typeof createCommittee>

export function createCommittee({ keys, owner, deployment, call }: World) {
  /** A batch over these leaves, all of them proved, attested to by the members with these places. */
  async function attested(leaves: readonly Hex[], slot: number, signers: readonly number[]) {
    const root = batchRoot(leaves)
    const message = { era: 1, slot, view: 0, root }
    const hash = hashTypedData({
      domain: domain(deployment),
      types: { Batch: types.Batch },
      primaryType: "Batch",
      message,
    })
    const signatures = await Promise.all(
      signers.map(async (place) => {
        const key = keys[place] as (typeof keys)[number]
        const { r, s, yParity } = parseSignature(await key.sign({ hash }))
        return concatHex([r, toHex(BigInt(s) | (BigInt(yParity) << 255n), { size: 32 })])
      }),
    )
    const bits = signers.reduce((all, place) => all | (1n << BigInt(place)), 0n)
    const attestation = concatHex(["0x00", toHex(bits, { size: 8 }), ...signatures])
    const proof = multiproof(leaves, [...leaves.keys()])
    return { batch: { era: 1, slot, viewNumber: 0, root }, proof, attestation }
  }

  return {
    /** The same of the leaf in that place alone, whether anything was posted or not. */
    async attest(leaves: readonly Hex[], place: number, slot: number, signers: readonly number[]) {
      const { batch, attestation } = await attested(leaves, slot, signers)
      return { batch, proof: proofOf(leaves, place), attestation }
    },

    /** Posts these reports, in the batch's order, as one batch. */
    async post(list: readonly Report[], slot: number, signers: readonly number[]): Promise<Hex> {
      const { batch, proof, attestation } = await attested(list.map(reportHash), slot, signers)
      const args = [batch, list, proof, attestation]
      return call(owner, deployment.reports, reportsAbi, "post", args)
    },

    async settle(leaf: Leaf, slot: number, signers: readonly number[]): Promise<Hex> {
      const { batch, proof, attestation } = await attested([leafHash(leaf)], slot, signers)
      const args = [batch, [leaf], proof, attestation]
      return call(owner, deployment.settlements, settlementsAbi, "settle", args)
    },
  }
}
