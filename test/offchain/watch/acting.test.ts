// A watcher before a message that is wrong: with a key and without, once and over restarts, in time and too late.
import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import type { Report } from "../../../offchain/report.ts"
import { load } from "../../../wasm/index.ts"
import { type Disputed, disputedTopic } from "../../support/disputed.ts"
import { DISPUTE_SECONDS, KEY, type Watched, watchedChain } from "../../support/watched.ts"

const WITHOUT_KEY = "run `allora watch` with --key-file to have the chain refute it"

describe("a watcher before a wrong value", () => {
  let topic: Disputed
  const opened: Watched[] = []
  before(async () => {
    await load()
    topic = disputedTopic(2)
  })
  after(() => {
    for (const each of opened) each.end()
  })

  const reportOf = (epoch: number): Report => topic.reported.get(epoch)?.reports[0] as Report
  const wrong = (): Report => ({ ...reportOf(1), value: reportOf(1).value + 1n })

  /** A chain on which this report was accepted in time. */
  function chainWith(report: Report): Watched {
    const watched = watchedChain()
    opened.push(watched)
    watched.serve(topic.rows.values())
    watched.post([report], report.observedAt + 4)
    return watched
  }

  it("says nothing of the right one, and proves it once if asked to", async () => {
    const watched = chainWith(reportOf(1))
    const first = watched.watcher("right", { isProving: true }, KEY)
    await first.look()
    await first.look()
    assert.deepEqual(first.alarms(), [])
    assert.deepEqual(
      watched.sent.map(({ functionName }) => functionName),
      ["prove"],
    )
    assert.equal(first.said("proven")[0]?.gasUsed, "100000")
    const again = watched.watcher("right", { isProving: true }, KEY)
    await again.look()
    assert.equal(watched.sent.length, 1)
  })

  it("without a key says what differs, the claim, and how to run with one; asks the chain for nothing", async () => {
    const watched = chainWith(wrong())
    const { look, alarms, said, counts } = watched.watcher("silent")
    await look()
    await look()
    const [alarm, ...others] = alarms()
    assert.deepEqual(others, [])
    assert.equal(alarm?.what, "the value that the report of label 0 carries")
    assert.equal(alarm?.refutedBy, "Value 0")
    assert.equal(alarm?.epoch, 1)
    assert.notEqual(alarm?.given, alarm?.required)
    assert.equal(said(WITHOUT_KEY).length, 1)
    assert.deepEqual(watched.sent, [])
    assert.ok(watched.asked.every((what) => !what.startsWith("simulate")))
    const { looked, wrong: found, refuted } = counts()
    assert.deepEqual({ looked, found, refuted }, { looked: 1, found: 1, refuted: 0 })
  })

  it("has it refuted once, also when it is started again, and also what it found before it had a key", async () => {
    const watched = chainWith(wrong())
    await watched.watcher("later").look()
    const second = watched.watcher("later", {}, KEY)
    await second.look()
    await second.look()
    assert.deepEqual(
      watched.sent.map(({ functionName }) => functionName),
      ["refuteReport"],
    )
    assert.equal(second.said("refuted")[0]?.claim, "Value")
    const third = watched.watcher("later", {}, KEY)
    await third.look()
    assert.equal(watched.sent.length, 1)
    assert.equal(third.memory.waitingCount(), 0)
  })

  it("says which claims the chain refuses and by which name, sends nothing, and asks again", async () => {
    const watched = chainWith(wrong())
    watched.refusals.set("refuteReport", "NotRefuted")
    const { look, said, memory } = watched.watcher("refused", {}, KEY)
    await look()
    await look()
    const refusals = said("no claim was accepted by the chain")
    assert.deepEqual(
      refusals.map(({ answers }) => answers),
      ["Value 0: NotRefuted"],
    )
    assert.deepEqual(watched.sent, [])
    assert.equal(memory.waitingCount(), 1)
    watched.refusals.clear()
    const again = watched.watcher("refused", {}, KEY)
    await again.look()
    assert.equal(watched.sent.length, 1)
  })

  it("says of one that is past the window what is wrong, and that nothing can move it", async () => {
    const watched = chainWith(wrong())
    watched.at(wrong().observedAt + 16 + DISPUTE_SECONDS)
    const { look, alarms, said, memory } = watched.watcher("late", {}, KEY)
    await look()
    await look()
    assert.equal(alarms().length, 1)
    assert.equal(said("too late for disputes").length, 1)
    assert.deepEqual(watched.sent, [])
    assert.ok(watched.asked.every((what) => !what.startsWith("simulate")))
    assert.equal(memory.waitingCount(), 0)
  })

  it("has it refuted in the last second of the window", async () => {
    const watched = chainWith(wrong())
    watched.at(wrong().observedAt + 16 + DISPUTE_SECONDS - 1)
    await watched.watcher("just in time", {}, KEY).look()
    assert.equal(watched.sent.length, 1)
  })

  it("judges nothing of epochs or blocks before those that it is asked to begin with", async () => {
    const watched = chainWith(wrong())
    const { number = 0 } = watched.ledger.head() ?? {}
    const byEpoch = watched.watcher("from an epoch", { fromEpoch: 2 }, KEY)
    await byEpoch.look()
    const byBlock = watched.watcher("from a block", { fromBlock: number + 1 }, KEY)
    await byBlock.look()
    assert.deepEqual([...byEpoch.alarms(), ...byBlock.alarms(), ...watched.sent], [])
    const exactly = watched.watcher("from there", { fromEpoch: 1, fromBlock: number }, KEY)
    await exactly.look()
    assert.equal(watched.sent.length, 1)
  })
})
