// `allora explain`: how each weight of an epoch came about, term by term. Needs no key.
import { Command } from "commander"
import type { Hex } from "viem"
import type { Explained } from "../explain.ts"
import { address, type ChainFlags, membersOf, wholeNumber, withChain } from "./options.ts"

type Flags = ChainFlags & { readonly members?: readonly string[]; readonly json?: boolean }

export function explainCommand(): Command {
  return withChain(
    new Command("explain")
      .description(
        "say how the weights of a reported epoch came about, term by term: regret over scale, the weight function, the share",
      )
      .argument("<topic>", "the topic", wholeNumber(1))
      .argument("<epoch>", "the epoch", wholeNumber(0))
      .argument("[worker]", "one worker's address (default: everybody who took part)", address),
  )
    .option("--members <url...>", "who serves the rows (default: the members of the era in force)")
    .option("--json", "one object a line, Wads as decimals")
    .action(
      async (
        topicId: number,
        epoch: number,
        worker: string | undefined,
        { members, json, ...where }: Flags,
      ) => {
        const [{ createChain }, { explainWeights }, core] = await Promise.all([
          import("../chain.ts"),
          import("../explain.ts"),
          import("../../wasm/index.ts"),
        ])
        await core.load()
        const chain = await createChain(where)
        await chain.follow()
        const question = { topicId, epoch, worker: worker as Hex | undefined }
        const explained = await explainWeights(
          { ...question, members: membersOf(chain, members) },
          chain,
        )
        const { decimal } = await import("../decimal.ts")
        const text = json ? jsonLines(explained, decimal) : table(explained)
        process.stdout.write(`${text}\n`)
      },
    )
}

function jsonLines(explained: readonly Explained[], decimal: (wad: bigint) => string): string {
  const plain = (_: string, value: unknown) => (typeof value === "bigint" ? decimal(value) : value)
  return explained.map((each) => JSON.stringify(each, plain)).join("\n")
}

const HEAD = ["worker", "seat", "regret", "/ scale", "= r", "best r", "weight", "share"]

function table(explained: readonly Explained[]): string {
  const lines = explained.map(({ worker, seat, terms, weight, share }) => [
    worker,
    seat < 0x80 ? `inferer ${seat}` : `forecaster ${seat - 0x80}`,
    ...(terms
      ? [
          `${short(terms.regret)}${terms.isSeen ? "" : " (new)"}`,
          short(terms.scale),
          short(terms.normalised),
          short(terms.best),
        ]
      : ["all new", "", "", ""]),
    short(weight),
    `${(Number(share) / 1e16).toFixed(1)} %`,
  ])
  const rows = [HEAD, ...lines]
  const widths = HEAD.map((_, at) => Math.max(...rows.map((row) => (row[at] ?? "").length)))
  const told = rows.map((row) =>
    row
      .map((cell, at) => (at < 2 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join("  "),
  )
  return [
    ...told,
    "",
    "weight = (e^a + 1) / (e^b + 1) with b = -p(r - c) and a the same of the best; p and c are the topic's",
  ].join("\n")
}

/** For the eye; --json has every digit. */
const short = (wad: bigint): string => (Number(wad) / 1e18).toFixed(4)
