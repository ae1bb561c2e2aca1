// Puts compiled contracts on a chain: the account, sending, reading back. Foreign errors become
// `DeployError` here.
import { readFileSync } from "node:fs"
import {
  type Abi,
  type Account,
  type Address,
  BaseError,
  ContractFunctionRevertedError,
  createPublicClient,
  createWalletClient,
  defineChain,
  formatEther,
  getContractAddress,
  type Hex,
  http,
  type TransactionReceipt,
} from "viem"
import { privateKeyToAccount } from "viem/accounts"
import type { Artifact } from "./artifact.ts"

/** A fault in one line: its name, what happened, what to do. */
export class DeployError extends Error {
  override name = "DeployError"
  readonly code: string

  constructor(code: string, sentence: string, options?: ErrorOptions) {
    super(`${code}: ${sentence}`, options)
    this.code = code
  }
}

export type Deployed = { readonly address: Address; readonly abi: Abi; readonly block: number }
export type Deployer = Awaited<ReturnType<typeof createDeployer>>

function readKey(file: string): Account {
  let text: string
  try {
    text = readFileSync(file, "utf8").trim()
  } catch (cause) {
    throw new DeployError("FileMissing", `the key file ${file} cannot be read`, { cause })
  }
  const key: Hex = `0x${text.replace(/^0x/, "")}`
  try {
    return privateKeyToAccount(key)
  } catch {
    // The cause is left out: it may hold the key.
    throw new DeployError("KeyMalformed", `the key file ${file} does not hold 64 hex digits`)
  }
}

export async function createDeployer(options: {
  rpc: string
  keyFile?: string | undefined
  chainId?: number | undefined
}) {
  const { rpc } = options
  const transport = http(rpc, { retryCount: 0, timeout: 20_000 })
  const guarded = async <T>(what: string, run: () => Promise<T>): Promise<T> => {
    try {
      return await run()
    } catch (error) {
      throw wrapped(error, what, rpc)
    }
  }

  const chainId = await guarded("eth_chainId", () => createPublicClient({ transport }).getChainId())
  if (options.chainId !== undefined && options.chainId !== chainId)
    throw new DeployError(
      "ChainMismatch",
      `${rpc} is chain ${chainId}, required ${options.chainId}`,
    )
  const chain = defineChain({
    id: chainId,
    name: `chain ${chainId}`,
    nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
    rpcUrls: { default: { http: [rpc] } },
  })
  const reader = createPublicClient({ chain, transport, pollingInterval: 100, cacheTime: 0 })
  const wallet = createWalletClient({ chain, transport })
  const account = options.keyFile ? readKey(options.keyFile) : await firstUnlocked()
  const address = (typeof account === "string" ? account : account.address).toLowerCase() as Address
  const balance = await guarded("eth_getBalance", () => reader.getBalance({ address }))
  if (balance === 0n)
    throw new DeployError(
      "NoFunds",
      `${address} has nothing to pay for gas with; send it some of chain ${chainId}'s coin`,
    )

  async function firstUnlocked(): Promise<Address> {
    const [first] = await guarded("eth_accounts", () => wallet.getAddresses())
    if (first === undefined)
      throw new DeployError(
        "NoAccount",
        `${rpc} keeps no unlocked account; name a key with --key-file`,
      )
    return first
  }

  const mined = async (what: string, hash: Hex): Promise<TransactionReceipt> => {
    const receipt = await guarded(what, () => reader.waitForTransactionReceipt({ hash }))
    if (receipt.status !== "success")
      throw new DeployError("TransactionReverted", `${what} failed in ${hash}`)
    return receipt
  }

  return {
    chainId,
    address,
    unlocked: typeof account === "string",
    balance: formatEther(balance),

    /** The newest block's time in seconds. */
    time: async () =>
      Number((await guarded("eth_getBlockByNumber", () => reader.getBlock())).timestamp),

    /** Where the contract will lie that this account deploys after so many other transactions. */
    async addressAfter(transactions: number): Promise<Address> {
      const counted = await guarded("eth_getTransactionCount", () =>
        reader.getTransactionCount({ address }),
      )
      const nonce = BigInt(counted + transactions)
      return getContractAddress({ from: address, nonce }).toLowerCase() as Address
    },

    /** Deploys, and makes sure that there is code afterwards. */
    async deploy(
      { contractName, abi, bytecode }: Artifact,
      args: readonly unknown[],
    ): Promise<Deployed> {
      const what = `deploying ${contractName}`
      const hash = await guarded(what, () =>
        wallet.deployContract({ account, abi, bytecode, args }),
      )
      const receipt = await mined(what, hash)
      const created = receipt.contractAddress
      const code = created && (await guarded(what, () => reader.getCode({ address: created })))
      if (!created || !code) throw new DeployError("CodeMissing", `${what} left no code in ${hash}`)
      return { address: created, abi, block: Number(receipt.blockNumber) }
    },

    /** Sends a call after simulating it; answers what the simulation returned. */
    async send(
      { address: to, abi }: Deployed,
      functionName: string,
      args: readonly unknown[],
    ): Promise<unknown> {
      const call = { account, address: to, abi, functionName, args }
      const { result, request } = await guarded(functionName, () => reader.simulateContract(call))
      await mined(functionName, await guarded(functionName, () => wallet.writeContract(request)))
      return result
    },

    read(
      { address: to, abi }: Deployed,
      functionName: string,
      args: readonly unknown[] = [],
    ): Promise<unknown> {
      return guarded(functionName, () =>
        reader.readContract({ address: to, abi, functionName, args }),
      )
    },
  }
}

function wrapped(error: unknown, what: string, rpc: string): DeployError {
  if (error instanceof DeployError) return error
  const text = error instanceof Error ? error.message : String(error)
  if (error instanceof BaseError) {
    const revert = error.walk((cause) => cause instanceof ContractFunctionRevertedError)
    if (revert instanceof ContractFunctionRevertedError) {
      const { errorName, args } = revert.data ?? { errorName: revert.reason ?? "no reason" }
      return new DeployError(
        "Reverted",
        `${what} reverted with ${errorName}(${(args ?? []).join(", ")})`,
      )
    }
  }
  if (/HTTP request failed|fetch failed|ECONNREFUSED|took too long/.test(text))
    return new DeployError("NoChain", `no chain answers at ${rpc}`, { cause: error })
  if (/insufficient funds|enough funds|exceeds the balance/.test(text))
    return new DeployError("NoFunds", `the account has too little to pay for ${what}`, {
      cause: error,
    })
  const short = error instanceof BaseError ? error.shortMessage : text
  return new DeployError("ChainRefused", `${what}: ${short.split("\n")[0]}`, { cause: error })
}
