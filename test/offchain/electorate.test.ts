// Who may speak about an epoch: what stood at the cut-off, the greatest stakes, ties, and how many make a settlement.
import assert from "node:assert/strict"
import { describe, it } from "node:test"
import fc from "fast-check"
import type { Hex } from "viem"
import { isPresent, truthTermsOf } from "../../offchain/electorate.ts"
import {
  aboutAt,
  chainOfReputers,
  DELAY_SECONDS,
  NUMBER,
  ONE,
  person,
  TOPIC,
} from "../support/reputers.ts"

const EPOCH = 3
const CUTOFF = aboutAt(EPOCH) + 300 - DELAY_SECONDS
const EARLY = CUTOFF - 100

function termsOf({ ledger }: ReturnType<typeof chainOfReputers>, epoch = EPOCH) {
  return truthTermsOf(ledger, { delaySeconds: DELAY_SECONDS }, { topicId: TOPIC, epoch })
}
const electors = (chain: ReturnType<typeof chainOfReputers>) =>
  termsOf(chain)?.electorate.map(({ reputer, stake }) => [Number(reputer), stake])

describe("the terms of a truth", () => {
  it("name the time that it is about, the close, the deadline, and a cut-off before the close", () => {
    const terms = termsOf(chainOfReputers())
    assert.ok(terms)
    const { aboutAt, closesAt, deadlineAt, cutoff, electorate } = terms
    // Epoch 3 starts at 92,000, its window closes 150 s later, and the truth is about 1,850 s after that.
    assert.deepEqual([aboutAt, closesAt, deadlineAt], [94_000, 94_300, 94_500])
    assert.deepEqual([cutoff, electorate], [93_700, []])
  })

  it("are none for an epoch or a topic that does not exist", () => {
    const { ledger } = chainOfReputers()
    const delay = { delaySeconds: DELAY_SECONDS }
    assert.equal(truthTermsOf(ledger, delay, { topicId: TOPIC, epoch: 0 }), undefined)
    assert.equal(truthTermsOf(ledger, delay, { topicId: TOPIC + 1, epoch: 1 }), undefined)
  })
})

describe("the electorate", () => {
  it("is who is registered as a reputer and has stake, by address, with its newest signer", () => {
    const chain = chainOfReputers()
    const [one, two, three, four, five] = [1, 2, 3, 4, 5].map(person) as [
      ReturnType<typeof person>,
      ReturnType<typeof person>,
      ReturnType<typeof person>,
      ReturnType<typeof person>,
      ReturnType<typeof person>,
    ]
    const renewed = { owner: one.owner, signer: person(99).signer }
    chain.at(
      EARLY,
      ...[chain.joined(four, 7), chain.joined(one), chain.joined(two), chain.joined(five, 3)],
      ...[one, three, four, five].map((each, i) => chain.staked(each, BigInt(i + 1) * ONE)),
      chain.signerChanged(renewed),
    )
    assert.deepEqual(termsOf(chain)?.electorate, [
      { reputer: one.owner, stake: ONE, signer: renewed.signer.address },
      { reputer: four.owner, stake: 3n * ONE, signer: four.signer.address },
    ])
  })

  it("has no more than 32: the greatest stakes, and of equal ones the lower addresses", () => {
    const chain = chainOfReputers()
    const all = Array.from({ length: 35 }, (_, i) => person(i + 1))
    // 7 has most and 9 least; the others have the same, so that the last two addresses fall out.
    const stakeOf = (n: number) => (n === 7 ? 9n : n === 9 ? 1n : 5n)
    chain.at(
      EARLY,
      ...all.toReversed().map((each) => chain.joined(each)),
      ...all.map((each, i) => chain.staked(each, stakeOf(i + 1))),
    )
    const numbers = Array.from({ length: 33 }, (_, i) => i + 1).filter((n) => n !== 9)
    assert.deepEqual(
      electors(chain),
      numbers.map((n) => [n, stakeOf(n)]),
    )
    assert.equal(numbers.length, 32)
  })

  it("takes the least stake that the topic asks for, and nothing below", () => {
    const money = { ...NUMBER.money, reputerMinimum: 10n * ONE }
    const chain = chainOfReputers({ ...NUMBER, money })
    const [one, two] = [person(1), person(2)]
    chain.at(
      EARLY,
      chain.joined(one),
      chain.joined(two),
      chain.staked(one, 10n * ONE),
      chain.staked(two, 10n * ONE - 1n),
    )
    assert.deepEqual(electors(chain), [[1, 10n * ONE]])
  })

  it("is what stood in the second of the cut-off: what came with it counts, what came later does not", () => {
    const chain = chainOfReputers()
    const [one, two, three, four] = [1, 2, 3, 4].map(person) as [
      ReturnType<typeof person>,
      ReturnType<typeof person>,
      ReturnType<typeof person>,
      ReturnType<typeof person>,
    ]
    chain.at(EARLY, chain.joined(one), chain.joined(three), chain.joined(four))
    chain.at(EARLY, chain.staked(one, 5n), chain.staked(three, 5n), chain.staked(four, 5n))
    // A request for a withdrawal is a change of stake: at the cut-off it counts, a second later it does not.
    chain.at(CUTOFF, chain.joined(two), chain.staked(two, 7n), chain.staked(three, 2n))
    chain.at(CUTOFF + 1, chain.staked(one, 50n), chain.staked(two, 0n), chain.left(four))
    const expected = [
      [1, 5n],
      [2, 7n],
      [3, 2n],
      [4, 5n],
    ]
    assert.deepEqual(electors(chain), expected)
    // For the next epoch all of it has happened.
    const next = termsOf(chain, EPOCH + 1)?.electorate.map(({ reputer }) => Number(reputer))
    assert.deepEqual(next, [1, 3])
  })

  it("loses who asked for all of its stake before the cut-off", () => {
    const chain = chainOfReputers()
    chain.at(EARLY, chain.joined(person(1)), chain.staked(person(1), 5n))
    chain.at(CUTOFF - 1, chain.staked(person(1), 0n))
    assert.deepEqual(electors(chain), [])
  })
})

describe("presence", () => {
  const electorate = (stakes: readonly bigint[]) =>
    stakes.map((stake, i) => ({ reputer: person(i + 1).owner, stake, signer: "0x00" as Hex }))
  const spoke = (...numbers: number[]) => new Set(numbers.map((n) => person(n).owner))

  it("is two thirds of the stake, not of the heads", () => {
    const all = electorate([4n, 1n, 1n])
    assert.equal(isPresent(all, spoke(1)), true)
    assert.equal(isPresent(all, spoke(2, 3)), false)
    const odd = electorate([7n, 3n, 1n])
    // 7 of 11 are less than two thirds, 8 are more.
    assert.equal(isPresent(odd, spoke(1)), false)
    assert.equal(isPresent(odd, spoke(1, 3)), true)
  })

  it("is not made by nobody, nor by strangers", () => {
    assert.equal(isPresent([], spoke(1)), false)
    assert.equal(isPresent(electorate([1n]), spoke()), false)
    assert.equal(isPresent(electorate([1n]), spoke(2)), false)
  })

  it("agrees with fractions, and grows with every voice", () => {
    let present = 0
    fc.assert(
      fc.property(
        fc.array(fc.bigInt({ min: 1n, max: 1_000n }), { minLength: 1, maxLength: 32 }),
        fc.array(fc.boolean(), { minLength: 32, maxLength: 32 }),
        (stakes, speak) => {
          const who = stakes.flatMap((_, i) => (speak[i] ? [i + 1] : []))
          const sum = (some: readonly bigint[]) => some.reduce((a, b) => a + Number(b), 0)
          const share = sum(stakes.filter((_, i) => speak[i])) / sum(stakes)
          const answer = isPresent(electorate(stakes), spoke(...who))
          // Sums of at most 32,000 leave fractions far enough from two thirds for a double to tell.
          assert.equal(answer, share > 2 / 3 - 1e-9)
          present += Number(answer)
          if (answer) assert.equal(isPresent(electorate(stakes), spoke(...who, 1, 2)), true)
        },
      ),
    )
    assert.ok(present > 0)
  })
})
