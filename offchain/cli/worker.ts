// `allora worker`: runs the bundled models of one topic, each with its own key, in one process.
import { join } from "node:path"
import { Command } from "commander"
import { type ChainFlags, wholeNumber, withChain } from "./options.ts"

type Flags = ChainFlags & {
  readonly topic: number
  readonly series: string
  readonly keys: string
  readonly models?: readonly string[]
  readonly members?: readonly string[]
  readonly answers?: string
  readonly poll: number
  readonly json?: boolean
}

/** How long a member has to answer one submission. */
const MEMBER_TIMEOUT_MS = 5_000

const commaList = (text: string): string[] => text.split(",").filter((part) => part !== "")

export function workerCommand(): Command {
  return withChain(
    new Command("worker")
      .description("predict for one topic with the bundled models, one registered worker each")
      .requiredOption("--topic <id>", "the topic", wholeNumber(1))
      .requiredOption("--series <name>", "the data: sp500 or seattle-temperature")
      .requiredOption("--keys <folder>", "where <model>.key lies for each model"),
  )
    .option("--models <names>", "which models, by comma; default: all that have a key", commaList)
    .option("--members <urls>", "the members, by comma; default: those of the era", commaList)
    .option("--answers <file>", "what was answered; default: topic-<id>.answers beside the keys")
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
    { bundledModels },
    { topicNamed },
    { createWorker },
  ] = await Promise.all([
    import("../../contracts/index.ts"),
    import("../answers.ts"),
    import("../chain.ts"),
    import("../clock.ts"),
    import("../log.ts"),
    import("../memberclient.ts"),
    import("../models/bundled.ts"),
    import("../models/topics.ts"),
    import("../worker.ts"),
  ])
  const log = createLog({ json: flags.json ?? false, name: `worker ${flags.topic}` })
  const models = bundledModels({
    topic: topicNamed(flags.series),
    keys: flags.keys,
    names: flags.models,
  })
  const chain = await createChain(flags)
  await chain.follow()
  const source = await workerChain(chain, flags)
  const answers = createAnswers(flags.answers ?? join(flags.keys, `topic-${flags.topic}.answers`))
  const worker = createWorker(
    { topicId: flags.topic, domain: domain(chain.deployment), models },
    {
      chain: source,
      members: createMemberClient({ timeoutMs: MEMBER_TIMEOUT_MS }),
      answers,
      clock: createClock(),
      log,
    },
  )
  log.info({ series: flags.series, models: models.map(({ name }) => name) }, "ready")
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

/** The chain as a worker sees it; a topic that does not exist is said at once. */
async function workerChain(
  chain: import("../chain.ts").Chain,
  { topic, members }: Flags,
): Promise<import("../worker.ts").WorkerChain> {
  const [{ NodeError }, { termsOf }] = await Promise.all([
    import("../errors.ts"),
    import("../terms.ts"),
  ])
  const { ledger, deployment } = chain
  const schedule = (topicId: number) => ledger.terms(topicId, 0)?.parameters.schedule
  if (!schedule(topic))
    throw new NodeError("NoTopic", {
      sentence: "the chain has no such topic; `allora topic list` says which there are",
      remedy: "stop",
      given: topic,
      required: ledger.topics().join(", ") || "a topic created first",
    })
  return {
    time: () => ledger.head()?.time,
    schedule,
    terms: (topicId, epoch) => termsOf(ledger, deployment, { topicId, epoch }),
    members: () => members ?? eraMembers(),
  }

  function eraMembers(): readonly string[] {
    const era = ledger.eraAt(ledger.head()?.time ?? 0)
    return (era?.memberIds ?? []).flatMap((id) => ledger.member(id)?.url ?? [])
  }
}
