// The twin's harness on a chain of this process, as the comparison asks it; its code can be replaced by one with an error.
import { network } from "hardhat"
import type { Hex } from "viem"
import type { Given, Twin } from "./compare.ts"

export async function connectTwin(): Promise<{
  twin: Twin
  code: Hex
  replace: (code: Hex) => Promise<void>
}> {
  const { viem } = await network.create("home")
  const harness = await viem.deployContract("TwinHarness")
  const client = await viem.getPublicClient()
  const chain = await viem.getTestClient()
  const code = await client.getCode({ address: harness.address })
  return {
    code: code as Hex,
    twin: async (given: Given) =>
      (await client.readContract({
        address: harness.address,
        abi: harness.abi,
        functionName: "rows",
        args: [given],
      })) as readonly Hex[],
    replace: (bytecode: Hex) => chain.setCode({ address: harness.address, bytecode }),
  }
}
