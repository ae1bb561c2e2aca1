// Whether a key may serve as a committee member now: its place in the era in force, the same core, and gas money.
// Each thing that is missing is said before anything is opened.
import type { Hex } from "viem"
import type { Chain } from "./chain.ts"
import { NodeError } from "./errors.ts"
import type { Era } from "./ledger.ts"

export type Membership = {
  readonly era: Era
  /** The member's place in the era. */
  readonly self: number
  /** In the era's order: the signing address, and where the member serves. */
  readonly members: readonly { readonly address: Hex; readonly url: string }[]
}

/** The chain must be followed to its head. */
export async function membershipOf(
  { address, coreId }: { readonly address: Hex; readonly coreId: Hex },
  chain: Chain,
): Promise<Membership> {
  const { ledger } = chain
  const time = ledger.head()?.time ?? 0
  const era = ledger.eraAt(time)
  if (!era)
    throw new NodeError("EraNotInForce", {
      sentence: `no era is in force at chain time ${time}`,
      remedy: "stop",
    })
  const self = era.members.indexOf(address)
  if (self < 0)
    throw new NodeError("NotAMember", {
      sentence: `the key is no member's of era ${era.number}`,
      remedy: "stop",
      given: address,
      required: `one of ${era.members.join(", ")}`,
    })
  if (era.coreId !== coreId)
    throw new NodeError("CoreMismatch", {
      sentence: `era ${era.number} computes with another core; install the version that has it`,
      remedy: "stop",
      given: coreId,
      required: era.coreId,
    })
  if ((await chain.balance(address)) === 0n)
    throw new NodeError("NoFunds", {
      sentence: `${address} has nothing to pay for gas with; send it some of the chain's coin`,
      remedy: "stop",
      given: 0,
      required: "more than 0",
    })
  const members = era.members.map((member, index) => ({
    address: member,
    url: ledger.member(era.memberIds[index] as number)?.url ?? "",
  }))
  return { era, self, members }
}
