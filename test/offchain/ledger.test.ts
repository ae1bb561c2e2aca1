// What the chain has said: answers as of a time and an epoch, and that a rewind leaves exactly what is below it.
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

const settled = (block: number, topicId: number, epoch: number): Entry => ({
  block,
  time: 1_000 + block,
  fact: {
    name: "SettlementAccepted",
    topicId,
    epoch,
    leaf: hash(1_000 + epoch),
    generation: 0,
    parent: hash(999 + epoch),
    state: hash(2_000 + epoch),
    pot: 0n,
    quality: hash(0),
    context: hash(3_000 + epoch),
    block,
    transaction: hash(block),
  },
})
const staked = (block: number, topicId: number, reputer: number, stake: bigint): Entry => ({
  block,
  time: 1_000 + block,
  fact: { name: "StakeChanged", topicId, reputer: address(reputer), stake },
})

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

  it("knows a topic's settlements, each with the time of its block", () => {
    const ledger = createLedger()
    const entries = [settled(1, 1, 5), settled(2, 1, 6), settled(2, 2, 9)]
    ledger.apply(blockAt(2), entries)
    const expected = (entry: Entry) => {
      const { name, ...fields } = entry.fact
      assert.equal(name, "SettlementAccepted")
      return { ...fields, acceptedAt: entry.time }
    }
    assert.deepEqual(ledger.settlements(1), entries.slice(0, 2).map(expected))
    assert.deepEqual(ledger.newestSettlement(1), expected(entries[1] as Entry))
    assert.deepEqual(ledger.settlement(1, 5), expected(entries[0] as Entry))
    assert.equal(ledger.settlement(1, 9), undefined)
    assert.deepEqual([ledger.settlements(3), ledger.newestSettlement(3)], [[], undefined])
  })

  it("answers with the last settlement before a time, not at it", () => {
    const ledger = createLedger()
    ledger.apply(blockAt(8), [settled(2, 1, 5), settled(2, 1, 6), settled(7, 1, 7)])
    const epochBefore = (time: number) => ledger.settledBefore(1, time)?.epoch
    assert.equal(epochBefore(1_002), undefined)
    // Two of one block: the second follows the first.
    assert.equal(epochBefore(1_003), 6)
    assert.equal(epochBefore(1_007), 6)
    assert.equal(epochBefore(1_008), 7)
    assert.equal(ledger.settledBefore(2, 9_999), undefined)
  })

  it("knows the stakes at a time, what changed at it included, and none of zero", () => {
    const ledger = createLedger()
    ledger.apply(blockAt(9), [
      staked(2, 1, 7, 40n),
      staked(3, 1, 8, 30n),
      staked(3, 2, 7, 1n),
      staked(5, 1, 7, 0n),
      staked(5, 1, 8, 31n),
      staked(9, 1, 7, 5n),
    ])
    const at = (time: number) => [...ledger.stakes(1, time)].map(([who, stake]) => [who, stake])
    assert.deepEqual(at(1_001), [])
    assert.deepEqual(at(1_002), [[address(7), 40n]])
    assert.deepEqual(at(1_004), [
      [address(7), 40n],
      [address(8), 30n],
    ])
    assert.deepEqual(at(1_005), [[address(8), 31n]])
    assert.deepEqual(new Map(ledger.stakes(1, 1_009)).get(address(7)), 5n)
    assert.deepEqual([...ledger.stakes(2, 1_009)], [[address(7), 1n]])
  })

  it("knows when a topic was created, and forgets it with its block", () => {
    const ledger = createLedger()
    ledger.apply(blockAt(1), [])
    ledger.apply(blockAt(4), [created(4, 3)])
    assert.deepEqual([ledger.createdAt(3), ledger.createdAt(4)], [1_004, undefined])
    ledger.rewind(1)
    assert.equal(ledger.createdAt(3), undefined)
  })

  it("forgets with a rewind exactly what lay above the block", () => {
    // The law: applying, rewinding and applying a fork equals a ledger that saw the fork alone.
    let [rewinds, settlements, stakes] = [0, 0, 0]
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 5 }), { minLength: 2, maxLength: 30 }),
        fc.nat(),
        (kinds, cut) => {
          const entries = kinds.map((kind, index) => {
            const block = index + 1
            if (kind === 0) return created(block, block)
            if (kind === 1) return joined(block, 1, block)
            if (kind === 2) return accepted(block, 1, block)
            if (kind === 3) return settled(block, 1, block)
            return kind === 4
              ? staked(block, 1, block % 3, BigInt(block % 4))
              : patched(block, 1, block)
          })
          const common = 1 + (cut % (entries.length - 1))
          const ledger = createLedger()
          for (const entry of entries) ledger.apply(blockAt(entry.block), [entry])
          ledger.rewind(common)
          rewinds += 1
          settlements += ledger.settlements(1).length
          stakes += ledger.stakes(1, 9_999).size
          assert.equal(ledger.head()?.number, common)
          const forked = [
            accepted(common + 1, 1, 777),
            settled(common + 1, 1, 777),
            staked(common + 1, 1, 1, 9n),
          ]
          ledger.apply(blockAt(common + 1, 1), forked)

          const fresh = createLedger()
          for (const entry of entries.slice(0, common)) fresh.apply(blockAt(entry.block), [entry])
          fresh.apply(blockAt(common + 1, 1), forked)
          assert.deepEqual(ledger.head(), fresh.head())
          assert.deepEqual(ledger.topics(), fresh.topics())
          assert.deepEqual(ledger.changes(1, 9_999), fresh.changes(1, 9_999))
          assert.deepEqual(ledger.reports(1, 0), fresh.reports(1, 0))
          assert.deepEqual(ledger.terms(1, 9_999), fresh.terms(1, 9_999))
          assert.deepEqual(ledger.settlements(1), fresh.settlements(1))
          for (let time = 1_000; time <= 1_032; time++) {
            assert.deepEqual(ledger.settledBefore(1, time), fresh.settledBefore(1, time))
            assert.deepEqual(ledger.stakes(1, time), fresh.stakes(1, time))
          }
        },
      ),
    )
    assert.ok(rewinds >= 100 && settlements >= 10 && stakes >= 10, `${settlements}, ${stakes}`)
  })

  it("remembers only so many blocks to go back to", () => {
    const ledger = createLedger()
    for (let number = 1; number <= REWIND_LIMIT + 5; number += 1) ledger.apply(blockAt(number), [])
    assert.deepEqual([ledger.blocks().length, ledger.blocks()[0]?.number], [REWIND_LIMIT, 6])
  })
})
