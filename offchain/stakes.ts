// What stands behind a reputer's truths, for who owns it: paid in, asked back, taken out after the delay, looked at. Step 6
// of the path; the rules are those of `Stakes`.
import type { Abi, Hex } from "viem"
import { stakesAbi } from "../contracts/index.ts"
import { allow } from "./allowance.ts"
import type { Chain } from "./chain.ts"
import { decimal } from "./decimal.ts"
import { REPUTER } from "./electorate.ts"
import { NodeError } from "./errors.ts"
import { registered } from "./seats.ts"
import type { Signer } from "./signer.ts"

/** One reputer's pool; amounts in 1e-18 ALLO. */
export type Pool = {
  readonly reputer: Hex
  readonly stake: bigint
  /** Of the topic's whole stake, in hundredths of a percent, rounded down. */
  readonly share: bigint
  /** Whether it may speak with that stake. */
  readonly isRegistered: boolean
  /** Asked back, and the second from which it can be taken. */
  readonly pending: { readonly amount: bigint; readonly availableAt: number } | undefined
}

/** The present and all that is to come. */
const ALWAYS = 2 ** 40 - 1

/** What an owner can do about a refusal of the contract. */
const ADVICE: Readonly<Record<string, string>> = {
  WithdrawalPending:
    "one request waits at a time; `allora stake show` says until when, `allora stake cancel` takes it back",
  NoWithdrawal: "nothing was asked back; `allora stake request` does",
  WithdrawalTooSoon:
    "the delay has not passed; `allora stake show` says when it has, `allora stake cancel` takes the request back",
}

/** The chain's ledger must have been brought up to date. */
export function createStakes(chain: Chain, topicId: number) {
  const { ledger, deployment } = chain
  const call = (functionName: string, args: readonly unknown[]) => ({
    address: deployment.stakes,
    abi: stakesAbi as Abi,
    functionName,
    args: [topicId, ...args],
  })
  const read = <T>(functionName: string, ...args: readonly unknown[]) =>
    chain.read<T>(call(functionName, args))

  async function write(owner: Signer, functionName: string, ...args: readonly unknown[]) {
    try {
      await chain.write(owner, call(functionName, args))
    } catch (error) {
      const advice = error instanceof NodeError ? ADVICE[error.code] : undefined
      if (!(error instanceof NodeError) || !advice) throw error
      const sentence = `${error.message}; ${advice}`
      throw new NodeError(error.code, { sentence, remedy: "refuse", cause: error })
    }
  }

  const now = () => ledger.head()?.time ?? 0
  const isReputer = ({ roles }: { readonly roles: number }) => (roles & REPUTER) !== 0
  const stakeOf = (reputer: Hex) => read<bigint>("stakeAt", reputer, ALWAYS)

  async function poolOf(reputer: Hex): Promise<Pool> {
    const [stake, total, { shares, availableAt }] = await Promise.all([
      stakeOf(reputer),
      read<bigint>("totalAt", ALWAYS),
      read<{ shares: bigint; availableAt: number }>("withdrawalOf", reputer, reputer),
    ])
    const amount = shares > 0n ? await read<bigint>("worthOf", reputer, shares) : 0n
    const change = registered(ledger.changes(topicId, now())).get(reputer)
    return {
      reputer,
      stake,
      share: total > 0n ? (stake * 10_000n) / total : 0n,
      isRegistered: change !== undefined && isReputer(change),
      pending: shares > 0n ? { amount, availableAt: Number(availableAt) } : undefined,
    }
  }

  return {
    poolOf,

    /** All with stake, a request or a registration, by descending stake. */
    async pools(): Promise<readonly Pool[]> {
      const owners = ledger.changes(topicId, now()).filter(isReputer)
      const staked = ledger.stakes(topicId, now()).keys()
      const known = new Set([...owners.map(({ owner }) => owner), ...staked])
      const pools = await Promise.all([...known].sort().map(poolOf))
      return pools
        .filter(({ stake, pending, isRegistered }) => stake > 0n || pending || isRegistered)
        .sort((a, b) => Number(b.stake > a.stake) - Number(b.stake < a.stake))
    },

    /** Pays into the owner's pool. */
    async deposit(owner: Signer, amount: bigint): Promise<void> {
      const spender = deployment.stakes
      await allow(chain, owner, { spender, amount, purpose: "the stake", lacking: "AlloMissing" })
      await write(owner, "deposit", owner.address, amount)
    },

    /** Asks for so much of the owner's stake back, or for all. */
    async request(owner: Signer, amount: bigint | "all"): Promise<void> {
      const stake = await stakeOf(owner.address)
      if (amount !== "all" && amount > stake)
        throw new NodeError("StakeNotEnough", {
          sentence: `${owner.address} has less stake in topic ${topicId} than it asks back`,
          remedy: "refuse",
          given: `${decimal(stake)} ALLO`,
          required: `${decimal(amount)} ALLO`,
        })
      const shares =
        amount === "all"
          ? await read<bigint>("sharesOf", owner.address, owner.address)
          : await read<bigint>("sharesFor", owner.address, amount)
      await write(owner, "requestWithdrawal", shares)
    },

    /** Takes the request back. */
    cancel: (owner: Signer) => write(owner, "cancelWithdrawal"),

    /** Takes out what was asked for. */
    withdraw: (owner: Signer) => write(owner, "withdraw"),
  }
}
