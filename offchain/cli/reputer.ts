// `allora reputer`: says of one topic's epochs what happened, from the real series. It needs a registration
// (`allora register --role reputer`) and stake (`allora stake deposit`).
import { Command, Option } from "commander"
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
  readonly series: string
  readonly keyFile: readonly string[]
  readonly owner?: `0x${string}`
  readonly members?: readonly string[]
  readonly answers?: string
  readonly poll: number
  readonly resend: number
  readonly json?: boolean
}

/** How long a member has to answer one truth. */
const MEMBER_TIMEOUT_MS = 5_000

export function reputerCommand(): Command {
  return withChain(
    new Command("reputer")
      .description(
        "tell the members what happened, signed, for one topic; needs a registration and stake",
      )
      .requiredOption("--topic <id>", "the topic", wholeNumber(1))
      .requiredOption("--series <name>", "the data that says it, such as sp500")
      .requiredOption("--key-file <file...>", "the signer's key; several are several reputers"),
  )
    .addOption(
      new Option(
        "--owner <address>",
        "the registration's owner, of one key; default: the signer",
      ).argParser(address),
    )
    .option("--members <urls>", "the members, by comma; default: those of the era", commaList)
    .option("--answers <file>", "what was said; default: a file beside each key")
    .option("--poll <ms>", "how often the chain is asked for a new block", wholeNumber(10), 1_000)
    .option(
      "--resend <ms>",
      "how often a truth is sent again, for members that started anew",
      wholeNumber(100),
      30_000,
    )
    .option("--json", "one JSON object a line instead of text")
    .action(runReputer)
}

/** Runs until the process is told to end. */
export async function runReputer(flags: Flags): Promise<void> {
  const [
    { domain },
    { createChain },
    { createClock },
    { createLog },
    { createMemberClient },
    { topicNamed },
    { createReputer },
  ] = await Promise.all([
    import("../../contracts/index.ts"),
    import("../chain.ts"),
    import("../clock.ts"),
    import("../log.ts"),
    import("../memberclient.ts"),
    import("../models/topics.ts"),
    import("../reputer.ts"),
  ])
  const { topic: topicId, series } = flags
  const log = createLog({ json: flags.json ?? false, name: `reputer ${topicId}` })
  const source = topicNamed(series)
  const reputers = await reputersOf(flags)
  const chain = await createChain(flags)
  await chain.follow()
  const { firstEpoch } = scheduleOf(chain, topicId)
  const { ledger, deployment } = chain
  const reputer = createReputer(
    {
      topicId,
      domain: domain(deployment),
      reputers,
      truth: (epoch) => source.truth(epoch, firstEpoch),
      resendMs: flags.resend,
    },
    {
      chain: {
        ledger,
        delaySeconds: deployment.delaySeconds,
        members: () => membersOf(chain, flags.members),
      },
      members: createMemberClient({ timeoutMs: MEMBER_TIMEOUT_MS, path: "truths" }),
      clock: createClock(),
      log,
    },
  )
  log.info({ series, reputers: reputers.map(({ owner }) => owner) }, "ready")
  // What is open already need not wait for the next block.
  reputer.blockSeen()
  const unwatch = chain.watch({ pollMs: flags.poll }, reputer.blockSeen, (error) =>
    log.warn({ error }, "the chain could not be followed"),
  )
  await new Promise<void>((resolve) => {
    process.once("SIGINT", resolve)
    process.once("SIGTERM", resolve)
  })
  unwatch()
  reputer.stop()
  for (const { answers } of reputers) answers.close()
  log.info({ ...reputer.counts() }, "stopped")
}

/** One for each key; what each said lies in a file of its own, unless one file is named for all. */
async function reputersOf({
  keyFile,
  owner,
  answers,
  topic,
}: Flags): Promise<readonly import("../reputer.ts").Identity[]> {
  const [{ createAnswers }, { NodeError }, { createSigner, readKey }] = await Promise.all([
    import("../answers.ts"),
    import("../errors.ts"),
    import("../signer.ts"),
  ])
  if (owner !== undefined && keyFile.length > 1)
    throw new NodeError("OwnerAmbiguous", {
      sentence: "--owner is of one key; start one `allora reputer` for each such owner",
      remedy: "stop",
      given: `${keyFile.length} key files`,
      required: "1",
    })
  const signers = keyFile.map((file) => ({ file, signer: createSigner(readKey(file)) }))
  return signers.map(({ file, signer }) => ({
    owner: owner ?? signer.address,
    signer,
    answers: createAnswers(
      answers ?? `${file.replace(/\.key$/, "")}-topic-${topic}-truths.answers`,
    ),
  }))
}
