// The deploy command against a chain of this process, and the door that reads what it recorded.
import assert from "node:assert/strict"
import { execFile } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, describe, it } from "node:test"
import { fileURLToPath } from "node:url"
import { network } from "hardhat"
import { createPublicClient, http, keccak256, parseEther } from "viem"
import {
  alloAbi,
  committeeAbi,
  DeploymentError,
  deployment,
  domain,
  reportsAbi,
  settlementsAbi,
  stakesAbi,
  topicsAbi,
} from "../../contracts/index.ts"

const DEPLOY = fileURLToPath(new URL("../../contracts/deploy.ts", import.meta.url))
const CORE = new URL("../../wasm/pkg/allora_core_bg.wasm", import.meta.url)
const CORE_ID = `0x${"ab".repeat(32)}` as const
/** The first account of every Hardhat node. */
const DEPLOYER = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266"
const TINY_KEY = `0x${"22".repeat(32)}`

type Result = { code: number; out: string; error: string }

function deploy(...args: string[]): Promise<Result> {
  return new Promise((resolve) => {
    const env = { ...process.env, ALLORA_DEPLOYMENT: undefined, ALLORA_RPC: undefined }
    execFile(process.execPath, [DEPLOY, ...args], { env }, (failure, out, error) =>
      resolve({ code: failure ? Number(failure.code) : 0, out, error }),
    )
  })
}

const address = (n: number) => `0x${n.toString(16).padStart(40, "0")}` as const
const membersOf = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    owner: address(100 + index),
    signer: address(200 + index),
    payee: address(300 + index),
    url: `http://127.0.0.1:${9000 + index}`,
  }))

describe("deploy", () => {
  const folder = mkdtempSync(join(tmpdir(), "allora-deploy-"))
  const file = (name: string, content: unknown) => {
    const path = join(folder, name)
    writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content))
    return path
  }
  let server: Awaited<ReturnType<typeof network.createServer>>
  let rpc: string

  before(async () => {
    server = await network.createServer("home", "127.0.0.1", 0)
    const { port } = await server.listen()
    rpc = `http://127.0.0.1:${port}/`
  })
  after(async () => {
    await server.close()
    rmSync(folder, { recursive: true })
  })

  for (const [count, quorum] of [
    [4, 3],
    [7, 5],
  ] as const)
    it(`brings up a network of ${count} members and records it`, async () => {
      const record = join(folder, `network${count}.json`)
      const members = membersOf(count)
      const result = await deploy(
        ...["--rpc", rpc, "--deployment", record, ...(count === 4 ? ["--core-id", CORE_ID] : [])],
        ...["--members", file(`members${count}.json`, members), "--delay", "60", "--window", "600"],
      )
      assert.equal(result.code, 0, result.error)
      assert.match(result.error, /first unlocked account 0xf39f/)

      const made = deployment(31337, record)
      assert.match(result.out, new RegExp(`reports +${made.reports}`))
      assert.deepEqual([made.delaySeconds, made.disputeSeconds], [60, 600])
      assert.equal(made.ecosystem, DEPLOYER)
      const client = createPublicClient({ transport: http(rpc) })
      const read = client.readContract
      assert.equal(
        await read({
          address: made.allo,
          abi: alloAbi,
          functionName: "balanceOf",
          args: [DEPLOYER],
        }),
        parseEther("1000000000"),
      )
      const topics = { address: made.topics, abi: topicsAbi } as const
      assert.equal((await read({ ...topics, functionName: "allo" })).toLowerCase(), made.allo)
      assert.equal(await read({ ...topics, functionName: "createFee" }), parseEther("10"))
      assert.equal(await read({ ...topics, functionName: "registrationFee" }), parseEther("1"))
      const committee = { address: made.committee, abi: committeeAbi } as const
      const era = await read({ ...committee, functionName: "eraOf", args: [1] })
      // Where none is given it is the hash of the committed core.
      assert.equal(era.coreId, count === 4 ? CORE_ID : keccak256(readFileSync(CORE)))
      assert.equal(era.quorum, quorum)
      assert.equal(era.expiresAt - era.startsAt, 31_536_000)
      assert.deepEqual(
        era.signers.map((signer) => signer.toLowerCase()),
        members.map(({ signer }) => signer),
      )
      const home = await read({
        address: made.reports,
        abi: reportsAbi,
        functionName: "committee",
      })
      assert.equal(home.toLowerCase(), made.committee)
      const stakes = { address: made.stakes, abi: stakesAbi } as const
      assert.equal((await read({ ...stakes, functionName: "topics" })).toLowerCase(), made.topics)
      assert.equal(await read({ ...stakes, functionName: "withdrawDelaySeconds" }), 1_814_400)
      const settlements = { address: made.settlements, abi: settlementsAbi } as const
      assert.equal(
        (await read({ ...settlements, functionName: "reports" })).toLowerCase(),
        made.reports,
      )
      assert.deepEqual(domain(made), {
        name: "Allora",
        version: "1",
        chainId: 31337,
        verifyingContract: made.reports,
      })
    })

  it("gives the token to the holders named, who must have it all", async () => {
    const holders = [
      { holder: address(1), amount: "999999999.5" },
      { holder: address(2), amount: "0.5" },
    ]
    const record = join(folder, "held.json")
    const result = await deploy(
      ...[
        "--rpc",
        rpc,
        "--deployment",
        record,
        "--holders",
        file("holders.json", holders),
        "--json",
      ],
    )
    assert.equal(result.code, 0, result.error)
    assert.deepEqual(JSON.parse(result.out), deployment(31337, record))
    const held = await createPublicClient({ transport: http(rpc) }).readContract({
      address: deployment(31337, record).allo,
      abi: alloAbi,
      functionName: "balanceOf",
      args: [address(2)],
    })
    assert.equal(held, parseEther("0.5"))
    const short = file("short.json", holders.slice(0, 1))
    await fails(["--rpc", rpc, "--holders", short], "InputMalformed", /required "?1000000000 ALLO/)
  })

  it("deploys one compiled contract with its arguments", async () => {
    const record = join(folder, "one.json")
    await deploy("--rpc", rpc, "--deployment", record, "--withdraw-delay", "90")
    const { reports, stakes } = deployment(31337, record)
    const result = await deploy(
      ...["--rpc", rpc, "--deployment", record, "--contract", "Reports"],
      ...["--args", `["@committee", "77", 1, "${reports}", "@disputes"]`],
    )
    assert.equal(result.code, 0, result.error)
    const made = result.out.trim() as `0x${string}`
    const client = createPublicClient({ transport: http(rpc) })
    const window = await client.readContract({
      address: made,
      abi: reportsAbi,
      functionName: "disputeSeconds",
    })
    assert.equal(Number(window), 77)
    const delay = await client.readContract({
      address: stakes,
      abi: stakesAbi,
      functionName: "withdrawDelaySeconds",
    })
    assert.equal(delay, 90)
  })

  /** One line that begins with the fault's name, exit code 1, and it says both values. */
  async function fails(args: readonly string[], code: string, sentence: RegExp) {
    const result = await deploy(...args)
    assert.equal(result.code, 1)
    const lines = result.error
      .trim()
      .split("\n")
      .filter((line) => !line.startsWith("No --key-file"))
    assert.equal(lines.length, 1, result.error)
    assert.equal(lines[0]?.split(":")[0], code)
    assert.match(lines[0] as string, sentence)
    assert.equal(result.out, "")
  }

  it("says in one line what is wrong", async () => {
    const three = file("three.json", membersOf(3))
    const odd = file("odd.json", [{ ...membersOf(4)[0], signer: "0x12" }])
    const key = file("empty.key", TINY_KEY)
    const twice = file("twice.json", [...membersOf(3), membersOf(1)[0]])
    const on = ["--rpc", rpc, "--deployment", join(folder, "never.json")]
    await Promise.all([
      fails(["--rpc", "http://127.0.0.1:1"], "NoChain", /http:\/\/127.0.0.1:1$/),
      fails([...on, "--chain-id", "1"], "ChainMismatch", /chain 31337, required 1$/),
      fails([...on, "--key-file", key], "NoFunds", /^NoFunds: 0x/),
      fails([...on, "--key-file", `${key}.none`], "FileMissing", /empty.key.none/),
      fails([...on, "--key-file", three], "KeyMalformed", /64 hex digits/),
      fails([...on, "--members", "none.json"], "FileMissing", /members file none.json/),
      fails([...on, "--members", key], "FileMalformed", /not (JSON|a list)/),
      fails([...on, "--members", three], "InputMalformed", /is 3, required 4 to 64/),
      fails([...on, "--members", odd], "InputMalformed", /signer of member 0 .* is "0x12"/),
      fails(
        [...on, "--members", twice, "--core-id", CORE_ID],
        "Reverted",
        /openEra reverted with DuplicateSigner\(0x/,
      ),
      fails([...on, "--delay", "soon"], "InputMalformed", /--delay is "soon"/),
      fails([...on, "--window", "0"], "InputMalformed", /--window/),
      fails([...on, "--withdraw-delay", "0"], "InputMalformed", /--withdraw-delay is "0"/),
      fails([...on, "--minimum-bond", "0"], "InputMalformed", /--minimum-bond is "0"/),
      fails([...on, "--create-fee", "1e3"], "InputMalformed", /--create-fee is "1e3"/),
      fails([...on, "--nothing"], "FlagUnknown", /--nothing/),
      fails([...on, "--contract", "Nowhere"], "ContractUnknown", /Nowhere/),
      fails([...on, "--contract", "Reports", "--args", "[1]"], "InputMalformed", /disputeSeconds/),
      fails(
        [...on, "--contract", "Committee", "--args", '["@allo"]'],
        "DeploymentMissing",
        /never/,
      ),
    ])
    assert.throws(() => readFileSync(join(folder, "never.json")))
  })
})

describe("deployment", () => {
  const folder = mkdtempSync(join(tmpdir(), "allora-door-"))
  after(() => rmSync(folder, { recursive: true }))
  const good = {
    chainId: 1,
    startBlock: 2,
    allo: address(1),
    topics: address(2),
    stakes: address(10),
    committee: address(3),
    reports: address(4),
    settlements: address(11),
    disputes: address(12),
    facts: address(13),
    verifier: address(14),
    ecosystem: address(5),
    delaySeconds: 6,
    disputeSeconds: 7,
  }
  const written = (content: unknown) => {
    const path = join(folder, "deployment.json")
    writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content))
    return path
  }
  const code =
    (name: string, ...values: string[]) =>
    (error: unknown) =>
      error instanceof DeploymentError &&
      error.code === name &&
      values.every((value) => error.message.includes(value))

  it("answers what is recorded", () => {
    assert.deepEqual(deployment(1, written(good)), good)
    const consumer = { ...good, consumer: address(9) }
    assert.deepEqual(deployment(1, written(consumer)), consumer)
  })

  it("refuses a missing file, another chain and a malformed field by name", () => {
    assert.throws(() => deployment(1, join(folder, "none")), code("DeploymentMissing", "none"))
    assert.throws(() => deployment(2, written(good)), code("ChainMismatch", "1", "2"))
    for (const [field, value] of [
      ["reports", "0x12"],
      ["reports", undefined],
      ["stakes", undefined],
      ["settlements", "0x"],
      ["startBlock", -1],
      ["delaySeconds", "6"],
      ["chainId", 1.5],
    ] as const)
      assert.throws(
        () => deployment(1, written({ ...good, [field]: value })),
        code("DeploymentMalformed", field),
      )
    for (const text of ["{", "null", "[]"])
      assert.throws(() => deployment(1, written(text)), code("DeploymentMalformed"))
  })

  it("takes the file from the environment where none is named", () => {
    const before = process.env.ALLORA_DEPLOYMENT
    process.env.ALLORA_DEPLOYMENT = written(good)
    try {
      assert.deepEqual(deployment(1), good)
    } finally {
      if (before === undefined) delete process.env.ALLORA_DEPLOYMENT
      else process.env.ALLORA_DEPLOYMENT = before
    }
  })
})
