// A network of real processes for one test file, the `allora` command run as a person would, and what the chain itself
// says of accepted reports, decoded here and not by the code under test.
import { spawn } from "node:child_process"
import { randomInt } from "node:crypto"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createPublicClient, type Hex, http, parseAbiItem } from "viem"
import { type Chain, createChain } from "../../offchain/chain.ts"
import { type Network, startNetwork } from "../../offchain/demo/network.ts"
import { ROOT } from "../../offchain/demo/processes.ts"
import { createSigner, readKey, type Signer } from "../../offchain/signer.ts"
import { load } from "../../wasm/index.ts"

/** Far beyond what anything here takes, also on a machine with more to do. */
export const LIMIT_MS = 120_000

export type Flow = {
  readonly network: Network
  readonly chain: Chain
  readonly end: () => Promise<void>
}

/** The demo's network, up, with a follower of its chain in this process. */
export async function startFlow(): Promise<Flow> {
  await load()
  const folder = mkdtempSync(join(tmpdir(), "allora-flow-"))
  // Two topics: what the tests of this folder look for does not depend on how many there are.
  const network = await startNetwork(folder, () => undefined, {
    only: ["sp500", "seattle-temperature"],
  })
  const chain = await createChain({ rpc: network.rpc, deployment: network.deploymentFile })
  await chain.follow()
  return {
    network,
    chain,
    async end() {
      await network.processes.endAll()
      rmSync(folder, { recursive: true })
    },
  }
}

export const where = ({ rpc, deploymentFile }: Pick<Network, "rpc" | "deploymentFile">) => [
  "--rpc",
  rpc,
  "--deployment",
  deploymentFile,
]

/** A member's signer, by index, from the key file that the demo made. */
export const memberSigner = ({ folder }: Network, index: number): Signer =>
  createSigner(readKey(join(folder, "keys", `member${index}.key`)))

export const memberLog = ({ folder }: Network, index: number): string =>
  readFileSync(join(folder, "logs", `member${index}.log`), "utf8")

export type Ended = {
  /** null: it had to be killed at the limit. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export const allora = (args: readonly string[], limitMs = LIMIT_MS): Promise<Ended> =>
  run([join(ROOT, "offchain/main.ts"), ...args], limitMs)

/** Runs a program of the project to its end, or kills it at the limit. */
export function run(args: readonly string[], limitMs = LIMIT_MS): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...args], {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: limitMs,
      killSignal: "SIGKILL",
    })
    const said = { stdout: "", stderr: "" }
    for (const from of ["stdout", "stderr"] as const)
      child[from].setEncoding("utf8").on("data", (text: string) => {
        said[from] += text
      })
    child.on("error", reject)
    child.on("close", (code) => resolve({ code, ...said }))
  })
}

/** A number generator that a printed seed repeats (SEED=... in the environment): mulberry32. */
export function seeded(): { readonly seed: number; readonly below: (limit: number) => number } {
  const seed = Number(process.env.SEED ?? randomInt(2 ** 32))
  let state = seed
  const below = (limit: number) => {
    state = (state + 0x6d2b79f5) | 0
    let word = Math.imul(state ^ (state >>> 15), 1 | state)
    word = (word + Math.imul(word ^ (word >>> 7), 61 | word)) ^ word
    return Math.floor((((word ^ (word >>> 14)) >>> 0) / 2 ** 32) * limit)
  }
  return { seed, below }
}

const REPORT_ACCEPTED = parseAbiItem(
  "event ReportAccepted(uint32 indexed topicId, uint16 indexed label, uint256 word, bytes32 context)",
)

export type AcceptedOnChain = {
  readonly topicId: number
  readonly epoch: number
  readonly value: bigint
  readonly transaction: Hex
}

/** Every ReportAccepted there ever was, in order. */
export async function acceptedOnChain({ rpc, deployment }: Network): Promise<AcceptedOnChain[]> {
  const client = createPublicClient({ transport: http(rpc) })
  const logs = await client.getLogs({
    address: deployment.reports,
    event: REPORT_ACCEPTED,
    fromBlock: 0n,
    strict: true,
  })
  return logs.map(({ args: { topicId, word }, transactionHash }) => ({
    topicId,
    // value int128 | observedAt 32 | epoch 28 | lag 24 | postedAfter 16 | status 4 | sigma 24
    epoch: Number((word >> 68n) & 0xfffffffn),
    value: BigInt.asIntN(128, word >> 128n),
    transaction: transactionHash,
  }))
}
