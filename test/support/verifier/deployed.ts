// The settlement half of the twin on a chain of this process, and what it answers.
import { network } from "hardhat"
import type { Hex } from "viem"
import type { Ask } from "./rows.ts"
import { claimOf, type Evidence, evidenceOf, type Shown } from "./settlements.ts"

export type Judge = {
  /** Whether the claim is found right; the name of the refusal where there is one. */
  judge(shown: Shown, claim: string, at?: number, evidence?: Evidence): Promise<boolean | string>
  /** The gas of a judgement, calldata included. */
  gas(shown: Shown, claim: string, at?: number): Promise<bigint>
  readonly ask: Ask
}

export async function deployed(): Promise<Judge> {
  const { viem } = await network.create("home")
  const settlement = await viem.deployContract("SettlementVerifier")
  const behind = (await settlement.read.learning()) as Hex
  const learning = await viem.getContractAt("LearningVerifier", behind)
  const client = await viem.getPublicClient()
  const contracts = { settlement, learning }
  const args = (shown: Shown, claim: string, at: number, evidence?: Evidence) =>
    [
      shown.settlement,
      shown.beforehand,
      claimOf(claim),
      BigInt(at),
      evidence ?? evidenceOf(shown, claim, at),
    ] as const
  return {
    judge: async (shown, claim, at = 0, evidence) => {
      try {
        const given = args(shown, claim, at, evidence)
        return (await settlement.read.judgeSettlement(given)) as boolean
      } catch (error) {
        return refusalOf(error)
      }
    },
    gas: (shown, claim, at = 0) =>
      client.estimateContractGas({
        address: settlement.address,
        abi: settlement.abi,
        functionName: "judgeSettlement",
        args: args(shown, claim, at),
      }),
    ask: async (contract, functionName, args) => {
      const { address, abi } = contracts[contract]
      try {
        return (await client.readContract({ address, abi, functionName, args } as never)) as Hex
      } catch (error) {
        return refusalOf(error) as Hex
      }
    },
  }
}

/** The custom error's name; whatever has none is thrown on. */
function refusalOf(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { data } = cause as { data?: { errorName?: string } }
    if (data?.errorName) return data.errorName
  }
  const [, name] = /custom error '?(\w+)/.exec(String(error)) ?? []
  if (name) return name
  throw error
}
