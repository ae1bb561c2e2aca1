// Calls that take ALLO: what is lacking is said, and just that much is allowed.
import type { Abi, Hex } from "viem"
import { alloAbi, topicsAbi } from "../contracts/index.ts"
import type { Chain } from "./chain.ts"
import { decimal } from "./decimal.ts"
import { NodeError } from "./errors.ts"
import type { Signer } from "./signer.ts"

export type FeeName = "createFee" | "registrationFee"

export type Payment = {
  /** The contract that takes it. */
  readonly spender: Hex
  readonly amount: bigint
  /** What it is for, such as "the fee". */
  readonly purpose: string
  /** The error's code where the signer has less. */
  readonly lacking: "FeeMissing" | "AlloMissing"
}

/** Reads the fee, checks that the signer has it, and lets `Topics` take it. Answers the fee. */
export async function allowFee(chain: Chain, signer: Signer, name: FeeName): Promise<bigint> {
  const { topics } = chain.deployment
  const call = { address: topics, abi: topicsAbi as Abi, functionName: name, args: [] }
  const amount = await chain.read<bigint>(call)
  await allow(chain, signer, {
    spender: topics,
    amount,
    purpose: "the fee",
    lacking: "FeeMissing",
  })
  return amount
}

/** Checks that the signer has the amount, and lets the contract take it. */
export async function allow(
  chain: Chain,
  signer: Signer,
  { spender, amount, purpose, lacking }: Payment,
): Promise<void> {
  const token = (functionName: string, args: readonly unknown[]) => ({
    address: chain.deployment.allo,
    abi: alloAbi as Abi,
    functionName,
    args,
  })
  const [balance, allowed] = await Promise.all([
    chain.read<bigint>(token("balanceOf", [signer.address])),
    chain.read<bigint>(token("allowance", [signer.address, spender])),
  ])
  if (balance < amount)
    throw new NodeError(lacking, {
      sentence: `${signer.address} has not enough ALLO for ${purpose}`,
      remedy: "stop",
      given: `${decimal(balance)} ALLO`,
      required: `${decimal(amount)} ALLO`,
    })
  if (allowed < amount) await chain.write(signer, token("approve", [spender, amount]))
}
