// A development chain with the real contracts and people who have ALLO: the owner of all, three inferers, a forecaster and two
// reputers. The members' keys are known, so that a test can sign for them.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Abi, encodeFunctionData, type Hex, numberToHex } from "viem"
import { privateKeyToAccount } from "viem/accounts"
import { alloAbi, type Deployment } from "../../../contracts/index.ts"
import { until } from "../../../offchain/demo/network.ts"
import { createProcesses, freePorts } from "../../../offchain/demo/processes.ts"
import { createDevChain } from "../../../offchain/devchain.ts"
import { load } from "../../../wasm/index.ts"
import { WAD } from "../epochs.ts"
import { serveRows } from "./rows.ts"

const MEMBERS = 4
/** Far more than any call of a test takes. */
const GAS = "0xf00000"
const BALANCE = 10_000n * WAD
export const WITHDRAW_DELAY = 600

export type World = Awaited<ReturnType<typeof startWorld>>

export async function startWorld() {
  await load()
  const folder = mkdtempSync(join(tmpdir(), "allora-played-"))
  const processes = createProcesses(folder)
  const rows = await serveRows()
  const [port, deadPort] = (await freePorts(2)) as [number, number]
  const rpc = `http://127.0.0.1:${port}/`
  const deploymentFile = join(folder, "deployment.json")
  processes.chain(port)
  const dev = createDevChain(rpc)
  await until("the chain", () => dev.time().catch(() => undefined))
  await dev.request("hardhat_setLoggingEnabled", [false])
  const [owner, ...people] = (await dev.accounts()) as [Hex, ...Hex[]]
  const keys = Array.from({ length: MEMBERS }, (_, index) =>
    privateKeyToAccount(numberToHex(0xa110 + index, { size: 32 })),
  )
  // The first member's address is dead: whoever asks must go on to the next.
  const members = keys.map(({ address }, index) => ({
    owner,
    signer: address,
    payee: address,
    url: index === 0 ? `http://127.0.0.1:${deadPort}` : rows.url,
  }))
  const membersFile = join(folder, "members.json")
  writeFileSync(membersFile, JSON.stringify(members))
  await processes.deploy([
    ...["--rpc", rpc, "--deployment", deploymentFile, "--members", membersFile],
    ...["--delay", "60", "--withdraw-delay", String(WITHDRAW_DELAY)],
  ])
  const deployment = JSON.parse(readFileSync(deploymentFile, "utf8")) as Deployment

  /**
   * Sends one call, and answers its transaction; the chain refuses one that reverts. What the chain estimates can be too
   * little: a checkpoint costs less in the second of the one before.
   */
  const call = (
    from: Hex,
    to: Hex,
    abi: Abi,
    functionName: string,
    args: readonly unknown[],
    value = 0n,
  ) => {
    const data = encodeFunctionData({ abi, functionName, args })
    const sent = { from, to, data, gas: GAS, value: numberToHex(value) }
    return dev.request<Hex>("eth_sendTransaction", [sent])
  }

  const workers = people.slice(0, 6)
  for (const each of [owner, ...workers]) {
    await call(owner, deployment.allo, alloAbi, "transfer", [each, BALANCE])
    for (const spender of [deployment.topics, deployment.stakes])
      await call(each, deployment.allo, alloAbi, "approve", [spender, 2n ** 255n])
  }
  return {
    processes,
    dev,
    rpc,
    folder,
    deployment,
    deploymentFile,
    rows,
    keys,
    owner,
    inferers: workers.slice(0, 3) as [Hex, Hex, Hex],
    forecaster: workers[3] as Hex,
    /** In the order of their addresses. */
    reputers: workers.slice(4).sort() as [Hex, Hex],
    outsider: people[6] as Hex,
    call,
    async end() {
      await processes.endAll()
      rows.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
