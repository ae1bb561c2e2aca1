// `allora verify`: recomputes one epoch from public bytes, printing each step. Needs no key.
import { Command } from "commander"
import { type ChainFlags, wholeNumber, withChain } from "./options.ts"

type Flags = ChainFlags & { readonly members?: readonly string[]; readonly json?: boolean }

export function verifyCommand(): Command {
  return withChain(
    new Command("verify")
      .description(
        "recompute one epoch's report, and every settlement it builds on, from the chain and from served rows; exit code 1 if anything differs",
      )
      .argument("<topic>", "the topic", wholeNumber(1))
      .argument("[epoch]", "the epoch (default: the newest that was reported)", wholeNumber(0)),
  )
    .option(
      "--members <url...>",
      "who serves the rows (default: the members of the era that signed)",
    )
    .option("--json", "one object a line")
    .action(
      async (topicId: number, given: number | undefined, { members, json, ...where }: Flags) => {
        const [{ createChain }, { decimal }, { verify }, core] = await Promise.all([
          import("../chain.ts"),
          import("../decimal.ts"),
          import("../verify.ts"),
          import("../../wasm/index.ts"),
        ])
        const write = (text: string) => process.stdout.write(`${text}\n`)
        await core.load()
        const chain = await createChain(where)
        await chain.follow()
        const epoch = given ?? chain.ledger.newest(topicId, 0)?.epoch ?? 0
        const line = (text: string) =>
          process.stderr.isTTY && process.stderr.write(`\r\x1b[K${text}`)
        const { values } = await verify(
          { topicId, epoch, members },
          chain,
          ({ step, detail }) =>
            write(json ? JSON.stringify({ step, detail }) : `  ${step.padEnd(14)}${detail}`),
          (done, of) => line(done < of ? `  replaying settlement ${done + 1} of ${of}` : ""),
        )
        const numbers = values.map(decimal)
        if (json) write(JSON.stringify({ verified: true, topicId, epoch, values: numbers }))
        else write(`verified topic ${topicId} epoch ${epoch}: ${numbers.join(", ")}`)
      },
    )
}
