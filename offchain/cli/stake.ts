// `allora stake`: what stands behind a reputer's truths. Paid in, asked back, taken out after the delay, looked at.
import { Command, Option } from "commander"
import { decimal } from "../decimal.ts"
import type { Pool } from "../stakes.ts"
import { address, amount, type ChainFlags, scheduleOf, wholeNumber, withChain } from "./options.ts"

type Flags = ChainFlags & { readonly topic: number }
type OwnFlags = Flags & { readonly keyFile: string }

export function stakeCommand(): Command {
  const command: Command = new Command("stake").description(
    "a reputer's stake: pay in, take out, look",
  )

  own(command, "deposit", "pay ALLO into your pool; it speaks for you once you are registered")
    .requiredOption("--amount <ALLO>", "how much", amount)
    .action(async (flags: OwnFlags & { amount: bigint }) => {
      const { stakes, owner } = await mine(flags)
      await stakes.deposit(owner, flags.amount)
      const pool = await stakes.poolOf(owner.address)
      say(pool, `paid in ${decimal(flags.amount)} ALLO`)
      if (!pool.isRegistered)
        process.stdout.write(
          `it may not speak yet: allora register --topic ${flags.topic} --role reputer --key-file ${flags.keyFile}\n`,
        )
    })

  own(command, "request", "ask for stake back; from then on it counts for nothing")
    .addOption(new Option("--amount <ALLO>", "how much").argParser(amount).conflicts("all"))
    .option("--all", "all of it")
    .action(async (flags: OwnFlags & { amount?: bigint; all?: boolean }) => {
      const wanted = flags.all ? "all" : flags.amount
      if (wanted === undefined) command.error("error: --amount <ALLO> or --all is needed")
      const { stakes, owner } = await mine(flags)
      await stakes.request(owner, wanted)
      const pool = await stakes.poolOf(owner.address)
      const { amount, availableAt } = pool.pending ?? { amount: 0n, availableAt: 0 }
      say(pool, `asked for ${decimal(amount)} ALLO back, to be taken from ${iso(availableAt)} on`)
    })

  own(command, "cancel", "take the request back; the stake counts again").action(
    async (flags: OwnFlags) => {
      const { stakes, owner } = await mine(flags)
      await stakes.cancel(owner)
      say(await stakes.poolOf(owner.address), "took its request back")
    },
  )

  own(command, "withdraw", "take out what you asked for, once the delay has passed").action(
    async (flags: OwnFlags) => {
      const { stakes, owner } = await mine(flags)
      const { pending } = await stakes.poolOf(owner.address)
      await stakes.withdraw(owner)
      const taken = decimal(pending?.amount ?? 0n)
      say(await stakes.poolOf(owner.address), `took out ${taken} ALLO`)
    },
  )

  withTopic(command, "show", "who has how much stake in a topic")
    .addOption(new Option("--reputer <address>", "that one alone").argParser(address))
    .option("--json", "one object a line")
    .action(async (flags: Flags & { reputer?: `0x${string}`; json?: boolean }) => {
      const { stakes } = await open(flags)
      const pools = flags.reputer ? [await stakes.poolOf(flags.reputer)] : await stakes.pools()
      const rows = pools.map(view)
      const lines = flags.json ? rows.map((row) => JSON.stringify(row)) : table(rows)
      process.stdout.write(lines.map((line) => `${line}\n`).join(""))
    })

  return command
}

function withTopic(command: Command, name: string, description: string): Command {
  return withChain(command.command(name))
    .description(description)
    .requiredOption("--topic <id>", "the topic", wholeNumber(1))
}

function own(command: Command, name: string, description: string): Command {
  return withTopic(command, name, description).requiredOption(
    "--key-file <file>",
    "the reputer's owner's key",
  )
}

/** The topic's stakes; a topic that does not exist is said at once. */
async function open(flags: Flags) {
  const [{ createChain }, { createStakes }] = await Promise.all([
    import("../chain.ts"),
    import("../stakes.ts"),
  ])
  const chain = await createChain(flags)
  await chain.follow()
  scheduleOf(chain, flags.topic)
  return { stakes: createStakes(chain, flags.topic) }
}

async function mine(flags: OwnFlags) {
  const { createSigner, readKey } = await import("../signer.ts")
  const owner = createSigner(readKey(flags.keyFile))
  return { ...(await open(flags)), owner }
}

const iso = (seconds: number) => new Date(seconds * 1000).toISOString()

function say({ reputer, stake }: Pool, what: string): void {
  process.stdout.write(`${reputer} ${what}; its stake is now ${decimal(stake)} ALLO\n`)
}

/** Amounts in ALLO, the share in percent. */
function view({ reputer, stake, share, isRegistered, pending }: Pool) {
  return {
    reputer,
    stake: decimal(stake),
    share: `${share / 100n}.${String(share % 100n).padStart(2, "0")}`,
    registered: isRegistered,
    pending: pending ? decimal(pending.amount) : null,
    availableAt: pending ? iso(pending.availableAt) : null,
  }
}

function table(rows: readonly ReturnType<typeof view>[]): readonly string[] {
  if (rows.length === 0) return ["nobody has stake in this topic"]
  const head = ["reputer", "stake ALLO", "share %", "registered", "asked back ALLO", "taken from"]
  const cells = rows.map(({ reputer, stake, share, registered, pending, availableAt }) => [
    reputer,
    stake,
    share,
    registered ? "yes" : "no",
    pending ?? "-",
    availableAt ?? "-",
  ])
  const width = (column: number) =>
    Math.max(...[head, ...cells].map((row) => row[column]?.length ?? 0))
  return [head, ...cells].map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(width(0)) : cell.padStart(width(column))))
      .join("  "),
  )
}
