// `allora read`: the newest value of a topic as a contract would read it, with its status and both times.
import { Command } from "commander"
import { type ChainFlags, wholeNumber, withChain } from "./options.ts"

type Flags = ChainFlags & { readonly label: number; readonly json?: boolean }

type Reading = {
  readonly value: bigint
  readonly sigma: bigint
  readonly sigmaKnown: boolean
  readonly observedAt: number
  readonly aboutAt: number
  readonly epoch: number
  readonly postedAt: number
  readonly status: number
}

export function readCommand(): Command {
  return withChain(
    new Command("read")
      .description("read a topic's newest value from the chain")
      .argument("<topic>", "the topic", wholeNumber(1)),
  )
    .option("--label <n>", "which of its labels", wholeNumber(0), 0)
    .option("--json", "one object instead of text")
    .action(async (topicId: number, flags: Flags) => {
      const [{ reportsAbi }, { createChain }, { decimal }, { STATUS }, { NodeError }] =
        await Promise.all([
          import("../../contracts/index.ts"),
          import("../chain.ts"),
          import("../decimal.ts"),
          import("../word.ts"),
          import("../errors.ts"),
        ])
      const chain = await createChain(flags)
      const [found, reading] = await chain.read<[boolean, Reading]>({
        address: chain.deployment.reports,
        abi: reportsAbi,
        functionName: "tryRead",
        args: [topicId, flags.label],
      })
      if (!found && reading.epoch === 0 && reading.status === 0)
        throw new NodeError("NoReport", {
          sentence: `topic ${topicId} has no report for label ${flags.label} yet`,
          remedy: "refuse",
        })
      const time = (seconds: number) => new Date(seconds * 1000).toISOString()
      const view = {
        topicId,
        label: flags.label,
        epoch: reading.epoch,
        value: decimal(reading.value),
        sigma: reading.sigmaKnown ? decimal(reading.sigma) : null,
        status: STATUS[reading.status],
        observedAt: time(reading.observedAt),
        aboutAt: time(reading.aboutAt),
        postedAt: time(reading.postedAt),
      }
      if (flags.json) process.stdout.write(`${JSON.stringify(view)}\n`)
      else
        for (const [name, value] of Object.entries(view))
          process.stdout.write(`${name.padEnd(12)}${value ?? "unknown"}\n`)
    })
}
