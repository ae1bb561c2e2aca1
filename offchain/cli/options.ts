// What several subcommands take: where the chain is, a topic that is on it, addresses, lists, amounts with their unit.
import { type Command, InvalidArgumentError, Option } from "commander"
import type { Chain } from "../chain.ts"
import { parseDecimal } from "../decimal.ts"
import { NodeError } from "../errors.ts"
import type { Schedule } from "../schedule.ts"

export type ChainFlags = { readonly rpc: string; readonly deployment?: string }

export const DEFAULT_RPC = "http://127.0.0.1:8545"

/** Adds the flags that name a chain and the contracts on it. */
export function withChain(command: Command): Command {
  return command
    .addOption(
      new Option("--rpc <url>", "the chain's JSON-RPC address")
        .env("ALLORA_RPC")
        .default(DEFAULT_RPC),
    )
    .addOption(
      new Option(
        "--deployment <file>",
        "the contracts' addresses; default: contracts/deployments/<chain id>.json",
      ).env("ALLORA_DEPLOYMENT"),
    )
}

/** A whole number of at least `least`, or a usage error that names both. */
export function wholeNumber(least: number) {
  return (text: string): number => {
    const value = Number(text)
    if (!/^\d+$/.test(text) || value < least || !Number.isSafeInteger(value))
      throw new InvalidArgumentError(
        `Given "${text}", required a whole number of at least ${least}.`,
      )
    return value
  }
}

/** An amount of a coin with 18 decimals, such as "1.5". */
export function amount(text: string): bigint {
  const value = parseDecimal(text)
  if (value === undefined || value < 0n)
    throw new InvalidArgumentError(`Given "${text}", required an amount such as 1.5.`)
  return value
}

export const commaList = (text: string): string[] => text.split(",").filter((part) => part !== "")

/** An address in lower case. */
export function address(text: string): string {
  if (/^0x[0-9a-fA-F]{40}$/.test(text)) return text.toLowerCase()
  throw new InvalidArgumentError(`Given "${text}", required 0x and 40 hex digits.`)
}

/** The topic's schedule, which never changes; a topic that does not exist is said at once. */
export function scheduleOf({ ledger }: Pick<Chain, "ledger">, topicId: number): Schedule {
  const schedule = ledger.terms(topicId, 0)?.parameters.schedule
  if (schedule) return schedule
  throw new NodeError("NoTopic", {
    sentence: "the chain has no such topic; `allora topic list` says which there are",
    remedy: "stop",
    given: topicId,
    required: ledger.topics().join(", ") || "a topic created first",
  })
}

/** Where the members of the era in force are reached, or those given. */
export function membersOf(chain: Chain, given?: readonly string[]): readonly string[] {
  const era = chain.ledger.eraAt(chain.ledger.head()?.time ?? 0)
  return given ?? (era ? chain.memberUrls(era.number) : [])
}
