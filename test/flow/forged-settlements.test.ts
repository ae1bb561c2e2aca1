// What a whole quorum may sign as a settlement although it is not so: each is accepted by the contract, which asks for the
// quorum alone, and found by whoever verifies a report that builds on it.
import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import type { Hex } from "viem"
import { committeeAbi, domain, settlementsAbi } from "../../contracts/index.ts"
import { encodeAttestation } from "../../offchain/attestation.ts"
import { type TruthTerms, truthTermsOf } from "../../offchain/electorate.ts"
import { NodeError } from "../../offchain/errors.ts"
import { firstPast, registrationsSince, replay } from "../../offchain/replay.ts"
import { batchDigest, batchRoot, multiproof } from "../../offchain/report.ts"
import {
  type Settled,
  type Settlement,
  type Settling,
  settleEpoch,
  settlementHash,
} from "../../offchain/settlement.ts"
import type { Past } from "../../offchain/synthesis.ts"
import { fetchTerms } from "../../offchain/terms.ts"
import { rowsOf } from "../../offchain/verify/rows.ts"
import { replayAll } from "../../offchain/verify/settlements.ts"
import {
  decodeSettlementContext,
  encodeSettlementContext,
  encodeVersion,
  KIND,
  listRow,
  rowHash,
} from "../../wasm/index.ts"
import { type Learning, startLearning, wad } from "../support/learning.ts"

const TOPIC = 1
const LAST = 2

describe("a settlement that is not what follows from its rows", () => {
  let net: Learning
  let honest: Settling
  const rows = new Map<Hex, Uint8Array>()

  const row = async (hash: Hex, what: string): Promise<Uint8Array> => {
    const known = rows.get(hash) ?? (await net.row(hash, what))
    rows.set(hash, known)
    return known
  }
  const keep = (all: readonly Uint8Array[]) => {
    for (const each of all) rows.set(rowHash(each), each)
  }

  before(async () => {
    net = await startLearning()
    for (let epoch = 1; epoch <= LAST; epoch += 1) {
      await net.openWindow(epoch)
      await net.submit(TOPIC, epoch, [[wad(10)], [wad(11)], [wad(15)]])
      await net.closeWindow(epoch)
      await net.reported(TOPIC, epoch)
      if (epoch === LAST) break
      await net.openTruths(epoch)
      await net.tell(TOPIC, epoch, { 0: [wad(10.5)], 1: [wad(10.5)], 2: [wad(10.4)] })
      await net.closeTruths(epoch)
      await net.settled(TOPIC, epoch)
    }
    honest = await settlingOf(LAST)
    // From here on the committee is the test's.
    for (const index of net.running()) await net.stopMember(index)
  })
  after(() => net?.end())

  /** What an honest committee would settle the last epoch from. */
  async function settlingOf(epoch: number): Promise<Settling> {
    const { ledger } = net.chain
    const where = { topicId: TOPIC, epoch }
    const [first] = ledger.settlements(TOPIC)
    assert.ok(first)
    const begun = { ledger, ...net.deployment, past: firstPast(ledger, TOPIC) as Past }
    const { past } = await replay(first, begun, row)
    const report = ledger.report(TOPIC, 0, epoch)
    const terms = await fetchTerms(ledger, net.deployment, where, row)
    assert.ok(report && terms)
    const { inputs, outputs } = await rowsOf(report.context, row)
    const firstReport = ledger.report(TOPIC, 0, 1)
    await rowsOf(firstReport?.context as Hex, row)
    await fetchTerms(ledger, net.deployment, { topicId: TOPIC, epoch: 1 }, row)
    return {
      terms: truthTermsOf(ledger, net.deployment, where) as TruthTerms,
      generation: 0,
      past,
      ...registrationsSince(ledger, net.deployment, where, first),
      reportContext: report.context,
      told: {
        inputs,
        outputs,
        seats: terms.roster.seats,
        truths: [0, 1, 2].map((place) => net.truthOf(TOPIC, epoch, place, [wad(10.5)])),
      },
    }
  }

  /** Has three of four members sign it and the contract accept it. */
  async function settle(settlement: Settlement, slot = honest.terms.closesAt): Promise<void> {
    const leaf = settlementHash(settlement)
    const batch = { era: 1, slot, view: 0, root: batchRoot([leaf]) }
    const digest = batchDigest(domain(net.deployment), batch)
    const signed = [0, 1, 2].map((index) => [index, net.memberSigner(index).sign(digest)] as const)
    const args = [
      { ...batch, viewNumber: batch.view },
      [settlement],
      multiproof([leaf], [0]),
      encodeAttestation(new Map(signed)),
    ]
    const abi = [...settlementsAbi, ...committeeAbi.filter(({ type }) => type === "error")]
    const call = { address: net.deployment.settlements, abi, functionName: "settle", args }
    await net.chain.write(net.memberSigner(3), call)
    await net.chain.follow()
    assert.equal(net.chain.ledger.newestSettlement(TOPIC)?.leaf, leaf, "the contract took it")
  }

  /** Follows the states up to the last epoch's settlement, as verifying the next report does. */
  async function verifyNext(): Promise<string> {
    const terms = await fetchTerms(
      net.chain.ledger,
      net.deployment,
      { topicId: TOPIC, epoch: LAST + 1 },
      row,
    )
    assert.ok(terms)
    return (await replayAll({ chain: net.chain, terms, row }, () => undefined)).inWords
  }

  const withContext = (
    { settlement, rows: made }: Settled,
    change: (context: ReturnType<typeof decodeSettlementContext>) => object,
  ) => {
    const context = decodeSettlementContext(made[0] as Uint8Array)
    const other = encodeSettlementContext({ ...context, ...change(context) })
    return {
      settlement: { ...settlement, context: rowHash(other) },
      rows: [other, ...made.slice(1)],
    }
  }
  const told = () => honest.told as NonNullable<Settling["told"]>
  const otherTruths = (change: (index: number) => object) => ({
    ...honest,
    told: {
      ...told(),
      truths: told().truths.map((truth, index) => ({ ...truth, ...change(index) })),
    },
  })
  const otherElectors = (change: (index: number) => object) => ({
    ...honest,
    terms: {
      ...honest.terms,
      electorate: honest.terms.electorate.map((elector, index) => ({
        ...elector,
        ...change(index),
      })),
    },
  })

  type Forged = Pick<Settled, "settlement" | "rows"> & { readonly slot?: number }
  const FORGERIES: readonly (readonly [what: string, differs: RegExp, make: () => Forged])[] = [
    [
      "a state that the rows do not give",
      /its state differs/,
      () => {
        const { settlement, state, rows: made } = settleEpoch(honest)
        const other = [...state, encodeVersion(1)]
        const list = listRow(KIND.state, other)
        return { settlement: { ...settlement, state: rowHash(list) }, rows: [...made, list] }
      },
    ],
    [
      "outputs that the rows do not give",
      /its outputs differs/,
      () => {
        const list = listRow(KIND.outputs, [])
        const forged = withContext(settleEpoch(honest), () => ({ outputsHash: rowHash(list) }))
        return { ...forged, rows: [...forged.rows, list] }
      },
    ],
    [
      "a truth that its reputer did not sign",
      /the truth of 0x[0-9a-f]{40} about epoch 2 does not hold/,
      () => settleEpoch(otherTruths((index) => (index === 0 ? { values: [wad(99)] } : {}))),
    ],
    [
      "more stake for one than the chain has",
      /the electorate \(rows, Topics and Stakes\) differs/,
      () => settleEpoch(otherElectors((index) => (index === 0 ? { stake: 10n ** 24n } : {}))),
    ],
    [
      "inferences that are not the report's",
      /inferences and forecasts \(scored, reported\) differs/,
      () => {
        const [parameters, inferences, ...others] = told().inputs as [Uint8Array, Uint8Array]
        const changed = Uint8Array.from(inferences)
        const last = changed.length - 1
        changed[last] = (changed[last] as number) ^ 1
        return settleEpoch({
          ...honest,
          told: { ...told(), inputs: [parameters, changed, ...others] },
        })
      },
    ],
    [
      "a value that is not the report's",
      /values \(scored, reported\) differs/,
      () => {
        const [value, ...others] = told().outputs as [Uint8Array]
        const changed = Uint8Array.from(value)
        changed[18] = (changed[18] as number) ^ 1
        return settleEpoch({ ...honest, told: { ...told(), outputs: [changed, ...others] } })
      },
    ],
    [
      "somebody else on a seat",
      /who sat where \(rows, by the chain\) differs/,
      () => {
        const owner: Hex = `0x${"77".repeat(20)}`
        const seats = told().seats.map((seat, index) => (index === 0 ? { ...seat, owner } : seat))
        return settleEpoch({ ...honest, told: { ...told(), seats } })
      },
    ],
    [
      "another report as the one that is scored",
      /the report that is scored differs/,
      () => withContext(settleEpoch(honest), () => ({ reportContext: `0x${"55".repeat(32)}` })),
    ],
    [
      "registrations that the chain does not have",
      /its registrations differs/,
      () => withContext(settleEpoch(honest), () => ({ registrations: `0x${"55".repeat(32)}` })),
    ],
    [
      "parameters that the topic does not have",
      /the settlement's parameters differs/,
      () => withContext(settleEpoch(honest), () => ({ parametersHash: `0x${"55".repeat(32)}` })),
    ],
    [
      "a quality that the state does not say",
      /the quality word \(signed, recomputed\) differs/,
      () => {
        const { settlement, rows: made } = settleEpoch(honest)
        const quality: Hex = `0x00${settlement.quality.slice(4)}`
        return { settlement: { ...settlement, quality }, rows: made }
      },
    ],
    [
      "an epoch called missed before its deadline",
      /epoch 2 was settled as missed before its deadline/,
      () => settleEpoch({ ...honest, told: undefined }),
    ],
    [
      "a slot in which signing twice would convict nobody",
      /the slot \(signed, by the schedule\) differs/,
      () => ({ ...settleEpoch(honest), slot: honest.terms.closesAt - 1 }),
    ],
    [
      "an epoch passed over",
      /the settled epoch \(given, the next one\) differs/,
      () => {
        const { settlement, rows: made } = settleEpoch({
          ...honest,
          terms: { ...honest.terms, epoch: LAST + 1 },
          told: undefined,
        })
        return { settlement, rows: made }
      },
    ],
  ]

  it("is told from the honest one, for every part that may be forged", async () => {
    await net.dev.mineAt(honest.terms.closesAt)
    let found = 0
    for (const [what, differs, make] of FORGERIES) {
      const snapshot = await net.dev.request<string>("evm_snapshot")
      const { settlement, rows: made, slot } = make()
      keep(made)
      await settle(settlement, slot)
      const outcome = await verifyNext().then(
        () => undefined,
        (error: unknown) => error as NodeError,
      )
      assert.ok(outcome instanceof NodeError, `${what}: ${outcome ?? "it was verified"}`)
      assert.match(outcome.message, differs, what)
      found += 1
      await net.dev.request("evm_revert", [snapshot])
      await net.dev.request("evm_mine")
      await net.chain.follow()
      assert.equal(net.chain.ledger.newestSettlement(TOPIC)?.epoch, LAST - 1)
    }
    assert.equal(found, 14)
    // Each refusal above is for what it is named after: the same without it holds.
    const { settlement, rows: made } = settleEpoch(honest)
    keep(made)
    await settle(settlement)
    assert.match(
      await verifyNext(),
      /^of epoch 2: 2 settlements replayed from the first state, 6 truths/,
    )
  })
})
