// `allora call`: reads any contract by the signature of one of its functions, so that a consumer of one's own can be
// looked at without writing a program.
import { Command } from "commander"
import type { AbiFunction } from "viem"
import { withChain } from "./options.ts"

export function callCommand(): Command {
  return withChain(
    new Command("call")
      .description("read a function of any contract")
      .argument("<address>", "the contract")
      .argument(
        "<function>",
        'its signature, such as "latest() view returns (int128 value, uint32 aboutAt)"',
      )
      .argument("[arguments...]", "its arguments"),
  ).action(async (address: string, signature: string, args: string[], { rpc }: { rpc: string }) => {
    const [{ isAddress, parseAbi }, { readContract }, { NodeError }] = await Promise.all([
      import("viem"),
      import("../chain.ts"),
      import("../errors.ts"),
    ])
    const malformed = (what: string, given: string, cause?: unknown) =>
      new NodeError("MalformedCall", {
        sentence: `${what} cannot be read`,
        remedy: "stop",
        given,
        cause,
      })
    if (!isAddress(address, { strict: false })) throw malformed("the contract's address", address)
    const abi = parsed(`function ${signature.replace(/^function /, "")}`)
    const [{ name }] = abi as [AbiFunction]
    const found = await readContract(rpc, { address, abi, functionName: name, args })
    for (const value of [found].flat()) process.stdout.write(`${value}\n`)

    function parsed(text: string) {
      try {
        return parseAbi([text])
      } catch (cause) {
        throw malformed("the function's signature", text, cause)
      }
    }
  })
}
