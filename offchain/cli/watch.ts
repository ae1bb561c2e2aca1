// `allora watch`: recomputes what a committee posts, says what is wrong, and with a key has the chain take it back.
import { join } from "node:path"
import { Command, InvalidArgumentError } from "commander"
import { type ChainFlags, membersOf, wholeNumber, withChain } from "./options.ts"

type Flags = ChainFlags & {
  readonly topic?: readonly number[]
  readonly from?: Beginning
  readonly keyFile?: string
  readonly data: string
  readonly members?: readonly string[]
  readonly prove?: boolean
  readonly demand?: boolean
  readonly publish?: boolean
  readonly keep: number
  readonly poll: number
  readonly json?: boolean
}

/** The first block, or the first epoch, that is judged. */
type Beginning = { readonly fromBlock?: number; readonly fromEpoch?: number }

const ACTIONS = ["prove", "demand", "publish"] as const
const DAY_SECONDS = 86_400

const collected = (text: string, earlier: readonly number[] = []) => [
  ...earlier,
  wholeNumber(1)(text),
]

function beginning(text: string): Beginning {
  const [, epoch, number] = /^(epoch:)?(\d{1,15})$/.exec(text) ?? []
  if (number === undefined)
    throw new InvalidArgumentError(`Given "${text}", required a block such as 120, or epoch:57.`)
  return epoch ? { fromEpoch: Number(number) } : { fromBlock: Number(number) }
}

export function watchCommand(): Command {
  return withChain(
    new Command("watch")
      .description(
        "recompute every report and settlement with our own core; say exactly what is wrong, and with a key have the chain refute it",
      )
      .option("--topic <id>", "a topic to follow; may be given again (default: all)", collected)
      .option(
        "--from <block>",
        "judge what was accepted in this block or later, or with epoch:57 what is of this epoch or a later one; earlier settlements are replayed, and not judged (default: all, or after a restart what is new)",
        beginning,
      )
      .option(
        "--key-file <file>",
        "an account that pays the gas of refutations (see `allora key new`); without one nothing is sent",
      )
      .option("--data <folder>", "where it keeps rows and what it has done", ".allora/watch")
      .option("--members <url...>", "who serves rows (default: the members of the era in force)")
      .option("--prove", "prove each new report that is right, once a label; needs a key")
      .option(
        "--demand",
        "demand rows that nobody serves; needs a key. Each takes a bond in the chain's coin of four times what publishing the longest row costs (the contract asks for two); it is lost to who publishes the row, and comes back if nobody does",
      )
      .option("--publish", "publish rows that others demand, for their bond; needs a key")
      .option("--keep <days>", "how long rows are kept", wholeNumber(1), 30)
      .option("--poll <ms>", "how often the chain is asked for a new block", wholeNumber(10), 1_000)
      .option("--json", "one JSON object a line instead of text")
      .addHelpText(
        "after",
        "\nRuns until it is ended; started again it goes on where it stopped. An alarm names what differs, both values, and the claim\nthat refutes it; `none` where the chain cannot judge, such as which submissions were counted.",
      ),
  ).action(runWatch)
}

/** Runs until the process is told to end. */
export async function runWatch(flags: Flags): Promise<void> {
  const [
    { load },
    { createChain },
    { createClock },
    { openMemory },
    { NodeError },
    { createLog },
    { fetchRow },
    { openRows },
    { createSigner, readKey },
    { createWatcher },
    { patiently },
  ] = await Promise.all([
    import("../../wasm/index.ts"),
    import("../chain.ts"),
    import("../clock.ts"),
    import("../dispute/memory.ts"),
    import("../errors.ts"),
    import("../log.ts"),
    import("../rowclient.ts"),
    import("../rows.ts"),
    import("../signer.ts"),
    import("../watch/watcher.ts"),
    import("./patience.ts"),
  ])
  const asked = ACTIONS.filter((action) => flags[action])
  if (!flags.keyFile && asked.length > 0)
    throw new NodeError("KeyMissing", {
      sentence: `--${asked.join(", --")} sends transactions; name an account that pays for them with --key-file`,
      remedy: "stop",
    })
  const log = createLog({ json: flags.json ?? false, name: "watch" })
  const signer = flags.keyFile ? createSigner(readKey(flags.keyFile)) : undefined
  await load()
  log.info({ rpc: flags.rpc }, "following the chain from its start")
  const chain = await createChain(flags)
  await patiently(chain.follow(), (seconds) => log.info({ seconds }, "still following"))
  const { chainId, deployment } = chain
  const rows = openRows(join(flags.data, "rows.sqlite"))
  const network = { chainId, disputes: deployment.disputes }
  const watcher = createWatcher(
    {
      topics: flags.topic,
      ...flags.from,
      isProving: flags.prove ?? false,
      isDemanding: flags.demand ?? false,
      isPublishing: flags.publish ?? false,
      keepSeconds: flags.keep * DAY_SECONDS,
    },
    {
      chain,
      rows,
      fetchRow: (hash, what) => fetchRow(hash, what, membersOf(chain, flags.members)),
      memory: openMemory(network, join(flags.data, "memory.json")),
      signer,
      clock: createClock(),
      log,
    },
  )
  log.info(
    { topics: flags.topic?.join() ?? "all", account: signer?.address ?? "none: nothing is sent" },
    "watching",
  )
  // Before the first look, which may be long: it ends between two messages then.
  const ended = new Promise<void>((resolve) => {
    process.once("SIGINT", resolve)
    process.once("SIGTERM", resolve)
  })
  await Promise.race([watcher.blockSeen(), ended])
  let isLost = false
  const unwatch = chain.watch(
    { pollMs: flags.poll },
    async (move) => {
      if (isLost) log.info("the chain answers again")
      isLost = false
      await watcher.blockSeen(move)
    },
    (error) => {
      if (!isLost) log.warn({ error }, "the chain could not be followed; it is tried again")
      isLost = true
    },
  )
  await ended
  unwatch()
  await watcher.stop()
  rows.close()
  log.info({ ...watcher.counts() }, "stopped")
}
