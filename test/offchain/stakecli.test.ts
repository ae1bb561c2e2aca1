// `allora stake`, `allora register --role reputer` and `allora reputer` as they are typed, on a chain of their own: what is
// paid in and taken out, what is refused, and a truth that arrives.
import assert from "node:assert/strict"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, describe, it } from "node:test"
import { createPublicClient, type Hex, http } from "viem"
import { stakesAbi, topicsAbi } from "../../contracts/index.ts"
import { allowFee } from "../../offchain/allowance.ts"
import { type Chain, createChain } from "../../offchain/chain.ts"
import { createProcesses, freePorts, type Processes } from "../../offchain/demo/processes.ts"
import { createDevChain, type DevChain } from "../../offchain/devchain.ts"
import { NodeError } from "../../offchain/errors.ts"
import { topicNamed, topicTemplate } from "../../offchain/models/topics.ts"
import { createSigner, newKeyFile, readKey } from "../../offchain/signer.ts"
import { createStakes } from "../../offchain/stakes.ts"
import { parseTruth } from "../../offchain/truth.ts"
import { recorder } from "../support/recorder.ts"

const ONE = 10n ** 18n
const WITHDRAW_DELAY = 3_600
/** Of an epoch, in seconds. */
const LENGTH = 240
const LATEST = 2 ** 40 - 1

describe("stake", () => {
  const folder = mkdtempSync(join(tmpdir(), "stakecli-"))
  const file = join(folder, "deployment.json")
  const keys = ["alice", "bob"].map((name) => join(folder, `${name}.key`)) as [string, string]
  const [alice, bob] = keys.map(newKeyFile) as [Hex, Hex]
  const [ALICE, BOB] = keys.map((key) => ["--key-file", key]) as [string[], string[]]
  let processes: Processes
  let dev: DevChain
  let chain: Chain
  let where: string[]
  let start = 0

  before(async () => {
    processes = createProcesses(folder)
    const [port] = await freePorts(1)
    const rpc = `http://127.0.0.1:${port}/`
    where = ["--rpc", rpc, "--deployment", file]
    processes.chain(port as number)
    dev = createDevChain(rpc)
    await until("the chain to answer", () => dev.time().then(Boolean, () => false))
    const delays = ["--delay", "0", "--withdraw-delay", String(WITHDRAW_DELAY)]
    await processes.deploy([...where, ...delays])
    await processes.run(["faucet", alice, bob, "--allo", "1000", ...where])
    chain = await createChain({ rpc, deployment: file })
    start = (await dev.time()) + 100
    const signer = createSigner(readKey(keys[0]))
    await allowFee(chain, signer, "createFee")
    const parameters = topicTemplate("sp500", { start, length: LENGTH })
    const address = chain.deployment.topics
    const call = { address, abi: topicsAbi, functionName: "create", args: [parameters] }
    await chain.write(signer, call)
  })

  after(async () => {
    await processes.endAll()
    rmSync(folder, { recursive: true })
  })

  const allora = (...args: readonly string[]) => processes.run([...args, ...where])
  const stake = (verb: string, ...args: readonly string[]) =>
    allora("stake", verb, "--topic", "1", ...args)
  const ownOf = (key: string) => ({
    stakes: createStakes(chain, 1),
    owner: createSigner(readKey(key)),
  })
  /** As the contract says it, by another client. */
  const stakeOf = (reputer: Hex) =>
    createPublicClient({ transport: http(chain.rpc) }).readContract({
      address: chain.deployment.stakes,
      abi: stakesAbi,
      functionName: "stakeAt",
      args: [1, reputer, LATEST],
    })
  const available = async (passed: number) =>
    new Date(((await dev.time()) + passed) * 1_000).toISOString()

  it("is paid in, and what is missing to speak with it is said", async () => {
    assert.equal(
      await stake("deposit", "--amount", "100.5", ...ALICE),
      `${alice} paid in 100.5 ALLO; its stake is now 100.5 ALLO\n` +
        `it may not speak yet: allora register --topic 1 --role reputer --key-file ${keys[0]}\n`,
    )
    assert.equal(await stakeOf(alice), 1_005n * (ONE / 10n))
    const registered = await allora("register", "--topic", "1", "--role", "reputer", ...ALICE)
    assert.equal(registered, `${alice} is registered for topic 1 (reputer) for 1 ALLO\n`)
    await chain.follow()
    const [change] = chain.ledger.changes(1, LATEST)
    assert.deepEqual([change?.owner, change?.roles], [alice, 4])
    assert.equal(
      await stake("deposit", "--amount", "49.5", ...ALICE),
      `${alice} paid in 49.5 ALLO; its stake is now 150 ALLO\n`,
    )
    assert.equal(await stakeOf(alice), 150n * ONE)
  })

  it("is asked back, which can be taken back, and taken out after the delay", async () => {
    const asked = await stake("request", "--amount", "50", ...ALICE)
    const from = await available(WITHDRAW_DELAY)
    assert.equal(
      asked,
      `${alice} asked for 50 ALLO back, to be taken from ${from} on; its stake is now 100 ALLO\n`,
    )
    const { stakes, owner } = ownOf(keys[0])
    await assert.rejects(
      stakes.request(owner, ONE),
      fault("WithdrawalPending", /`allora stake cancel`/),
    )
    assert.equal(
      await stake("cancel", ...ALICE),
      `${alice} took its request back; its stake is now 150 ALLO\n`,
    )
    await assert.rejects(stakes.cancel(owner), fault("NoWithdrawal", /`allora stake request`/))
    assert.match(await stake("request", "--all", ...ALICE), /150 ALLO back, .* now 0 ALLO\n$/)
    assert.equal(await stakeOf(alice), 0n)
    await assert.rejects(stakes.withdraw(owner), fault("WithdrawalTooSoon", /`allora stake show`/))
    await dev.mineAt((await dev.time()) + WITHDRAW_DELAY)
    assert.equal(
      await stake("withdraw", ...ALICE),
      `${alice} took out 150 ALLO; its stake is now 0 ALLO\n`,
    )
  })

  it("is refused in words where there is not enough, or nothing is said", async () => {
    const { stakes, owner } = ownOf(keys[0])
    await assert.rejects(
      stakes.deposit(owner, 5_000n * ONE),
      fault("AlloMissing", /required {2}5000 ALLO/),
    )
    await assert.rejects(stakes.deposit(owner, 0n), fault("AmountMissing", /AmountMissing\(\)/))
    const short = fault("StakeNotEnough", /given {5}0 ALLO\n {2}required {2}1 ALLO/)
    await assert.rejects(stakes.request(owner, ONE), short)
    const faults: readonly [RegExp, readonly string[]][] = [
      [/required an amount such as 1.5/, ["--amount", "much"]],
      [/--amount <ALLO> or --all is needed/, []],
      [/cannot be used with/, ["--amount", "1", "--all"]],
    ]
    for (const [said, flags] of faults)
      await assert.rejects(stake("request", ...flags, ...ALICE), said)
    const elsewhere = ["stake", "show", "--topic", "9"]
    await assert.rejects(allora(...elsewhere), /NoTopic: [\s\S]*given {5}9\n {2}required {2}1/)
  })

  it("is shown as a table, or as one object a line", async () => {
    assert.equal(await stake("show", "--reputer", bob, "--json"), `${JSON.stringify(row(bob))}\n`)
    for (const [key, amount] of [
      [keys[0], 20n * ONE],
      [keys[1], 100n * ONE],
    ] as const) {
      const { stakes, owner } = ownOf(key)
      await stakes.deposit(owner, amount)
    }
    await stake("request", "--amount", "60", ...BOB)
    const availableAt = await available(WITHDRAW_DELAY)
    const rows = [
      row(bob, { stake: "40", share: "66.66", pending: "60", availableAt }),
      row(alice, { stake: "20", share: "33.33", registered: true }),
    ]
    assert.equal(
      await stake("show", "--json"),
      rows.map((each) => `${JSON.stringify(each)}\n`).join(""),
    )
    const lines = (await stake("show")).trimEnd().split("\n")
    assert.deepEqual(
      lines.map((line) => line.split(/ {2,}/)),
      [
        ["reputer", "stake ALLO", "share %", "registered", "asked back ALLO", "taken from"],
        [bob, "40", "66.66", "no", "60", availableAt],
        [alice, "20", "33.33", "yes", "-", "-"],
      ],
    )
    assert.equal(new Set(lines.map((line) => line.length)).size, 1)
  })

  it("lets its reputer tell what happened, by a process of its own", async () => {
    const reputer = (...flags: string[]) => allora("reputer", "--topic", "1", ...flags, ...ALICE)
    await assert.rejects(reputer("--series", "gold"), /SeriesUnknown: /)
    const two = ["--series", "sp500", "--owner", alice, ...BOB]
    await assert.rejects(reputer(...two), /OwnerAmbiguous: [\s\S]*given {5}2 key files/)
    const member = await recorder(undefined, "truths")
    const flags = ["--topic", "1", "--series", "sp500", "--members", member.url, "--poll", "50"]
    try {
      const running = processes.allora("reputer", ["reputer", ...flags, ...ALICE, ...where])
      // A window closes with its epoch, and its value is about 115 s later: half of what lies between two windows.
      const epoch = Math.ceil(((await dev.time()) - start) / LENGTH)
      await dev.mineAt(start + epoch * LENGTH + 115)
      await until("the truth", async () => member.bodies.length > 0)
      const truth = parseTruth(member.bodies[0] as string)
      assert.ok("values" in truth)
      assert.deepEqual([truth.topicId, truth.epoch, truth.reputer], [1, epoch, alice])
      assert.deepEqual(truth.values, topicNamed("sp500").truth(epoch))
      running.child.kill("SIGTERM")
      await until("its end", async () => running.child.exitCode !== null)
      assert.match(readFileSync(running.log, "utf8"), /stopped .*signed=1 taken=1/)
    } finally {
      await member.close()
    }
  })
})

const fault = (code: string, said: RegExp) => (error: unknown) =>
  error instanceof NodeError && error.code === code && said.test(error.message)

/** What `show --json` says of a pool. */
function row(reputer: Hex, fields: object = {}) {
  const none = { stake: "0", share: "0.00", registered: false, pending: null, availableAt: null }
  return { reputer, ...none, ...fields }
}

async function until(what: string, test: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 60_000
  while (!(await test())) {
    assert.ok(Date.now() < end, `waited a minute for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
