// What anybody's model is asked and how its answer is read: every digit, and nothing that is not an answer.
import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { isRefusal } from "../../offchain/errors.ts"
import { questionOf, readAnswer, wadOf } from "../../offchain/models/question.ts"
import { topicTemplate } from "../../offchain/models/topics.ts"
import type { EpochTerms } from "../../offchain/terms.ts"
import {
  ALICE,
  BOB,
  chainOf,
  EPOCH_START,
  FIRST_OWNER,
  FORECASTING_OWNER,
  HOUR,
  OPENS,
  TOPIC,
} from "../support/worker.ts"

const ONE = 10n ** 18n

const termsOf = (name: string) =>
  chainOf([], { parameters: topicTemplate(name, { start: EPOCH_START }) }).terms(
    TOPIC,
    1,
  ) as EpochTerms
const PRICE = termsOf("sp500")
const WEATHER = termsOf("seattle-weather")

describe("a question", () => {
  it("is one line that says what is asked, of whom, until when", () => {
    const line = questionOf(PRICE, BOB.address)
    assert.equal(line.includes("\n"), false)
    assert.deepEqual(JSON.parse(line), {
      topicId: TOPIC,
      epoch: 1,
      metadata: "S&P 500: the next trading day's close, in index points",
      labels: ["y"],
      minimum: "1",
      maximum: "100000",
      opensAt: OPENS,
      closesAt: OPENS + HOUR,
      observedAt: OPENS + HOUR,
      aboutAt: OPENS + 23 * HOUR,
      owner: BOB.address,
      roles: ["inferer", "forecaster"],
      inferers: [
        { seat: 0, owner: FIRST_OWNER },
        { seat: 1, owner: ALICE.address },
        { seat: 2, owner: BOB.address },
      ],
    })
    assert.deepEqual(JSON.parse(questionOf(PRICE, FORECASTING_OWNER)).roles, ["forecaster"])
  })
})

describe("a decimal", () => {
  const cases: readonly [string, bigint | undefined][] = [
    ["1", ONE],
    ["-0.5", -ONE / 2n],
    ["1320.280029296875", 1_320_280_029_296_875_000_000n],
    // 0.1 + 0.2 as Python writes it: no float here makes anything else of it.
    ["0.30000000000000004", 300_000_000_000_000_040n],
    [
      "123456789012345678901.123456789012345678",
      123_456_789_012_345_678_901_123_456_789_012_345_678n,
    ],
    ["1e3", 1_000n * ONE],
    ["1.25E-2", 125n * 10n ** 14n],
    ["-2.5e+1", -25n * ONE],
    ["1e-18", 1n],
    // Cut off, toward zero.
    ["1.9e-18", 1n],
    ["-1.9e-18", -1n],
    ["0.0000000000000000019", 1n],
    ["1e-400", 0n],
    ["1e400", 10n ** 418n],
    ...[
      "",
      " 1",
      "1 ",
      "+1",
      ".5",
      "1.",
      "1,5",
      "0x10",
      "NaN",
      "Infinity",
      "1e",
      "1e1000",
      "--1",
      "1_000",
    ].map((text): [string, undefined] => [text, undefined]),
  ]
  for (const [text, expected] of cases)
    it(`reads "${text}" as ${expected}`, () => assert.equal(wadOf(text), expected))
})

describe("an answer", () => {
  it("is a value, as text or as a number read from its own digits", () => {
    for (const text of ['"0.30000000000000004"', "0.30000000000000004", "30000000000000004e-17"])
      assert.deepEqual(readAnswer(`{"value": ${text}}`, PRICE), {
        inference: [300_000_000_000_000_040n],
      })
    // As a float this would be 9007199254740992.
    assert.deepEqual(readAnswer('{"value":9007199254740993}\n', PRICE), {
      inference: [9_007_199_254_740_993n * ONE],
    })
  })

  it("is a value a label, in the topic's order, with the default for one left out", () => {
    const answer = '{"values": {"sun": 0.25, "rain": "0.5", "drizzle": 25e-2, "fog": 0}}'
    assert.deepEqual(readAnswer(answer, WEATHER), {
      inference: [ONE / 4n, 0n, ONE / 2n, 0n, ONE / 4n],
    })
    assert.deepEqual(readAnswer('{"values": {"y": 2}}', PRICE), { inference: [2n * ONE] })
  })

  it("is forecasts by owner, which become losses by ascending seat", () => {
    const checksummed = BOB.address.toUpperCase().replace("0X", "0x")
    const forecasts = JSON.stringify({ [checksummed]: "-1.2", [FIRST_OWNER]: 3 })
    const forecast = [
      { seat: 0, loss: 3n * ONE },
      { seat: 2, loss: (-12n * ONE) / 10n },
    ]
    assert.deepEqual(readAnswer(`{"forecasts": ${forecasts}}`, PRICE), { forecast })
    assert.deepEqual(readAnswer(`{"value": 1, "forecasts": ${forecasts}}`, PRICE), {
      inference: [ONE],
      forecast,
    })
    assert.deepEqual(readAnswer('{"value": 1, "forecasts": {}}', PRICE), { inference: [ONE] })
  })

  const malformed = [
    "",
    "1320.25",
    "null",
    "[]",
    "{}",
    '{"value": NaN}',
    '{"value": 1',
    '{"value": 1} {"value": 2}',
    '{"value": null}',
    '{"value": true}',
    '{"value": [1]}',
    '{"value": {"value": 1}}',
    '{"valeu": 1}',
    '{"value": 1, "more": 2}',
    '{"value": 1, "values": {"y": 1}}',
    '{"values": [1]}',
    '{"values": {"y": null}}',
    '{"forecasts": [1]}',
    `{"value": ${"[".repeat(30_000)}`,
    `{"value": ${"[".repeat(30_000)}${"]".repeat(30_000)}}`,
  ]
  const faults: readonly [string, string, EpochTerms][] = [
    ...malformed.map((text): [string, string, EpochTerms] => ["AnswerMalformed", text, PRICE]),
    ["AnswerNotANumber", '{"value": "about 3"}', PRICE],
    ["AnswerNotANumber", '{"value": 1e9999}', PRICE],
    ["AnswerNotANumber", '{"values": {"y": "nan"}}', PRICE],
    ["AnswerNotANumber", `{"forecasts": {"${FIRST_OWNER}": "low"}}`, PRICE],
    ["WrongLabels", '{"value": 1}', WEATHER],
    ["WrongLabels", '{"values": {}}', WEATHER],
    ["WrongLabels", '{"values": {"hail": 1}}', WEATHER],
    ["WrongInferers", `{"forecasts": {"${FORECASTING_OWNER}": 1}}`, PRICE],
    [
      "WrongInferers",
      `{"forecasts": {"${ALICE.address}": 1, "${ALICE.address.toUpperCase()}": 1}}`,
      PRICE,
    ],
  ]
  for (const [index, [code, text, terms]] of faults.entries()) {
    it(`is refused as ${code}, with what was given and required: ${index} ${text.slice(0, 40)}`, () => {
      const said = readAnswer(text, terms)
      assert.ok(isRefusal(said), JSON.stringify(said))
      assert.equal(said.code, code)
      assert.ok(said.given && said.required)
      assert.ok(said.given.length < 300, "what was given goes into a log line")
    })
  }

  it("is shown without what could write over a terminal", () => {
    const said = readAnswer("\u001b[2J\u0007 boo\nboo", PRICE)
    assert.ok(isRefusal(said))
    assert.equal(said.given, 'no JSON, in "[2J boo boo"')
  })
})
