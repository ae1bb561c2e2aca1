// `allora prove` and `allora watch` as a person runs them, against a network of real processes: what they print, what they
// leave on the chain, and that a watcher which is killed goes on where it was.
import assert from "node:assert/strict"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { after, before, describe, it } from "node:test"
import type { Hex } from "viem"
import { decimal } from "../../offchain/decimal.ts"
import { runEpoch } from "../../offchain/demo/epochs.ts"
import { until } from "../../offchain/demo/network.ts"
import type { Status } from "../../offchain/word.ts"
import { acceptedOnChain, allora, type Flow, LIMIT_MS, startFlow, where } from "./support.ts"

const TOPIC = 1

describe("allora prove and allora watch", () => {
  let flow: Flow
  let keyFile: string
  let epoch = 0

  before(async () => {
    flow = await startFlow()
    await runEpochs(2)
    keyFile = join(flow.network.folder, "watcher.key")
    const made = await allora(["key", "new", keyFile])
    const [address] = /0x[0-9a-fA-F]{40}/.exec(made.stdout) ?? []
    assert.ok(address, made.stderr)
    const paid = await allora(["faucet", address, ...where(flow.network)])
    assert.equal(paid.code, 0, paid.stderr)
  })
  after(() => flow?.end())

  async function runEpochs(count: number): Promise<void> {
    for (let done = 0; done < count; done++) await runEpoch(flow.network, flow.chain, ++epoch)
  }

  async function statusOf(at: number): Promise<Status> {
    await flow.chain.follow()
    return flow.chain.ledger.statusOf(TOPIC, 0, at)
  }

  /** The value of an epoch's report, out of the chain's own events. */
  async function saidOf(at: number): Promise<string> {
    const all = await acceptedOnChain(flow.network)
    const accepted = all.find((each) => each.topicId === TOPIC && each.epoch === at)
    assert.ok(accepted)
    return decimal(accepted.value)
  }

  const prove = (at: number, ...args: readonly string[]) =>
    allora(["prove", String(TOPIC), String(at), ...where(flow.network), ...args])

  it("says that a report can be proven, and changes nothing", async () => {
    const { code, stdout, stderr } = await prove(2, "--dry-run")
    assert.equal(code, 0, stderr)
    assert.equal(stdout, `can be proven: topic 1 epoch 2 label 0: ${await saidOf(2)}\n`)
    assert.equal(await statusOf(2), "Attested")
  })

  it("proves it with a key, says what it cost, and by its name why not again", async () => {
    const { code, stdout, stderr } = await prove(2, "--key-file", keyFile)
    assert.equal(code, 0, stderr)
    const value = (await saidOf(2)).replaceAll(".", "\\.")
    assert.match(
      stdout,
      new RegExp(
        `^proven: topic 1 epoch 2 label 0: ${value}, \\d{6} gas, transaction 0x[0-9a-f]{64}\\n$`,
      ),
    )
    assert.equal(await statusOf(2), "Proven")
    const again = await prove(2, "--key-file", keyFile)
    assert.equal(again.code, 1)
    assert.match(again.stderr, /^NotAttested: .* has been proven already.*\n {2}given {5}Proven\n/)
  })

  it("refuses what there is not, and to prove without a key, each in one sentence", async () => {
    const unknown = await prove(99, "--dry-run")
    assert.equal(unknown.code, 1)
    assert.match(
      unknown.stderr,
      /^NoReport: topic 1 has no accepted report of label 0 for epoch 99\n/,
    )
    const keyless = await prove(2)
    assert.equal(keyless.code, 1)
    assert.match(keyless.stderr, /^KeyMissing: .*--key-file.*--dry-run/)
    const begun = await allora(["watch", "--from", "epoch:x", ...where(flow.network)])
    assert.equal(begun.code, 1)
    assert.match(begun.stderr, /required a block such as 120, or epoch:57/)
  })

  // -- Watching --

  type Line = { readonly level: string; readonly msg: string; readonly epoch?: number }

  /** Whole lines alone: it may be writing one. */
  const printed = () => {
    const log = join(flow.network.folder, "logs", "watcher.log")
    return existsSync(log) ? readFileSync(log, "utf8").split("\n").slice(0, -1) : []
  }
  const lines = () => printed().map((line) => JSON.parse(line) as Line)
  const proofs = () => lines().filter(({ msg }) => msg === "proven")

  const startWatcher = () =>
    flow.network.processes.allora("watcher", [
      "watch",
      ...where(flow.network),
      ...["--topic", String(TOPIC), "--from", "epoch:3", "--prove", "--key-file", keyFile],
      ...["--data", join(flow.network.folder, "watch"), "--poll", "50", "--json"],
    ])
  const proven = (at: number) =>
    until(
      `the watcher to have epoch ${at} proven`,
      async () => (proofs().some((line) => line.epoch === at) ? true : undefined),
      LIMIT_MS,
    )

  it("watches on after it was killed, proves each report once, raises no alarm, shows no key", async () => {
    startWatcher()
    await until("the watcher to say something", async () =>
      lines().some(({ msg }) => msg === "watching") ? true : undefined,
    )
    await runEpochs(1)
    await proven(3)
    await flow.network.processes.kill("watcher")
    await runEpochs(2)
    const { child } = startWatcher()
    await proven(5)
    child.kill("SIGTERM")
    await until("the watcher to say that it stopped", async () =>
      lines().at(-1)?.msg === "stopped" ? true : undefined,
    )
    assert.deepEqual(
      proofs().map((line) => line.epoch),
      [3, 4, 5],
    )
    assert.equal(await statusOf(1), "Attested")
    for (const at of [3, 4, 5]) assert.equal(await statusOf(at), "Proven")
    assert.deepEqual(
      lines().filter(({ level }) => level === "error" || level === "warn"),
      [],
    )
    const [secret = ""] = /0x[0-9a-f]{64}/.exec(readFileSync(keyFile, "utf8")) ?? []
    assert.equal(secret.length, 66)
    assert.ok(!printed().some((line) => line.includes((secret as Hex).slice(2))))
  })
})
