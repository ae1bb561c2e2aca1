// `allora topic`: a template to edit, a topic created from it, the topics there are.
import { readFileSync } from "node:fs"
import { Command } from "commander"
import { type ChainFlags, wholeNumber, withChain } from "./options.ts"

export function topicCommand(): Command {
  const command = new Command("topic").description("create a topic, or look at those there are")

  command
    .command("template")
    .description("print a topic's parameters as JSON, to edit and create")
    .argument("<name>", "sp500, seattle-temperature or seattle-weather")
    .option(
      "--start <seconds>",
      "when the first epoch starts, in seconds since 1970",
      wholeNumber(1),
    )
    .option(
      "--length <seconds>",
      "how long an epoch is (default: the template's day)",
      wholeNumber(1),
    )
    .option(
      "--window <seconds>",
      "how long the window at its end is (default: a twenty-fourth of it)",
      wholeNumber(1),
    )
    .action(async (name: string, flags: { start?: number; length?: number; window?: number }) => {
      const [{ topicTemplate }, { parametersToJson }] = await Promise.all([
        import("../models/topics.ts"),
        import("../parameters.ts"),
      ])
      const { length, window: windowLength } = flags
      const nextDay = (Math.floor(Date.now() / 86_400_000) + 1) * 86_400
      const timing = { start: flags.start ?? nextDay, length, windowLength }
      process.stdout.write(parametersToJson(topicTemplate(name, timing)))
    })

  withChain(command.command("create"))
    .description("create a topic; the creator pays the creation fee in ALLO")
    .requiredOption("--file <file>", "the parameters, as `topic template` prints them")
    .requiredOption("--key-file <file>", "the creator's key")
    .action(async (flags: ChainFlags & { file: string; keyFile: string }) => {
      const [
        { topicsAbi },
        { allowFee },
        { createChain },
        { decimal },
        { parametersFromJson },
        signers,
      ] = await Promise.all([
        import("../../contracts/index.ts"),
        import("../allowance.ts"),
        import("../chain.ts"),
        import("../decimal.ts"),
        import("../parameters.ts"),
        import("../signer.ts"),
      ])
      const parameters = parametersFromJson(readFileSync(flags.file, "utf8"))
      const signer = signers.createSigner(signers.readKey(flags.keyFile))
      const chain = await createChain(flags)
      const fee = await allowFee(chain, signer, "createFee")
      const address = chain.deployment.topics
      await chain.write(signer, {
        address,
        abi: topicsAbi,
        functionName: "create",
        args: [parameters],
      })
      await chain.follow()
      process.stdout.write(
        `topic ${chain.ledger.topics().at(-1)} created for ${decimal(fee)} ALLO\n`,
      )
    })

  withChain(command.command("list"))
    .description("the topics on this chain")
    .option("--json", "one object a line")
    .action(async (flags: ChainFlags & { json?: boolean }) => {
      const { createChain } = await import("../chain.ts")
      const chain = await createChain(flags)
      await chain.follow()
      for (const topicId of chain.ledger.topics()) {
        const parameters = chain.ledger.terms(topicId, 0xffff_ffff)?.parameters
        const newest = chain.ledger.newest(topicId, 0)
        const line = { topicId, metadata: parameters?.metadata, newestEpoch: newest?.epoch ?? null }
        process.stdout.write(
          flags.json
            ? `${JSON.stringify(line)}\n`
            : `${topicId}  ${line.metadata}  ${newest ? `newest epoch ${newest.epoch}` : "no report yet"}\n`,
        )
      }
    })

  return command
}
