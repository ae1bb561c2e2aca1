// The truth as a message, and who is let in with it: every kind of bad one is refused under its name.
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { describe, it } from "node:test"
import fc from "fast-check"
import { encodePacked, type Hex, hashStruct, hashTypedData, keccak256 } from "viem"
import { types } from "../../contracts/index.ts"
import { type TruthTerms, truthTermsOf } from "../../offchain/electorate.ts"
import { isRefusal, type Refusal } from "../../offchain/errors.ts"
import { createSigner } from "../../offchain/signer.ts"
import {
  admitTruth,
  createTruthPool,
  encodeTruth,
  examineTruth,
  parseTruth,
  type Truth,
  truthDigest,
  truthHash,
  truthId,
} from "../../offchain/truth.ts"
import {
  aboutAt,
  CLASSES,
  chainOfReputers,
  DELAY_SECONDS,
  DOMAIN,
  NUMBER,
  ONE,
  type Person,
  person,
  TOPIC,
} from "../support/reputers.ts"

const EPOCH = 3
const NONE: Hex = `0x${"00".repeat(32)}`
const [ALICE, BOB, POOR, STRANGER] = [1, 2, 3, 4].map(person) as [Person, Person, Person, Person]

function termsWith(parameters = NUMBER): TruthTerms {
  const chain = chainOfReputers(parameters)
  chain.at(
    2,
    ...[ALICE, BOB, POOR].map((each) => chain.joined(each)),
    chain.staked(ALICE, ONE),
    chain.staked(BOB, 2n * ONE),
    chain.staked(STRANGER, 9n * ONE),
  )
  const question = { topicId: TOPIC, epoch: EPOCH }
  return truthTermsOf(chain.ledger, { delaySeconds: DELAY_SECONDS }, question) as TruthTerms
}
const NUMBERS = termsWith()
const WEATHER = termsWith(CLASSES)

function signed(who: Person, values: readonly bigint[], domain = DOMAIN): Truth {
  const unsigned = { topicId: TOPIC, epoch: EPOCH, reputer: who.owner, values, extra: NONE }
  return { ...unsigned, signature: who.signer.sign(truthDigest(domain, unsigned)) }
}
const codeOf = (result: unknown) => (isRefusal(result) ? result.code : "taken")

describe("truth", () => {
  const hex = (bytes: number) =>
    fc
      .uint8Array({ minLength: bytes, maxLength: bytes })
      .map((b) => `0x${Buffer.from(b).toString("hex")}` as Hex)
  const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 })
  const wad = fc.bigInt({ min: -(2n ** 127n), max: 2n ** 127n - 1n })
  const anyTruth: fc.Arbitrary<Truth> = fc.record(
    {
      topicId: uint32,
      epoch: uint32,
      reputer: hex(20),
      values: fc.array(wad, { minLength: 1, maxLength: 64 }),
      extra: hex(32),
      signature: hex(64),
    },
    { noNullPrototype: true },
  )

  it("is hashed and signed as the committed vector says", () => {
    const text = readFileSync(new URL("../vectors/digests.json", import.meta.url), "utf8")
    const { domain, key, truth } = JSON.parse(text)
    const { said, topicId, epoch, extra } = truth
    const message = { topicId, epoch, reputer: NONE, values: said.map(BigInt), extra }
    assert.equal(said.length, 5)
    assert.equal(truthDigest(domain, message), truth.digest)
    assert.equal(createSigner(key).sign(truth.digest), truth.signature)
  })

  it("has the struct hash and the digest that viem computes, whatever it says", () => {
    let runs = 0
    fc.assert(
      fc.property(anyTruth, (truth) => {
        const { topicId, epoch, extra } = truth
        const values = keccak256(
          encodePacked(
            truth.values.map(() => "int128" as const),
            [...truth.values],
          ),
        )
        const data = {
          types,
          primaryType: "Truth",
          data: { topicId, epoch, values, extra },
        } as const
        assert.equal(truthHash(truth), hashStruct(data))
        const message = data.data
        const digest = hashTypedData({ domain: DOMAIN, types, primaryType: "Truth", message })
        assert.equal(truthDigest(DOMAIN, truth), digest)
        runs += 1
      }),
    )
    assert.ok(runs >= 100)
  })

  it("survives JSON", () => {
    let runs = 0
    fc.assert(
      fc.property(anyTruth, (truth) => {
        assert.deepEqual(parseTruth(encodeTruth(truth)), truth)
        assert.deepEqual(parseTruth(Buffer.from(encodeTruth(truth))), truth)
        runs += 1
      }),
    )
    assert.ok(runs >= 100)
  })

  it("takes addresses in either case and keeps them in lower case", () => {
    const truth = signed(person(0xabc), [ONE])
    const shouting = { ...truth, reputer: `0x${truth.reputer.slice(2).toUpperCase()}` as Hex }
    assert.notEqual(shouting.reputer, truth.reputer)
    assert.deepEqual(parseTruth(encodeTruth(shouting)), truth)
  })

  it("refuses any other JSON and says where", () => {
    const good = JSON.parse(encodeTruth(signed(ALICE, [5n])))
    const wrong: [unknown, string][] = [
      [null, "the object"],
      [[], "the object"],
      [{ ...good, more: 1 }, "the object"],
      [{ ...good, topicId: -1 }, "topicId"],
      [{ ...good, epoch: 2 ** 32 }, "epoch"],
      [{ ...good, reputer: "0x12" }, "reputer"],
      [{ ...good, reputer: undefined }, "reputer"],
      [{ ...good, values: [] }, "values"],
      [{ ...good, values: "5" }, "values"],
      [{ ...good, values: undefined }, "values"],
      [{ ...good, values: [5] }, "values.0"],
      [{ ...good, values: ["5", "05"] }, "values.1"],
      [{ ...good, values: ["1.5"] }, "values.0"],
      [{ ...good, values: [String(2n ** 127n)] }, "values.0"],
      [{ ...good, values: Array(65).fill("1") }, "values"],
      [{ ...good, extra: "0x" }, "extra"],
      [{ ...good, signature: `${good.signature}1b` }, "signature"],
    ]
    for (const [value, given] of wrong) {
      const result = parseTruth(JSON.stringify(value)) as Refusal
      assert.deepEqual([result.code, result.given], ["MalformedTruth", given])
      assert.ok(result.required)
    }
    for (const text of ["", "{", "\ufffe", "undefined"])
      assert.equal(codeOf(parseTruth(text)), "MalformedTruth")
    assert.equal(codeOf(parseTruth(" ".repeat(65_537))), "OversizedTruth")
    assert.equal(codeOf(parseTruth(" ".repeat(65_536))), "MalformedTruth")
  })
})

describe("admission of a truth", () => {
  const widest = 10n ** 33n
  const sunny = CLASSES.labels.map((_, i) => (i === 4 ? ONE : 0n))
  const admitted = (truth: Truth, terms = NUMBERS, chainTime = aboutAt(EPOCH)) =>
    admitTruth(truth, { domain: DOMAIN, terms, chainTime })

  it("takes one of an elector, under its name", () => {
    const truth = signed(ALICE, [1_234n * ONE])
    assert.deepEqual(admitted(truth), { hash: truthId(truth) })
    assert.equal(codeOf(admitted(signed(BOB, [-ONE]))), "taken")
    assert.equal(codeOf(admitted(signed(BOB, sunny), WEATHER)), "taken")
  })

  it("takes what lies outside the topic's own range, to the very ends of the widest", () => {
    assert.ok(NUMBER.arithmetic.maximum < widest)
    for (const value of [widest, -widest])
      assert.equal(codeOf(admitted(signed(BOB, [value]))), "taken")
  })

  it("takes it from the second that it is about to the last before the deadline", () => {
    const at = (chainTime: number) => codeOf(admitted(signed(ALICE, [ONE]), NUMBERS, chainTime))
    assert.deepEqual([93_999, 94_000, 94_300, 94_499, 94_500].map(at), [
      "TruthTooEarly",
      "taken",
      "taken",
      "taken",
      "TruthExpired",
    ])
    const early = admitted(signed(ALICE, [ONE]), NUMBERS, 93_999)
    assert.deepEqual(early, { code: "TruthTooEarly", given: "93999", required: "94000 or later" })
    const late = admitted(signed(ALICE, [ONE]), NUMBERS, 94_500)
    assert.deepEqual(late, { code: "TruthExpired", given: "94500", required: "before 94500" })
  })

  const two = [ONE, ...sunny.slice(1)]
  const cases: [string, string, Truth, TruthTerms, string?][] = [
    ["a stranger with stake", "NotAnElector", signed(STRANGER, [ONE]), NUMBERS, STRANGER.owner],
    ["a reputer without stake", "NotAnElector", signed(POOR, [ONE]), NUMBERS, POOR.owner],
    ["too many labels", "WrongLabels", signed(ALICE, [1n, 2n]), NUMBERS, "2 values"],
    ["too few labels", "WrongLabels", signed(ALICE, [ONE]), WEATHER, "1 values"],
    ["a value above", "OutOfRange", signed(ALICE, [widest + 1n]), NUMBERS, String(widest + 1n)],
    ["a value below", "OutOfRange", signed(ALICE, [-widest - 1n]), NUMBERS],
    ["two classes", "NotOneClass", signed(ALICE, two), WEATHER],
    [
      "no class",
      "NotOneClass",
      signed(
        ALICE,
        sunny.map(() => 0n),
      ),
      WEATHER,
    ],
    [
      "half a class",
      "NotOneClass",
      signed(
        ALICE,
        sunny.map((v) => v / 2n),
      ),
      WEATHER,
    ],
    ["a class and a bit", "NotOneClass", signed(ALICE, [1n, ...sunny.slice(1)]), WEATHER],
    [
      "another's signature",
      "BadSignature",
      { ...signed(ALICE, [ONE]), signature: signed(BOB, [ONE]).signature },
      NUMBERS,
    ],
    [
      "a signature for another value",
      "BadSignature",
      { ...signed(ALICE, [ONE]), values: [2n] },
      NUMBERS,
    ],
    [
      "a signature for another epoch",
      "BadSignature",
      { ...signed(ALICE, [ONE]), epoch: 4 },
      NUMBERS,
    ],
    [
      "a signature for another chain",
      "BadSignature",
      signed(ALICE, [ONE], { ...DOMAIN, chainId: 1 } as unknown as typeof DOMAIN),
      NUMBERS,
    ],
    [
      "no signature",
      "BadSignature",
      { ...signed(ALICE, [ONE]), signature: `0x${"00".repeat(64)}` },
      NUMBERS,
      "no signature",
    ],
  ]
  for (const [what, code, truth, terms, given] of cases) {
    it(`refuses ${what}: ${code}`, () => {
      for (const result of [
        admitted(truth, terms),
        examineTruth(truth, { domain: DOMAIN, terms }),
      ] as Refusal[]) {
        assert.equal(result.code, code)
        assert.ok(result.given && result.required, "both values are said")
        if (given) assert.equal(result.given, given)
      }
    })
  }

  it("examines what was passed on by every rule but the time", () => {
    const given = { domain: DOMAIN, terms: NUMBERS, chainTime: 1 }
    const truth = signed(ALICE, [ONE])
    assert.deepEqual(examineTruth(truth, given), { hash: truthId(truth) })
    assert.equal(codeOf(admitTruth(truth, given)), "TruthTooEarly")
  })
})

describe("the truths held", () => {
  it("are the first of each reputer", () => {
    const pool = createTruthPool()
    const held = (truth: Truth) => ({ hash: truthId(truth), message: truth })
    const [first, second, other] = [signed(ALICE, [1n]), signed(ALICE, [2n]), signed(BOB, [2n])]
    const codes = [first, second, other, first].map((truth) => codeOf(pool.take(held(truth))))
    assert.deepEqual(codes, ["taken", "DuplicateTruth", "taken", "taken"])
    const kept = pool.held(TOPIC, EPOCH).map(({ message }) => message)
    assert.deepEqual(kept, [first, other])
  })
})
