// A settlement computed anew from its rows: what differs from the chain is named; registrations count from where the
// settlement before ended, and come to the same seats as all of them at once.
import assert from "node:assert/strict"
import { before, describe, it } from "node:test"
import type { Hex } from "viem"
import { NodeError } from "../../offchain/errors.ts"
import type { Fact, Settled } from "../../offchain/ledger.ts"
import { type FetchRow, firstPast, registrationsSince, replay } from "../../offchain/replay.ts"
import { firstSeats, registrationsHash, seatsIn } from "../../offchain/seats.ts"
import { type Settling, settleEpoch, settlementHash } from "../../offchain/settlement.ts"
import type { Past } from "../../offchain/synthesis.ts"
import {
  decodeSettlementContext,
  encodeSettlementContext,
  load,
  rowHash,
  type SettlementContext,
} from "../../wasm/index.ts"
import { randomOf } from "../support/epochs.ts"
import { aboutAt, chainOfReputers, DELAY_SECONDS, person, TOPIC } from "../support/reputers.ts"
import { FORECASTER, LEARNED, type SettledTopic, settledTopic } from "../support/settled.ts"
import { seatsAfter } from "../support/settlement/seats.ts"

const DELAY = { delaySeconds: DELAY_SECONDS }
const STRANGER = {
  change: "joined",
  roles: 1,
  owner: person(8).owner,
  signer: person(8).signer.address,
} as const
const OTHER: Hex = `0x${"0e".repeat(32)}`
/** When registrations stop counting for the settlement of an epoch: D before its truths close. */
const cutoffOf = (epoch: number) => aboutAt(epoch) + 300 - DELAY_SECONDS

let topic: SettledTopic
before(async () => {
  await load()
  topic = settledTopic(5, { 3: { isSilent: true } })
})

const from =
  (rows: ReadonlyMap<Hex, Uint8Array>): FetchRow =>
  async (hash, what) => {
    const row = rows.get(hash)
    assert.ok(row, `${what} is there`)
    return row
  }

/** The state before a settlement, by the chain that the test made. */
function pastBefore(settled: Settled): Past {
  const first = firstPast(topic.ledger, TOPIC) as Past
  const settling = topic.settlings[settled.epoch - 1]
  return settled.epoch === 1 ? first : (settling as NonNullable<typeof settling>).past
}

describe("replaying a settlement", () => {
  it("gives the state, the outputs and the rows that it was made from", async () => {
    let fetched = 0
    for (const [index, settled] of topic.settlements.entries()) {
      const parts = { ledger: topic.ledger, ...DELAY, past: pastBefore(settled) }
      const fetch = from(topic.rows)
      const replayed = await replay(settled, parts, async (hash, what) => {
        fetched += 1
        return fetch(hash, what)
      })
      const made = settleEpoch(topic.settlings[index] as (typeof topic.settlings)[0])
      const { epoch, leaf } = settled
      assert.deepEqual(replayed.past, { epoch, leaf, state: made.state })
      assert.deepEqual(replayed.inputs, made.inputs)
      assert.deepEqual(replayed.outputs, made.outputs)
      const kept = new Set(replayed.rows.map(rowHash))
      for (const hash of topic.neededFor(settled)) assert.ok(kept.has(hash))
    }
    assert.equal(fetched, topic.settlements.flatMap(topic.neededFor).length)
    assert.equal(topic.settlements.length, 5)
  })

  /** A settlement whose context says something else. */
  function withContext(settled: Settled, change: Partial<SettlementContext>) {
    const context = decodeSettlementContext(topic.rows.get(settled.context) as Uint8Array)
    const row = encodeSettlementContext({ ...context, ...change })
    const rows = new Map([...topic.rows, [rowHash(row), row] as const])
    return { settled: { ...settled, context: rowHash(row) }, rows, context }
  }

  it("names what is not as the chain says: parent, registrations, outputs, state", async () => {
    const settled = topic.settlements[1] as Settled
    const { parent, state } = settled
    const { context } = withContext(settled, {})
    const cases = [
      {
        what: /what it follows/,
        given: parent,
        required: OTHER,
        ...{ settled: { ...settled, parent: OTHER }, rows: topic.rows },
      },
      {
        what: /its registrations/,
        given: OTHER,
        required: context.registrations,
        ...withContext(settled, { registrations: OTHER }),
      },
      {
        what: /its outputs/,
        given: OTHER,
        required: context.outputsHash,
        ...withContext(settled, { outputsHash: OTHER }),
      },
      {
        what: /its state/,
        given: OTHER,
        required: state,
        settled: { ...settled, state: OTHER },
        rows: topic.rows,
      },
    ]
    let refused = 0
    for (const { what, given, required, settled: wrong, rows } of cases) {
      const parts = { ledger: topic.ledger, ...DELAY, past: pastBefore(settled) }
      await assert.rejects(replay(wrong, parts, from(rows)), (error) => {
        assert.ok(error instanceof NodeError && error.code === "Mismatch", String(error))
        assert.match(error.message, what)
        assert.match(error.message, /topic 7, epoch 2/)
        assert.deepEqual([error.facts.given, error.facts.required], [given, required])
        refused += 1
        return true
      })
    }
    assert.equal(refused, 4)
  })

  it("refuses a told epoch as missed, and the inputs of another epoch", async () => {
    const [, settled, , other] = topic.settlements as [Settled, Settled, Settled, Settled]
    const { inputsHash } = decodeSettlementContext(topic.rows.get(other.context) as Uint8Array)
    let refused = 0
    for (const hash of [`0x${"00".repeat(32)}` as Hex, inputsHash]) {
      const { settled: wrong, rows } = withContext(settled, { inputsHash: hash })
      const parts = { ledger: topic.ledger, ...DELAY, past: pastBefore(settled) }
      await assert.rejects(replay(wrong, parts, from(rows)), { code: "Mismatch" })
      refused += 1
    }
    assert.equal(refused, 2)
  })

  it("refuses rows that say of parameters and registrations what the chain does not, however consistent", async () => {
    const settling = topic.settlings[0] as Settling
    const { terms, changes } = settling
    const { arithmetic } = terms.parameters
    const milder = { ...arithmetic, lossFloor: arithmetic.lossFloor * 1_000n }
    const forgeries: readonly Settling[] = [
      // A worker is left out, one is put in, the loss floor is another.
      { ...settling, changes: changes.slice(1) },
      { ...settling, changes: [...changes, STRANGER] },
      { ...settling, terms: { ...terms, parameters: { ...terms.parameters, arithmetic: milder } } },
    ]
    let refused = 0
    for (const forgery of [settling, ...forgeries]) {
      const { settlement, rows } = settleEpoch(forgery)
      const first = topic.settlements[0] as Settled
      const settled = { ...first, ...settlement, leaf: settlementHash(settlement) }
      const parts = { ledger: topic.ledger, ...DELAY, past: pastBefore(first) }
      const served = new Map(rows.map((row) => [rowHash(row), row] as const))
      const outcome = await replay(settled, parts, from(served)).catch((error: NodeError) => error)
      if (forgery === settling) {
        assert.ok(!(outcome instanceof Error))
        continue
      }
      assert.ok(outcome instanceof NodeError && outcome.code === "Mismatch")
      assert.match(outcome.message, /parameters or registrations in its inputs/)
      refused += 1
    }
    assert.equal(refused, 3)
  })
})

describe("the registrations of a settlement", () => {
  it("are those since the one before, up to the second of its own cut-off", () => {
    const chain = chainOfReputers(LEARNED)
    chain.at(cutoffOf(1), chain.joined(person(1), 1))
    chain.at(cutoffOf(1) + 1, chain.joined(person(2), 1))
    chain.at(cutoffOf(2), chain.left(person(1), 1), chain.joined(person(3), 2))
    chain.at(cutoffOf(2) + 1, chain.joined(person(4), 1))
    const since = (epoch: number, parent: number | undefined) => {
      const settled = parent === undefined ? undefined : { epoch: parent }
      const { changes, registrations } = registrationsSince(
        chain.ledger,
        DELAY,
        { topicId: TOPIC, epoch },
        settled,
      )
      const all = chain.ledger.changes(TOPIC, cutoffOf(epoch))
      // The running hash is over all, whatever was taken up before.
      assert.equal(registrations, registrationsHash(all))
      return changes.map(({ change, owner }) => `${change} ${Number(owner)}`)
    }
    assert.deepEqual(since(1, undefined), ["joined 1"])
    assert.deepEqual(since(2, 1), ["joined 2", "left 1", "joined 3"])
    assert.deepEqual(since(2, undefined), ["joined 1", "joined 2", "left 1", "joined 3"])
    assert.deepEqual(since(3, 2), ["joined 4"])
    assert.deepEqual(since(4, 3), [])
  })

  it("lead, settlement by settlement, to the seats that all of them make at once", () => {
    const { integer, chance } = randomOf(4)
    let [left, waited, missed] = [0, 0, 0]
    for (let run = 0; run < 12; run++) {
      const chain = chainOfReputers(LEARNED)
      const there = new Map([
        [2, 1],
        [3, 1],
        [FORECASTER, 2],
      ])
      const changes = (): Fact[] =>
        Array.from({ length: integer(0, 5) }, () => {
          const n = integer(2, 9)
          const roles = there.get(n)
          if (roles !== undefined) {
            there.delete(n)
            left += 1
            return chain.left(person(n), roles)
          }
          there.set(n, integer(1, 3))
          return chain.joined(person(n), there.get(n))
        })
      const epochs = Object.fromEntries(
        Array.from({ length: 7 }, (_, i) => [i + 2, { before: changes(), isUntold: chance(0.2) }]),
      )
      const { ledger, settlements, settlings } = settledTopic(8, epochs)
      const last = settlements.at(-1) as Settled
      const all = ledger.changes(TOPIC, cutoffOf(last.epoch))
      const { state } = settleEpoch(settlings.at(-1) as (typeof settlings)[0])
      const seats = seatsIn(state)
      assert.deepEqual(seats, firstSeats(LEARNED, all))
      const { left: _, ...witness } = seatsAfter({ seated: [], waiting: [] }, all, LEARNED.seating)
      assert.deepEqual(seats, witness)
      waited += seats.waiting.length
      missed += Object.values(epochs).filter(({ isUntold }) => isUntold).length
    }
    assert.ok(left >= 20 && waited >= 10 && missed >= 5, `${left}, ${waited}, ${missed}`)
  })
})
