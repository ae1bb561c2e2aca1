// What several subcommands take: where the chain is, and amounts with their unit.
import { type Command, InvalidArgumentError, Option } from "commander"
import { parseDecimal } from "../decimal.ts"

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
