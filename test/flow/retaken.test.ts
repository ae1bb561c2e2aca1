// A committee that lives with disputes: what it settled or what a lying quorum had the chain take is refuted or struck, and
// the members settle it again under the next generation, and go on.
import assert from "node:assert/strict"
import { join } from "node:path"
import { after, before, describe, it } from "node:test"
import type { Abi, Hex } from "viem"
import {
  committeeAbi,
  disputesAbi,
  domain,
  reportsAbi,
  settlementsAbi,
} from "../../contracts/index.ts"
import { encodeAttestation } from "../../offchain/attestation.ts"
import { until } from "../../offchain/demo/network.ts"
import { type TruthTerms, truthTermsOf } from "../../offchain/electorate.ts"
import { isNodeError } from "../../offchain/errors.ts"
import type { Settled } from "../../offchain/ledger.ts"
import { fetchListed, registrationsSince } from "../../offchain/replay.ts"
import {
  type Batch,
  batchDigest,
  multiproof,
  type Report,
  reportHash,
} from "../../offchain/report.ts"
import { openRows } from "../../offchain/rows.ts"
import {
  type Settlement,
  type Settling,
  settleEpoch,
  settlementHash,
} from "../../offchain/settlement.ts"
import { type Submission, submissionDigest } from "../../offchain/submission.ts"
import { genesisOf, type Past, synthesize } from "../../offchain/synthesis.ts"
import { type EpochTerms, fetchTerms } from "../../offchain/terms.ts"
import { settledBy } from "../../offchain/verify/posted.ts"
import { rowsOf } from "../../offchain/verify/rows.ts"
import { verify } from "../../offchain/verify.ts"
import {
  decodeReportContext,
  decodeSettlementContext,
  encodeReportContext,
  encodeSettlementContext,
  rowHash,
} from "../../wasm/index.ts"
import { type Learning, startLearning, wad } from "../support/learning.ts"

const TOPIC = 1
const NONE: Hex = `0x${"00".repeat(32)}`
const OTHER: Hex = `0x${"55".repeat(32)}`
const FAR = 2 ** 40
/** Places in `Claim`, contracts/types/Claim.sol. */
const CLAIM = { parameters: 20, settlementRegistrations: 40 } as const
const VALUES = [[wad(10)], [wad(11)], [wad(15)]]
const TRUTHS = { 0: [wad(10.5)], 1: [wad(10.5)], 2: [wad(10.4)] }

describe("a committee whose settlements are taken back", () => {
  let net: Learning

  before(async () => {
    net = await startLearning()
    await wholeEpoch(1)
  })
  after(() => net?.end())

  async function report(epoch: number) {
    await net.openWindow(epoch)
    await net.submit(TOPIC, epoch, VALUES)
    await net.closeWindow(epoch)
    return net.reported(TOPIC, epoch)
  }

  async function settle(epoch: number) {
    await net.openTruths(epoch)
    await net.tell(TOPIC, epoch, TRUTHS)
    await net.closeTruths(epoch)
    return net.settled(TOPIC, epoch)
  }

  async function wholeEpoch(epoch: number) {
    await report(epoch)
    return settle(epoch)
  }

  const again = (epoch: number, generation: number) =>
    net.following(`epoch ${epoch} to be settled under generation ${generation}`, () => {
      const settled = net.chain.ledger.settlement(TOPIC, epoch)
      return settled?.generation === generation ? settled : undefined
    })

  const contextOf = async (settled: Settled) =>
    decodeSettlementContext(await net.row(settled.context, "context"))

  // -- What a quorum of the members' keys signs --

  function signed(leaf: Hex, slot: number) {
    const batch = { era: 1, slot, view: 0, root: leaf }
    return { batch, attestation: attestationOf(batch) }
  }

  function attestationOf(batch: Batch): Hex {
    const digest = batchDigest(domain(net.deployment), batch)
    const signatures = [0, 1, 2].map((at) => [at, net.memberSigner(at).sign(digest)] as const)
    return encodeAttestation(new Map(signatures))
  }

  const onChain = ({ view, ...batch }: Batch) => ({ ...batch, viewNumber: view })

  /** Calls from the account of a member that is not running, or else its transactions would meet the member's own. */
  async function call(address: Hex, abi: unknown, functionName: string, args: readonly unknown[]) {
    const [sender] = net.workers
    const all = [...(abi as Abi), ...committeeAbi.filter(({ type }) => type === "error")] as Abi
    await net.chain.write(sender as NonNullable<typeof sender>, {
      address,
      abi: all,
      functionName,
      args,
    })
    await net.chain.follow()
  }

  async function post(kind: "post" | "settle", leaf: Report | Settlement, slot: number) {
    const hash = kind === "post" ? reportHash(leaf as Report) : settlementHash(leaf as Settlement)
    const { batch, attestation } = signed(hash, slot)
    const [address, abi] =
      kind === "post"
        ? [net.deployment.reports, reportsAbi]
        : [net.deployment.settlements, settlementsAbi]
    await call(address, abi, kind, [onChain(batch), [leaf], multiproof([hash], [0]), attestation])
    return { batch: onChain(batch), proof: [], attestation }
  }

  const dispute = (functionName: string, args: readonly unknown[]) =>
    call(net.deployment.disputes, disputesAbi, functionName, args)

  const evidence = (context: Uint8Array, origin: readonly Settlement[] = []) => ({
    ...{ inputs: "0x", outputs: "0x", beforehand: "0x", afterwards: "0x", rows: [] },
    context: hexOf(context),
    origin,
  })
  const hexOf = (bytes: Uint8Array): Hex => `0x${Buffer.from(bytes).toString("hex")}`

  /** Has a member serve rows that it did not make. */
  function give(member: number, made: readonly Uint8Array[]) {
    const rows = openRows(join(net.folder, `data${member}`, "rows.sqlite"))
    rows.put(made, FAR)
    rows.close()
  }

  async function termsOf(epoch: number): Promise<EpochTerms> {
    const terms = await fetchTerms(
      net.chain.ledger,
      net.deployment,
      { topicId: TOPIC, epoch },
      net.row,
    )
    assert.ok(terms)
    return terms
  }

  async function pastOf({ parameters }: EpochTerms, settled: Settled | undefined): Promise<Past> {
    if (!settled) return genesisOf(parameters)
    const state = await fetchListed(settled.state, "state", net.row)
    return { epoch: settled.epoch, leaf: settled.leaf, state }
  }

  /** What an honest committee would settle an epoch from. */
  async function settlingOf(epoch: number, generation: number): Promise<Settling> {
    const { ledger } = net.chain
    const where = { topicId: TOPIC, epoch }
    const terms = await termsOf(epoch)
    const parent = ledger.settlement(TOPIC, epoch - 1)
    const context = ledger.report(TOPIC, 0, epoch)?.context as Hex
    const { inputs, outputs } = await rowsOf(context, net.row)
    return {
      terms: truthTermsOf(ledger, net.deployment, where) as TruthTerms,
      generation,
      past: await pastOf(terms, parent),
      ...registrationsSince(ledger, net.deployment, where, parent),
      reportContext: context,
      told: {
        inputs,
        outputs,
        seats: terms.roster.seats,
        truths: Object.entries(TRUTHS).map(([place, values]) =>
          net.truthOf(TOPIC, epoch, Number(place), values),
        ),
      },
    }
  }

  /** A report of the epoch that names parameters which the topic does not have, accepted in place of the members' own. */
  async function forgeReport(epoch: number) {
    await net.openWindow(epoch)
    await net.submit(TOPIC, epoch, VALUES)
    for (const index of [2, 3]) await net.stopMember(index)
    await net.closeWindow(epoch)
    await net.chain.follow()
    const terms = await termsOf(epoch)
    const submissions = net.workers.map((signer, index): Submission => {
      const worker = terms.roster.workers.get(signer.address)
      assert.ok(worker)
      const unsigned = {
        ...{ topicId: TOPIC, epoch, worker: signer.address, extra: NONE },
        inference: VALUES[index] as bigint[],
      }
      const digest = submissionDigest(domain(net.deployment), unsigned, worker)
      return { ...unsigned, signature: signer.sign(digest) }
    })
    const past = await pastOf(terms, terms.settled)
    const { reports, rows } = synthesize(terms, past, submissions)
    const context = encodeReportContext({
      ...decodeReportContext(rows[0] as Uint8Array),
      parametersHash: OTHER,
    })
    for (const member of [0, 1]) give(member, [context, ...rows])
    const forged = { ...(reports[0] as Report), context: rowHash(context) }
    const attested = await post("post", forged, terms.closesAt)
    for (const index of [2, 3]) await net.startMember(index)
    assert.equal(net.chain.ledger.report(TOPIC, 0, epoch)?.context, forged.context)
    const refute = () =>
      dispute("refuteReport", [forged, attested, CLAIM.parameters, 0, evidence(context)])
    return { forged, refute }
  }

  it("settles again from the truths in the rows of what fell, under the next generation", async () => {
    const first = net.chain.ledger.settlement(TOPIC, 1) as Settled
    await report(2)
    // Nobody tells the members anything: the truths stand in the rows of a settlement that a lying quorum signs.
    const honest = await settlingOf(2, 0)
    const { settlement, rows } = settleEpoch(honest)
    const context = encodeSettlementContext({
      ...decodeSettlementContext(rows[0] as Uint8Array),
      registrations: OTHER,
    })
    give(0, [context, ...rows])
    const forged = { ...settlement, context: rowHash(context) }
    const attested = await post("settle", forged, honest.terms.closesAt)
    assert.equal(net.chain.ledger.newestSettlement(TOPIC)?.leaf, settlementHash(forged))
    await net.passDeadline(2)
    // The next window opens while it stands.
    await net.openWindow(3)

    await dispute("refuteSettlement", [
      forged,
      attested,
      CLAIM.settlementRegistrations,
      0,
      evidence(context, [first]),
    ])
    assert.equal(net.chain.ledger.generation(TOPIC), 1)
    const settled = await again(2, 1)
    const expected = settleEpoch({ ...honest, generation: 1 }).settlement
    assert.equal(settled.leaf, settlementHash(expected))
    assert.notEqual((await contextOf(settled)).inputsHash, NONE)
    assert.equal(settled.parent, first.leaf)
  })

  it("reports an epoch whose window opened meanwhile from what the chain says now", async () => {
    await net.submit(TOPIC, 3, VALUES)
    await net.closeWindow(3)
    const accepted = await net.reported(TOPIC, 3)
    const { settledEpoch } = decodeReportContext(await net.row(accepted.context, "context"))
    assert.equal(settledEpoch, 1)
    const settled = await settle(3)
    assert.equal(settled.generation, 1)
    assert.notEqual((await contextOf(settled)).inputsHash, NONE)
  })

  it("settles an epoch as missed whose report was refuted after it was settled, in the slot it had", async () => {
    const { forged, refute } = await forgeReport(4)
    const before = await settle(4)
    assert.equal((await contextOf(before)).reportContext, forged.context)
    const posted = await settledBy(net.chain, before.transaction)
    assert.deepEqual(posted.leaves.map(settlementHash), [posted.batch.root])

    await refute()
    assert.equal(net.chain.ledger.statusOf(TOPIC, 0, 4), "Refuted")
    const parent = net.chain.ledger.settlement(TOPIC, 3) as Settled
    const context = await net.row(before.context, "context")
    const attested = {
      batch: onChain(posted.batch),
      proof: [],
      attestation: posted.attestation,
    }
    await dispute("strikeSettlement", [posted.leaves[0], attested, hexOf(context), [parent]])
    assert.equal(net.chain.ledger.generation(TOPIC), 2)
    await net.passDeadline(4)

    const settled = await again(4, 2)
    const { inputsHash, reportContext } = await contextOf(settled)
    assert.deepEqual([inputsHash, reportContext], [NONE, NONE])
    const { batch } = await settledBy(net.chain, settled.transaction)
    assert.equal(batch.slot, posted.batch.slot)
    assert.ok(batch.view > posted.batch.view)
  })

  it("settles an epoch as missed whose report was refuted before, at its deadline", async () => {
    const { refute } = await forgeReport(5)
    await refute()
    await net.openTruths(5)
    await net.tell(TOPIC, 5, TRUTHS)
    await net.closeTruths(5)
    await net.passDeadline(5)
    const settled = await net.settled(TOPIC, 5)
    const { inputsHash, reportContext } = await contextOf(settled)
    assert.deepEqual([inputsHash, reportContext, settled.generation], [NONE, NONE, 2])
    // Nobody posts the refuted one again, nor another in its place.
    assert.equal(net.chain.ledger.reports(TOPIC, 0).filter(({ epoch }) => epoch === 5).length, 1)
  })

  it("goes on, and anyone verifies what stands: refuted numbers by no means", async () => {
    assert.equal((await wholeEpoch(6)).generation, 2)
    await report(7)
    const steps = new Map<string, string>()
    await verify({ topicId: TOPIC, epoch: 7 }, net.chain, ({ step, detail }) => {
      steps.set(step, detail)
    })
    assert.equal(steps.get("status"), "Attested")
    // Told: 1, 2, 3 and 6, by three reputers each.
    assert.match(
      steps.get("state") ?? "",
      /^of epoch 6: 6 settlements replayed from the first state, 12 truths by registered reputers, 2 epochs missed$/,
    )
    for (const epoch of [4, 5])
      await assert.rejects(
        verify({ topicId: TOPIC, epoch }, net.chain, () => undefined),
        (error) => isNodeError(error, "ReportRefuted"),
      )
  })

  it("asks the twin on the chain in all of that, and is never denied", async () => {
    for (const index of net.running()) {
      const { twin } = await net.status(index)
      assert.equal(twin?.denied, 0)
      assert.ok((twin?.confirmed ?? 0) > 0, `member ${index} asked nothing`)
      const said = net.said(index).join("\n")
      assert.doesNotMatch(said, /TwinDiffers|no answer from the twin|no contract where the era/)
    }
    await until("the members to have every state", async () => {
      const all = await Promise.all(net.running().map(net.status))
      return all.every(({ settled }) => settled[TOPIC]?.isHere) || undefined
    })
  })
})
