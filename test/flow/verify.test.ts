// What `allora verify` finds out: one flipped bit in any row that is served, a report that no quorum signed, and a
// number that a whole quorum signed although it is not what the rows give.
import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import {
  BaseError,
  ContractFunctionRevertedError,
  createPublicClient,
  type Hex,
  http,
  keccak256,
} from "viem"
import { domain } from "../../contracts/index.ts"
import { parseDecimal } from "../../offchain/decimal.ts"
import {
  awaitReports,
  awaitSettlements,
  closeEpoch,
  closeTruths,
  openEpoch,
  runEpoch,
  tellTruths,
} from "../../offchain/demo/epochs.ts"
import { until } from "../../offchain/demo/network.ts"
import { NodeError } from "../../offchain/errors.ts"
import type { Report } from "../../offchain/report.ts"
import { createSigner, newKeyFile, readKey, type Signer } from "../../offchain/signer.ts"
import { encodeSubmission } from "../../offchain/submission.ts"
import { requireAttested, verify } from "../../offchain/verify.ts"
import {
  decodeList,
  decodeReportContext,
  decodeSettlementContext,
  decodeValue,
  decodeWeights,
  encodeReportContext,
  encodeValue,
  KIND,
  listRow,
  rowHash,
  tablesNamed,
} from "../../wasm/index.ts"
import { keyFile, pastAt, postCall, signedBatch, signedSubmission, termsAt } from "./committee.ts"
import { FORGERIES, type Forged, honest } from "./forgeries.ts"
import { startProxy, startRowServer } from "./rowservers.ts"
import { allora, type Flow, LIMIT_MS, memberSigner, seeded, startFlow, where } from "./support.ts"

const ONE = 10n ** 18n
const TOPIC = 1
/** Every kind of row that the first epoch has with a forecast in it. */
const KINDS = [
  "context",
  "inputs list",
  "parameters",
  "inferences",
  "forecast",
  "signatures",
  "registrations",
  "state list",
  "version",
  "seats",
  "regrets",
  "errors",
  "inclusions",
  "quality",
  "oneOutTables",
  "oneInTables",
  "outputs list",
  "value",
  "weights",
  "implied",
  "counterfactuals",
]
/** What the state that the second epoch starts from has beyond those. */
const TABLE_KINDS = ["oneOutRegrets"]
/** Every kind of row that its settlement has beyond those. */
const SETTLEMENT_KINDS = [
  "settlement context",
  "settlement inputs list",
  "settlement electorate",
  "settlement truths",
  "settlement truthSignatures",
  "settlement pot",
  "settlement roster",
]

const NAMES = Object.fromEntries(Object.entries(KIND).map(([name, kind]) => [kind, name]))

type Row = { readonly name: string; readonly hash: Hex; readonly bytes: Uint8Array }

describe("allora verify", () => {
  let flow: Flow
  let both: Signer
  let proxy: Awaited<ReturnType<typeof startProxy>>
  let rowServer: Awaited<ReturnType<typeof startRowServer>>

  before(async () => {
    flow = await startFlow()
    const { network, chain } = flow
    const file = keyFile(flow, "both.key")
    const address = newKeyFile(file)
    await network.processes.run(["faucet", address, ...where(network)])
    const registration = ["--topic", String(TOPIC), "--role", "both", "--key-file", file]
    await network.processes.run(["register", ...registration, ...where(network)])
    both = createSigner(readKey(file))
    await chain.follow()
    await runEpochWithForecast()
    await runEpoch(network, chain, 2)
    proxy = await startProxy(network.urls[0] as string)
    rowServer = await startRowServer()
  })
  after(async () => {
    proxy?.close()
    rowServer?.close()
    await flow?.end()
  })

  const models = () => flow.network.topics[0]?.models.length as number

  /** Epoch 1, in which one worker more infers, and forecasts what all will lose. */
  async function runEpochWithForecast() {
    const { network, chain } = flow
    await openEpoch(network, chain, 1)
    const body = encodeSubmission(
      signedSubmission(flow, await termsAt(flow, TOPIC, 1), both, {
        inference: [1_300n * ONE],
        forecast: Array.from({ length: models() + 1 }, (_, seat) => ({
          seat,
          loss: BigInt(seat) * (ONE / 10n),
        })),
      }),
    )
    const answer = await fetch(`${network.urls[0]}/submissions`, { method: "POST", body })
    assert.equal(answer.status, 202, await answer.text())
    await until(
      "every member to hold the forecast",
      async () => {
        const all = await network.statuses()
        const isHeld = all.every((status) => status?.held[`${TOPIC}/1`] === models() + 1)
        return isHeld ? true : undefined
      },
      LIMIT_MS,
    )
    await closeEpoch(network, chain, 1)
    await awaitReports(network, chain, 1)
    await tellTruths(network, chain, 1)
    await closeTruths(network, chain, 1)
    await awaitSettlements(network, chain, 1)
  }

  const fetched = async (hash: Hex): Promise<Uint8Array> => {
    const response = await fetch(`${flow.network.urls[0]}/rows/${hash}`)
    assert.equal(response.status, 200)
    return new Uint8Array(await response.arrayBuffer())
  }

  /** One row of each kind of the epoch. */
  async function rowOfEachKind(epoch: number): Promise<Row[]> {
    const report = flow.chain.ledger.report(TOPIC, 0, epoch)
    const contextHash = report?.context as Hex
    const bytes = await fetched(contextHash)
    const context = decodeReportContext(bytes)
    const rows = new Map<string, Row>([["context", { name: "context", hash: contextHash, bytes }]])
    for (const hash of [context.inputsHash, context.stateHash, context.outputsHash]) {
      const list = await fetched(hash)
      const { kind, hashes } = decodeList(list)
      rows.set(`${NAMES[kind]} list`, { name: `${NAMES[kind]} list`, hash, bytes: list })
      for (const each of hashes) {
        const row = await fetched(each)
        const name = NAMES[row[0] as number] as string
        rows.set(name, { name, hash: each, bytes: row })
        for (const table of tablesNamed(row) ?? []) {
          const behind = await fetched(table)
          const kind = NAMES[behind[0] as number] as string
          rows.set(kind, { name: kind, hash: table, bytes: behind })
        }
      }
    }
    return [...rows.values()]
  }

  /** One row of each kind that an epoch's settlement rests on and its report does not. */
  async function rowsOfSettlement(epoch: number): Promise<Row[]> {
    const settled = flow.chain.ledger.settlement(TOPIC, epoch)
    const contextHash = settled?.context as Hex
    const bytes = await fetched(contextHash)
    const { inputsHash } = decodeSettlementContext(bytes)
    const list = await fetched(inputsHash)
    const inputs = await Promise.all(
      decodeList(list).hashes.map(async (hash) => ({ hash, bytes: await fetched(hash) })),
    )
    const named = inputs.map((row) => ({
      ...row,
      name: `settlement ${NAMES[row.bytes[0] as number]}`,
    }))
    return [
      { name: "settlement context", hash: contextHash, bytes },
      { name: "settlement inputs list", hash: inputsHash, bytes: list },
      ...named.filter(({ name }) => SETTLEMENT_KINDS.includes(name)),
    ]
  }

  const verified = (members: string, epoch = 1) =>
    allora(["verify", String(TOPIC), String(epoch), ...where(flow.network), "--members", members])

  it("holds through a server in between that changes nothing", async () => {
    const { code, stdout, stderr } = await verified(proxy.clean)
    assert.equal(code, 0, stderr)
    assert.match(stdout, /^verified topic 1 epoch 1: \d+\.\d+$/m)
    assert.match(stdout, new RegExp(`^ {2}signatures +${models() + 1} submissions`, "m"))
  })

  it("rests on weights that are explained to everybody, term by term", async () => {
    const asked = ["explain", String(TOPIC), "2", "--json", ...where(flow.network)]
    const { code, stdout, stderr } = await allora(asked)
    assert.equal(code, 0, stderr)
    const told = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line))
    const row = (await rowOfEachKind(2)).find(({ name }) => name === "weights")?.bytes
    const signed = decodeWeights(row as Uint8Array)
    assert.deepEqual(
      told.map(({ seat, weight }) => [seat, parseDecimal(weight)]).sort(([a], [b]) => a - b),
      signed.map(({ seat, weight }) => [seat, weight]),
    )
    assert.ok(signed.length >= models())
    // A forecaster that could forecast nothing in the first epoch is new in the second.
    for (const { seat, terms } of told) assert.equal(terms.isSeen, seat < 0x80, `seat ${seat}`)
    const stranger = await allora([
      "explain",
      String(TOPIC),
      "2",
      `0x${"12".repeat(20)}`,
      ...where(flow.network),
    ])
    assert.deepEqual([stranger.code, stranger.stderr.split(":")[0]], [1, "NoWeight"])
  })

  it("names the row in which one bit was flipped, and both hashes, for every kind", async (context) => {
    const { seed, below } = seeded()
    context.diagnostic(`seed ${seed}`)
    const reported = await rowOfEachKind(1)
    const settled = await rowsOfSettlement(1)
    const known = reported.map(({ name }) => name)
    const tables = (await rowOfEachKind(2)).filter(({ name }) => !known.includes(name))
    assert.deepEqual(
      [reported, settled, tables].map((rows) => rows.map(({ name }) => name)),
      [KINDS, SETTLEMENT_KINDS, TABLE_KINDS],
    )
    const flips = [...reported, ...settled, ...tables].map((row) => {
      const bytes = Uint8Array.from(row.bytes)
      const at = below(bytes.length)
      bytes[at] = (bytes[at] as number) ^ (1 << below(8))
      const members = proxy.changing(row.hash, bytes)
      // What the first epoch's settlement rests on is asked for by whoever verifies the second.
      const epoch = reported.includes(row) ? 1 : 2
      return { ...row, members, given: keccak256(bytes), epoch }
    })
    for (const { name, hash, members, given, epoch } of flips) {
      const question = { topicId: TOPIC, epoch, members: [members] }
      const outcome = await verify(question, flow.chain, () => undefined).then(
        () => undefined,
        (error: unknown) => error,
      )
      assert.ok(outcome instanceof NodeError, `${name}: ${outcome ?? "it was verified"}`)
      assert.equal(outcome.code, "RowMismatch", name)
      assert.deepEqual([outcome.facts.given, outcome.facts.required], [given, hash], name)
      assert.ok(proxy.served(hash) > 0, `the flipped ${name} row was never served`)
    }
    assert.equal(flips.length, KINDS.length + SETTLEMENT_KINDS.length + TABLE_KINDS.length)
  })

  it("is not taken in by a forgery that is consistent in itself", async () => {
    const { context: hash } = flow.chain.ledger.report(TOPIC, 0, 1) as { context: Hex }
    const context = decodeReportContext(await fetched(hash))
    const outputs = await Promise.all(
      decodeList(await fetched(context.outputsHash)).hashes.map(fetched),
    )
    const value = decodeValue(outputs[0] as Uint8Array)
    const forged = [encodeValue({ ...value, combined: value.combined + 1n }), ...outputs.slice(1)]
    const list = listRow(KIND.outputs, forged)
    rowServer.serve([...forged, list])
    const other = encodeReportContext({ ...context, outputsHash: rowHash(list) })
    const { code, stderr } = await verified(proxy.changing(hash, other))
    assert.equal(code, 1)
    assert.match(stderr, /^RowMismatch: the context row/)
    assert.ok(stderr.includes(rowHash(other)) && stderr.includes(hash), stderr)
    assert.ok(proxy.served(hash) > 0)
  })

  it("goes to the next server where the first one changes a row or has none", async () => {
    const [row] = await rowOfEachKind(1)
    const { hash, bytes } = row as Row
    const wrong = proxy.changing(hash, bytes.subarray(1))
    const args = ["verify", String(TOPIC), "1", ...where(flow.network)]
    const { code, stderr } = await allora([...args, "--members", wrong, rowServer.url, proxy.clean])
    assert.equal(code, 0, stderr)
    assert.ok(proxy.served(hash) > 0)
  })

  // -- Reports that no quorum signed --

  it("refuses, with the contract and under its names, what too few, a stranger, or another chain or era signed", async () => {
    const { network, chain } = flow
    const { ledger } = chain
    const home = domain(chain.deployment)
    const [member0, member1, member2] = [0, 1, 2].map((index) => memberSigner(network, index))
    const stranger = createSigner(`0x${"99".repeat(32)}`)
    const accepted = ledger.report(TOPIC, 0, 2)
    const report: Report = {
      topicId: TOPIC,
      label: 0,
      epoch: 3,
      // Any time that has passed: no schedule is asked while posting.
      observedAt: ledger.head()?.time as number,
      lag: 86_400,
      history: 0,
      value: 1_300n * ONE,
      sigma: 0xffffff,
      context: accepted?.context as Hex,
    }
    const by = (...signers: (Signer | undefined)[]) =>
      new Map(signers.flatMap((signer, index) => (signer ? [[index, signer] as const] : [])))
    const good = signedBatch(flow, [report])
    const cases = {
      "too few": [
        signedBatch(flow, [report], { signers: by(member0, member1) }),
        "QuorumNotReached",
      ],
      "a stranger": [
        signedBatch(flow, [report], { signers: by(member0, stranger, member2) }),
        "InvalidSignature",
      ],
      "one member thrice": [
        signedBatch(flow, [report], { signers: by(member0, member0, member0) }),
        "InvalidSignature",
      ],
      "another chain": [
        signedBatch(flow, [report], { signed: { domain: { ...home, chainId: home.chainId + 1 } } }),
        "InvalidSignature",
      ],
      "another contract": [
        signedBatch(flow, [report], {
          signed: { domain: { ...home, verifyingContract: chain.deployment.topics } },
        }),
        "InvalidSignature",
      ],
      "signed for another era": [
        signedBatch(flow, [report], { signed: { era: 2 } }),
        "InvalidSignature",
      ],
      "an era that was not opened": [signedBatch(flow, [report], { era: 2 }), "EraNotInForce"],
      "a value changed after signing": [
        { ...good, reports: [{ ...report, value: report.value + 1n }] },
        "RootMismatch",
      ],
    } as const
    const client = createPublicClient({ transport: http(network.rpc) })
    const revertOf = (error: unknown) =>
      error instanceof BaseError
        ? error.walk((cause) => cause instanceof ContractFunctionRevertedError)
        : error
    let refused = 0
    for (const [what, [posted, name]] of Object.entries(cases)) {
      const reverted = await client.simulateContract(postCall(flow, posted)).then(
        () => assert.fail(`${what}: the contract took it`),
        (error: unknown) => revertOf(error) as ContractFunctionRevertedError,
      )
      assert.equal(reverted.data?.errorName, name, what)
      assert.throws(
        () => requireAttested(posted, chain),
        (error) => error instanceof NodeError && error.code === name,
        what,
      )
      refused += 1
    }
    assert.equal(refused, 8)
    // The same report signed by a quorum would be taken: each refusal above is for what it is named after.
    await client.simulateContract(postCall(flow, good))
    assert.deepEqual(requireAttested(good, chain).signers, [0, 1, 2])
  })

  // -- Reports that a whole quorum signed --

  it("finds out what a whole quorum may sign that is not so", async () => {
    const { network, chain } = flow
    const { ledger } = chain
    const poster = memberSigner(network, 3)
    const attempts = [["nothing but the truth", undefined, honest] as const, ...FORGERIES]
    for (const [index, [what, differs, forge]] of attempts.entries()) {
      // Epochs whose windows the workers never see open: the chain's clock goes past them at once.
      const epoch = 3 + index
      await network.dev.mineAt((await termsAt(flow, TOPIC, epoch)).closesAt)
      const terms = await termsAt(flow, TOPIC, epoch)
      const past = await pastAt(flow, terms)
      const other = await termsAt(flow, 2, epoch)
      const { reports, rows, slot }: Forged = forge({ flow, terms, past, other })
      rowServer.serve(rows)
      await chain.write(poster, postCall(flow, signedBatch(flow, reports, { slot })))
      await chain.follow()
      const question = { topicId: TOPIC, epoch, members: [rowServer.url, ...network.urls] }
      const outcome = await verify(question, chain, () => undefined).then(
        () => undefined,
        (error: unknown) => error as NodeError,
      )
      // The epoch before was missed, and what the next one builds on must not hang on who is quicker.
      await until(
        `epoch ${epoch - 1} to be settled`,
        async () => {
          await chain.follow()
          return ledger.settlement(TOPIC, epoch - 1) && ledger.settlement(2, epoch - 1)
        },
        LIMIT_MS,
      )
      if (differs === undefined) {
        assert.equal(outcome, undefined, what)
        continue
      }
      assert.ok(outcome instanceof NodeError, `${what}: ${outcome ?? "it was verified"}`)
      assert.equal(outcome.code, "Mismatch", `${what}: ${outcome}`)
      assert.match(outcome.message, differs, what)
      assert.ok("given" in outcome.facts && "required" in outcome.facts, what)
    }
    assert.equal(attempts.length, 10)
  })
})
