// The one file that knows viem's clients: follows the chain into a ledger, reads, and sends transactions.
import {
  type Abi,
  BaseError,
  ContractFunctionRevertedError,
  createPublicClient,
  encodeFunctionData,
  type Hex,
  http,
  keccak256,
  serializeTransaction,
} from "viem"
import {
  type Deployment,
  DeploymentError,
  deployment as readDeployment,
} from "../contracts/index.ts"
import { NodeError } from "./errors.ts"
import { factsOf, homesOf } from "./facts.ts"
import { gasLimit } from "./gas.ts"
import { type Block, createLedger, type Entry, type Ledger } from "./ledger.ts"
import type { Signer } from "./signer.ts"

/** Blocks asked for in one `eth_getLogs`. */
const LOG_RANGE = 5_000

export type Call = {
  readonly address: Hex
  readonly abi: Abi
  readonly functionName: string
  readonly args: readonly unknown[]
  /** Sent along, in 1e-18 of the chain's coin. */
  readonly value?: bigint
}

export type ChainOptions = {
  readonly rpc: string
  /** A deployment file; without one the committed or local one of the chain's id. */
  readonly deployment?: string | undefined
}

function blockOf(block: { number: bigint; hash: Hex; parentHash: Hex; timestamp: bigint }): Block {
  const { number, hash, parentHash, timestamp } = block
  return { number: Number(number), hash, parentHash, time: Number(timestamp) }
}

/** Foreign errors become ours here and nowhere else. */
function wrapped(error: unknown, rpc: string): NodeError {
  if (error instanceof NodeError) return error
  const text = error instanceof Error ? error.message : String(error)
  if (/HTTP request failed|fetch failed|ECONNREFUSED|took too long/.test(text))
    return new NodeError("NoChain", {
      sentence: `no chain answers at ${rpc}; start one or give another with --rpc`,
      remedy: "retry",
      cause: error,
    })
  if (/insufficient funds|enough funds|exceeds the balance/.test(text))
    return new NodeError("NoFunds", {
      sentence: "the account that pays for gas has not enough of the chain's coin; send it some",
      remedy: "stop",
      cause: error,
    })
  const reverted =
    error instanceof BaseError &&
    error.walk((each) => each instanceof ContractFunctionRevertedError)
  // A contract's refusal keeps the name that the contract gave it.
  if (reverted instanceof ContractFunctionRevertedError && reverted.data)
    return new NodeError(reverted.data.errorName, {
      sentence: `the contract refuses: ${reverted.data.errorName}(${(reverted.data.args ?? []).join(", ")})`,
      remedy: "refuse",
      cause: error,
    })
  if (reverted)
    return new NodeError("Reverted", {
      sentence: `a contract refuses, for no reason that is known here: ${text.split("\n")[0]}`,
      remedy: "retry",
      cause: error,
    })
  return new NodeError("ChainRefused", {
    sentence: `the chain refused a request: ${text.split("\n")[0]}`,
    remedy: "retry",
    cause: error,
  })
}

function deploymentOf(chainId: number, file: string | undefined): Deployment {
  try {
    return readDeployment(chainId, file)
  } catch (error) {
    if (!(error instanceof DeploymentError)) throw error
    const { code, sentence, given, required } = error
    throw new NodeError(code, { sentence, remedy: "stop", given, required })
  }
}

function clientOf(rpc: string) {
  return createPublicClient({
    transport: http(rpc, { retryCount: 0, timeout: 10_000 }),
    cacheTime: 0,
  })
}

/** Reads any contract on any chain; needs no deployment. */
export async function readContract<T>(rpc: string, call: Call): Promise<T> {
  try {
    return (await clientOf(rpc).readContract({ ...call, args: [...call.args] })) as T
  } catch (error) {
    throw wrapped(error, rpc)
  }
}

export async function createChain({ rpc, deployment: file }: ChainOptions) {
  const client = clientOf(rpc)
  const guarded = async <T>(run: () => Promise<T>): Promise<T> => {
    try {
      return await run()
    } catch (error) {
      throw wrapped(error, rpc)
    }
  }

  const chainId = await guarded(() => client.getChainId())
  const deployment = deploymentOf(chainId, file)
  const code = await guarded(() => client.getCode({ address: deployment.reports }))
  if (!code)
    throw new NodeError("DeploymentMissing", {
      sentence: `There is no contract at ${deployment.reports}, where the deployment says Reports is; deploy again or name the right file with --deployment.`,
      remedy: "stop",
    })
  const ledger: Ledger = createLedger()
  const addresses = homesOf(deployment)

  /** Fetches what happened in a range of blocks. */
  async function entriesOf(from: number, to: number): Promise<Entry[]> {
    const entries: Entry[] = []
    const times = new Map<bigint, number>()
    for (let start = from; start <= to; start += LOG_RANGE) {
      const logs = await client.getLogs({
        address: addresses,
        fromBlock: BigInt(start),
        toBlock: BigInt(Math.min(to, start + LOG_RANGE - 1)),
      })
      for (const { log, fact } of factsOf(logs, deployment)) {
        const number = log.blockNumber as bigint
        if (!times.has(number))
          times.set(number, Number((await client.getBlock({ blockNumber: number })).timestamp))
        entries.push({ block: Number(number), time: times.get(number) as number, fact })
      }
    }
    return entries
  }

  /** The newest block that ledger and chain still share; undefined if none is left. */
  async function commonBlock(): Promise<Block | undefined> {
    for (const known of ledger.blocks().toReversed()) {
      const here = await client
        .getBlock({ blockNumber: BigInt(known.number) })
        .catch((error: Error) => {
          // A chain that became shorter has no such block; anything else is no news about blocks.
          if (error.name === "BlockNotFoundError") return undefined
          throw error
        })
      if (here?.hash === known.hash) return known
    }
    return undefined
  }

  /**
   * Brings the ledger up to the chain's head; answers whether it moved and how many blocks it undid. All is asked for
   * before anything is changed, so a request that fails leaves the ledger as it was.
   */
  async function follow(): Promise<{ moved: boolean; undone: number }> {
    return guarded(async () => {
      const latest = blockOf(await client.getBlock({ blockTag: "latest" }))
      const before = ledger.head()
      if (before?.hash === latest.hash) return { moved: false, undone: 0 }
      const common = latest.parentHash === before?.hash ? before : await commonBlock()
      const from = common ? common.number + 1 : deployment.startBlock
      const found = await entriesOf(from, latest.number)
      // Facts of blocks between two that were seen stand above the common one too.
      ledger.rewind(common?.number ?? -1)
      if (common?.hash !== latest.hash) ledger.apply(latest, found)
      return { moved: true, undone: before ? before.number - (common?.number ?? -1) : 0 }
    })
  }

  return {
    rpc,
    chainId,
    deployment,
    ledger,
    follow,

    /** Follows the chain until stopped; `seen` runs after each move, errors go to `failed` and it goes on. */
    watch(
      { pollMs }: { pollMs: number },
      seen: (move: { undone: number }) => Promise<void> | void,
      failed: (error: NodeError) => void,
    ): () => void {
      let stopped = false
      let timer: NodeJS.Timeout | undefined
      const step = async () => {
        try {
          const { moved, undone } = await follow()
          if (moved && !stopped) await seen({ undone })
        } catch (error) {
          failed(wrapped(error, rpc))
        }
        if (!stopped) timer = setTimeout(step, pollMs)
      }
      void step()
      return () => {
        stopped = true
        clearTimeout(timer)
      }
    },

    /** Where the members of an era serve, in the era's order. */
    memberUrls: (era: number): readonly string[] =>
      (ledger.era(era)?.memberIds ?? []).flatMap((id) => ledger.member(id)?.url ?? []),

    balance: (address: Hex) => guarded(() => client.getBalance({ address })),

    /** Whether there is a contract. */
    hasCode: (address: Hex): Promise<boolean> =>
      guarded(async () => (await client.getCode({ address })) !== undefined),

    /** `gas`: what the call may use; without it as much as the node allows. */
    read: <T>(call: Call & { readonly gas?: bigint }): Promise<T> =>
      guarded(() => client.readContract({ ...call, args: [...call.args] })) as Promise<T>,

    transaction: (hash: Hex) => guarded(() => client.getTransaction({ hash })),

    /** Whether a call would go through; throws what the contract would revert with. */
    async simulate(from: Hex, call: Call): Promise<void> {
      await guarded(() => client.simulateContract({ ...call, args: [...call.args], account: from }))
    },

    /** What one contract said in a range of blocks, both included. */
    async logs(address: Hex, from: number, to: number) {
      return guarded(async () => {
        const logs: Awaited<ReturnType<typeof client.getLogs>> = []
        for (let start = from; start <= to; start += LOG_RANGE) {
          const fromBlock = BigInt(start)
          const toBlock = BigInt(Math.min(to, start + LOG_RANGE - 1))
          logs.push(...(await client.getLogs({ address, fromBlock, toBlock })))
        }
        return logs
      })
    },

    /** Signs, sends and waits for one call; throws what the contract reverted with. */
    async write(signer: Signer, call: Call): Promise<{ hash: Hex; gasUsed: bigint }> {
      return guarded(async () => {
        const data = encodeFunctionData({ ...call, args: [...call.args] })
        const { value = 0n } = call
        // Simulated first: a revert then has its name, and no gas is spent on it.
        await client.simulateContract({ ...call, args: [...call.args], account: signer.address })
        const [nonce, fees, gas] = await Promise.all([
          client.getTransactionCount({ address: signer.address, blockTag: "pending" }),
          client.estimateFeesPerGas(),
          client.estimateGas({ account: signer.address, to: call.address, data, value }),
        ])
        const unsigned = {
          type: "eip1559",
          chainId,
          nonce,
          to: call.address,
          data,
          value,
          gas: gasLimit(gas),
          maxFeePerGas: fees.maxFeePerGas,
          maxPriorityFeePerGas: fees.maxPriorityFeePerGas,
        } as const
        const compact = signer.sign(keccak256(serializeTransaction(unsigned)))
        const high = BigInt(`0x${compact.slice(66)}`)
        const signature = {
          r: compact.slice(0, 66) as Hex,
          s: `0x${(high & ((1n << 255n) - 1n)).toString(16).padStart(64, "0")}` as Hex,
          yParity: Number(high >> 255n),
        }
        const hash = await client.sendRawTransaction({
          serializedTransaction: serializeTransaction(unsigned, signature),
        })
        const receipt = await client.waitForTransactionReceipt({
          hash,
          pollingInterval: 50,
          timeout: 60_000,
        })
        if (receipt.status !== "success")
          throw new NodeError("TransactionReverted", {
            sentence: `The transaction ${hash} was mined but reverted.`,
            remedy: "retry",
          })
        return { hash, gasUsed: receipt.gasUsed }
      })
    },
  }
}

export type Chain = Awaited<ReturnType<typeof createChain>>
