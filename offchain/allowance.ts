// Calls that take a fee in ALLO: the fee is looked up, what is lacking is said, and just that much is allowed.
import type { Abi } from "viem"
import { alloAbi, topicsAbi } from "../contracts/index.ts"
import type { Chain } from "./chain.ts"
import { decimal } from "./decimal.ts"
import { NodeError } from "./errors.ts"
import type { Signer } from "./signer.ts"

export type FeeName = "createFee" | "registrationFee"

/** Reads the fee, checks that the signer has it, and lets `Topics` take it. Answers the fee. */
export async function allowFee(chain: Chain, signer: Signer, name: FeeName): Promise<bigint> {
  const { allo, topics } = chain.deployment
  const token = (functionName: string, args: readonly unknown[]) => ({
    address: allo,
    abi: alloAbi as Abi,
    functionName,
    args,
  })
  const [fee, balance, allowed] = await Promise.all([
    chain.read<bigint>({ address: topics, abi: topicsAbi as Abi, functionName: name, args: [] }),
    chain.read<bigint>(token("balanceOf", [signer.address])),
    chain.read<bigint>(token("allowance", [signer.address, topics])),
  ])
  if (balance < fee)
    throw new NodeError("FeeMissing", {
      sentence: `${signer.address} has not enough ALLO for the fee`,
      remedy: "stop",
      given: `${decimal(balance)} ALLO`,
      required: `${decimal(fee)} ALLO`,
    })
  if (allowed < fee) await chain.write(signer, token("approve", [topics, fee]))
  return fee
}
