// The follower of the chain against a real one: reorganisations, and a node that cannot be reached for a while.
import assert from "node:assert/strict"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer, request, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, describe, it } from "node:test"
import { topicsAbi } from "../../contracts/index.ts"
import { allowFee } from "../../offchain/allowance.ts"
import { type Chain, createChain } from "../../offchain/chain.ts"
import { createProcesses, freePorts, type Processes } from "../../offchain/demo/processes.ts"
import { createDevChain, type DevChain } from "../../offchain/devchain.ts"
import type { NodeError } from "../../offchain/errors.ts"
import { topicTemplate } from "../../offchain/models/topics.ts"
import { createSigner, newKeyFile, readKey, type Signer } from "../../offchain/signer.ts"

/** Passes JSON-RPC on, or hangs up while it is cut. */
function startProxy(
  target: URL,
): Promise<{ server: Server; url: string; cut: (is: boolean) => void }> {
  let isCut = false
  const server = createServer((incoming, outgoing) => {
    if (isCut) return void incoming.socket.destroy()
    const { hostname, port, pathname: path } = target
    const headers = { ...incoming.headers, host: target.host }
    const onward = request({ hostname, port, path, method: "POST", headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    onward.on("error", () => outgoing.destroy())
    incoming.pipe(onward)
  })
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
      resolve({ server, url, cut: (is) => (isCut = is) })
    })
  })
}

async function until(what: string, test: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 60_000
  while (!(await test())) {
    assert.ok(Date.now() < end, `waited a minute for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

describe("following the chain", () => {
  const folder = mkdtempSync(join(tmpdir(), "allora-chain-"))
  const file = join(folder, "deployment.json")
  let processes: Processes
  let dev: DevChain
  let rpc = ""
  let chain: Chain
  // What a failed test left running must not keep the process alive.
  let release = () => {}
  const owners: Signer[] = []

  before(async () => {
    processes = createProcesses(folder)
    const [port] = await freePorts(1)
    rpc = `http://127.0.0.1:${port}/`
    processes.chain(port as number)
    dev = createDevChain(rpc)
    await until("the chain to answer", () => dev.time().then(Boolean, () => false))
    const keys = [0, 1, 2].map((index) => join(folder, `${index}.key`))
    const addresses = keys.map(newKeyFile)
    owners.push(...keys.map((key) => createSigner(readKey(key))))
    await processes.deploy(["--rpc", rpc, "--deployment", file, "--delay", "0"])
    await processes.run(["faucet", ...addresses, "--rpc", rpc, "--deployment", file])
    chain = await createChain({ rpc, deployment: file })
    const start = (await dev.time()) + 1_000
    const signer = owners[0] as Signer
    await allowFee(chain, signer, "createFee")
    const args = [topicTemplate("sp500", { start })]
    await chain.write(signer, {
      address: chain.deployment.topics,
      abi: topicsAbi,
      functionName: "create",
      args,
    })
    await chain.follow()
  })

  after(async () => {
    release()
    await processes.endAll()
    rmSync(folder, { recursive: true })
  })

  async function register(index: number): Promise<void> {
    const owner = owners[index] as Signer
    await allowFee(chain, owner, "registrationFee")
    const args = [1, owner.address, owner.address, 1]
    await chain.write(owner, {
      address: chain.deployment.topics,
      abi: topicsAbi,
      functionName: "register",
      args,
    })
  }

  const registered = (follower: Chain) =>
    follower.ledger.changes(1, Number.MAX_SAFE_INTEGER).map(({ owner }) => owner)

  /** What a follower that starts now makes of the chain. */
  async function fresh(): Promise<Chain> {
    const other = await createChain({ rpc, deployment: file })
    await other.follow()
    return other
  }

  it("takes back what a reorganisation undid, and takes in what came instead", async () => {
    const snapshot = await dev.request<string>("evm_snapshot")
    await register(0)
    await chain.follow()
    assert.deepEqual(registered(chain), [owners[0]?.address])
    const before = chain.ledger.head()?.number as number

    assert.equal(await dev.request<boolean>("evm_revert", [snapshot]), true)
    await register(1)
    for (let mined = 0; mined < 5; mined += 1) await dev.request("evm_mine")
    const { moved, undone } = await chain.follow()
    assert.ok(moved)
    assert.ok(undone > 0, `undone ${undone}`)
    assert.ok((chain.ledger.head()?.number as number) > before)
    assert.deepEqual(registered(chain), [owners[1]?.address])
    assert.deepEqual(registered(chain), registered(await fresh()))
  })

  it("follows to a chain that has become shorter", async () => {
    const snapshot = await dev.request<string>("evm_snapshot")
    await register(2)
    await dev.request("evm_mine")
    await chain.follow()
    assert.equal(registered(chain).length, 2)
    await dev.request("evm_revert", [snapshot])
    const { undone } = await chain.follow()
    assert.ok(undone > 0, `undone ${undone}`)
    assert.deepEqual(registered(chain), registered(await fresh()))
    assert.deepEqual(chain.ledger.head(), (await fresh()).ledger.head())
  })

  it("says that the chain is gone, goes on asking, and misses nothing", async () => {
    const proxy = await startProxy(new URL(rpc))
    const follower = await createChain({ rpc: proxy.url, deployment: file })
    const faults: NodeError[] = []
    let moves = 0
    const stop = follower.watch(
      { pollMs: 20 },
      () => {
        moves += 1
      },
      (error) => faults.push(error),
    )
    release = () => {
      stop()
      proxy.server.close()
      proxy.server.closeAllConnections()
    }
    await until("the first block", () => moves > 0)
    assert.equal(faults.length, 0)

    proxy.cut(true)
    await register(2)
    await until("the fault", () => faults.length >= 2)
    assert.ok(faults.every(({ code }) => code === "NoChain"))
    assert.ok(!registered(follower).includes(owners[2]?.address as `0x${string}`))

    proxy.cut(false)
    await until(
      "the registration",
      () => registered(follower).length === registered(chain).length + 1,
    )
    await chain.follow()
    assert.deepEqual(registered(follower), registered(chain))
  })

  it("refuses a deployment of another chain, and one without code, by name", async () => {
    const wrong = join(folder, "wrong.json")
    writeFileSync(wrong, JSON.stringify({ ...chain.deployment, chainId: 1 }))
    await assert.rejects(createChain({ rpc, deployment: wrong }), { code: "ChainMismatch" })
    const empty = `0x${"12".repeat(20)}`
    writeFileSync(wrong, JSON.stringify({ ...chain.deployment, reports: empty }))
    await assert.rejects(createChain({ rpc, deployment: wrong }), { code: "DeploymentMissing" })
    await assert.rejects(createChain({ rpc, deployment: join(folder, "none.json") }), {
      code: "DeploymentMissing",
    })
  })
})
