// `allora prove`: has the chain recompute value and sigma of one report, which is `Proven` from then on.
import { Command } from "commander"
import type { Hex } from "viem"
import { type ChainFlags, membersOf, wholeNumber, withChain } from "./options.ts"

type Flags = ChainFlags & {
  readonly label: number
  readonly keyFile?: string
  readonly dryRun?: boolean
  readonly members?: readonly string[]
  readonly json?: boolean
}

export function proveCommand(): Command {
  return withChain(
    new Command("prove")
      .description(
        "have the chain recompute value and sigma of one report from its inputs and state; its status is Proven from then on",
      )
      .argument("<topic>", "the topic", wholeNumber(1))
      .argument("<epoch>", "the epoch", wholeNumber(0)),
  )
    .option("--label <number>", "the label, counted from 0", wholeNumber(0), 0)
    .option(
      "--key-file <file>",
      "an account that pays the gas, up to about a million (see `allora key new`)",
    )
    .option("--dry-run", "ask the chain whether it would; needs no key, costs nothing")
    .option("--members <url...>", "who serves the rows (default: the members of the era in force)")
    .option("--json", "one object instead of text")
    .addHelpText(
      "after",
      "\nProven answers for the arithmetic alone: which submissions and truths were counted the quorum answers for.",
    )
    .action(async (topicId: number, epoch: number, flags: Flags) => {
      const [
        { load },
        { createChain },
        { decimal },
        { NodeError },
        { prove },
        { fetchRow },
        { createSigner, readKey },
        { patiently },
      ] = await Promise.all([
        import("../../wasm/index.ts"),
        import("../chain.ts"),
        import("../decimal.ts"),
        import("../errors.ts"),
        import("../prove.ts"),
        import("../rowclient.ts"),
        import("../signer.ts"),
        import("./patience.ts"),
      ])
      if (!flags.keyFile && !flags.dryRun)
        throw new NodeError("KeyMissing", {
          sentence:
            "proving is a transaction; name an account that pays for it with --key-file, or ask with --dry-run",
          remedy: "stop",
        })
      await load()
      const signer = flags.keyFile ? createSigner(readKey(flags.keyFile)) : undefined
      const saying = (what: string) => (seconds: number) =>
        process.stderr.write(`${what}, ${seconds} s\n`)
      const chain = await createChain(flags)
      await patiently(chain.follow(), saying("still following the chain from its start"))
      const { label, dryRun: isDryRun = false } = flags
      const fetchFrom = (hash: Hex, what: string) =>
        fetchRow(hash, what, membersOf(chain, flags.members))
      const { value, leaf, transaction, gasUsed } = await patiently(
        prove({ topicId, epoch, label, isDryRun }, { chain, fetchRow: fetchFrom, signer }),
        saying("still fetching rows and waiting for the chain"),
      )
      const done = isDryRun ? "can be proven" : "proven"
      const cost = transaction ? `, ${gasUsed} gas, transaction ${transaction}` : ""
      const text = `${done}: topic ${topicId} epoch ${epoch} label ${label}: ${decimal(value)}${cost}`
      const fields = { topicId, epoch, label, value: decimal(value), leaf, transaction }
      const json = { proven: !isDryRun, ...fields, gasUsed: gasUsed?.toString() }
      process.stdout.write(`${flags.json ? JSON.stringify(json) : text}\n`)
    })
}
