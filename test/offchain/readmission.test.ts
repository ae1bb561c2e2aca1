// What a settlement was made from, when it was taken back: its truths come back by their signatures, from its own rows.
import assert from "node:assert/strict"
import { before, describe, it } from "node:test"
import type { Hex } from "viem"
import { NodeError } from "../../offchain/errors.ts"
import type { Settled } from "../../offchain/ledger.ts"
import { createLog } from "../../offchain/log.ts"
import { createReadmission } from "../../offchain/readmission.ts"
import { createTruthPool, encodeTruth, truthId } from "../../offchain/truth.ts"
import { KIND, load } from "../../wasm/index.ts"
import { aboutAt, DELAY_SECONDS, DOMAIN, TOPIC } from "../support/reputers.ts"
import { settledTopic, truthsOf } from "../support/settled.ts"

const UNTOLD = 3
const LAST = 4

before(() => load())

/** Epochs 2 to 4 are taken back; `serve` says what there is under a hash. */
function stage(serve: (row: Uint8Array, hash: Hex) => Uint8Array | undefined = (row) => row) {
  const topic = settledTopic(LAST, { [UNTOLD]: { isUntold: true } })
  const { ledger, rows, chain } = topic
  const [head, first] = topic.settlements as [Settled, Settled]
  const { leaf, epoch } = first
  const takenBack = { topicId: TOPIC, epoch, leaf, generation: 1, head: head.leaf }
  chain.at(aboutAt(LAST + 9), { name: "SettlementTakenBack", ...takenBack })
  const truths = createTruthPool()
  const said: string[] = []
  const log = createLog({ json: true }, { write: (line: string) => void said.push(line) })
  const asked: Hex[] = []
  const readmission = createReadmission({
    ledger,
    domain: DOMAIN,
    delaySeconds: DELAY_SECONDS,
    truths,
    async fetchRow(hash, what) {
      asked.push(hash)
      const row = rows.get(hash)
      const served = row && serve(row, hash)
      if (served) return served
      throw new NodeError("RowMissing", { sentence: `nobody has the ${what} row`, remedy: "retry" })
    },
    log,
  })
  const counts = () => [1, 2, 3, 4].map((at) => truths.held(TOPIC, at).length)
  return { topic, readmission, truths, said, asked, counts }
}

describe("what a fallen settlement holds", () => {
  it("is let in again, each truth by its signature; of a missed epoch there is none", async () => {
    const { readmission, truths, counts, asked } = stage()
    const done = () => [1, 2, 3, 4].map((epoch) => readmission.isDone({ topicId: TOPIC, epoch }))
    assert.deepEqual(done(), [true, false, false, false])
    assert.equal(readmission.isComplete(), false)
    // Two calls, one run.
    await Promise.all([readmission.catchUp(), readmission.catchUp()])
    assert.deepEqual(counts(), [0, 3, 0, 3])
    assert.deepEqual(done(), [true, true, true, true])
    assert.equal(readmission.isComplete(), true)
    for (const epoch of [2, 4])
      assert.deepEqual(
        new Map(truths.held(TOPIC, epoch).map(({ hash, message }) => [hash, encodeTruth(message)])),
        new Map(truthsOf(epoch).map((truth) => [truthId(truth), encodeTruth(truth)])),
      )
    const before = asked.length
    await readmission.catchUp()
    assert.equal(asked.length, before)
  })

  it("is not let in where it is not signed by an elector", async () => {
    // The last byte of the row of signatures is the last reputer's.
    const { readmission, counts } = stage((row) => {
      if (row[0] !== KIND.truthSignatures) return row
      const spoilt = row.slice()
      spoilt[row.length - 1] = (row[row.length - 1] as number) ^ 1
      return spoilt
    })
    await readmission.catchUp()
    assert.deepEqual(counts(), [0, 2, 0, 2])
  })

  it("keeps nobody waiting where its rows are nowhere, or do not decode", async () => {
    for (const serve of [
      () => undefined,
      (row: Uint8Array) => (row[0] === KIND.truths ? row.slice(0, 2) : row),
    ]) {
      const { readmission, counts, said } = stage(serve)
      await readmission.catchUp()
      assert.equal(readmission.isComplete(), true)
      assert.deepEqual(counts(), [0, 0, 0, 0])
      assert.ok(said.some((line) => line.includes("not to be had")))
    }
  })

  it("is of no use any more once the epoch is settled again", async () => {
    const { topic, readmission, asked } = stage()
    const [, second] = topic.settlements as [Settled, Settled]
    const { acceptedAt: _, ...again } = second
    topic.chain.at(aboutAt(LAST + 10), { name: "SettlementAccepted", ...again, generation: 1 })
    assert.equal(readmission.isDone({ topicId: TOPIC, epoch: 2 }), true)
    await readmission.catchUp()
    assert.ok(!asked.includes(second.context))
    assert.equal(readmission.isComplete(), true)
  })
})
