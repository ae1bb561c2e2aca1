// A committee that is started when an epoch is due already. Members with a new journal cannot know whether they have voted,
// so they sit it out; those who say that they never ran decide it.
import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import { until } from "../../offchain/demo/network.ts"
import { type Learning, startLearning, wad } from "../support/learning.ts"

const TOPIC = 1
const MEMBERS = [0, 1, 2, 3]

describe("a committee that starts late", () => {
  let net: Learning

  before(async () => {
    net = await startLearning({ isEmpty: true })
    await net.passDeadline(1)
  })
  after(() => net?.end())

  it("sits out what was due before it, and says how to take part", async () => {
    for (const index of MEMBERS) await net.startMember(index)
    await until("the members to say so", async () => {
      const said = MEMBERS.map((index) => net.said(index).some((line) => line.includes("--new")))
      return said.every(Boolean) || undefined
    })
    for (const index of MEMBERS) {
      const { slots } = await net.status(index)
      assert.ok(slots.length > 0)
      assert.ok(slots.every(({ takesPart }) => !takesPart))
      await net.stopMember(index)
    }
    await net.chain.follow()
    assert.deepEqual(net.chain.ledger.settlements(TOPIC), [])
  })

  it("settles it as missed where the members never ran, and goes on", async () => {
    for (const index of MEMBERS)
      await net.startMember(index, { isNew: true, folder: `new${index}` })
    await net.settled(TOPIC, 1)
    await net.openWindow(2)
    await net.submit(TOPIC, 2, [[wad(10)], [wad(11)], [wad(12)]])
    await net.closeWindow(2)
    await net.reported(TOPIC, 2)
    await net.openTruths(2)
    await net.tell(TOPIC, 2, { 0: [wad(10)], 1: [wad(10)], 2: [wad(10)] })
    await net.closeTruths(2)
    const second = await net.settled(TOPIC, 2)
    assert.equal(second.parent, net.chain.ledger.settlement(TOPIC, 1)?.leaf)
  })
})
