// The states of a member that was away: made again from rows, one settlement after another, and those of the chain.
import assert from "node:assert/strict"
import { before, describe, it } from "node:test"
import { openRows } from "../../offchain/rows.ts"
import { settleEpoch } from "../../offchain/settlement.ts"
import { genesisOf } from "../../offchain/synthesis.ts"
import { KIND, listHash, load, rowHash, tablesNamed } from "../../wasm/index.ts"
import { follower } from "../support/follower.ts"
import { TOPIC } from "../support/reputers.ts"
import { LEARNED, type SettledTopic, settledTopic } from "../support/settled.ts"

const EPOCHS = 8
let topic: SettledTopic

before(async () => {
  await load()
  topic = settledTopic(EPOCHS, { 4: { isSilent: true }, 6: { isUntold: true } })
})

describe("states", () => {
  it("start from the parameters, before anything is settled", () => {
    const { states, asked } = follower(topic.ledgerWith([]), new Map())
    assert.deepEqual(states.pastOf(TOPIC, undefined), genesisOf(LEARNED))
    assert.equal(states.isComplete(), true)
    assert.deepEqual(asked, [])
  })

  it("are made from rows alone, each row fetched once, and are those of the chain", async () => {
    const { states, asked, said } = follower(topic.ledger, topic.rows)
    assert.equal(states.isComplete(), false)
    assert.equal(states.pastOf(TOPIC, topic.settlements[2]), undefined)
    await states.catchUp()
    assert.equal(states.isComplete(), true)
    assert.equal(topic.settlements.length, EPOCHS)
    for (const settled of topic.settlements) {
      const past = states.pastOf(TOPIC, settled)
      assert.equal(past && listHash(KIND.state, past.state), settled.state)
      assert.deepEqual([past?.epoch, past?.leaf], [settled.epoch, settled.leaf])
    }
    const needed = new Set(topic.settlements.flatMap(topic.neededFor))
    assert.deepEqual(new Set(asked), needed)
    assert.equal(asked.length, needed.size)
    // Contexts and lists of inputs, but none of the state rows: those are made.
    for (const settled of topic.settlements)
      for (const hash of [settled.state, ...topic.stateRowsOf(settled)]) assert(!needed.has(hash))
    const facts = [said("catching up"), said("caught up")].map(([line]) => [
      line?.settlements,
      line?.epoch,
      line?.state,
    ])
    const newest = topic.settlements.at(-1)
    assert.deepEqual(facts, [
      [EPOCHS, undefined, undefined],
      [undefined, EPOCHS, newest?.state],
    ])
  })

  it("are served and read again from what was kept, also by the next process", async () => {
    const rows = openRows()
    await follower(topic.ledger, topic.rows, rows).states.catchUp()
    const { states, asked } = follower(topic.ledger, new Map(), rows)
    assert.equal(states.isComplete(), true)
    for (const settled of topic.settlements) assert.ok(states.seatsAfter(settled))
    await states.catchUp()
    assert.deepEqual(asked, [])
    // Inputs, outputs and states, with their lists.
    for (const settling of topic.settlings)
      for (const row of settleEpoch(settling).rows) assert.deepEqual(rows.get(rowHash(row)), row)
  })

  it("are made from where the own ones end", async () => {
    const rows = openRows()
    const away = 5
    await follower(
      topic.ledgerWith(topic.settlements.slice(0, away)),
      topic.rows,
      rows,
    ).states.catchUp()
    const { states, asked, said } = follower(topic.ledger, topic.rows, rows)
    await states.catchUp()
    const known = new Set(topic.settlements.slice(0, away).flatMap(topic.neededFor))
    const rest = new Set(topic.settlements.slice(away).flatMap(topic.neededFor))
    assert.deepEqual(new Set(asked), new Set([...rest].filter((hash) => !known.has(hash))))
    assert.deepEqual(
      said("catching up").map(({ settlements }) => settlements),
      [EPOCHS - away],
    )
    assert.equal(states.isComplete(), true)
  })

  it("are made in one run, however often that is asked for meanwhile", async () => {
    const { states, asked } = follower(topic.ledger, topic.rows)
    await Promise.all([states.catchUp(), states.catchUp(), states.catchUp()])
    assert.equal(asked.length, new Set(asked).size)
  })

  it("need no rows where this member made them itself", () => {
    const { states, asked } = follower(topic.ledger, new Map())
    for (const settled of topic.settlements)
      states.made(
        topic
          .stateRowsOf(settled)
          .map((hash) => topic.rows.get(hash) as Uint8Array)
          .filter((row) => tablesNamed(row) === undefined),
      )
    assert.equal(states.isComplete(), true)
    assert.deepEqual(asked, [])
  })
})
