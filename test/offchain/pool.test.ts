// What a member holds until the close, and the way in: nobody gets a second word, nothing bad disturbs the next.
import assert from "node:assert/strict"
import { describe, it } from "node:test"
import fc from "fast-check"
import { type Hex, numberToHex } from "viem"
import { isRefusal, refusal } from "../../offchain/errors.ts"
import { createIntake, createPool, type Held } from "../../offchain/pool.ts"

type Note = {
  readonly topicId: number
  readonly epoch: number
  readonly from: Hex
  readonly signature: number
}

const held = (from: number, what: number, at: Partial<Note> = {}): Held<Note> => ({
  hash: numberToHex(what, { size: 32 }),
  message: { topicId: 3, epoch: 12, from: numberToHex(from, { size: 20 }), signature: 0, ...at },
})
const poolOf = () => createPool<Note>(({ from }) => from, "DuplicateNote")

describe("pool", () => {
  it("keeps the first of a sender; the same again is taken, a second different one is refused", () => {
    const pool = poolOf()
    const [first, second, other] = [held(1, 10), held(1, 11), held(2, 11)]
    assert.deepEqual(pool.take(first), { hash: first.hash })
    assert.deepEqual(pool.take(first), { hash: first.hash })
    assert.deepEqual(pool.take(second), {
      code: "DuplicateNote",
      given: second.hash,
      required: first.hash,
    })
    assert.deepEqual(pool.take(other), { hash: other.hash })
    assert.deepEqual(pool.held(3, 12), [first, other])
    assert.deepEqual([pool.held(3, 13), pool.held(4, 12)], [[], []])
  })

  it("keeps the newest signature of the same message: the signer may have changed since", () => {
    const pool = poolOf()
    const signedAnew = held(1, 10, { signature: 1 })
    pool.take(held(1, 10))
    assert.deepEqual(pool.take(signedAnew), { hash: signedAnew.hash })
    assert.deepEqual(pool.held(3, 12), [signedAnew])
    // What was refused has not put anything in its place.
    pool.take(held(1, 11, { signature: 2 }))
    assert.deepEqual(pool.held(3, 12), [signedAnew])
  })

  it("forgets a topic's epochs before one and nothing else", () => {
    const pool = poolOf()
    const kept = [held(1, 1), held(1, 2, { epoch: 13 }), held(1, 3, { topicId: 4, epoch: 11 })]
    for (const each of [held(1, 4, { epoch: 11 }), held(2, 5, { epoch: 2 }), ...kept])
      pool.take(each)
    pool.prune(3, 12)
    pool.prune(99, 12)
    assert.deepEqual([pool.held(3, 11), pool.held(3, 2)], [[], []])
    assert.deepEqual([...pool.held(3, 12), ...pool.held(3, 13), ...pool.held(4, 11)], kept)
  })

  it("holds the first of each sender by topic and epoch, whatever the order", () => {
    const any = fc.array(
      fc.record({
        topicId: fc.nat(2),
        epoch: fc.nat(2),
        from: fc.nat(3),
        what: fc.nat(2),
      }),
      { maxLength: 40 },
    )
    let taken = 0
    fc.assert(
      fc.property(any, (notes) => {
        const pool = poolOf()
        const first = new Map<string, Hex>()
        for (const { topicId, epoch, from, what } of notes) {
          const note = held(from, what, { topicId, epoch })
          const key = `${topicId}/${epoch}/${from}`
          const isTaken = !isRefusal(pool.take(note))
          assert.equal(isTaken, (first.get(key) ?? note.hash) === note.hash)
          if (!first.has(key)) first.set(key, note.hash)
          taken += 1
        }
        for (const topicId of [0, 1, 2])
          for (const epoch of [0, 1, 2]) {
            const there = [...first].filter(([key]) => key.startsWith(`${topicId}/${epoch}/`))
            assert.deepEqual(
              pool.held(topicId, epoch).map(({ hash }) => hash),
              there.map(([, hash]) => hash),
            )
          }
      }),
    )
    assert.ok(taken >= 100)
  })
})

describe("intake", () => {
  it("parses, admits and keeps; a refusal of either is counted under its code and keeps nothing", async () => {
    const pool = poolOf()
    const asked: Hex[] = []
    const intake = createIntake(pool, {
      parse: (body) => (body === "no" ? refusal("MalformedNote") : held(Number(body), 10).message),
      async admit(message) {
        asked.push(message.from)
        if (message.from === numberToHex(7, { size: 20 })) return refusal("Stranger")
        return { hash: numberToHex(asked.length === 4 ? 99 : 10, { size: 32 }) }
      },
    })
    const codes: string[] = []
    for (const body of ["no", "1", "7", "1", "1", "no", "2"]) {
      const taken = await intake.take(body)
      codes.push(isRefusal(taken) ? taken.code : "taken")
    }
    const expected = ["MalformedNote", "taken", "Stranger", "taken", "DuplicateNote"]
    assert.deepEqual(codes, [...expected, "MalformedNote", "taken"])
    assert.deepEqual(intake.refusals(), { MalformedNote: 2, Stranger: 1, DuplicateNote: 1 })
    assert.equal(asked.length, 5)
    assert.equal(pool.held(3, 12).length, 2)
  })
})
