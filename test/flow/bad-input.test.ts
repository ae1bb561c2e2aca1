// What anyone can get wrong: each submission that breaks a rule is refused by its name, counted, and disturbs nothing;
// each command that cannot work says why in one line and ends.
import assert from "node:assert/strict"
import { chmodSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { after, before, describe, it } from "node:test"
import type { Hex } from "viem"
import { domain } from "../../contracts/index.ts"
import { awaitReports, closeEpoch, openEpoch } from "../../offchain/demo/epochs.ts"
import { until } from "../../offchain/demo/network.ts"
import { freePorts, ROOT } from "../../offchain/demo/processes.ts"
import { createSigner, newKeyFile, readKey, type Signer } from "../../offchain/signer.ts"
import { encodeSubmission, type Submission, submissionDigest } from "../../offchain/submission.ts"
import { termsOf } from "../../offchain/terms.ts"
import { rowSource, rowsOf } from "../../offchain/verify/rows.ts"
import { verify } from "../../offchain/verify.ts"
import { decodeInferences, KIND } from "../../wasm/index.ts"
import { allora, type Ended, type Flow, LIMIT_MS, run, startFlow, where } from "./support.ts"

const TOPIC = 1
const ONE = 10n ** 18n
const ZERO: Hex = `0x${"00".repeat(32)}`
/** A command that cannot work has to say so within it. */
const NO_HANG_MS = 20_000

type Answer = { readonly status: number; readonly code?: string; readonly hash?: string }

describe("bad input", () => {
  let flow: Flow
  let alice: Signer

  before(async () => {
    flow = await startFlow()
    const { network, chain } = flow
    // A fifth worker of the first topic, whose submissions are written here.
    const file = join(network.folder, "keys", "alice.key")
    const address = newKeyFile(file)
    await network.processes.run(["faucet", address, ...where(network)])
    const registration = ["--topic", String(TOPIC), "--key-file", file]
    await network.processes.run(["register", ...registration, ...where(network)])
    alice = createSigner(readKey(file))
    await chain.follow()
  })
  after(() => flow?.end())

  // -- Over HTTP --

  /** A submission of one value, signed as the worker would. */
  function submission(
    value: bigint,
    { epoch = 1, signer = alice }: { epoch?: number; signer?: Signer } = {},
  ): Submission {
    const { chain } = flow
    const terms = termsOf(
      chain.ledger,
      chain.deployment,
      { topicId: TOPIC, epoch: 1 },
      () => undefined,
    )
    const worker = terms?.roster.workers.get(alice.address)
    assert.ok(worker)
    const unsigned = {
      topicId: TOPIC,
      epoch,
      worker: signer.address,
      inference: [value],
      extra: ZERO,
    }
    const digest = submissionDigest(domain(chain.deployment), unsigned, worker)
    return { ...unsigned, signature: signer.sign(digest) }
  }

  async function post(body: string): Promise<Answer> {
    const response = await fetch(`${flow.network.urls[0]}/submissions`, { method: "POST", body })
    return { status: response.status, ...((await response.json()) as object) }
  }

  const refusals = async (member = 0) => {
    const response = await fetch(`${flow.network.urls[member]}/status`)
    return ((await response.json()) as { refusals: Record<string, number> }).refusals
  }

  const VALUE = 1_300n * ONE + 7n

  it("refuses each bad submission by name, counts it, and reports exactly the good ones", async () => {
    const { network, chain } = flow
    const models = network.topics[0]?.models.length as number
    await openEpoch(network, chain, 1)
    const counted = await refusals()
    const stranger = createSigner(`0x${"77".repeat(32)}`)
    const good = submission(VALUE)
    const forged = { ...good, inference: [VALUE + 1n] }
    const json = (change: object) =>
      encodeSubmission({ ...good, ...change } as unknown as Submission)

    const bad: readonly [what: string, body: string, status: number, code: string][] = [
      ["unregistered", json(submission(VALUE, { signer: stranger })), 422, "Unregistered"],
      ["of an epoch to come", json(submission(VALUE, { epoch: 2 })), 422, "WrongEpoch"],
      ["of an epoch before the first", json(submission(VALUE, { epoch: 0 })), 422, "WrongEpoch"],
      ["of no topic", json({ topicId: 99 }), 404, "UnknownTopic"],
      ["above the range", json(submission(100_000n * ONE + 1n)), 422, "OutOfRange"],
      ["below the range", json(submission(ONE - 1n)), 422, "OutOfRange"],
      ["of too many labels", json({ inference: [VALUE, VALUE] }), 422, "WrongLabels"],
      ["with a value that was not signed", json(forged), 422, "BadSignature"],
      [
        "a forecast without the role",
        json({ forecast: [{ seat: 0, loss: 0n }] }),
        422,
        "NotSeated",
      ],
      ["no JSON", "{", 400, "MalformedSubmission"],
      ["empty", "", 400, "MalformedSubmission"],
      ["a number for a decimal text", json({ inference: [1] }), 400, "MalformedSubmission"],
      ["with a field too many", json({ more: 1 }), 400, "MalformedSubmission"],
      ["without a field", json({ signature: undefined }), 400, "MalformedSubmission"],
      ["oversized", json({ more: "x".repeat(70_000) }), 413, "OversizedSubmission"],
    ]
    const expected = new Map(Object.entries(counted))
    for (const [what, body, status, code] of bad) {
      const answer = await post(body)
      assert.deepEqual([what, answer.status, answer.code], [what, status, code])
      expected.set(code, (expected.get(code) ?? 0) + 1)
    }
    assert.deepEqual(await refusals(), Object.fromEntries(expected))

    assert.equal((await post(json({}))).status, 202)
    assert.equal((await post(json({}))).status, 202)
    const second = await post(json(submission(VALUE + ONE)))
    assert.deepEqual([second.status, second.code], [422, "DuplicateInference"])
    await until(
      "every member to hold the good ones",
      async () => {
        const all = await network.statuses()
        const isHeld = all.every((status) => status?.held[`${TOPIC}/1`] === models + 1)
        return isHeld ? true : undefined
      },
      LIMIT_MS,
    )
    await closeEpoch(network, chain, 1)
    await awaitReports(network, chain, 1)
    const late = await post(json({}))
    assert.deepEqual([late.status, late.code], [422, "InferenceExpired"])
    expected.set("DuplicateInference", 1)
    expected.set("InferenceExpired", 1)
    assert.deepEqual(await refusals(), Object.fromEntries(expected))
    // Only what was taken is passed on, so the others have seen none of it.
    for (const member of [1, 2, 3])
      for (const [code, count] of Object.entries(await refusals(member)))
        assert.ok(
          ["WindowNotOpen", "WrongEpoch"].includes(code),
          `member ${member}: ${code} ${count}`,
        )

    await verify({ topicId: TOPIC, epoch: 1 }, chain, () => undefined)
    const { context } = chain.ledger.report(TOPIC, 0, 1) as { context: Hex }
    const { inputs } = await rowsOf(context, rowSource(network.urls))
    const row = inputs.find((input) => input[0] === KIND.inferences) as Uint8Array
    const { entries } = decodeInferences(row)
    assert.deepEqual(
      entries.map(({ seat }) => seat),
      Array.from({ length: models + 1 }, (_, seat) => seat),
    )
    assert.equal(entries[models]?.value, VALUE)
  })

  // -- Commands --

  /** One clear line, given and required below it, exit code 1, in time; no stack, no key. */
  function requireRefused({ code, stdout, stderr }: Ended, name: string, keys: readonly string[]) {
    assert.notEqual(code, null, `it hangs:\n${stdout}${stderr}`)
    assert.equal(code, 1, stderr)
    const [first, ...more] = stderr.trimEnd().split("\n")
    assert.match(first as string, new RegExp(`^${name}: .{10,}`))
    for (const line of more) assert.match(line, /^ {2}(given|required):? +\S/)
    for (const file of keys) {
      const digits = readFileSync(file, "utf8").trim().slice(2)
      assert.equal(`${stdout}${stderr}`.includes(digits), false, "it prints the private key")
    }
  }

  it("ends `allora node` with one clear line for whatever is missing", async () => {
    const { network } = flow
    const { folder, rpc, dev } = network
    const keyOf = (name: string) => join(folder, "keys", name)
    const [freePort] = (await freePorts(1)) as [number]
    const other = join(folder, "other-chain.json")
    writeFileSync(other, JSON.stringify({ ...network.deployment, chainId: 31_338 }))
    const empty = join(folder, "empty.json")
    writeFileSync(empty, JSON.stringify({ ...network.deployment, reports: `0x${"12".repeat(20)}` }))
    const exposed = keyOf("exposed.key")
    newKeyFile(exposed)
    chmodSync(exposed, 0o644)
    const malformed = keyOf("malformed.key")
    // One digit short.
    writeFileSync(
      malformed,
      `${readFileSync(keyOf("member1.key"), "utf8").trim().slice(0, -1)}\n`,
      {
        mode: 0o600,
      },
    )
    const poor = createSigner(readKey(keyOf("member3.key"))).address
    const member = keyOf("member0.key")
    const elsewhere = ["--listen", `127.0.0.1:${freePort}`]
    const nobody = ["--rpc", `http://127.0.0.1:${freePort}`, "--deployment", network.deploymentFile]

    const cases: readonly [what: string, code: string, keyFile: string, args: readonly string[]][] =
      [
        ["port in use", "PortInUse", member, where(network)],
        ["no chain", "NoChain", member, nobody],
        ["wrong chain", "ChainMismatch", member, ["--rpc", rpc, "--deployment", other]],
        ["no such deployment", "DeploymentMissing", member, ["--rpc", rpc, "--deployment", "/no"]],
        ["no contracts there", "DeploymentMissing", member, ["--rpc", rpc, "--deployment", empty]],
        ["no funds", "NoFunds", keyOf("member3.key"), [...where(network), ...elsewhere]],
        ["no member's key", "NotAMember", keyOf("alice.key"), [...where(network), ...elsewhere]],
        ["no key file", "KeyFileMissing", keyOf("none.key"), where(network)],
        ["readable by others", "KeyFileExposed", exposed, where(network)],
        ["no key in the file", "KeyFileMalformed", malformed, where(network)],
        ["no address", "NotAnAddress", member, [...where(network), "--listen", "here"]],
      ]
    const balance = await dev.request<Hex>("eth_getBalance", [poor, "latest"])
    await dev.request("hardhat_setBalance", [poor, "0x0"])
    for (const [what, code, keyFile, args] of cases) {
      const data = join(folder, `data ${what}`)
      const ended = await allora(
        ["node", "--key-file", keyFile, "--data", data, ...args],
        NO_HANG_MS,
      )
      requireRefused(ended, code, code === "KeyFileMissing" ? [] : [keyFile])
    }
    await dev.request("hardhat_setBalance", [poor, balance])
  })

  it("ends the other commands in the same way", async () => {
    const { network } = flow
    const alicesKey = join(network.folder, "keys", "alice.key")
    const sp500 = join(network.folder, "keys", "sp500")
    const worker = (topic: string, ...more: string[]) =>
      allora(
        ["worker", "--topic", topic, "--series", "sp500", ...more, ...where(network)],
        NO_HANG_MS,
      )
    const verified = (...args: string[]) =>
      allora(["verify", ...args, ...where(network)], NO_HANG_MS)

    requireRefused(await verified("1", "999"), "NoReport", [])
    requireRefused(await verified("99", "1"), "NoTopic", [])
    requireRefused(await verified("1", "1", "--members", "http://127.0.0.1:9"), "RowMissing", [])
    requireRefused(await allora(["read", "99", ...where(network)], NO_HANG_MS), "NoReport", [])
    requireRefused(await worker("99", "--keys", sp500), "NoTopic", [])
    requireRefused(await worker("1", "--keys", network.folder), "NoModel", [])
    const twice = ["register", "--topic", "1", "--key-file", alicesKey, ...where(network)]
    requireRefused(await allora(twice, NO_HANG_MS), "AlreadyRegistered", [alicesKey])
    const deploy = [
      join(ROOT, "contracts/deploy.ts"),
      "--rpc",
      network.rpc,
      "--key-file",
      alicesKey,
    ]
    const target = join(network.folder, "second.json")
    requireRefused(
      await run([...deploy, "--deployment", target, "--members", "/no/members.json"], NO_HANG_MS),
      "FileMissing",
      [alicesKey],
    )
  })
})
