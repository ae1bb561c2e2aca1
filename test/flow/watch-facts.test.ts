// A watcher alone, with a key and no quorum, against a whole quorum that signs what the chain knows better: each forgery of
// fact falls by its claim, before the real contracts, or is struck; where the chain cannot judge it, the watcher says so. The
// same claims about the honest message are refused.
import assert from "node:assert/strict"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, describe, it } from "node:test"
import { encodeFunctionData, type Hex, parseEventLogs } from "viem"
import {
  alloAbi,
  committeeAbi,
  disputesAbi,
  domain,
  reportsAbi,
  settlementsAbi,
  topicsAbi,
} from "../../contracts/index.ts"
import { encodeAttestation } from "../../offchain/attestation.ts"
import { createClock } from "../../offchain/clock.ts"
import { reportMessage, settlementMessage } from "../../offchain/dispute/attested.ts"
import { disputesCalls } from "../../offchain/dispute/calls.ts"
import { CLAIMS, type Refuting } from "../../offchain/dispute/claims.ts"
import { createExamining, type Examined } from "../../offchain/dispute/examining.ts"
import { openMemory } from "../../offchain/dispute/memory.ts"
import { type TruthTerms, truthTermsOf } from "../../offchain/electorate.ts"
import { NodeError } from "../../offchain/errors.ts"
import { createLog } from "../../offchain/log.ts"
import { registrationsSince } from "../../offchain/replay.ts"
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
import { createStates } from "../../offchain/states.ts"
import { type Submission, submissionDigest } from "../../offchain/submission.ts"
import { genesisOf, NO_LEAF, type Past, synthesize } from "../../offchain/synthesis.ts"
import { type EpochTerms, fetchTerms } from "../../offchain/terms.ts"
import { createWatcher } from "../../offchain/watch/watcher.ts"
import { rowHash } from "../../wasm/index.ts"
import { parametersOf } from "../support/epochs.ts"
import { type Learning, startLearning, wad } from "../support/learning.ts"
import {
  type Fate,
  FIRST_REPORTS,
  honestReports,
  LATER_REPORTS,
  type Reporting,
} from "./forged-facts.ts"
import {
  type Concluding,
  FIRST_SETTLEMENTS,
  honestSettlements,
  LATER_SETTLEMENTS,
  NOT_TAKEN,
  UNNAMED,
} from "./forged-settled-facts.ts"

const TOPIC = 1
const LAST = 3
const YEAR = 365 * 86_400
const FORECASTER = 2

type Leaf = Report | Settlement
type Made = {
  readonly leaves: readonly Leaf[]
  readonly rows: readonly Uint8Array[]
  readonly slot?: number
}

const isReport = (leaf: Leaf): leaf is Report => "observedAt" in leaf

/** What the chain cannot judge. */
const SAID = [
  "a slot in which signing twice would convict nobody",
  "an epoch with a report called missed before its deadline",
  "another report as the one that is scored, with the same values",
  "another report as the one that is scored, with the same values from other inferences",
]

/** The claims by which one fell; of honest messages they are refused. */
const REFUSED = [
  "Electorate",
  "Parameters",
  "Roster",
  "Row",
  "Schedule",
  "SettledReport",
  "SettlementInputs",
  "SettlementParameters",
  "SettlementRegistrations",
  "State",
  "Submission",
  "TruthSignature",
]

const EXPECTED = [
  {
    labels: 1,
    counts: { forged: 88, refuted: 74, struck: 3, said: 11 },
    onlySaid: [...SAID, "another epoch as the first"],
    refused: [...REFUSED, "Registrations"],
  },
  // Of several labels what comes after the first settlement is enough: before it only who sits where is shown otherwise.
  {
    labels: 2,
    counts: { forged: 45, refuted: 35, struck: 3, said: 7 },
    onlySaid: [
      ...SAID,
      "an epoch called missed for want of a report that there is",
      "no report as the one that is scored",
    ],
    refused: REFUSED,
  },
]

for (const { labels, ...expected } of EXPECTED)
  describe(`a watcher alone, and what the chain knows of ${labels} label(s)`, () => {
    let net: Learning
    let folder: string
    let key: Signer
    let stranger: Signer
    let forecaster: Signer
    const rows = new Map<Hex, Uint8Array>()
    const reportings = new Map<number, Reporting>()
    const concludings = new Map<number, Concluding>()
    // The chain before each message was posted; the later ones are gone once an earlier one is returned to.
    const snapshots = new Map<string, Hex>()
    const counts = { forged: 0, refuted: 0, struck: 0, said: 0 }
    const onlySaid = new Set<string>()
    // Claims that the chain refuses of an honest message, with its own rows.
    const refused = new Set<string>()

    const row = async (hash: Hex, what: string): Promise<Uint8Array> => {
      const known = rows.get(hash)
      if (known) return known
      throw new NodeError("RowMissing", { sentence: `nobody has the ${what} row`, remedy: "retry" })
    }
    const keep = (all: readonly Uint8Array[]) => {
      for (const each of all) rows.set(rowHash(each), each)
    }
    const said = <T>(one: T): T[] => Array.from({ length: labels }, () => one)

    before(async () => {
      folder = mkdtempSync(join(tmpdir(), "allora-watch-facts-"))
      net = await startLearning({ isEmpty: true, topics: [parametersOf(labels)] })
      const names = ["watcher", "stranger", "forecaster"] as const
      ;[key, stranger, forecaster] = (await Promise.all(names.map(funded))) as [
        Signer,
        Signer,
        Signer,
      ]
      await registerForecaster()
      for (let epoch = 1; epoch <= LAST; epoch++) await wholeEpoch(epoch)
    })
    after(async () => {
      await net?.end()
      rmSync(folder, { recursive: true, force: true })
    })

    async function funded(name: string): Promise<Signer> {
      const file = join(folder, `${name}.key`)
      newKeyFile(file)
      const signer = createSigner(readKey(file))
      await net.dev.request("hardhat_setBalance", [
        signer.address,
        `0x${(10n ** 20n).toString(16)}`,
      ])
      return signer
    }

    async function registerForecaster(): Promise<void> {
      const { allo, topics } = net.deployment
      const [bank] = (await net.dev.accounts()) as [Hex]
      const { address } = forecaster
      const amount = 10n ** 21n
      const data = encodeFunctionData({
        abi: alloAbi,
        functionName: "transfer",
        args: [address, amount],
      })
      await net.dev.send({ from: bank, to: allo, data })
      const args = [topics, amount]
      await net.chain.write(forecaster, {
        address: allo,
        abi: alloAbi,
        functionName: "approve",
        args,
      })
      await net.chain.write(forecaster, {
        address: topics,
        abi: topicsAbi,
        functionName: "register",
        args: [TOPIC, address, address, FORECASTER],
      })
    }

    // -- An honest committee's epochs --

    /** Reports and settles it, and takes down the chain before both. */
    async function wholeEpoch(epoch: number): Promise<void> {
      await net.openWindow(epoch)
      await net.chain.follow()
      const reporting = await reportingOf(epoch)
      reportings.set(epoch, reporting)
      await takenDown(`report ${epoch}`)
      await net.closeWindow(epoch)
      await post(honestReports(reporting))
      const terms = truthTermsOf(net.chain.ledger, net.deployment, { topicId: TOPIC, epoch })
      await net.dev.mineAt(terms?.closesAt ?? 0)
      await net.chain.follow()
      const concluding = concludingOf(reporting, terms as TruthTerms)
      concludings.set(epoch, concluding)
      await takenDown(`settlement ${epoch}`)
      await post(honestSettlements(concluding))
      assert.equal(net.chain.ledger.newestSettlement(TOPIC)?.epoch, epoch)
    }

    async function takenDown(name: string): Promise<void> {
      snapshots.set(name, await net.dev.request<Hex>("evm_snapshot"))
    }

    async function reportingOf(epoch: number): Promise<Reporting> {
      const { ledger } = net.chain
      const where = { topicId: TOPIC, epoch }
      const terms = (await fetchTerms(ledger, net.deployment, where, row)) as EpochTerms
      const [first, second] = [net.workers[0] as Signer, net.workers[1] as Signer]
      const submissions = [
        submitted(terms, first, { inference: said(wad(10)) }),
        submitted(terms, second, { inference: said(wad(11)) }),
        submitted(terms, forecaster, {
          forecast: [
            { seat: 0, loss: wad(0.5) },
            { seat: 1, loss: wad(0.25) },
          ],
        }),
      ]
      const past = pastBefore(epoch)
      const older = epoch > 2 ? pastBefore(epoch - 1) : undefined
      return { terms, past, submissions, older, stranger, domain: domain(net.deployment) }
    }

    /** The state that the epoch before left. */
    function pastBefore(epoch: number): Past {
      const before = concludings.get(epoch - 1)
      if (!before) return genesisOf(net.parameters[0] as Parameters<typeof genesisOf>[0])
      const { settlement, state } = settleEpoch(before.settling)
      return { epoch: epoch - 1, leaf: settlementHash(settlement), state }
    }

    function submitted(
      { roster, epoch }: EpochTerms,
      signer: Signer,
      values: Pick<Submission, "inference" | "forecast">,
    ): Submission {
      const worker = roster.workers.get(signer.address)
      assert.ok(worker)
      const unsigned = { topicId: TOPIC, epoch, worker: signer.address, extra: NO_LEAF, ...values }
      const digest = submissionDigest(domain(net.deployment), unsigned, worker)
      return { ...unsigned, signature: signer.sign(digest) }
    }

    function concludingOf({ terms, past, submissions }: Reporting, truth: TruthTerms): Concluding {
      const { ledger } = net.chain
      const { epoch } = terms
      const { inputs, outputs, reports } = synthesize(terms, past, submissions)
      const parent = ledger.settlement(TOPIC, epoch - 1)
      const settling = {
        terms: truth,
        generation: 0,
        past,
        ...registrationsSince(ledger, net.deployment, { topicId: TOPIC, epoch }, parent),
        reportContext: reports[0]?.context,
        told: {
          inputs,
          outputs,
          seats: terms.roster.seats,
          truths: [0, 1, 2].map((place) => net.truthOf(TOPIC, epoch, place, said(wad(10.5)))),
        },
      }
      return { settling, stranger, domain: domain(net.deployment) }
    }

    /** Three of four members sign it, and the fourth posts it. */
    async function post({ leaves, rows: made, slot: given }: Made): Promise<void> {
      keep(made)
      const [first] = leaves as [Leaf]
      const slot = given ?? slotOf(first)
      const ofReport = isReport(first)
      const hashes = leaves.map((leaf) =>
        isReport(leaf) ? reportHash(leaf) : settlementHash(leaf),
      )
      const batch = { era: 1, slot, view: 0, root: batchRoot(hashes) }
      const digest = batchDigest(domain(net.deployment), batch)
      const signed = [0, 1, 2].map(
        (index) => [index, net.memberSigner(index).sign(digest)] as const,
      )
      await net.chain.write(net.memberSigner(3), {
        address: ofReport ? net.deployment.reports : net.deployment.settlements,
        abi: [
          ...(ofReport ? reportsAbi : settlementsAbi),
          ...committeeAbi.filter(({ type }) => type === "error"),
        ],
        functionName: ofReport ? "post" : "settle",
        args: [
          { ...batch, viewNumber: batch.view },
          leaves,
          multiproof(hashes, [...hashes.keys()]),
          encodeAttestation(new Map(signed)),
        ],
      })
      await net.chain.follow()
    }

    const slotOf = (leaf: Leaf): number =>
      isReport(leaf)
        ? leaf.observedAt
        : ((concludings.get(leaf.epoch) ?? concludings.get(LAST))?.settling.terms.closesAt ?? 0)

    // -- A forgery, and what becomes of it --

    async function back(snapshot: Hex): Promise<void> {
      await net.dev.request("evm_revert", [snapshot])
      // The chain's clock has gone on meanwhile.
      await net.dev.mineAt((await net.dev.time()) + 1)
      await net.chain.follow()
    }

    /** What follows happens on a chain that forgets it afterwards. */
    async function onSide<T>(run: () => Promise<T>): Promise<T> {
      const snapshot = await net.dev.request<Hex>("evm_snapshot")
      const before = new Map(rows)
      try {
        return await run()
      } finally {
        await back(snapshot)
        rows.clear()
        for (const [hash, each] of before) rows.set(hash, each)
      }
    }

    function watcherOf(name: string) {
      const lines: {
        readonly msg: string
        readonly epoch?: number
        readonly refutedBy?: string
      }[] = []
      const log = createLog(
        { json: true, level: "info" },
        { write: (line: string) => void lines.push(JSON.parse(line)) },
      )
      const { chainId, deployment } = net.chain
      const watcher = createWatcher(
        { keepSeconds: YEAR },
        {
          chain: net.chain,
          rows: openRows(join(folder, `${name}.sqlite`)),
          fetchRow: row,
          memory: openMemory({ chainId, disputes: deployment.disputes }),
          signer: key,
          clock: createClock(),
          log,
        },
      )
      const look = async () => {
        await watcher.blockSeen()
        await net.chain.follow()
      }
      return {
        watcher,
        look,
        lines,
        alarms: () => lines.filter(({ msg }) => msg.startsWith("ALARM")),
        faults: () => lines.filter(({ msg }) => /could not be|no claim was/.test(msg)),
      }
    }

    /** The message as a watcher examines it. */
    async function examinedOf(leaf: Leaf): Promise<Examined> {
      const { ledger } = net.chain
      const parts = { ledger, ...net.deployment, keep, fetchRow: row }
      const log = createLog({ json: true }, { write: () => undefined })
      const states = createStates({ ...parts, rows: { get: (hash) => rows.get(hash) }, log })
      await states.catchUp()
      const examining = createExamining({ ...parts, deployment: net.deployment, states })
      const { topicId, epoch } = leaf
      if (isReport(leaf)) {
        const accepted = ledger.report(topicId, leaf.label, epoch)
        assert.ok(accepted)
        return (await examining.report(await reportMessage(net.chain, accepted))) as Examined
      }
      const accepted = ledger.settlement(topicId, epoch)
      assert.ok(accepted)
      const message = await settlementMessage(net.chain, accepted)
      return (await examining.settlement(message, accepted)) as Examined
    }

    /** What the chain answers to a claim about the message, with the evidence that a watcher has for it. */
    async function answerTo(examined: Examined, refuting: Refuting): Promise<string> {
      const calls = disputesCalls(net.deployment.disputes)
      try {
        const evidence = examined.evidence(refuting)
        await net.chain.simulate(key.address, calls.refute(examined.message, refuting, evidence))
        return "refuted"
      } catch (error) {
        assert.ok(error instanceof NodeError)
        return error.code
      }
    }

    /** The chain bears out whatever rests on nothing that is wrong itself. */
    async function judged(what: string, examined: Examined): Promise<void> {
      for (const difference of examined.differences) {
        const { isCertain, refutes } = difference
        if (!isCertain || refutes.length === 0) continue
        const answers: string[] = []
        for (const refuting of refutes) answers.push(await answerTo(examined, refuting))
        assert.ok(answers.includes("refuted"), `${what}: ${difference.what}: ${answers.join(", ")}`)
      }
    }

    async function events(from: number) {
      const to = net.chain.ledger.head()?.number ?? 0
      const logs = await net.chain.logs(net.deployment.disputes, from + 1, to)
      return parseEventLogs({ abi: disputesAbi, logs })
    }

    const standsOf = (leaf: Leaf): string =>
      isReport(leaf)
        ? net.chain.ledger.statusOf(leaf.topicId, leaf.label, leaf.epoch)
        : net.chain.ledger.newestSettlement(leaf.topicId)?.leaf === settlementHash(leaf)
          ? "Head"
          : "TakenBack"

    /** Has it posted and looked at; answers what the watcher had the chain do. */
    async function forged(what: string, fate: Fate, made: Made): Promise<readonly Refuting[]> {
      return onSide(async () => {
        const [leaf] = made.leaves as [Leaf]
        await post(made)
        assert.equal(standsOf(leaf), isReport(leaf) ? "Attested" : "Head", `${what}: was it taken?`)
        const from = net.chain.ledger.head()?.number ?? 0
        const { watcher, look, alarms, faults } = watcherOf(`${counts.forged} ${labels}`)
        counts.forged += 1
        await judged(what, await examinedOf(leaf))
        await look()
        assert.deepEqual(faults(), [], what)
        assert.ok(alarms().length > 0, `${what}: nobody said anything`)
        assert.ok(
          alarms().every(({ epoch }) => epoch === leaf.epoch),
          `${what}: an alarm about another epoch`,
        )
        const found = await events(from)
        const { refuted, struck } = watcher.counts()
        if (fate === "said") {
          assert.deepEqual(found, [], what)
          assert.ok(
            alarms().some(({ refutedBy }) => refutedBy === "none: the chain cannot judge this"),
            what,
          )
          assert.equal(standsOf(leaf), isReport(leaf) ? "Attested" : "Head", what)
          counts.said += 1
          onlySaid.add(what)
          return []
        }
        if (fate === "struck") {
          assert.equal(found[0]?.eventName, "ReportRefuted", what)
          assert.deepEqual({ refuted, struck }, { refuted: 0, struck: labels }, what)
          for (const each of made.leaves) assert.equal(standsOf(each), "Refuted", what)
          counts.struck += 1
          return []
        }
        const name = isReport(leaf) ? "ReportRefuted" : "SettlementRefuted"
        const [event] = found
        assert.ok(event?.eventName === name, `${what}: ${event?.eventName ?? "nothing happened"}`)
        const { claim, at, moved } = event.args
        assert.equal(CLAIMS[claim], fate, what)
        assert.equal(moved, true, what)
        for (const each of made.leaves)
          assert.match(standsOf(each), isReport(each) ? /^(Refuted|Void)$/ : /^TakenBack$/, what)
        counts.refuted += 1
        return [{ claim: fate, at }]
      })
    }

    /** Tries all forgeries of a message, then on the honest one every claim by which one of them fell. */
    async function tryAll<Given>(
      name: string,
      given: Given,
      honest: Made,
      cases: readonly (readonly [string, Fate, (given: Given) => Made])[],
    ): Promise<void> {
      await back(snapshots.get(name) as Hex)
      const [leaf] = honest.leaves as [Leaf]
      await net.dev.mineAt(slotOf(leaf))
      await net.chain.follow()
      const tried = new Map<string, Refuting>()
      for (const [what, fate, make] of cases)
        for (const refuting of await forged(what, fate, make(given)))
          tried.set(`${refuting.claim} ${refuting.at}`, refuting)
      await onSide(async () => {
        await post(honest)
        const examined = await examinedOf(leaf)
        assert.deepEqual(examined.differences, [])
        for (const [claim, refuting] of tried) {
          // Of a row that an honest message does not have there is nothing to show.
          const isThere = refuting.claim !== "Row"
          const answer = isThere ? "NotRefuted" : "RowMissing"
          assert.equal(await answerTo(examined, refuting), answer, `${name}, honest: ${claim}`)
          refused.add(refuting.claim)
        }
      })
    }

    const unnamed: typeof UNNAMED =
      labels === 1 ? UNNAMED : UNNAMED.map(([what, , make]) => [what, "said", make])

    it("has settlements refuted that follow another one", async () => {
      const given = concludings.get(LAST) as Concluding
      const cases = [...LATER_SETTLEMENTS, ...unnamed]
      await tryAll(`settlement ${LAST}`, given, honestSettlements(given), cases)
      const { leaves, ...others } = honestSettlements(given)
      for (const [what, change] of NOT_TAKEN)
        await onSide(async () => {
          const [leaf] = leaves as [Settlement]
          await post({ ...others, leaves: [{ ...leaf, ...change }] })
          assert.equal(net.chain.ledger.newestSettlement(TOPIC)?.epoch, LAST - 1, what)
        })
    })

    it("says nothing of an epoch called missed whose report fell, or came too late", async () => {
      const reporting = reportings.get(LAST) as Reporting
      const given = concludings.get(LAST) as Concluding
      const missed = { ...given.settling, told: undefined, reportContext: undefined }
      const { deadlineAt } = missed.terms
      const name = `report ${LAST}`
      const lying = LATER_REPORTS.find(([, fate]) => fate === "Parameters")
      assert.ok(lying)
      await back(snapshots.get(name) as Hex)
      snapshots.set(name, await net.dev.request<Hex>("evm_snapshot"))
      await onSide(async () => {
        await net.dev.mineAt(reporting.terms.closesAt)
        await post(lying[2](reporting))
        const { look, alarms, watcher } = watcherOf(`fell ${labels}`)
        await look()
        const before = alarms().length
        assert.ok(watcher.counts().refuted > 0)
        await net.dev.mineAt(deadlineAt)
        await post(honestSettlements({ ...given, settling: missed }))
        await look()
        assert.equal(net.chain.ledger.newestSettlement(TOPIC)?.epoch, LAST)
        assert.equal(alarms().length, before)
      })
      await onSide(async () => {
        await net.dev.mineAt(deadlineAt)
        await post(honestSettlements({ ...given, settling: missed }))
        await post(honestReports(reporting))
        const { look, alarms, faults } = watcherOf(`late ${labels}`)
        await look()
        assert.equal(net.chain.ledger.statusOf(TOPIC, 0, LAST), "Attested")
        assert.deepEqual([...alarms(), ...faults()], [])
      })
    })

    it("has reports refuted or struck that start from a settlement", async () => {
      const given = reportings.get(LAST) as Reporting
      await tryAll(`report ${LAST}`, given, honestReports(given), LATER_REPORTS)
    })

    if (labels === 1) {
      it("has the first settlement refuted", async () => {
        const given = concludings.get(1) as Concluding
        const cases = [...FIRST_SETTLEMENTS, ...unnamed]
        await tryAll("settlement 1", given, honestSettlements(given), cases)
      })

      it("has reports refuted before the first settlement", async () => {
        const given = reportings.get(1) as Reporting
        await tryAll("report 1", given, honestReports(given), FIRST_REPORTS)
      })
    }

    it("leaves none without a word, and takes none for another", () => {
      assert.deepEqual(counts, expected.counts)
      assert.deepEqual([...onlySaid].sort(), expected.onlySaid.toSorted())
      assert.deepEqual([...refused].sort(), expected.refused.toSorted())
    })
  })
