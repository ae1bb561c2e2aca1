import assert from "node:assert/strict"
import { describe, it } from "node:test"
import fc from "fast-check"
import { formatUnits, parseUnits } from "viem"
import { listenAddress } from "../../offchain/config.ts"
import { decimal, parseDecimal } from "../../offchain/decimal.ts"
import { NodeError } from "../../offchain/errors.ts"
import { TOPICS, topicTemplate } from "../../offchain/models/topics.ts"
import { parametersFromJson, parametersToJson } from "../../offchain/parameters.ts"

const refusedAs = (code: string) => (error: unknown) =>
  error instanceof NodeError && error.code === code

describe("decimal", () => {
  it("writes and reads a Wad exactly, as viem does", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 127n), max: 2n ** 127n - 1n }), (wad) => {
        assert.equal(decimal(wad), formatUnits(wad, 18))
        assert.equal(parseDecimal(decimal(wad)), wad)
        assert.equal(parseDecimal(decimal(wad)), parseUnits(decimal(wad), 18))
      }),
    )
  })

  it("reads nothing but plain decimals of at most 18 places", () => {
    const wrong = [
      "",
      ".",
      "1.",
      ".5",
      "1e3",
      "+1",
      "0x1",
      "1,5",
      " 1",
      "1.0000000000000000001",
      "NaN",
      "--1",
    ]
    for (const text of wrong) assert.equal(parseDecimal(text), undefined, text)
    assert.equal(parseDecimal("-0.5"), -(10n ** 18n) / 2n)
  })
})

describe("parameters", () => {
  it("survive being written as JSON and read again", () => {
    assert.ok(TOPICS.length >= 2)
    for (const { name } of TOPICS) {
      const parameters = topicTemplate(name, { start: 1_800_000_000 })
      assert.deepEqual(parametersFromJson(parametersToJson(parameters)), parameters)
    }
  })

  it("are refused with the path of the field that is wrong", () => {
    const text = parametersToJson(topicTemplate("sp500", { start: 1_800_000_000 }))
    const change = (edit: (json: Record<string, Record<string, unknown>>) => void) => {
      const json = JSON.parse(text)
      edit(json)
      return JSON.stringify(json)
    }
    const wrong: [RegExp, string][] = [
      [
        /arithmetic\.pNorm/,
        change(({ arithmetic }) => Object.assign(arithmetic as object, { pNorm: 3 })),
      ],
      [
        /arithmetic\.epsilon/,
        change(({ arithmetic }) => Object.assign(arithmetic as object, { epsilon: "1e-4" })),
      ],
      [/schedule\.lag/, change(({ schedule }) => Object.assign(schedule as object, { lag: -1 }))],
      [
        /seating\.infererSeats/,
        change(({ seating }) => Object.assign(seating as object, { infererSeats: 256 })),
      ],
      [/topicType/, change((json) => Object.assign(json, { topicType: "oracle" }))],
      [/surprise|the top/, change((json) => Object.assign(json, { surprise: 1 }))],
    ]
    for (const [path, json] of wrong)
      assert.throws(
        () => parametersFromJson(json),
        (error) => refusedAs("ParametersMalformed")(error) && path.test((error as Error).message),
      )
    assert.throws(() => parametersFromJson("{"), refusedAs("ParametersMalformed"))
  })
})

describe("listenAddress", () => {
  it("is loopback unless more is asked for", () => {
    assert.deepEqual(listenAddress(undefined), { host: "127.0.0.1" })
    assert.deepEqual(listenAddress("0.0.0.0:9000"), { host: "0.0.0.0", port: 9000 })
    assert.deepEqual(listenAddress("[::1]:9000"), { host: "::1", port: 9000 })
    for (const text of ["9000", "host:", "host:70000", "a:b:c", ""])
      assert.throws(() => listenAddress(text), refusedAs("NotAnAddress"), text)
  })
})
