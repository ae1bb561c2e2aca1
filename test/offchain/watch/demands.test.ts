// Rows that nobody serves: demanded on request, answered by who has them, and what rests on them falls in the end.
import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import type { Hex } from "viem"
import { type Report, reportHash } from "../../../offchain/report.ts"
import { decodeList, decodeReportContext, load } from "../../../wasm/index.ts"
import { type Disputed, disputedTopic } from "../../support/disputed.ts"
import { BOND, DISPUTE_SECONDS, KEY, type Watched, watchedChain } from "../../support/watched.ts"

const THIRD = DISPUTE_SECONDS / 3
const NOBODY: Hex = `0x${"33".repeat(20)}`

describe("a row that nobody serves", () => {
  let topic: Disputed
  let report: Report
  let row: Hex
  const opened: Watched[] = []
  before(async () => {
    await load()
    topic = disputedTopic(1)
    report = topic.reported.get(1)?.reports[0] as Report
    // The second row of the inputs: what the inferers said of label 0.
    const context = decodeReportContext(topic.rows.get(report.context) as Uint8Array)
    const list = topic.rows.get(context.inputsHash) as Uint8Array
    row = decodeList(list).hashes[1] as Hex
  })
  after(() => {
    for (const each of opened) each.end()
  })

  function opening(): Watched {
    const watched = watchedChain()
    opened.push(watched)
    watched.serve(topic.rows.values())
    watched.withheld.add(row)
    watched.post([report], report.observedAt + 4)
    return watched
  }

  const kind = () => decodeList(inputsList()).kind
  const inputsList = () => {
    const context = decodeReportContext(topic.rows.get(report.context) as Uint8Array)
    return topic.rows.get(context.inputsHash) as Uint8Array
  }
  const functions = ({ sent }: Watched) => sent.map(({ functionName }) => functionName)

  /** Somebody demands it, in a block 100 s after the report. */
  function demanded(watched: Watched): { publishBefore: number } {
    const time = report.observedAt + 100
    const publishBefore = time + THIRD
    watched.say(time, "RowDemanded", {
      ...named(),
      topicId: report.topicId,
      epoch: report.epoch,
      demander: NOBODY,
      bond: BOND,
      publishBefore: BigInt(publishBefore),
    })
    return { publishBefore }
  }
  const named = () => ({ leaf: reportHash(report), kind: BigInt(kind()), index: 1n })

  it("is only spoken of without being asked to demand, with the bond that it would take", async () => {
    const watched = opening()
    const { look, said, counts, memory } = watched.watcher("idle", {}, KEY)
    await look()
    await look()
    const [told, ...others] = said("nobody serves a row; with --demand and --key-file")
    assert.deepEqual(others, [])
    assert.equal(told?.row, row)
    assert.equal(told?.bond, "0.005 of the chain's coin")
    assert.deepEqual([...watched.sent, ...said("ALARM")], [])
    assert.deepEqual([counts().looked, memory.waitingCount()], [0, 1])
  })

  it("is demanded once for twice the least bond, also over a restart, and the bond is said", async () => {
    const watched = opening()
    for (const run of [1, 2]) {
      const { look, said } = watched.watcher("asking", { isDemanding: true }, KEY)
      await look()
      await look()
      if (run === 1) assert.equal(said("row demanded")[0]?.bond, "0.005 of the chain's coin")
    }
    assert.deepEqual(functions(watched), ["demandReport"])
    const [call] = watched.sent
    assert.equal(call?.value, 2n * BOND)
    assert.deepEqual(call?.args.slice(2), [BigInt(kind()), 1n])
  })

  it("is not demanded where nobody pays, and not after a third of the window", async () => {
    const watched = opening()
    const keyless = watched.watcher("keyless", { isDemanding: true })
    await keyless.look()
    assert.equal(keyless.said("with --demand and --key-file").length, 1)
    watched.at(report.observedAt + 16 + THIRD)
    const late = watched.watcher("late", { isDemanding: true }, KEY)
    await late.look()
    await late.look()
    assert.equal(late.said("too late to demand it").length, 1)
    assert.deepEqual(watched.sent, [])
  })

  it("is judged once it is served after all", async () => {
    const watched = opening()
    const { look, counts, memory } = watched.watcher("patient", {}, KEY)
    await look()
    watched.withheld.clear()
    await look()
    assert.deepEqual([counts().looked, memory.waitingCount()], [1, 0])
  })

  it("is published by one that has it, for the bond, if it was told to; also after a restart", async () => {
    const watched = opening()
    watched.withheld.clear()
    const { publishBefore } = demanded(watched)
    const idle = watched.watcher("not told to", {}, KEY)
    await idle.look()
    assert.deepEqual(functions(watched), [])
    const publishing = watched.watcher("not told to", { isPublishing: true }, KEY)
    await publishing.look()
    await publishing.look()
    assert.deepEqual(functions(watched), ["publishReport"])
    assert.equal(publishing.counts().published, 1)
    assert.deepEqual(publishing.memory.demands(), [])
    watched.at(publishBefore)
    await publishing.look()
    assert.deepEqual(functions(watched), ["publishReport"])
  })

  it("brings down the report when it is overdue, which no restart forgets", async () => {
    const watched = opening()
    const { publishBefore } = demanded(watched)
    const first = watched.watcher("minding", { isPublishing: true }, KEY)
    await first.look()
    watched.at(publishBefore - 1)
    await first.look()
    assert.deepEqual(functions(watched), [])
    assert.equal(first.memory.demands()[0]?.publishBefore, publishBefore)
    watched.at(publishBefore)
    const second = watched.watcher("minding", {}, KEY)
    await second.look()
    await second.look()
    assert.deepEqual(functions(watched), ["lapseReport"])
    assert.equal(second.counts().lapsed, 1)
    assert.deepEqual(second.memory.demands(), [])
  })

  it("is one demand, however often it is heard of", async () => {
    const watched = opening()
    const { publishBefore } = demanded(watched)
    const { blockSeen, memory } = watched.watcher("hearing", {}, KEY)
    await blockSeen()
    await blockSeen({ undone: 1 })
    assert.equal(memory.demands().length, 1)
    watched.at(publishBefore)
    await blockSeen()
    assert.deepEqual(functions(watched), ["lapseReport"])
  })

  it("stays demanded while the chain does not answer", async () => {
    const watched = opening()
    const { publishBefore } = demanded(watched)
    const { look, memory } = watched.watcher("cut off", {}, KEY)
    await look()
    watched.at(publishBefore)
    watched.answersUnless((what) => what === "simulate lapseReport")
    await look()
    assert.equal(memory.demands().length, 1)
    watched.answersUnless(() => false)
    await look()
    assert.deepEqual([functions(watched), memory.demands()], [["lapseReport"], []])
  })

  it("is taken from the chain when somebody published it, and judged like any other", async () => {
    const watched = opening()
    const { publishBefore } = demanded(watched)
    const { look, counts, memory } = watched.watcher("reading", {}, KEY)
    await look()
    const bytes = topic.rows.get(row) as Uint8Array
    const answer = {
      context: "0x",
      list: "0x",
      tables: "0x",
      row: `0x${Buffer.from(bytes).toString("hex")}`,
    }
    watched.say(report.observedAt + 200, "RowPublished", { ...named(), publisher: NOBODY, answer })
    await look()
    assert.deepEqual([counts().looked, memory.waitingCount(), memory.demands()], [1, 0, []])
    watched.at(publishBefore)
    await look()
    assert.deepEqual(functions(watched), [])
  })
})
