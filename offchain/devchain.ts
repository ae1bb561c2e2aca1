// The levers that only a development chain has: its clock, and accounts that it signs for itself.

import type { Hex } from "viem"
import { NodeError } from "./errors.ts"
import { gasLimit } from "./gas.ts"

export type DevChain = ReturnType<typeof createDevChain>

/** `url`: a Hardhat (or Anvil) node. Every call throws `NoChain` when nothing answers there. */
export function createDevChain(url: string) {
  let id = 0

  async function request<T>(method: string, params: readonly unknown[] = []): Promise<T> {
    id += 1
    const body = JSON.stringify({ jsonrpc: "2.0", id, method, params })
    const headers = { "content-type": "application/json" }
    const response = await fetch(url, { method: "POST", headers, body }).catch((cause: unknown) => {
      throw new NodeError("NoChain", {
        sentence: `No chain answers at ${url}; start one or give another with --rpc.`,
        remedy: "retry",
        cause,
      })
    })
    const answer = (await response.json()) as { result?: T; error?: { message: string } }
    if (answer.error)
      throw new NodeError("ChainRefused", {
        sentence: `The chain refused ${method}: ${answer.error.message}`,
        remedy: "refuse",
      })
    return answer.result as T
  }

  return {
    request,

    /** The newest block's time in seconds. */
    async time(): Promise<number> {
      const block = await request<{ timestamp: Hex }>("eth_getBlockByNumber", ["latest", false])
      return Number(block.timestamp)
    },

    /** Mines one block at that time; times only go forward, an earlier one mines at the present. */
    async mineAt(seconds: number): Promise<void> {
      const now = await this.time()
      if (seconds > now) await request("evm_setNextBlockTimestamp", [seconds])
      await request("evm_mine")
    },

    /** The accounts that the chain signs for: development chains only. */
    accounts: () => request<readonly Hex[]>("eth_accounts"),

    /** Sends from one of the chain's own accounts and waits until it is mined (at once with automine). */
    async send(transaction: { from: Hex; to: Hex; value?: bigint; data?: Hex }): Promise<Hex> {
      const { from, to, value = 0n, data = "0x" } = transaction
      const call = { from, to, value: `0x${value.toString(16)}`, data }
      const estimate = BigInt(await request<Hex>("eth_estimateGas", [call]))
      const gas = `0x${gasLimit(estimate).toString(16)}`
      const hash = await request<Hex>("eth_sendTransaction", [{ ...call, gas }])
      const receipt = await request<{ status: Hex } | null>("eth_getTransactionReceipt", [hash])
      if (receipt?.status !== "0x1")
        throw new NodeError("TransactionReverted", {
          sentence: `The transaction ${hash} from ${from} to ${to} did not succeed.`,
          remedy: "stop",
        })
      return hash
    },
  }
}
