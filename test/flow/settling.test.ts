// Step 6 with real members on a real chain: what settles an epoch and what cannot, a member that was away, a member whose
// disk is spoilt, a chain that takes blocks back.
import assert from "node:assert/strict"
import { existsSync, openSync, readdirSync, writeSync } from "node:fs"
import { join } from "node:path"
import { after, before, describe, it } from "node:test"
import { settlementsAbi } from "../../contracts/index.ts"
import { until } from "../../offchain/demo/network.ts"
import type { Settled } from "../../offchain/ledger.ts"
import { fetchListed } from "../../offchain/replay.ts"
import { verify } from "../../offchain/verify.ts"
import {
  decodeInferences,
  decodeQuality,
  decodeSeats,
  decodeSettledTruth,
  decodeSettlementContext,
  KIND,
} from "../../wasm/index.ts"
import { parametersOf, WAD } from "../support/epochs.ts"
import { type Learning, startLearning, wad } from "../support/learning.ts"

const LIMIT_MS = 60_000
const NONE = `0x${"00".repeat(32)}`
/** Everything there is, as parts of 100: 40 that will lie against 60, and 30 against 37 of the 67 that come. */
const STAKES = [30n, 37n, 3n, 30n]
const NUMBER = 1
const CLASSES = 2
const classes = {
  ...parametersOf(3, {
    minimum: 0n,
    maximum: WAD,
    requireUnity: true,
    unityTolerance: 10n ** 12n,
    lossFloor: WAD / 1000n,
  }),
  topicType: 2,
  lossMethod: 3,
}

describe("a committee that settles", () => {
  let net: Learning
  let epoch = 0

  before(async () => {
    net = await startLearning({ topics: [parametersOf(1), classes], stakes: STAKES })
  })
  after(() => net?.end())

  /** The answers of an epoch, up to the report: numbers around 10, and three opinions of three classes. */
  async function report(at: number, topics: readonly number[] = [NUMBER, CLASSES]) {
    await net.openWindow(at)
    const answers: Record<number, bigint[][]> = {
      [NUMBER]: [[wad(9)], [wad(10)], [wad(11.5)]],
      [CLASSES]: [
        [wad(0.6), wad(0.3), wad(0.1)],
        [wad(0.2), wad(0.5), wad(0.3)],
        [wad(0.1), wad(0.1), wad(0.8)],
      ],
    }
    for (const topicId of topics) await net.submit(topicId, at, answers[topicId] ?? [])
    await net.closeWindow(at)
    for (const topicId of topics) await net.reported(topicId, at)
    await net.openTruths(at)
  }

  const classOf = (index: number) => [0, 1, 2].map((label) => (label === index ? WAD : 0n))
  const honest = { [NUMBER]: [wad(10.2)], [CLASSES]: classOf(1) }
  const all = <T>(value: T) => Object.fromEntries(STAKES.map((_, place) => [place, value]))

  async function tellAll(at: number) {
    for (const topicId of net.topicIds) await net.tell(topicId, at, all(honest[topicId as 1 | 2]))
  }

  /** One epoch as it should be. */
  async function wholeEpoch() {
    await report(++epoch)
    await tellAll(epoch)
    await net.closeTruths(epoch)
    for (const topicId of net.topicIds) await net.settled(topicId, epoch)
  }

  const listed = (hash: `0x${string}`) => fetchListed(hash, "rows", net.row)

  async function outputsOf(settled: Settled) {
    const context = decodeSettlementContext(await net.row(settled.context, "context"))
    return { context, outputs: await listed(context.outputsHash) }
  }

  async function truthOf(topicId: number, at: number): Promise<readonly bigint[]> {
    const { outputs } = await outputsOf(await net.settled(topicId, at))
    return decodeSettledTruth(outputs[0] as Uint8Array)
  }

  it("settles both topics of a slot in the epoch's order, with what the chain then says", async () => {
    await wholeEpoch()
    await wholeEpoch()
    for (const topicId of net.topicIds) {
      const [first, second] = net.chain.ledger.settlements(topicId)
      assert.equal(first?.epoch, 1)
      assert.equal(first?.parent, NONE)
      assert.equal(second?.parent, first?.leaf)
      const head = await net.chain.read<{ leaf: string; epoch: number; count: number }>({
        address: net.deployment.settlements,
        abi: settlementsAbi,
        functionName: "headOf",
        args: [topicId],
      })
      assert.deepEqual([head.leaf, head.epoch, head.count], [second?.leaf, 2, 2])
    }
    assert.deepEqual(await truthOf(NUMBER, 2), honest[NUMBER])
    assert.deepEqual(await truthOf(CLASSES, 2), honest[CLASSES])
  })

  it("is not moved by 40 % of the stake telling a wild truth while all are present", async () => {
    await report(++epoch)
    await net.tell(NUMBER, epoch, {
      0: [wad(10.1)],
      1: [wad(5_000)],
      2: [wad(5_000)],
      3: [wad(10.3)],
    })
    await net.tell(CLASSES, epoch, { 0: classOf(1), 1: classOf(2), 2: classOf(2), 3: classOf(1) })
    await net.closeTruths(epoch)
    const [truth] = await truthOf(NUMBER, epoch)
    assert.ok(
      truth !== undefined && truth >= wad(10.1) && truth <= wad(10.3),
      `settled on ${truth}`,
    )
    assert.deepEqual(await truthOf(CLASSES, epoch), classOf(1))
  })

  it("is not moved by 30 % of the stake while only the required two thirds are present", async () => {
    await report(++epoch)
    await net.tell(NUMBER, epoch, { 0: [wad(-5_000)], 1: [wad(10.2)] })
    await net.tell(CLASSES, epoch, { 0: classOf(0), 1: classOf(1) })
    await net.closeTruths(epoch)
    assert.deepEqual(await truthOf(NUMBER, epoch), [wad(10.2)])
    assert.deepEqual(await truthOf(CLASSES, epoch), classOf(1))
  })

  it("settles on the largest class where none has half of the stake", async () => {
    await report(++epoch)
    await tellOne(NUMBER)
    await net.tell(CLASSES, epoch, { 0: classOf(0), 1: classOf(1), 2: classOf(0), 3: classOf(2) })
    await net.closeTruths(epoch)
    assert.deepEqual(await truthOf(CLASSES, epoch), classOf(1))
    await net.settled(NUMBER, epoch)
  })

  async function tellOne(topicId: 1 | 2) {
    await net.tell(topicId, epoch, all(honest[topicId]))
  }

  it("waits for the missing truths until the deadline, and takes those that come by then", async () => {
    await report(++epoch)
    await tellOne(CLASSES)
    await net.tell(NUMBER, epoch, { 0: [wad(10)], 2: [wad(10)] })
    await net.closeTruths(epoch)
    await net.settled(CLASSES, epoch)
    assert.equal(net.chain.ledger.settlement(NUMBER, epoch), undefined)
    await net.tell(NUMBER, epoch, { 1: [wad(10.4)] })
    // Nothing but the next block tells the members that it is time to look.
    await net.dev.request("evm_mine")
    assert.deepEqual(await truthOf(NUMBER, epoch), [wad(10.4)])
  })

  it("settles as missed what has less than two thirds at the deadline, or no report; the next epochs go on", async () => {
    await report(++epoch, [NUMBER])
    await net.tell(NUMBER, epoch, { 0: [wad(10)], 3: [wad(10)] })
    await net.tell(CLASSES, epoch, all(classOf(0)))
    await net.closeTruths(epoch)
    await net.passDeadline(epoch)
    for (const topicId of net.topicIds) {
      const settled = await net.settled(topicId, epoch)
      const { context, outputs } = await outputsOf(settled)
      assert.equal(context.inputsHash, NONE)
      assert.deepEqual(outputs, [])
      const isReported = topicId === NUMBER
      assert.equal(context.reportContext !== NONE, isReported)
      const quality = decodeQuality((await listed(settled.state))[5] as Uint8Array)
      assert.equal(quality.missed, 1)
    }
    await wholeEpoch()
    await wholeEpoch()
  })

  it("lets anyone verify a report with every settlement before it", async () => {
    const steps: string[] = []
    const { values } = await verify({ topicId: CLASSES, epoch }, net.chain, ({ step, detail }) =>
      steps.push(`${step}: ${detail}`),
    )
    assert.equal(values.length, 3)
    const state = steps.find((step) => step.startsWith("state"))
    // Four told in all epochs but two: two in one, none in the missed one.
    const told = 4 * (epoch - 3) + 2
    assert.equal(
      state,
      `state: of epoch ${epoch - 1}: ${epoch - 1} settlements replayed from the first state, ${told} truths by registered reputers, 1 epochs missed`,
    )
  })

  it("settles again what the chain took back, with the same leaf", async () => {
    await report(++epoch)
    await tellAll(epoch)
    const snapshot = await net.dev.request<string>("evm_snapshot")
    await net.closeTruths(epoch)
    const before = await Promise.all(net.topicIds.map((topicId) => net.settled(topicId, epoch)))
    await net.dev.request("evm_revert", [snapshot])
    await net.closeTruths(epoch)
    await until("the ledger to forget", async () => {
      await net.chain.follow()
      return net.chain.ledger.settlement(NUMBER, epoch)?.block === before[0]?.block
        ? undefined
        : true
    })
    for (const [index, topicId] of net.topicIds.entries()) {
      const again = await net.settled(topicId, epoch)
      assert.equal(again.leaf, before[index]?.leaf)
    }
    await wholeEpoch()
  })

  it("says so when a member's database is spoilt; it sits out what is due and rebuilds", async () => {
    const spoilt = 2
    await report(++epoch)
    await net.tell(NUMBER, epoch, { 0: [wad(10)] })
    await tellOne(CLASSES)
    await net.closeTruths(epoch)
    await net.settled(CLASSES, epoch)
    const due = (await net.status(spoilt)).slots.map(({ slot }) => slot)
    assert.equal(due.length, 1, "one slot waits for truths")

    await net.stopMember(spoilt)
    const folder = join(net.folder, `data${spoilt}`)
    const file = openSync(join(folder, "rows.sqlite"), "r+")
    // Not the header: the pages behind it.
    writeSync(file, Buffer.alloc(64 * 1024, 0xa5), 0, 64 * 1024, 8_192)
    await net.startMember(spoilt)

    const error = net.said(spoilt).find((line) => line.includes("RowsUnreadable"))
    assert.match(error ?? "", /set aside/)
    assert.ok(existsSync(join(folder, "unreadable-1", "rows.sqlite")))
    assert.ok(readdirSync(join(folder, "unreadable-1")).some((name) => name.endsWith(".journal")))
    const { slots } = await net.status(spoilt)
    assert.deepEqual(
      slots.map(({ slot, takesPart }) => ({ slot, takesPart })),
      [{ slot: due[0], takesPart: false }],
    )
    await until("the states to be rebuilt", async () => {
      const { settled } = await net.status(spoilt)
      return net.topicIds.every((topicId) => settled[topicId]?.isHere) || undefined
    })
    assert.ok(net.said(spoilt).some((line) => line.includes("caught up")))
    assert.ok(!net.said(spoilt).some((line) => line.includes("taken by its hash")))

    // The three others settle without it.
    await net.passDeadline(epoch)
    await net.settled(NUMBER, epoch)
    // It is needed again, for one of the others is gone.
    await net.stopMember(0)
    await wholeEpoch()
    await net.startMember(0)
    await wholeEpoch()
  })

  it("brings a member that was away for 50 epochs back by replaying rows, to the chain's state", {
    timeout: 5 * LIMIT_MS,
  }, async () => {
    const away = 3
    await net.stopMember(away)
    for (let done = 0; done < 50; done += 1) await wholeEpoch()
    await net.startMember(away)
    const settled = await until("the member to have every state", async () => {
      const status = await net.status(away)
      return net.topicIds.every((topicId) => status.settled[topicId]?.isHere)
        ? status.settled
        : undefined
    })
    for (const topicId of net.topicIds)
      assert.equal(settled[topicId]?.state, net.chain.ledger.newestSettlement(topicId)?.state)
    const counts = net
      .said(away)
      .map((line) => JSON.parse(line))
      .filter(({ msg }) => msg === "catching up")
      .map(({ topicId, settlements }) => [topicId, settlements])
    assert.deepEqual(counts, [
      [NUMBER, 50],
      [CLASSES, 50],
    ])
    assert.ok(!net.said(away).some((line) => /taken by its hash|ALARM/.test(line)))
    // Its vote counts again.
    await net.stopMember(1)
    await wholeEpoch()
    await net.startMember(1)
  })

  it("keeps the seats of those that stay when a worker leaves, and names no one who left", async () => {
    const [first] = net.workers
    await net.chain.write(first as NonNullable<typeof first>, await net.leaveCall(NUMBER))
    await wholeEpochOf([[wad(10)], [wad(11)]], [1, 2])
    await wholeEpochOf([[wad(10)], [wad(11)]], [1, 2])
    const newest = net.chain.ledger.newestSettlement(NUMBER) as Settled
    const { seated } = decodeSeats((await listed(newest.state))[1] as Uint8Array)
    assert.deepEqual(
      seated.map(({ seat, owner }) => [seat, owner]),
      [
        [1, net.workers[1]?.address],
        [2, net.workers[2]?.address],
      ],
    )
    const { context } = await outputsOf(newest)
    const inputs = await listed(context.inputsHash)
    const row = inputs.find((each) => each[0] === KIND.inferences) as Uint8Array
    assert.deepEqual(
      decodeInferences(row).entries.map(({ seat }) => seat),
      [1, 2],
    )
  })

  /** An epoch of the first topic with answers of some workers, by their places. */
  async function wholeEpochOf(values: readonly (readonly bigint[])[], places: readonly number[]) {
    epoch += 1
    await net.openWindow(epoch)
    await net.submit(NUMBER, epoch, values, places)
    await net.closeWindow(epoch)
    await net.reported(NUMBER, epoch)
    await net.openTruths(epoch)
    await tellOne(NUMBER)
    await net.closeTruths(epoch)
    await net.settled(NUMBER, epoch)
    await net.passDeadline(epoch)
    await net.settled(CLASSES, epoch)
  }
})
