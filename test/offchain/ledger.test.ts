import assert from "node:assert/strict"
import { describe, it } from "node:test"
import fc from "fast-check"
import {
  type Accepted,
  type Block,
  createLedger,
  type Entry,
  REWIND_LIMIT,
} from "../../offchain/ledger.ts"
import { topicTemplate } from "../../offchain/models/topics.ts"

const hash = (n: number) => `0x${n.toString(16).padStart(64, "0")}` as const
const address = (n: number) => `0x${n.toString(16).padStart(40, "0")}` as const
const blockAt = (number: number, fork = 0): Block => ({
  number,
  hash: hash(number * 10 + fork),
  parentHash: hash((number - 1) * 10 + fork),
  time: 1_000 + number,
})
const parameters = topicTemplate("sp500", { start: 86_400 })

const created = (block: number, topicId: number): Entry => ({
  block,
  time: 1_000 + block,
  fact: { name: "TopicCreated", topicId, parametersHash: hash(topicId), parameters },
})
const patched = (block: number, topicId: number, fromEpoch: number): Entry => ({
  block,
  time: 1_000 + block,
  fact: {
    name: "ParametersPatched",
    topicId,
    fromEpoch,
    parametersHash: hash(fromEpoch),
    parameters,
  },
})
const joined = (block: number, topicId: number, owner: number): Entry => ({
  block,
  time: 1_000 + block,
  fact: {
    name: "WorkerChanged",
    topicId,
    change: "joined",
    roles: 1,
    owner: address(owner),
    signer: address(owner),
  },
})
const accepted = (block: number, topicId: number, epoch: number): Entry => {
  const report: Accepted = {
    topicId,
    label: 0,
    epoch,
    word: BigInt(epoch),
    context: hash(epoch),
    block,
    transaction: hash(block),
  }
  return { block, time: 1_000 + block, fact: { name: "ReportAccepted", ...report } }
}

describe("ledger", () => {
  it("answers with the registrations that stood at a time, in their order", () => {
    const ledger = createLedger()
    ledger.apply(blockAt(3), [joined(1, 1, 7), joined(2, 2, 8), joined(3, 1, 9)])
    assert.deepEqual(ledger.changes(1, 1_000), [])
    assert.deepEqual(
      ledger.changes(1, 1_001).map(({ owner }) => owner),
      [address(7)],
    )
    assert.deepEqual(
      ledger.changes(1, 1_003).map(({ owner }) => owner),
      [address(7), address(9)],
    )
  })

  it("holds a patch from its epoch on, and the later of two", () => {
    const ledger = createLedger()
    ledger.apply(blockAt(4), [
      created(1, 1),
      patched(2, 1, 20),
      patched(3, 1, 30),
      patched(4, 1, 30),
    ])
    assert.equal(ledger.terms(1, 19)?.hash, hash(1))
    assert.equal(ledger.terms(1, 20)?.hash, hash(20))
    assert.equal(ledger.terms(1, 99)?.hash, hash(30))
    assert.equal(ledger.terms(2, 1), undefined)
  })

  it("knows the newest report and that of an epoch", () => {
    const ledger = createLedger()
    ledger.apply(blockAt(3), [accepted(1, 1, 5), accepted(2, 1, 6), accepted(3, 2, 9)])
    assert.equal(ledger.newest(1, 0)?.epoch, 6)
    assert.equal(ledger.report(1, 0, 5)?.context, hash(5))
    assert.equal(ledger.report(1, 0, 9), undefined)
    assert.equal(ledger.newest(3, 0), undefined)
  })

  it("forgets with a rewind exactly what lay above the block", () => {
    // The law: applying, rewinding and applying a fork equals a ledger that saw the fork alone.
    let rewinds = 0
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 3 }), { minLength: 2, maxLength: 30 }),
        fc.nat(),
        (kinds, cut) => {
          const entries = kinds.map((kind, index) => {
            const block = index + 1
            if (kind === 0) return created(block, block)
            if (kind === 1) return joined(block, 1, block)
            return kind === 2 ? accepted(block, 1, block) : patched(block, 1, block)
          })
          const common = 1 + (cut % (entries.length - 1))
          const ledger = createLedger()
          for (const entry of entries) ledger.apply(blockAt(entry.block), [entry])
          ledger.rewind(common)
          rewinds += 1
          assert.equal(ledger.head()?.number, common)
          const forked = accepted(common + 1, 1, 777)
          ledger.apply(blockAt(common + 1, 1), [forked])

          const fresh = createLedger()
          for (const entry of entries.slice(0, common)) fresh.apply(blockAt(entry.block), [entry])
          fresh.apply(blockAt(common + 1, 1), [forked])
          assert.deepEqual(ledger.head(), fresh.head())
          assert.deepEqual(ledger.topics(), fresh.topics())
          assert.deepEqual(ledger.changes(1, 9_999), fresh.changes(1, 9_999))
          assert.deepEqual(ledger.reports(1, 0), fresh.reports(1, 0))
          assert.deepEqual(ledger.terms(1, 9_999), fresh.terms(1, 9_999))
        },
      ),
    )
    assert.ok(rewinds >= 100)
  })

  it("remembers only so many blocks to go back to", () => {
    const ledger = createLedger()
    for (let number = 1; number <= REWIND_LIMIT + 5; number += 1) ledger.apply(blockAt(number), [])
    assert.deepEqual([ledger.blocks().length, ledger.blocks()[0]?.number], [REWIND_LIMIT, 6])
  })
})
