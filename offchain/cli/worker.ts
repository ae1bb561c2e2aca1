// `allora worker`: predicts for one topic. The models are the bundled ones, each with its own key; or the forecaster; or
// a program or server of anybody's.
import { Command, InvalidArgumentError, Option } from "commander"
import type { Break } from "../models/broken.ts"
import {
  address,
  type ChainFlags,
  commaList,
  membersOf,
  scheduleOf,
  wholeNumber,
  withChain,
} from "./options.ts"

type Flags = ChainFlags & {
  readonly topic: number
  readonly series?: string
  readonly keys?: string
  readonly models?: readonly string[]
  readonly break?: Break
  readonly command?: string
  readonly url?: string
  readonly keyFile?: string
  readonly owner?: `0x${string}`
  readonly limit: number
  readonly members?: readonly string[]
  readonly answers?: string
  readonly poll: number
  readonly json?: boolean
}

/** How long a member has to answer one submission. */
const MEMBER_TIMEOUT_MS = 5_000
/** Rows that are asked for again: the seats stay the same over many epochs. */
const ROWS_KEPT = 512

function breakOf(text: string): Break {
  const [, model, from, to] = /^([\w-]+):(\d+):(\d+)$/.exec(text) ?? []
  if (model !== undefined && Number(from) < Number(to))
    return { model, from: Number(from), to: Number(to) }
  throw new InvalidArgumentError(`Given "${text}", required such as persistence:100:130.`)
}

export function workerCommand(): Command {
  const bundled = ["series", "keys", "models", "break"]
  return withChain(
    new Command("worker")
      .description(
        "predict for one topic: with bundled models, or with a program or server of your own",
      )
      .requiredOption("--topic <id>", "the topic", wholeNumber(1))
      .option("--series <name>", "bundled models: the data, such as sp500 (see `topic template`)")
      .option("--keys <folder>", "bundled models: where <model>.key lies for each model"),
  )
    .addOption(
      new Option(
        "--models <names>",
        "bundled models: which, by comma, or forecaster alone; default: all models that have a key",
      ).argParser(commaList),
    )
    .addOption(
      new Option(
        "--break <model:from:to>",
        "bundled models: one that answers wrongly on purpose from one epoch until another",
      ).argParser(breakOf),
    )
    .addOption(
      new Option("--command <program>", "your model: a command that answers on stdout").conflicts([
        ...bundled,
        "url",
      ]),
    )
    .addOption(
      new Option("--url <url>", "your model: a server that answers a POST").conflicts(bundled),
    )
    .option("--key-file <file>", "your model: its signer's key")
    .addOption(
      new Option(
        "--owner <address>",
        "your model: the registration's owner; default: the signer",
      ).argParser(address),
    )
    .option("--limit <ms>", "your model: how long it may take", wholeNumber(1), 30_000)
    .option("--members <urls>", "the members, by comma; default: those of the era", commaList)
    .option("--answers <file>", "what was answered; default: a file beside the keys")
    .option("--poll <ms>", "how often the chain is asked for a new block", wholeNumber(10), 1_000)
    .option("--json", "one JSON object a line instead of text")
    .action(runWorker)
}

/** Runs until the process is told to end. */
export async function runWorker(flags: Flags): Promise<void> {
  const [
    { domain },
    { createAnswers },
    { createChain },
    { createClock },
    { createLog },
    { createMemberClient },
    { modelsOf },
    { createWorker },
  ] = await Promise.all([
    import("../../contracts/index.ts"),
    import("../answers.ts"),
    import("../chain.ts"),
    import("../clock.ts"),
    import("../log.ts"),
    import("../memberclient.ts"),
    import("../models/chosen.ts"),
    import("../worker.ts"),
  ])
  const log = createLog({ json: flags.json ?? false, name: `worker ${flags.topic}` })
  const clock = createClock()
  const chosen = modelsOf(flags.topic, flags)
  const chain = await createChain(flags)
  await chain.follow()
  const source = await workerChain(chain, flags)
  const models = chosen.models({ chain: source, row: source.row, clock, log })
  const answers = createAnswers(flags.answers ?? chosen.answers)
  const worker = createWorker(
    { topicId: flags.topic, domain: domain(chain.deployment), models },
    {
      chain: source,
      members: createMemberClient({ timeoutMs: MEMBER_TIMEOUT_MS }),
      answers,
      clock,
      log,
    },
  )
  log.info({ series: flags.series, models: models.map(({ name }) => name) }, "ready")
  // What is open already need not wait for the next block.
  worker.blockSeen()
  const unwatch = chain.watch({ pollMs: flags.poll }, worker.blockSeen, (error) =>
    log.warn({ error }, "the chain could not be followed"),
  )
  await new Promise<void>((resolve) => {
    process.once("SIGINT", resolve)
    process.once("SIGTERM", resolve)
  })
  unwatch()
  worker.stop()
  answers.close()
  log.info({ ...worker.counts() }, "stopped")
}

/** The chain as a worker sees it; rows come from the members. */
async function workerChain(chain: import("../chain.ts").Chain, { topic, members: given }: Flags) {
  const [{ load }, { fetchRow }, { fetchTerms }] = await Promise.all([
    import("../../wasm/index.ts"),
    import("../rowclient.ts"),
    import("../terms.ts"),
  ])
  await load()
  const { ledger, deployment } = chain
  const members = () => membersOf(chain, given)
  const row = keeping((hash, what) => fetchRow(hash, what, members()))
  scheduleOf(chain, topic)
  return {
    time: () => ledger.head()?.time,
    schedule: (topicId: number) => ledger.terms(topicId, 0)?.parameters.schedule,
    terms: (topicId: number, epoch: number) =>
      fetchTerms(ledger, deployment, { topicId, epoch }, row),
    reports: (topicId: number) => ledger.reports(topicId, 0),
    members,
    row,
  }
}

type Fetch = (hash: `0x${string}`, what: string) => Promise<Uint8Array>

/** A row that came once is not fetched again: its hash says what it is. */
function keeping(fetch: Fetch): Fetch {
  const kept = new Map<string, Uint8Array>()
  return async (hash, what) => {
    const row = kept.get(hash) ?? (await fetch(hash, what))
    kept.delete(hash)
    kept.set(hash, row)
    if (kept.size > ROWS_KEPT) kept.delete(kept.keys().next().value as string)
    return row
  }
}
