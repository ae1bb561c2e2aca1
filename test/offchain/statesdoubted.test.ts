// The states of a member whose sources are not to be trusted: others that change rows or have none, a quorum that signs what
// does not follow, a disk that changes bytes.
import assert from "node:assert/strict"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, describe, it } from "node:test"
import type { Hex } from "viem"
import type { Settled } from "../../offchain/ledger.ts"
import { fetchRow } from "../../offchain/rowclient.ts"
import { openRows } from "../../offchain/rows.ts"
import { KIND, listHash, load, rowHash } from "../../wasm/index.ts"
import { follower, rowServer } from "../support/follower.ts"
import { TOPIC } from "../support/reputers.ts"
import { type SettledTopic, settledTopic } from "../support/settled.ts"

const EPOCHS = 8
let topic: SettledTopic
let told: readonly Settled[]

before(async () => {
  await load()
  topic = settledTopic(EPOCHS, { 4: { isSilent: true }, 6: { isUntold: true } })
  told = topic.settlements.filter(({ epoch }) => epoch !== 4 && epoch !== 6)
})

const without = (hashes: readonly Hex[]) =>
  new Map([...topic.rows].filter(([hash]) => !hashes.includes(hash)))

describe("states from rows that are not as they were", () => {
  let server: Awaited<ReturnType<typeof rowServer>>
  before(async () => {
    server = await rowServer(topic.rows)
  })
  after(() => server.close())

  it("are not made while any row has another byte, and are once it has not", async () => {
    const last = told.at(-1) as Settled
    const earlier = topic.settlements.slice(0, topic.settlements.indexOf(last))
    const others = (hash: Hex, what: string) => fetchRow(hash, what, [server.url])
    let refused = 0
    for (const [index, hash] of topic.neededFor(last).entries()) {
      const rows = openRows()
      const own = [
        ...earlier.flatMap(({ state }) => [state]),
        ...earlier.flatMap(topic.stateRowsOf),
      ]
      rows.put(
        own.map((each) => topic.rows.get(each) as Uint8Array),
        1,
      )
      const { states, said } = follower(topic.ledgerWith([...earlier, last]), others, rows)
      server.change(hash, index * 7)
      await states.catchUp()
      assert.equal(states.isComplete(), false)
      assert.equal(said("a state is missing here").length, 1)
      assert.equal(said("ALARM").length + said("taken by its hash").length, 0)
      server.changeNothing()
      await states.catchUp()
      assert.equal(states.isComplete(), true)
      refused += 1
      rows.close()
    }
    // Context, list, parameters, two inferences, a forecast, and so on.
    assert.equal(refused, 2 + 16)
  })

  it("are made all the same where another member has the right bytes", async () => {
    const good = await rowServer(topic.rows)
    const last = told.at(-1) as Settled
    server.change(last.context, 3)
    const urls = [server.url, good.url]
    const { states } = follower(topic.ledger, (hash, what) => fetchRow(hash, what, urls))
    await states.catchUp()
    assert.equal(states.isComplete(), true)
    good.close()
  })

  it("are taken by the chain's hash where nobody has the rows to replay, and it is said", async () => {
    const [first, second] = told as [Settled, Settled]
    const lost = topic.neededFor(second).filter((hash) => !topic.neededFor(first).includes(hash))
    const { states, said } = follower(topic.ledger, without(lost.slice(-1)))
    await states.catchUp()
    assert.equal(states.isComplete(), true)
    assert.deepEqual(
      said("state taken by its hash").map(({ topicId, epoch }) => [topicId, epoch]),
      [[TOPIC, 2]],
    )
    const past = states.pastOf(TOPIC, second)
    assert.equal(past && listHash(KIND.state, past.state), second.state)
  })

  it("are missing where nobody has the state either, until somebody has", async () => {
    const second = told[1] as Settled
    const row = topic.neededFor(second).at(-1) as Hex
    const regrets = 2
    const gone = [row, topic.stateRowsOf(second)[regrets] as Hex]
    const others = without(gone)
    const { states, said } = follower(topic.ledger, others)
    await states.catchUp()
    assert.equal(states.isComplete(), false)
    assert.equal(said("a state is missing here").length, 1)
    // What came before is here.
    assert.ok(states.seatsAfter(told[0] as Settled))
    for (const hash of gone) others.set(hash, topic.rows.get(hash) as Uint8Array)
    await states.catchUp()
    assert.equal(states.isComplete(), true)
    assert.equal(said("taken by its hash").length, 0)
  })
})

describe("a settlement that our core does not bear out", () => {
  const forged = (settled: Settled): Settled => ({ ...settled, state: `0x${"ee".repeat(32)}` })

  it("raises the alarm once, and nothing on it is tried again", async () => {
    const settlements = topic.settlements.map((each) => (each.epoch === 5 ? forged(each) : each))
    const { states, asked, said, sayings } = follower(topic.ledgerWith(settlements), topic.rows)
    await states.catchUp()
    assert.equal(said("ALARM").length, 1)
    assert.equal(said("ALARM")[0]?.level, "error")
    assert.ok(states.seatsAfter(settlements[3] as Settled))
    assert.equal(states.seatsAfter(settlements[4] as Settled), undefined)
    // Nobody waits for it: the rest of the member goes on without.
    assert.equal(states.isComplete(), true)
    const [requests, lines] = [asked.length, sayings()]
    await states.catchUp()
    assert.deepEqual([asked.length, sayings()], [requests, lines])
  })

  it("keeps what follows it from being tried, without another word", async () => {
    const settlements = topic.settlements.map((each) => (each.epoch === 5 ? forged(each) : each))
    const chain = settlements.slice(0, 5)
    const { states, asked, said, sayings } = follower(topic.ledgerWith(chain), topic.rows)
    await states.catchUp()
    const [requests, lines] = [asked.length, sayings()]
    chain.push(...settlements.slice(5))
    for (let block = 0; block < 3; block++) await states.catchUp()
    assert.equal(said("ALARM").length, 1)
    assert.deepEqual([asked.length, sayings()], [requests, lines])
  })

  it("is alarming too where its rows are none that the core reads", async () => {
    const last = told.at(-1) as Settled
    const row = Uint8Array.of(0x02, 1, 2, 3)
    const settlements = topic.settlements.map((each) =>
      each === last ? { ...last, context: rowHash(row) } : each,
    )
    const others = new Map([...topic.rows, [rowHash(row), row] as const])
    const { states, said } = follower(topic.ledgerWith(settlements), others)
    await states.catchUp()
    assert.equal(said("ALARM").length, 1)
  })
})

describe("states on a disk that changes bytes", () => {
  const folder = mkdtempSync(join(tmpdir(), "states-"))
  after(() => rmSync(folder, { recursive: true }))

  /** Changes the bytes of a row behind the store's back. */
  function spoil(file: string, hash: Hex) {
    const { DatabaseSync } = process.getBuiltinModule("node:sqlite")
    const database = new DatabaseSync(file)
    const key = Buffer.from(hash.slice(2), "hex")
    const { changes } = database.prepare("UPDATE row SET bytes = x'00' WHERE hash = ?").run(key)
    assert.equal(changes, 1)
    database.close()
  }

  it("are made again from others' rows, the row is named, and the store is put right", async () => {
    const file = join(folder, "rows.sqlite")
    const rows = openRows(file)
    await follower(topic.ledger, topic.rows, rows).states.catchUp()
    const last = topic.settlements.at(-1) as Settled
    // One of the state, and one from which it is made.
    const spoilt = [topic.stateRowsOf(last)[2], topic.neededFor(last).at(-1)] as [Hex, Hex]
    for (const hash of spoilt) spoil(file, hash)
    assert.throws(() => rows.get(spoilt[0]))

    const { states, asked, said } = follower(topic.ledger, topic.rows, rows)
    assert.equal(states.isComplete(), false)
    await states.catchUp()
    assert.equal(states.isComplete(), true)
    // The state is made; only what it is made from is asked for.
    assert.deepEqual(asked, [spoilt[1]])
    assert.deepEqual(new Set(said("is not what was kept").map(({ row }) => row)), new Set(spoilt))
    for (const hash of spoilt) assert.deepEqual(rowHash(rows.get(hash) as Uint8Array), hash)
    rows.close()
  })
})
