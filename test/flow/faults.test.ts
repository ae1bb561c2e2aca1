// A network of real processes that loses members: what it does without one, without two, and when they are back.
import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import { leaderOf } from "../../offchain/agreement.ts"
import { awaitReports, closeEpoch, openEpoch, runEpoch } from "../../offchain/demo/epochs.ts"
import { until } from "../../offchain/demo/network.ts"
import { windowOf } from "../../offchain/schedule.ts"
import { postedBy } from "../../offchain/verify/posted.ts"
import { rowSource, rowsOf } from "../../offchain/verify/rows.ts"
import { verify } from "../../offchain/verify.ts"
import { decodeInferences, KIND } from "../../wasm/index.ts"
import { acceptedOnChain, type Flow, LIMIT_MS, memberLog, startFlow } from "./support.ts"

const MEMBERS = 4
/** Several of the first time-outs, which are of one second here. */
const OPEN_FOR_MS = 6_000

type Counts = { readonly evidence: number; readonly slots: readonly unknown[] }

describe("a network that loses members", () => {
  let flow: Flow
  let epoch = 0

  before(async () => {
    flow = await startFlow()
  })
  after(() => flow?.end())

  // Who is killed first, leading a slot, and who second.
  let first = 0
  let second = 0

  const runEpochs = async (count: number) => {
    for (let done = 0; done < count; done += 1) await runEpoch(flow.network, flow.chain, ++epoch)
  }

  /** Who leads the first view of an epoch's slot. */
  const firstLeader = (at: number) => {
    const schedule = flow.chain.ledger.terms(1, at)?.parameters.schedule
    assert.ok(schedule)
    return leaderOf(windowOf(schedule, at).closesAt, 0, MEMBERS)
  }

  const viewOf = async (topicId: number, at: number) => {
    const accepted = flow.chain.ledger.report(topicId, 0, at)
    assert.ok(accepted, `no report of topic ${topicId}, epoch ${at}`)
    return (await postedBy(flow.chain, accepted.transaction)).batch.view
  }

  it("reports every epoch while all are there", async () => {
    await runEpochs(2)
    assert.deepEqual(flow.network.runningMembers(), [0, 1, 2, 3])
  })

  it("goes on when the leader is killed while a window is open", async () => {
    const { network, chain } = flow
    await openEpoch(network, chain, ++epoch)
    first = firstLeader(epoch)
    await network.processes.kill(`member${first}`)
    await closeEpoch(network, chain, epoch)
    await awaitReports(network, chain, epoch)
    for (const { topicId } of network.topics)
      assert.ok((await viewOf(topicId, epoch)) > 0, "view 0 attested without its leader")
    await runEpochs(2)
    const answering = (await network.statuses()).filter((status) => status !== undefined)
    assert.equal(answering.length, MEMBERS - 1)
    assert.equal(network.runningMembers().length, MEMBERS - 1)
  })

  it("stops when a second one is killed, and the others say why", async () => {
    const { network, chain } = flow
    const before = (await acceptedOnChain(network)).length
    await openEpoch(network, chain, ++epoch)
    second = (first + 1) % MEMBERS
    await network.processes.kill(`member${second}`)
    await closeEpoch(network, chain, epoch)
    const missing = [first, second].sort().join(", ")
    const why = `nothing attested: 2 of 4 members can talk, the quorum is 3; missing: member ${missing}`
    const left = network.runningMembers()
    assert.equal(left.length, MEMBERS - 2)
    const closed = performance.now()
    await until(
      "the two that are left to say why",
      async () => {
        const wasOpen = performance.now() - closed > OPEN_FOR_MS
        const saidWhy = left.every((index) => memberLog(network, index).includes(why))
        return wasOpen && saidWhy ? true : undefined
      },
      LIMIT_MS,
    )
    const open = (await network.statuses()) as readonly (Counts | undefined)[]
    for (const index of left) assert.equal(open[index]?.slots.length, 1)
    const accepted = await acceptedOnChain(network)
    assert.equal(accepted.length, before)
    assert.equal(accepted.filter((report) => report.epoch === epoch).length, 0)
  })

  it("takes the open epoch up where it was when one is back", async () => {
    const { network, chain } = flow
    network.startMember(second)
    await awaitReports(network, chain, epoch)
    await runEpochs(2)
    assert.equal(network.runningMembers().length, MEMBERS - 1)
  })

  it("is whole again when all are back", async () => {
    const { network } = flow
    network.startMember(first)
    await until(
      "the members to find each other",
      async () => {
        const all = await network.statuses()
        return all.every((status) => status?.reachable.length === MEMBERS - 1) ? true : undefined
      },
      LIMIT_MS,
    )
    await runEpochs(2)
    const all = (await network.statuses()) as readonly (Counts | undefined)[]
    assert.deepEqual(
      all.map((status) => status?.evidence),
      [0, 0, 0, 0],
    )
  })

  it("has posted each epoch of each topic exactly once", async () => {
    const { network } = flow
    const accepted = await acceptedOnChain(network)
    const expected = network.topics.flatMap(({ topicId }) =>
      Array.from({ length: epoch }, (_, index) => `${topicId}/${index + 1}`),
    )
    assert.equal(expected.length, 2 * 10)
    assert.deepEqual(
      accepted.map((report) => `${report.topicId}/${report.epoch}`).sort(),
      expected.sort(),
    )
  })

  it("has every epoch verified, with every model's submission in it", async () => {
    const { network, chain } = flow
    await chain.follow()
    let verified = 0
    for (const { topicId, models } of network.topics) {
      for (const report of chain.ledger.reports(topicId, 0)) {
        await verify({ topicId, epoch: report.epoch }, chain, () => undefined)
        verified += 1
        const { inputs } = await rowsOf(report.context, rowSource(network.urls))
        const [row, ...others] = inputs.filter((input) => input[0] === KIND.inferences)
        assert.equal(others.length, 0)
        assert.equal(decodeInferences(row as Uint8Array).entries.length, models.length)
      }
    }
    assert.equal(verified, 2 * 10)
  })
})
