// `allora node`: runs a committee member until it is told to end.
import { Command } from "commander"
import type { Log } from "../log.ts"
import type { Life } from "../node.ts"
import { type ChainFlags, wholeNumber, withChain } from "./options.ts"

type Flags = ChainFlags & {
  readonly keyFile: string
  readonly data: string
  readonly listen?: string
  readonly keep: number
  readonly poll: number
  readonly stagger: number
  readonly timeout: number
  readonly new?: boolean
  readonly json?: boolean
}

export function nodeCommand(): Command {
  return withChain(
    new Command("node")
      .description("run a committee member: take submissions, agree, sign, post, serve rows")
      .requiredOption("--key-file <file>", "the member's key; its account pays for posting")
      .requiredOption("--data <folder>", "where journal and rows are kept; made if missing"),
  )
    .option(
      "--listen <host:port>",
      "where to listen (default: 127.0.0.1 and the port of the member's url on chain)",
    )
    .option("--keep <days>", "how long an epoch's rows are served", wholeNumber(1), 365)
    .option("--poll <ms>", "how often the chain is asked for a new block", wholeNumber(10), 1_000)
    .option(
      "--stagger <ms>",
      "how long each member waits for the one before it to post",
      wholeNumber(0),
      6_000,
    )
    .option(
      "--timeout <ms>",
      "the first time-out of an agreement; it doubles up to 16 times",
      wholeNumber(50),
      5_000,
    )
    .option(
      "--new",
      "this member has never run in this era: it takes part in what is due already. Never say so of one that has: it might vote twice, and be convicted",
    )
    .option("--json", "one JSON object a line instead of text")
    .action(async (flags: Flags) => {
      const [{ load }, { createLog }, { createLife, startNode }, { listenAddress }] =
        await Promise.all([
          import("../../wasm/index.ts"),
          import("../log.ts"),
          import("../node.ts"),
          import("../config.ts"),
        ])
      await load()
      const log = createLog({ json: flags.json ?? false })
      const options = {
        ...flags,
        ...listenAddress(flags.listen),
        keepSeconds: flags.keep * 86_400,
        pollMs: flags.poll,
        staggerMs: flags.stagger,
        timeoutMs: flags.timeout,
        isNew: flags.new,
      }
      const told = new Promise<"told">((resolve) => {
        process.once("SIGINT", () => resolve("told"))
        process.once("SIGTERM", () => resolve("told"))
      })
      const ending = new AbortController()
      void told.then(() => ending.abort())
      const life = createLife()
      // One turn an era: members and core may be others in the next.
      for (let end: unknown; end !== "told"; ) {
        end = await Promise.race([told, eraInForce(flags, log, { life, signal: ending.signal })])
        if (end === "told") break
        const node = await startNode(options, log, life)
        end = await Promise.race([told, node.eraOver])
        await node.stop()
      }
      log.info("stopped")
    })
}

/** Waits for an era that has been opened and starts later; where there is none, starting says what is missing. */
async function eraInForce(
  flags: Flags,
  log: Log,
  { life, signal }: { readonly life: Life; readonly signal: AbortSignal },
): Promise<void> {
  const { createChain } = await import("../chain.ts")
  const { ledger, follow } = await createChain(flags)
  for (let isSaid = false; !signal.aborted; isSaid = true) {
    await follow()
    const time = ledger.head()?.time ?? 0
    life.since = Math.min(life.since, time)
    const next = eraAfter(time)
    if (ledger.eraAt(time) || next === undefined) return
    if (!isSaid)
      log.info(
        { era: next.number, startsAt: next.startsAt, chainTime: time },
        "waiting for the era",
      )
    await new Promise((resolve) => setTimeout(resolve, flags.poll))
  }

  function eraAfter(time: number) {
    let number = 1
    while ((ledger.era(number)?.startsAt ?? Number.POSITIVE_INFINITY) <= time) number += 1
    return ledger.era(number)
  }
}
