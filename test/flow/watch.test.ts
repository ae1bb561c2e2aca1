// A watcher alone, with a key and no quorum, against a whole quorum that lies: each lie falls by the chain's own sums. An
// honest committee raises no alarm, a restart forgets nothing, and rows that nobody serves bring down what rests on them.
import assert from "node:assert/strict"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, describe, it } from "node:test"
import type { Hex } from "viem"
import {
  committeeAbi,
  disputesAbi,
  domain,
  reportsAbi,
  settlementsAbi,
} from "../../contracts/index.ts"
import { encodeAttestation } from "../../offchain/attestation.ts"
import { createClock } from "../../offchain/clock.ts"
import { openMemory } from "../../offchain/dispute/memory.ts"
import { truthTermsOf } from "../../offchain/electorate.ts"
import { NodeError } from "../../offchain/errors.ts"
import { createLog } from "../../offchain/log.ts"
import { prove } from "../../offchain/prove.ts"
import { firstPast, registrationsSince, replay } from "../../offchain/replay.ts"
import {
  batchDigest,
  batchRoot,
  multiproof,
  type Report,
  reportHash,
} from "../../offchain/report.ts"
import { openRows } from "../../offchain/rows.ts"
import { type Settlement, settleEpoch, settlementHash } from "../../offchain/settlement.ts"
import { createSigner, newKeyFile, readKey, type Signer } from "../../offchain/signer.ts"
import type { Past } from "../../offchain/synthesis.ts"
import { fetchTerms } from "../../offchain/terms.ts"
import { rowsOf } from "../../offchain/verify/rows.ts"
import type { WatcherOptions } from "../../offchain/watch/parts.ts"
import { createWatcher } from "../../offchain/watch/watcher.ts"
import {
  decodeCounterfactuals,
  decodeList,
  decodeRegrets,
  decodeReportContext,
  decodeSettledTruth,
  decodeSettlementContext,
  decodeValue,
  decodeWeights,
  encodeCounterfactuals,
  encodeList,
  encodeRegrets,
  encodeReportContext,
  encodeSettledTruth,
  encodeSettlementContext,
  encodeValue,
  encodeWeights,
  KIND,
  listRow,
  rowHash,
} from "../../wasm/index.ts"
import { type Learning, startLearning, wad } from "../support/learning.ts"

const TOPIC = 1
/** So many honest epochs come first. */
const HONEST = 3
const YEAR = 365 * 86_400

type Forged<Leaf> = { readonly leaf: Leaf; readonly rows: readonly Uint8Array[] }
type Change = (row: Uint8Array) => Uint8Array

describe("a watcher with a key, and no quorum", () => {
  let net: Learning
  let folder: string
  let key: Signer
  let epoch = 0
  // What is served besides what members have; a row that is withheld is served by nobody.
  const rows = new Map<Hex, Uint8Array>()
  const withheld = new Set<Hex>()

  const row = async (hash: Hex, what: string): Promise<Uint8Array> => {
    const known = withheld.has(hash) ? undefined : (rows.get(hash) ?? (await net.row(hash, what)))
    if (known) {
      rows.set(hash, known)
      return known
    }
    throw new NodeError("RowMissing", { sentence: `nobody has the ${what} row`, remedy: "retry" })
  }
  const keep = (all: readonly Uint8Array[]) => {
    for (const each of all) rows.set(rowHash(each), each)
  }

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "allora-watch-"))
    net = await startLearning()
    key = await funded("watcher")
  })
  after(async () => {
    await net?.end()
    rmSync(folder, { recursive: true, force: true })
  })

  async function funded(name: string): Promise<Signer> {
    const file = join(folder, `${name}.key`)
    newKeyFile(file)
    const signer = createSigner(readKey(file))
    await net.dev.request("hardhat_setBalance", [signer.address, `0x${(10n ** 20n).toString(16)}`])
    return signer
  }

  /** A watcher with a memory of its own, or that of an earlier one of the same name. */
  function watcherOf(
    name: string,
    options: Partial<WatcherOptions> = {},
    signer: Signer | null = key,
  ) {
    const said: { readonly level: string; readonly msg: string; readonly refutedBy?: string }[] = []
    const log = createLog(
      { json: true, level: "info" },
      { write: (line: string) => void said.push(JSON.parse(line)) },
    )
    const { chainId, deployment } = net.chain
    const watcher = createWatcher(
      { keepSeconds: YEAR, ...options },
      {
        chain: net.chain,
        rows: openRows(join(folder, `${name}.sqlite`)),
        fetchRow: row,
        memory: openMemory(
          { chainId, disputes: deployment.disputes },
          join(folder, `${name}.json`),
        ),
        signer: signer ?? undefined,
        clock: createClock(),
        log,
      },
    )
    const look = async () => {
      await net.chain.follow()
      await watcher.blockSeen()
      await net.chain.follow()
    }
    const alarms = () => said.filter(({ msg }) => msg.startsWith("ALARM"))
    const faults = () => said.filter(({ msg }) => msg.startsWith("a look could not"))
    return { watcher, look, said, alarms, faults }
  }

  const VALUES = [[wad(10)], [wad(11)], [wad(15)]]

  /** One epoch as it should be. */
  async function wholeEpoch(): Promise<void> {
    epoch += 1
    await net.openWindow(epoch)
    await net.submit(TOPIC, epoch, VALUES)
    await net.closeWindow(epoch)
    await net.reported(TOPIC, epoch)
    await net.openTruths(epoch)
    await net.tell(TOPIC, epoch, { 0: [wad(10.5)], 1: [wad(10.5)], 2: [wad(10.4)] })
    await net.closeTruths(epoch)
    await net.settled(TOPIC, epoch)
  }

  it("raises no alarm in honest epochs, proves what is reported, and sends nothing else", async () => {
    const { watcher, look, alarms, faults } = watcherOf("honest", { isProving: true })
    for (let i = 0; i < HONEST; i++) {
      await wholeEpoch()
      await look()
    }
    assert.deepEqual(alarms(), [])
    assert.deepEqual(faults(), [])
    const { looked, wrong, refuted, proven } = watcher.counts()
    assert.deepEqual(
      { looked, wrong, refuted, proven },
      {
        looked: 2 * HONEST,
        wrong: 0,
        refuted: 0,
        proven: HONEST,
      },
    )
    assert.equal(net.chain.ledger.statusOf(TOPIC, 0, HONEST), "Proven")
    await watcher.stop()
  })

  // -- Lies about a report --

  /** What the members reported of the last epoch, taken down so that the test may report it otherwise. */
  async function honestReport() {
    const { ledger } = net.chain
    const accepted = ledger.report(TOPIC, 0, epoch)
    assert.ok(accepted)
    const contextRow = await row(accepted.context, "context")
    return { accepted, contextRow, ...(await rowsOf(accepted.context, row)) }
  }

  async function withOutputs(change: Change): Promise<Forged<Report>> {
    const { contextRow, outputs } = await honestReport()
    const forged = outputs.map(change)
    const list = listRow(KIND.outputs, forged)
    const context = encodeReportContext({
      ...decodeReportContext(contextRow),
      outputsHash: rowHash(list),
    })
    const value = decodeValue(forged[0] as Uint8Array).combined
    return {
      leaf: { ...(await signedReport()), value, context: rowHash(context) },
      rows: [...forged, list, context],
    }
  }

  async function signedReport(): Promise<Report> {
    const { reportMessage } = await import("../../offchain/dispute/attested.ts")
    const { accepted } = await honestReport()
    return (await reportMessage(net.chain, accepted)).message
  }

  const changed =
    (kind: number, change: Change): Change =>
    (each) =>
      each[0] === kind ? change(each) : each

  const REPORTS: readonly (readonly [what: string, claim: string, change: Change])[] = [
    [
      "a value",
      "Combined",
      changed(KIND.value, (each) => {
        const value = decodeValue(each)
        return encodeValue({ ...value, combined: value.combined + 1n })
      }),
    ],
    [
      "weights",
      "Weights",
      changed(KIND.weights, (each) =>
        encodeWeights(decodeWeights(each).map((one) => ({ ...one, weight: one.weight - 1n }))),
      ),
    ],
    [
      "a counterfactual",
      "OneOutInferer",
      changed(KIND.counterfactuals, (each) => {
        const lists = decodeCounterfactuals(each)
        const [first, ...others] = lists.oneOutInferers
        assert.ok(first)
        return encodeCounterfactuals({
          ...lists,
          oneOutInferers: [{ ...first, value: first.value + 1n }, ...others],
        })
      }),
    ],
  ]

  /** Has three of four members sign the leaf, and somebody post it. */
  async function post(
    kind: "post" | "settle",
    leaf: Report | Settlement,
    slot: number,
  ): Promise<void> {
    const hash = kind === "post" ? reportHash(leaf as Report) : settlementHash(leaf as Settlement)
    const batch = { era: 1, slot, view: 0, root: batchRoot([hash]) }
    const digest = batchDigest(domain(net.deployment), batch)
    const signed = [0, 1, 2].map((index) => [index, net.memberSigner(index).sign(digest)] as const)
    const errors = committeeAbi.filter(({ type }) => type === "error")
    await net.chain.write(net.memberSigner(3), {
      address: kind === "post" ? net.deployment.reports : net.deployment.settlements,
      abi: [...(kind === "post" ? reportsAbi : settlementsAbi), ...errors],
      functionName: kind,
      args: [
        { ...batch, viewNumber: batch.view },
        [leaf],
        multiproof([hash], [0]),
        encodeAttestation(new Map(signed)),
      ],
    })
    await net.chain.follow()
  }

  /** What follows happens on a chain that forgets it afterwards. */
  async function onSide<T>(run: () => Promise<T>): Promise<T> {
    const snapshot = await net.dev.request<string>("evm_snapshot")
    const before = new Map(rows)
    try {
      return await run()
    } finally {
      await net.dev.request("evm_revert", [snapshot])
      await net.dev.request("evm_mine")
      await net.chain.follow()
      rows.clear()
      for (const [hash, each] of before) rows.set(hash, each)
      withheld.clear()
    }
  }

  /** Before the last epoch's report was posted, and the members gone: what the committee posts is the test's. */
  async function reportedAnew(): Promise<{
    forge: (change: Change) => Promise<Forged<Report>>
    slot: number
  }> {
    const { accepted } = await honestReport()
    const report = await signedReport()
    return { forge: withOutputs, slot: report.observedAt || accepted.block }
  }

  it("has each lie of a quorum about a report refuted", async () => {
    epoch += 1
    await net.openWindow(epoch)
    await net.submit(TOPIC, epoch, VALUES)
    // Taken before the close: what is posted then is forgotten again.
    const snapshot = await net.dev.request<string>("evm_snapshot")
    await net.closeWindow(epoch)
    await net.reported(TOPIC, epoch)
    const { forge, slot } = await reportedAnew()
    const forgeries = []
    for (const [what, claim, change] of REPORTS)
      forgeries.push({ what, claim, ...(await forge(change)) })
    const { accepted, contextRow, inputs, state, outputs } = await honestReport()
    keep([contextRow, ...inputs, ...state, ...outputs])
    const said = decodeReportContext(contextRow)
    for (const hash of [said.inputsHash, said.outputsHash, said.stateHash])
      keep([await row(hash, "list")])
    for (const hash of decodeList(await row(said.stateHash, "list")).hashes)
      keep([await row(hash, "row")])
    for (const index of net.running()) await net.stopMember(index)
    await net.dev.request("evm_revert", [snapshot])
    await net.dev.mineAt(slot)
    await net.chain.follow()
    assert.notEqual(net.chain.ledger.newest(TOPIC, 0)?.epoch, epoch)
    let refuted = 0
    for (const { what, claim, leaf, rows: made } of forgeries) {
      await onSide(async () => {
        keep(made)
        await post("post", leaf, slot)
        assert.equal(net.chain.ledger.statusOf(TOPIC, 0, epoch), "Attested", what)
        const silent = watcherOf(`silent ${what}`, {}, null)
        await silent.look()
        assert.ok(silent.alarms().length > 0, what)
        assert.match(silent.alarms()[0]?.refutedBy ?? "", new RegExp(`^${claim} `), what)
        assert.equal(silent.watcher.counts().refuted, 0)
        // The same one with a key, started again.
        const { look, watcher, faults } = watcherOf(`silent ${what}`)
        await look()
        assert.deepEqual(faults(), [], what)
        assert.equal(watcher.counts().refuted, 1, what)
        assert.equal(net.chain.ledger.statusOf(TOPIC, 0, epoch), "Refuted", what)
        // Once is enough, also for one that comes back.
        await look()
        const again = watcherOf(`silent ${what}`)
        await again.look()
        assert.equal(watcher.counts().refuted + again.watcher.counts().refuted, 1)
        refuted += 1
      })
    }
    assert.equal(refuted, 3)
    // A settlement that scores such a report falls in the same transaction.
    const [first] = forgeries
    assert.ok(first)
    await onSide(async () => {
      keep(first.rows)
      await post("post", first.leaf, slot)
      const head = net.chain.ledger.newestSettlement(TOPIC)?.leaf
      const terms = truthTermsOf(net.chain.ledger, net.deployment, { topicId: TOPIC, epoch })
      await net.dev.mineAt(terms?.closesAt ?? 0)
      await net.chain.follow()
      const made = await honestSettlement()
      keep(made.rows)
      await post("settle", made.settlement, terms?.closesAt ?? 0)
      assert.equal(net.chain.ledger.newestSettlement(TOPIC)?.epoch, epoch)
      const { look, watcher, faults } = watcherOf("dependents")
      await look()
      assert.deepEqual(faults(), [])
      const { refuted: fell, struck } = watcher.counts()
      assert.deepEqual({ fell, struck }, { fell: 1, struck: 0 })
      assert.equal(net.chain.ledger.statusOf(TOPIC, 0, epoch), "Refuted")
      assert.equal(net.chain.ledger.newestSettlement(TOPIC)?.leaf, head)
    })
    await post("post", await reportOf(accepted.context), slot)
    assert.equal(net.chain.ledger.statusOf(TOPIC, 0, epoch), "Attested")
  })

  /** The honest report of the last epoch again. */
  async function reportOf(context: Hex): Promise<Report> {
    const { outputs } = await rowsOf(context, row)
    const { combined, sigma } = decodeValue(outputs[0] as Uint8Array)
    const { packSigma } = await import("../../wasm/index.ts")
    const terms = await fetchTerms(net.chain.ledger, net.deployment, { topicId: TOPIC, epoch }, row)
    assert.ok(terms)
    return {
      topicId: TOPIC,
      label: 0,
      epoch,
      observedAt: terms.closesAt,
      lag: terms.parameters.schedule.lag,
      history: terms.parameters.history,
      value: combined,
      sigma: packSigma(sigma),
      context,
    }
  }

  // -- Lies about a settlement --

  async function honestSettlement() {
    const { ledger } = net.chain
    const where = { topicId: TOPIC, epoch }
    let past = firstPast(ledger, TOPIC) as Past
    const chained = ledger.settlements(TOPIC).filter((each) => each.epoch < epoch)
    for (const each of chained)
      past = (await replay(each, { ledger, ...net.deployment, past }, row)).past
    const report = ledger.report(TOPIC, 0, epoch)
    const terms = await fetchTerms(ledger, net.deployment, where, row)
    const truthTerms = truthTermsOf(ledger, net.deployment, where)
    assert.ok(report && terms && truthTerms)
    const { inputs, outputs } = await rowsOf(report.context, row)
    return settleEpoch({
      terms: truthTerms,
      generation: 0,
      past,
      ...registrationsSince(ledger, net.deployment, where, chained.at(-1)),
      reportContext: report.context,
      told: {
        inputs,
        outputs,
        seats: terms.roster.seats,
        truths: [0, 1, 2].map((place) => net.truthOf(TOPIC, epoch, place, [wad(10.5)])),
      },
    })
  }

  it("has each lie of a quorum about a settlement refuted, and the head taken back", async () => {
    const honest = await honestSettlement()
    keep(honest.rows)
    const { settlement, outputs, state } = honest
    const context = decodeSettlementContext(honest.rows[0] as Uint8Array)
    const [truth, ...others] = outputs as [Uint8Array]
    const otherTruth = encodeSettledTruth(decodeSettledTruth(truth).map((value) => value + 1n))
    const outputsList = listRow(KIND.outputs, [otherTruth, ...others])
    const otherContext = encodeSettlementContext({ ...context, outputsHash: rowHash(outputsList) })
    const stateList = decodeList(rows.get(settlement.state) as Uint8Array)
    const regrets = state.find(([kind]) => kind === KIND.regrets) as Uint8Array
    const decoded = decodeRegrets(regrets)
    const otherRegrets = encodeRegrets({
      ...decoded,
      inferers: decoded.inferers.map((each, i) =>
        i ? each : { ...each, network: each.network + 1n },
      ),
    })
    const otherState = encodeList({
      kind: stateList.kind,
      hashes: stateList.hashes.map((hash) =>
        hash === rowHash(regrets) ? rowHash(otherRegrets) : hash,
      ),
    })
    const forgeries = [
      {
        what: "the settled truth",
        leaf: { ...settlement, context: rowHash(otherContext) },
        made: [otherTruth, outputsList, otherContext],
      },
      {
        what: "a regret of the state made",
        leaf: { ...settlement, state: rowHash(otherState) },
        made: [otherRegrets, otherState],
      },
    ]
    const terms = truthTermsOf(net.chain.ledger, net.deployment, { topicId: TOPIC, epoch })
    assert.ok(terms)
    await net.dev.mineAt(terms.closesAt)
    await net.chain.follow()
    const head = net.chain.ledger.newestSettlement(TOPIC)?.leaf
    let refuted = 0
    for (const { what, leaf, made } of forgeries) {
      await onSide(async () => {
        keep(made)
        await post("settle", leaf, terms.closesAt)
        assert.equal(net.chain.ledger.newestSettlement(TOPIC)?.leaf, settlementHash(leaf), what)
        const { look, watcher, faults, alarms } = watcherOf(`settlement ${what}`)
        await look()
        assert.deepEqual(faults(), [], what)
        assert.ok(alarms().length > 0, what)
        assert.equal(watcher.counts().refuted, 1, what)
        assert.equal(net.chain.ledger.newestSettlement(TOPIC)?.leaf, head, what)
        assert.equal(net.chain.ledger.generation(TOPIC), 1, what)
        refuted += 1
      })
    }
    assert.equal(refuted, 2)
  })

  // -- Restarts, and rows that nobody has --

  it("finds after a restart what was posted while it was away, and nothing twice", async () => {
    const first = watcherOf("restarted")
    await first.look()
    await first.watcher.stop()
    assert.equal(first.alarms().length, 0)
    const honest = await honestSettlement()
    const leaf = {
      ...honest.settlement,
      quality: `0x00${honest.settlement.quality.slice(4)}` as Hex,
    }
    keep(honest.rows)
    const terms = truthTermsOf(net.chain.ledger, net.deployment, { topicId: TOPIC, epoch })
    await onSide(async () => {
      await post("settle", leaf, terms?.closesAt ?? 0)
      const second = watcherOf("restarted")
      await second.look()
      assert.deepEqual(second.faults(), [])
      assert.equal(second.watcher.counts().refuted, 1)
      const { looked, wrong } = second.watcher.counts()
      assert.ok(looked >= 1 && wrong === 1, `${looked} looked at, ${wrong} wrong`)
      const third = watcherOf("restarted")
      await third.look()
      assert.equal(third.watcher.counts().refuted, 0)
    })
  })

  it("brings down by a demand what rests on a row that nobody has, and pays who publishes in time", async () => {
    const honest = await honestSettlement()
    const terms = truthTermsOf(net.chain.ledger, net.deployment, { topicId: TOPIC, epoch })
    const third = Math.floor(net.deployment.disputeSeconds / 3)
    const head = net.chain.ledger.newestSettlement(TOPIC)?.leaf
    const hidden = [rowHash(honest.rows[0] as Uint8Array)]
    const settleHidden = async () => {
      keep(honest.rows)
      for (const hash of hidden) withheld.add(hash)
      await post("settle", honest.settlement, terms?.closesAt ?? 0)
      const demanding = watcherOf(`demanding ${net.chain.ledger.head()?.hash}`, {
        isDemanding: true,
      })
      await demanding.look()
      assert.deepEqual(demanding.faults(), [])
      assert.equal(demanding.watcher.counts().demanded, 1)
      return demanding
    }
    await onSide(async () => {
      const demanding = await settleHidden()
      await net.dev.mineAt((await net.dev.time()) + third + 1)
      await demanding.look()
      assert.deepEqual(demanding.faults(), [])
      assert.equal(demanding.watcher.counts().lapsed, 1)
      assert.equal(net.chain.ledger.newestSettlement(TOPIC)?.leaf, head)
    })
    await onSide(async () => {
      const demanding = await settleHidden()
      const publisher = await funded("publisher")
      withheld.clear()
      const publishing = watcherOf("publishing", { isPublishing: true }, publisher)
      await publishing.look()
      assert.deepEqual(publishing.faults(), [])
      assert.equal(publishing.watcher.counts().published, 1)
      assert.ok(publishing.said.some(({ msg }) => msg === "bonds collected"))
      for (const hash of hidden) withheld.add(hash)
      await demanding.look()
      await net.dev.mineAt((await net.dev.time()) + third + 1)
      await demanding.look()
      assert.equal(demanding.watcher.counts().lapsed, 0)
      // What was published is looked at like any other row.
      assert.equal(demanding.alarms().length, 0)
      assert.equal(
        net.chain.ledger.newestSettlement(TOPIC)?.leaf,
        settlementHash(honest.settlement),
      )
    })
  })

  it("proves one report on request, and says in a dry run that it would", async () => {
    const question = { topicId: TOPIC, epoch, label: 0 }
    const parts = { chain: net.chain, fetchRow: row }
    const dry = await prove({ ...question, isDryRun: true }, parts)
    assert.equal(dry.transaction, undefined)
    assert.equal(net.chain.ledger.statusOf(TOPIC, 0, epoch), "Attested")
    const done = await prove(question, { ...parts, signer: key })
    await net.chain.follow()
    assert.equal(net.chain.ledger.statusOf(TOPIC, 0, epoch), "Proven")
    assert.equal(done.value, dry.value)
    const address = net.deployment.disputes
    await assert.rejects(
      net.chain.simulate(key.address, {
        address,
        abi: disputesAbi,
        functionName: "collect",
        args: [],
      }),
      { code: "NothingToCollect" },
    )
  })
})
