// Who sits and may submit, the running hash of the registrations and the rows that carry it.
import assert from "node:assert/strict"
import { before, describe, it } from "node:test"
import fc from "fast-check"
import { concat, encodePacked, type Hex, keccak256, numberToHex, toHex } from "viem"
import { NodeError } from "../../offchain/errors.ts"
import type { Change } from "../../offchain/ledger.ts"
import { topicTemplate } from "../../offchain/models/topics.ts"
import {
  firstSeats,
  NO_REGISTRATIONS,
  registrationRows,
  registrationsHash,
  rosterOf,
} from "../../offchain/seats.ts"
import { load } from "../../wasm/index.ts"

const owner = (n: number) => numberToHex(n, { size: 20 })
const signer = (n: number) => numberToHex(0x1000 + n, { size: 20 })
const joined = (n: number, roles = 1): Change => ({
  change: "joined",
  roles,
  owner: owner(n),
  signer: signer(n),
})
const left = (n: number, roles = 1): Change => ({
  change: "left",
  roles,
  owner: owner(n),
  signer: signer(n),
})
const changed = (n: number, to: Hex, roles = 1): Change => ({
  change: "signerChanged",
  roles,
  owner: owner(n),
  signer: to,
})
const TEMPLATE = topicTemplate("sp500", { start: 0 })
const WIDE = { infererSeats: 32, forecasterSeats: 6 }
const firstOf = (changes: readonly Change[], seating = WIDE) =>
  firstSeats(
    { ...TEMPLATE, seating: { ...TEMPLATE.seating, newcomerSeats: 1, ...seating } },
    changes,
  )
const sitting = (changes: readonly Change[], seating = WIDE) =>
  firstOf(changes, seating).seated.map(({ seat, owner }) => [seat, Number(owner)])
const waiting = (changes: readonly Change[], seating = WIDE) =>
  firstOf(changes, seating).waiting.map(({ roles, owner }) => [roles, Number(owner)])

before(() => load())

describe("the first seats", () => {
  it("go to the registered in order of joining, inferers first, each role apart", () => {
    assert.deepEqual(sitting([joined(1, 2), joined(2, 1), joined(3, 3), joined(4, 4)]), [
      [0, 2],
      [1, 3],
      [0x80, 1],
      [0x81, 3],
    ])
  })

  it("are no more than there are; the rest wait for the roles that they did not get", () => {
    const changes = [joined(1, 3), joined(2, 3), joined(3, 3)]
    const seating = { infererSeats: 2, forecasterSeats: 1 }
    assert.deepEqual(sitting(changes, seating), [
      [0, 1],
      [1, 2],
      [0x80, 1],
    ])
    assert.deepEqual(waiting(changes, seating), [
      [2, 2],
      [3, 3],
    ])
  })

  it("are kept when somebody leaves; who joins next, or again, takes the lowest free one", () => {
    const changes = [joined(1), joined(2), joined(3), left(1)]
    assert.deepEqual(sitting(changes), [
      [1, 2],
      [2, 3],
    ])
    assert.deepEqual(sitting([...changes, joined(4), joined(1)]), [
      [0, 4],
      [1, 2],
      [2, 3],
      [3, 1],
    ])
  })

  it("go to the first that waits when one is left", () => {
    const narrow = { infererSeats: 2, forecasterSeats: 1 }
    const changes = [joined(1), joined(2), joined(3), joined(4), left(1)]
    assert.deepEqual(sitting(changes, narrow), [
      [0, 3],
      [1, 2],
    ])
    assert.deepEqual(waiting(changes, narrow), [[1, 4]])
  })

  it("stay when a signer changes", () => {
    assert.deepEqual(sitting([joined(1), joined(2), changed(1, signer(9))]), [
      [0, 1],
      [1, 2],
    ])
  })
})

describe("the roster", () => {
  const seated = [
    { seat: 0, owner: owner(1) },
    { seat: 3, owner: owner(2) },
    { seat: 0x81, owner: owner(2) },
  ]

  it("is who sits and is registered, with the newest signer; who does not sit is there without a seat", () => {
    const changes = [joined(1), joined(2, 3), joined(3), changed(1, signer(9))]
    const { seats, workers } = rosterOf(changes, { seated })
    assert.deepEqual(seats, [
      { seat: 0, owner: owner(1), signer: signer(9) },
      { seat: 3, owner: owner(2), signer: signer(2) },
      { seat: 0x81, owner: owner(2), signer: signer(2) },
    ])
    assert.deepEqual(
      [1, 2, 3].map((n) => workers.get(owner(n))),
      [
        { owner: owner(1), signer: signer(9), roles: 1, infererSeat: 0 },
        {
          owner: owner(2),
          signer: signer(2),
          roles: 3,
          infererSeat: 3,
          forecasterSeat: 0x81,
        },
        { owner: owner(3), signer: signer(3), roles: 1 },
      ],
    )
  })

  it("leaves out who sits and is gone, and keeps the others where they are", () => {
    const { seats, workers } = rosterOf([joined(1), joined(2, 3), left(1)], { seated })
    assert.deepEqual(
      seats.map(({ seat }) => seat),
      [3, 0x81],
    )
    assert.equal(workers.has(owner(1)), false)
  })

  it("names a history that cannot be", () => {
    for (const changes of [
      [left(1)],
      [joined(1), joined(1)],
      [changed(1, signer(2))],
      [joined(1), left(1), left(1)],
    ]) {
      assert.throws(
        () => rosterOf(changes, { seated }),
        (error) => error instanceof NodeError && error.code === "MalformedRegistrations",
      )
    }
  })
})

describe("registrations", () => {
  it("keeps the running hash of Topics: over the entries, packed, one after the other", () => {
    const changes = [joined(1, 3), changed(1, signer(7), 3), left(1, 3)]
    const codes = [1, 3, 2]
    let expected: Hex = NO_REGISTRATIONS
    changes.forEach(({ roles, owner, signer }, i) => {
      const entry = encodePacked(
        ["uint8", "uint8", "address", "address"],
        [codes[i] as number, roles, owner, signer],
      )
      expected = keccak256(concat([expected, entry]))
    })
    assert.equal(registrationsHash(changes), expected)
    assert.equal(
      registrationsHash(changes.slice(1), registrationsHash(changes.slice(0, 1))),
      expected,
    )
    assert.equal(registrationsHash([]), NO_REGISTRATIONS)
  })

  it("splits the rows at 380 entries: the running hash can be redone from their bytes", () => {
    fc.assert(
      fc.property(fc.constantFrom(0, 1, 379, 380, 381, 760, 801), (count) => {
        const changes = Array.from({ length: count }, (_, i) => joined(i + 1, (i % 3) + 1))
        const rows = registrationRows(changes)
        assert.equal(rows.length, Math.ceil(count / 380))
        let hash: Hex = NO_REGISTRATIONS
        rows.forEach((row, number) => {
          const entries = Math.min(380, count - number * 380)
          assert.equal(toHex(row.subarray(0, 5)), `0x15${hex16(number)}${hex16(entries)}`)
          assert.equal(row.length, 5 + 42 * entries)
          for (let at = 5; at < row.length; at += 42)
            hash = keccak256(concat([hash, toHex(row.subarray(at, at + 42))]))
        })
        assert.equal(hash, registrationsHash(changes))
      }),
      { numRuns: 12 },
    )
  })
})

function hex16(value: number): string {
  return value.toString(16).padStart(4, "0")
}
