// `allora faucet`: on a development chain, gives coin and ALLO out of the chain's own first account.
import { Command } from "commander"
import { decimal } from "../decimal.ts"
import { amount, type ChainFlags, withChain } from "./options.ts"

type Flags = ChainFlags & { readonly eth: bigint; readonly allo: bigint }

export function faucetCommand(): Command {
  return withChain(
    new Command("faucet")
      .description("development chains only: send coin for gas and ALLO to addresses")
      .argument("<address...>", "who receives"),
  )
    .option("--eth <amount>", "coin for gas, to each", amount, amount("10"))
    .option("--allo <amount>", "ALLO, to each", amount, amount("1000"))
    .action(async (addresses: string[], flags: Flags) => {
      const [
        { encodeFunctionData, isAddress },
        { alloAbi },
        { createChain },
        { createDevChain },
        { NodeError },
      ] = await Promise.all([
        import("viem"),
        import("../../contracts/index.ts"),
        import("../chain.ts"),
        import("../devchain.ts"),
        import("../errors.ts"),
      ])
      const bad = addresses.find((address) => !isAddress(address, { strict: false }))
      if (bad !== undefined)
        throw new NodeError("NotAnAddress", {
          sentence: "An account is 0x and 40 hexadecimal digits.",
          given: bad,
          required: "0x...",
          remedy: "stop",
        })
      const { deployment } = await createChain(flags)
      const dev = createDevChain(flags.rpc)
      const [from] = await dev.accounts()
      if (from === undefined)
        throw new NodeError("NoOpenAccount", {
          sentence:
            "This chain has no account of its own to give from; a faucet needs a development chain.",
          remedy: "stop",
        })
      for (const to of addresses as `0x${string}`[]) {
        await dev.send({ from, to, value: flags.eth })
        const data = encodeFunctionData({
          abi: alloAbi,
          functionName: "transfer",
          args: [to, flags.allo],
        })
        await dev.send({ from, to: deployment.allo, data })
        process.stdout.write(
          `${to} has ${decimal(flags.eth)} of the chain's coin and ${decimal(flags.allo)} ALLO more\n`,
        )
      }
    })
}
