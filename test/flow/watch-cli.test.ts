// `allora prove` and `allora watch` as a person runs them, against a network of real processes: what they print, what they
// leave on the chain, and that a watcher which is killed goes on where it was.
import assert from "node:assert/strict"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { after, before, describe, it } from "node:test"
import { createPublicClient, type Hex, http } from "viem"
import { disputesAbi } from "../../contracts/index.ts"
import { decimal } from "../../offchain/decimal.ts"
import { runEpoch } from "../../offchain/demo/epochs.ts"
import { until } from "../../offchain/demo/network.ts"
import { CLAIMS } from "../../offchain/dispute/claims.ts"
import type { Status } from "../../offchain/word.ts"
import {
  decodeCounterfactuals,
  decodeValue,
  decodeWeights,
  encodeCounterfactuals,
  encodeValue,
  encodeWeights,
  KIND,
} from "../../wasm/index.ts"
import { pastAt, postCall, signedBatch, termsAt } from "./committee.ts"
import { withOutputs } from "./forgeries.ts"
import { startRowServer } from "./rowservers.ts"
import {
  acceptedOnChain,
  allora,
  type Flow,
  LIMIT_MS,
  memberSigner,
  startFlow,
  where,
} from "./support.ts"

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

  const startWatcher = (name = "watcher", ...more: readonly string[]) =>
    flow.network.processes.allora(name, [
      "watch",
      ...where(flow.network),
      ...["--topic", String(TOPIC), "--from", "epoch:3", "--key-file", keyFile],
      ...["--data", join(flow.network.folder, name), "--poll", "50", "--json"],
      ...(more.length > 0 ? more : ["--prove"]),
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

  /** What a quorum says of an epoch although its rows give something else, and the claim by which it falls. */
  const LIES: readonly (readonly [
    claim: string,
    kind: number,
    change: (row: Uint8Array) => Uint8Array,
  ])[] = [
    ["Combined", KIND.value, changed(decodeValue, encodeValue, "combined")],
    ["Naive", KIND.value, changed(decodeValue, encodeValue, "naive")],
    ["Percentiles", KIND.value, changed(decodeValue, encodeValue, "p50")],
    [
      "Weights",
      KIND.weights,
      (row) =>
        encodeWeights(decodeWeights(row).map((one) => ({ ...one, weight: one.weight - 1n }))),
    ],
    [
      "OneOutInferer",
      KIND.counterfactuals,
      (row) => {
        const said = decodeCounterfactuals(row)
        const oneOutInferers = said.oneOutInferers.map((one) => ({ ...one, value: one.value + 1n }))
        return encodeCounterfactuals({ ...said, oneOutInferers })
      },
    ],
  ]

  it("alone has five lies of a quorum refuted, each by the claim that is about it", async () => {
    const { network, chain } = flow
    const rowServer = await startRowServer()
    const { child } = startWatcher("judge", "--members", rowServer.url, ...network.urls)
    const refuted: string[] = []
    try {
      for (const [claim, kind, change] of LIES) {
        epoch += 1
        // The workers never see this window open: the chain's clock goes past it at once.
        await network.dev.mineAt((await termsAt(flow, TOPIC, epoch)).closesAt)
        const terms = await termsAt(flow, TOPIC, epoch)
        const other = await termsAt(flow, 2, epoch)
        const ground = { flow, terms, past: await pastAt(flow, terms), other }
        const { reports, rows } = withOutputs(ground, (row) =>
          row[0] === kind ? change(row) : row,
        )
        rowServer.serve(rows)
        const call = postCall(flow, signedBatch(flow, reports))
        await chain.write(memberSigner(network, 3), call)
        await until(
          `the ${claim} of epoch ${epoch} to be refuted`,
          async () => ((await statusOf(epoch)) === "Refuted" ? true : undefined),
          LIMIT_MS,
        )
        const abi = disputesAbi
        const address = chain.deployment.disputes
        const client = createPublicClient({ transport: http(network.rpc) })
        const [event] = await client.getContractEvents({
          ...{ abi, address, eventName: "ReportRefuted", fromBlock: 0n, strict: true },
          args: { topicId: TOPIC, label: 0, epoch },
        })
        refuted.push(CLAIMS[event?.args.claim as number] as string)
        assert.equal(event?.args.moved, true)
        assert.equal(event?.args.signers, 0b111n)
        await until(
          `epoch ${epoch - 1} to be settled`,
          async () => {
            await chain.follow()
            return [TOPIC, 2].every((id) => chain.ledger.settlement(id, epoch - 1)) || undefined
          },
          LIMIT_MS,
        )
      }
    } finally {
      child.kill("SIGTERM")
      rowServer.close()
    }
    assert.deepEqual(
      refuted,
      LIES.map(([claim]) => claim),
    )
  })
})

/** The row with one of its Wads a unit greater. */
function changed<K extends string, T extends Record<K, bigint>>(
  decode: (row: Uint8Array) => T,
  encode: (said: T) => Uint8Array,
  key: K,
): (row: Uint8Array) => Uint8Array {
  return (row) => {
    const said = decode(row)
    return encode({ ...said, [key]: said[key] + 1n })
  }
}
