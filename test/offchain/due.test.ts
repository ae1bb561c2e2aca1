// When the agreement works: which slots are begun at which block, and when a key is over. The agreement is one that only
// keeps what it is told.
import assert from "node:assert/strict"
import { describe, it } from "node:test"
import type { Hex } from "viem"
import type { Agreement, SlotStatus } from "../../offchain/agreement.ts"
import { createDue, type DueParts, topicsOf } from "../../offchain/due.ts"
import { createLedger, type Fact } from "../../offchain/ledger.ts"
import { POSTING_LIMIT_SECONDS } from "../../offchain/schedule.ts"
import { parametersOf } from "../support/epochs.ts"

const HASH: Hex = `0x${"ab".repeat(32)}`
const ZERO: Hex = `0x${"00".repeat(32)}`
const DELAY_SECONDS = 10
/** Epoch n opens at 1,000 n + 100 and closes 50 later; its truths close at 1,000 (n + 2) + 150, when epoch n + 2 closes. */
const SCHEDULE = {
  start: 1_000,
  firstEpoch: 1,
  length: 1_000,
  windowOpens: 100,
  windowLength: 50,
  lag: 1_500,
  truthWindow: 500,
  deadline: 600,
}
const closeOf = (epoch: number) => 1_000 * epoch + 150

type Stage = {
  readonly topics?: readonly number[]
  readonly startedAt?: number
  /** Whether the seats of an epoch are known, and whether somebody sits. */
  readonly terms?: "seated" | "empty" | "unknown"
}

function stage({ topics = [1], startedAt = 0, terms = "seated" }: Stage = {}) {
  const ledger = createLedger()
  let blocks = 0
  const happen = (...facts: readonly Fact[]) => {
    blocks += 1
    const block = { number: blocks, hash: HASH, parentHash: HASH, time: 1 }
    ledger.apply(
      block,
      facts.map((fact) => ({ block: blocks, time: 1, fact })),
    )
  }
  const parameters = { ...parametersOf(1), schedule: SCHEDULE }
  for (const topicId of topics)
    happen({ name: "TopicCreated", topicId, parametersHash: HASH, parameters })

  const begun: [number, ...string[]][] = []
  const told: string[] = []
  const open = new Map<number, Map<string, SlotStatus["keys"][string]>>()
  const ended = new Set<number>()
  const known = new Set<string>()
  const finish = (how: "accepted" | "tooLate") => (key: string) => {
    for (const [slot, keys] of open) {
      if (keys.get(key) !== "open") continue
      told.push(`${how} ${key}`)
      keys.set(key, how)
      if ([...keys.values()].every((each) => each !== "open")) {
        open.delete(slot)
        ended.add(slot)
      }
    }
  }
  const agreement: DueParts["agreement"] = {
    // A slot that is known, or was, is not begun again.
    due(slot, all) {
      // Those of a later generation are.
      const keys = all.filter((key) => !known.has(key))
      const isLater = keys.some((key) => key.startsWith("2/") && !key.endsWith("/0"))
      if ((open.has(slot) || ended.has(slot)) && !isLater) return
      for (const key of keys) known.add(key)
      begun.push([slot, ...keys])
      const before = open.get(slot) ?? []
      open.set(slot, new Map([...before, ...keys.map((key) => [key, "open"] as const)]))
    },
    look: () => void told.push("look"),
    accepted: finish("accepted"),
    tooLate: finish("tooLate"),
    status: (): ReturnType<Agreement["status"]> => ({
      era: 1,
      slots: [...open].map(([slot, keys]) => ({
        slot,
        view: 0,
        takesPart: true,
        keys: Object.fromEntries(keys),
      })),
      dropped: {},
    }),
  }
  const seats = terms === "empty" ? [] : [{ seat: 0, owner: HASH, signer: HASH }]
  const seating = { roster: { seats } } as unknown as NonNullable<ReturnType<DueParts["terms"]>>
  const due = createDue(
    {
      ledger,
      delaySeconds: DELAY_SECONDS,
      agreement,
      terms: () => (terms === "unknown" ? undefined : seating),
    },
    startedAt,
  )
  const taken = <T>(list: T[]) => list.splice(0)
  return {
    ledger,
    happen,
    /** What a block at that time begins. */
    begins(time: number) {
      due.blockSeen(time)
      return taken(begun)
    },
    told: () => taken(told),
    settled: (topicId: number, epoch: number): Fact => {
      const leaf: Hex = `0x${epoch.toString(16).padStart(64, "0")}`
      const hashes = { leaf, parent: HASH, state: HASH, quality: HASH, context: HASH }
      const rest = { generation: 0, pot: 0n, block: blocks, transaction: HASH }
      return { name: "SettlementAccepted", topicId, epoch, ...hashes, ...rest }
    },
    takenBack: (topicId: number, epoch: number): Fact => {
      const head = ledger.settlement(topicId, epoch - 1)?.leaf ?? ZERO
      const generation = ledger.generation(topicId) + 1
      return { name: "SettlementTakenBack", topicId, epoch, leaf: HASH, generation, head }
    },
    reported: (topicId: number, epoch: number): Fact => {
      const rest = { word: 0n, context: HASH, block: blocks, transaction: HASH }
      return { name: "ReportAccepted", topicId, label: 0, epoch, ...rest }
    },
  }
}

describe("what is due", () => {
  it("is begun with the first block at or after the slot, once, all keys of a slot together", () => {
    const { begins } = stage({ topics: [2, 1] })
    assert.deepEqual(begins(closeOf(1) - 1), [])
    assert.deepEqual(begins(closeOf(1)), [[closeOf(1), "1/1/1", "1/2/1"]])
    assert.deepEqual(begins(closeOf(1)), [])
    // One block after a long while: each slot for itself. In epoch 3's the truths of epoch 1 close.
    assert.deepEqual(begins(closeOf(3) + 7), [
      [closeOf(2), "1/1/2", "1/2/2"],
      [closeOf(3), "1/1/3", "1/2/3", "2/1/1/0", "2/2/1/0"],
    ])
  })

  it("has no report where nobody sits, and one where that is not known yet", () => {
    const empty = stage({ terms: "empty" })
    assert.deepEqual(empty.begins(closeOf(3)), [[closeOf(3), "2/1/1/0"]])
    const unknown = stage({ terms: "unknown" })
    assert.deepEqual(unknown.begins(closeOf(1)), [[closeOf(1), "1/1/1"]])
  })

  it("has no settlement of epochs for which nobody could be registered, nor of settled ones", () => {
    const { begins, happen, settled, ledger } = stage()
    // Created at 1, 10 s before anybody counts.
    assert.deepEqual(topicsOf(ledger, DELAY_SECONDS), [
      { topicId: 1, schedule: SCHEDULE, settledFrom: 1 },
    ])
    assert.deepEqual(
      topicsOf(ledger, 2_100).map(({ settledFrom }) => settledFrom),
      [3],
    )
    happen(settled(1, 1))
    assert.deepEqual(
      begins(closeOf(4)).map(([, ...keys]) => keys),
      [["1/1/1"], ["1/1/2"], ["1/1/3"], ["1/1/4", "2/1/2/0"]],
    )
  })

  it("is taken up after a start as far back as a report can be posted, if it is still open", () => {
    const epochs = POSTING_LIMIT_SECONDS / 1_000
    const newest = 2_000
    const { begins, happen, reported, settled } = stage({ startedAt: closeOf(newest) })
    happen(reported(1, newest - 2), settled(1, newest - 4))
    assert.deepEqual(begins(closeOf(newest)), [
      [closeOf(newest - 1), `1/1/${newest - 1}`, `2/1/${newest - 3}/0`],
      [closeOf(newest), `1/1/${newest}`, `2/1/${newest - 2}/0`],
    ])
    // Nothing reported or settled at all: 1,048 slots, and the settlement that is first of all.
    const fresh = stage({ startedAt: closeOf(newest) }).begins(closeOf(newest))
    assert.equal(fresh.length, Math.floor(epochs) + 1 + 1)
    assert.deepEqual(fresh[0], [
      closeOf(newest - 1_048),
      `1/1/${newest - 1_048}`,
      `2/1/${newest - 1_050}/0`,
    ])
  })

  it("takes up the settlement that a topic waits for however long ago it fell due", () => {
    const newest = 2_000
    const { begins, happen, settled } = stage({ startedAt: closeOf(newest) })
    happen(settled(1, 4))
    const all = begins(closeOf(newest))
    assert.deepEqual(
      all.filter(([slot]) => slot < closeOf(newest) - POSTING_LIMIT_SECONDS),
      [[closeOf(7), "2/1/5/0"]],
    )
    happen(settled(1, 5))
    assert.deepEqual(begins(closeOf(newest) + 1), [[closeOf(8), "2/1/6/0"]])
  })

  it("takes up an old slot with the settlements of all topics in it, so that none waits for ever", () => {
    const newest = 2_000
    const { begins, happen, settled, told } = stage({ topics: [1, 2], startedAt: closeOf(newest) })
    happen(settled(1, 4), settled(2, 3))
    const old = (time: number) =>
      begins(time).filter(([slot]) => slot < closeOf(newest) - POSTING_LIMIT_SECONDS)
    assert.deepEqual(old(closeOf(newest)), [
      [closeOf(7), "2/1/5/0", "2/2/5/0"],
      [closeOf(6), "2/2/4/0"],
    ])
    told()
    // The second topic comes to the slot that was begun with the first one's key, and both have theirs in it.
    happen(settled(2, 4), settled(1, 5))
    assert.deepEqual(old(closeOf(newest) + 1), [[closeOf(8), "2/1/6/0", "2/2/6/0"]])
    assert.deepEqual(
      told().filter((what) => what.startsWith("accepted")),
      ["accepted 2/1/5/0", "accepted 2/2/4/0"],
    )
    happen(settled(2, 5))
    begins(closeOf(newest) + 2)
    assert.ok(told().includes("accepted 2/2/5/0"))
  })
})

describe("what was taken back", () => {
  it("is due again in the slot that it had, under the next generation, one epoch after another", () => {
    const { begins, happen, settled, takenBack } = stage()
    begins(closeOf(1))
    begins(closeOf(5))
    happen(settled(1, 1), settled(1, 2), settled(1, 3))
    assert.deepEqual(begins(closeOf(5) + 1), [])
    happen(takenBack(1, 2))
    assert.deepEqual(begins(closeOf(5) + 2), [[closeOf(4), "2/1/2/1"]])
    happen({ ...settled(1, 2), generation: 1 } as Fact)
    assert.deepEqual(begins(closeOf(5) + 3), [[closeOf(5), "2/1/3/1"]])
    // What falls due later is of that generation too.
    happen({ ...settled(1, 3), generation: 1 } as Fact)
    assert.deepEqual(begins(closeOf(6)).at(-1), [closeOf(6), "1/1/6", "2/1/4/1"])
  })

  it("is over under its old generation, and where a reorganisation brings that back waits for a while", () => {
    const { begins, happen, settled, takenBack, told, ledger } = stage()
    begins(closeOf(3))
    told()
    happen(settled(1, 1))
    const standing = ledger.head()?.number ?? 0
    begins(closeOf(4))
    assert.ok(told().includes("accepted 2/1/1/0"))
    happen(takenBack(1, 1))
    begins(closeOf(4) + 1)
    assert.deepEqual(
      told().filter((what) => what.includes("2/1/")),
      ["tooLate 2/1/2/0"],
    )
    ledger.rewind(standing)
    begins(closeOf(4) + 2)
    assert.deepEqual(told(), ["look"])
    begins(closeOf(4) + POSTING_LIMIT_SECONDS)
    assert.ok(told().includes("tooLate 2/1/1/1"))
  })
})

describe("a key", () => {
  it("is over when the chain has its epoch or a newer one, each topic for itself", () => {
    const { begins, happen, reported, settled, told } = stage({ topics: [1, 2] })
    begins(closeOf(4))
    assert.deepEqual(told(), ["look"])
    happen(reported(1, 2), settled(1, 1))
    begins(closeOf(4) + 1)
    assert.deepEqual(told(), ["accepted 1/1/1", "accepted 1/1/2", "accepted 2/1/1/0", "look"])
    happen(reported(2, 4), settled(2, 2))
    begins(closeOf(4) + 2)
    assert.deepEqual(told(), [
      ...[1, 2, 3].map((epoch) => `accepted 1/2/${epoch}`),
      "accepted 2/2/1/0",
      "accepted 1/2/4",
      "accepted 2/2/2/0",
      "look",
    ])
  })

  it("is over for a report when it is too late to post it, and never for a settlement", () => {
    const { begins, told } = stage()
    begins(closeOf(3))
    const late = closeOf(3) + POSTING_LIMIT_SECONDS
    begins(late)
    const tooLate = () => told().filter((what) => what.startsWith("tooLate"))
    assert.deepEqual(tooLate(), ["tooLate 1/1/1", "tooLate 1/1/2"])
    begins(late + 1)
    assert.deepEqual(tooLate(), ["tooLate 1/1/3"])
    begins(late + 2 * POSTING_LIMIT_SECONDS)
    const rest = tooLate()
    assert.ok(rest.length > 100)
    assert.ok(rest.every((what) => what.startsWith("tooLate 1/")))
  })

  it("is looked at with every block, after all that the block changed", () => {
    const { begins, told } = stage()
    for (let block = 0; block < 5; block++) begins(closeOf(1) + block)
    assert.deepEqual(told(), ["look", "look", "look", "look", "look"])
  })
})
