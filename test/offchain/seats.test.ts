// The replay of registrations into seats, the running hash and the rows that carry it.
import assert from "node:assert/strict"
import { describe, it } from "node:test"
import fc from "fast-check"
import { concat, encodePacked, type Hex, keccak256, numberToHex, toHex } from "viem"
import { NodeError } from "../../offchain/errors.ts"
import type { Change } from "../../offchain/ledger.ts"
import {
  NO_REGISTRATIONS,
  registrationRows,
  registrationsHash,
  rosterOf,
  seatsOf,
} from "../../offchain/seats.ts"

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
const WIDE = { infererSeats: 32, forecasterSeats: 6 }
const sitting = (changes: Change[], seating = WIDE) =>
  seatsOf(changes, seating).map(({ seat, owner }) => [seat, Number(owner)])

describe("seats", () => {
  it("seats the present in order of joining, inferers first, each role apart", () => {
    assert.deepEqual(sitting([joined(1, 2), joined(2, 1), joined(3, 3)]), [
      [0, 2],
      [1, 3],
      [0x80, 1],
      [0x81, 3],
    ])
  })

  it("gives no more seats than there are; the rest are registered without one", () => {
    const { seats, workers } = rosterOf([joined(1, 3), joined(2, 3), joined(3, 3)], {
      infererSeats: 2,
      forecasterSeats: 1,
    })
    assert.deepEqual(
      seats.map(({ seat }) => seat),
      [0, 1, 0x80],
    )
    assert.deepEqual(workers.get(owner(2)), {
      owner: owner(2),
      signer: signer(2),
      roles: 3,
      infererSeat: 1,
    })
    assert.deepEqual(workers.get(owner(3)), { owner: owner(3), signer: signer(3), roles: 3 })
  })

  it("moves everyone up when one leaves, and puts who comes back at the end", () => {
    const changes = [joined(1), joined(2), joined(3), left(1)]
    assert.deepEqual(sitting(changes), [
      [0, 2],
      [1, 3],
    ])
    assert.deepEqual(sitting([...changes, joined(1)]), [
      [0, 2],
      [1, 3],
      [2, 1],
    ])
  })

  it("keeps the seat when a signer changes", () => {
    const { seats, workers } = rosterOf([joined(1), joined(2), changed(1, signer(9))], WIDE)
    assert.deepEqual(seats[0], { seat: 0, owner: owner(1), signer: signer(9) })
    assert.equal(workers.get(owner(1))?.signer, signer(9))
  })

  it("names a history that cannot be", () => {
    for (const changes of [
      [left(1)],
      [joined(1), joined(1)],
      [changed(1, signer(2))],
      [joined(1), left(1), left(1)],
    ]) {
      assert.throws(
        () => seatsOf(changes, WIDE),
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
