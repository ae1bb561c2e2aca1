// What the chain has said: answers as of a time and an epoch, and that a rewind leaves exactly what is below it.
import assert from "node:assert/strict"
import { describe, it } from "node:test"
import fc from "fast-check"
import { type Hex, hashStruct } from "viem"
import { types } from "../../contracts/index.ts"
import {
  type Accepted,
  type Block,
  createLedger,
  type Entry,
  type Fact,
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

const takenBack = (
  block: number,
  topicId: number,
  epoch: number,
  { generation, head }: { generation: number; head: Hex },
): Entry => ({
  block,
  time: 1_000 + block,
  fact: {
    name: "SettlementTakenBack",
    topicId,
    epoch,
    leaf: hash(1_000 + epoch),
    generation,
    head,
  },
})
/** value 128 | observedAt 32 | epoch 28 | lag 24 | postedAfter 16 | status 4 | sigma 24 */
const wordOf = (epoch: number, status: number) =>
  (5n << 128n) |
  (BigInt(500 + epoch) << 96n) |
  (BigInt(epoch) << 68n) |
  (9n << 44n) |
  (BigInt(status) << 24n)
const posted = (block: number, epoch: number): Entry => ({
  ...accepted(block, 1, epoch),
  fact: { ...accepted(block, 1, epoch).fact, word: wordOf(epoch, 1) } as Fact,
})
const marked = (block: number, epoch: number, status: number): Entry => ({
  block,
  time: 1_000 + block,
  fact: { name: "WordMarked", topicId: 1, label: 0, epoch, word: wordOf(epoch, status) },
})
/** The leaf by viem's own hashing: history is not in the word. */
const fell = (
  block: number,
  epoch: number,
  status: "Void" | "Refuted",
  history: number,
): Entry => ({
  block,
  time: 1_000 + block,
  fact: {
    name: "ReportFell",
    topicId: 1,
    label: 0,
    epoch,
    status,
    leaf: hashStruct({
      types,
      primaryType: "Report",
      data: {
        ...{ topicId: 1, label: 0, epoch, observedAt: 500 + epoch, lag: 9, history },
        ...{ value: 5n, sigma: 0, context: hash(epoch) },
      },
    }),
  },
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

  it("takes back a settlement with all that followed it, and says which generation is next", () => {
    const ledger = createLedger()
    const entries = [1, 2, 3, 4].map((n) => settled(n, 1, n))
    ledger.apply(blockAt(4), entries)
    assert.deepEqual([ledger.generation(1), ledger.fallen(1)], [0, []])
    ledger.apply(blockAt(5), [takenBack(5, 1, 3, { generation: 1, head: hash(1_002) })])
    const epochs = (list: readonly { readonly epoch: number }[]) => list.map(({ epoch }) => epoch)
    assert.deepEqual(
      [epochs(ledger.settlements(1)), epochs(ledger.fallen(1))],
      [
        [1, 2],
        [3, 4],
      ],
    )
    assert.equal(ledger.generation(1), 1)
    assert.equal(ledger.newestSettlement(1)?.epoch, 2)
    assert.equal(ledger.settlement(1, 3), undefined)
    // As Settlements.lastAcceptedBefore answers from then on, also about times before.
    assert.equal(ledger.settledBefore(1, 1_004)?.epoch, 2)
    const again = settled(6, 1, 3)
    ledger.apply(blockAt(6), [again, takenBack(6, 1, 1, { generation: 2, head: hash(0) })])
    assert.deepEqual(ledger.settlements(1), [])
    assert.deepEqual(epochs(ledger.fallen(1)), [3, 4, 1, 2, 3])
    assert.deepEqual([ledger.generation(1), ledger.generation(2)], [2, 0])
  })

  it("has back what was taken back where the taking back is undone, in one block or another", () => {
    const ledger = createLedger()
    ledger.apply(blockAt(2), [settled(1, 1, 1), settled(2, 1, 2)])
    const { settlements, generation } = ledger
    const before = settlements(1).slice()
    ledger.apply(blockAt(3), [takenBack(3, 1, 2, { generation: 1, head: hash(1_001) })])
    const after = settlements(1).slice()
    ledger.apply(blockAt(4), [{ ...settled(4, 1, 9) }])
    ledger.rewind(3)
    assert.deepEqual([settlements(1), generation(1)], [after, 1])
    ledger.rewind(2)
    assert.deepEqual([settlements(1), generation(1), ledger.fallen(1)], [before, 0, []])
    ledger.apply(blockAt(3, 1), [settled(3, 1, 3)])
    assert.deepEqual(
      settlements(1).map(({ epoch }) => epoch),
      [1, 2, 3],
    )
  })

  it("knows how a report stands: its word, what the word became, and what fell with its context", () => {
    const ledger = createLedger()
    const statuses = (...epochs: number[]) => epochs.map((epoch) => ledger.statusOf(1, 0, epoch))
    ledger.apply(
      blockAt(4),
      [1, 2, 3, 4].map((n) => posted(n, n)),
    )
    assert.deepEqual(statuses(1, 2, 3, 4, 5), [...Array(4).fill("Attested"), "None"])
    ledger.apply(blockAt(5), [
      marked(5, 4, 3),
      marked(5, 2, 5),
      fell(5, 1, "Void", 7),
      // Another report of that epoch, which was attested and never accepted.
      {
        ...fell(5, 3, "Refuted", 7),
        fact: { ...fell(5, 3, "Refuted", 7).fact, leaf: hash(1) } as Fact,
      },
    ])
    assert.deepEqual(statuses(1, 2, 3, 4), ["Void", "Refuted", "Attested", "Proven"])
    ledger.apply(blockAt(6), [fell(6, 1, "Refuted", 7)])
    assert.deepEqual(statuses(1), ["Refuted"])
    ledger.rewind(5)
    assert.deepEqual(statuses(1), ["Void"])
    ledger.rewind(4)
    assert.deepEqual(statuses(1, 2, 4), ["Attested", "Attested", "Attested"])
  })

  it("counts as a topic's newest epoch also one that was refuted before it was posted", () => {
    const ledger = createLedger()
    assert.equal(ledger.newestEpoch(1, 0), undefined)
    ledger.apply(blockAt(2), [posted(1, 4), marked(2, 2, 5)])
    assert.equal(ledger.newestEpoch(1, 0), 4)
    ledger.apply(blockAt(3), [marked(3, 6, 5)])
    assert.equal(ledger.newestEpoch(1, 0), 6)
    assert.deepEqual([ledger.report(1, 0, 6), ledger.statusOf(1, 0, 6)], [undefined, "Refuted"])
    assert.equal(ledger.newest(1, 0)?.epoch, 4)
    ledger.rewind(2)
    assert.equal(ledger.newestEpoch(1, 0), 4)
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
