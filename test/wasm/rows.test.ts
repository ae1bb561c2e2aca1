// The rows in TypeScript against test/vectors/rows.json, which Rust writes: the same bytes, hashes and refusals.
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { before, describe, it } from "node:test"
import fc from "fast-check"
import { bytesToHex, type Hex, hexToBytes } from "viem"
import * as core from "../../wasm/index.ts"
import { parametersOf } from "../support/epochs.ts"

type Example = {
  readonly kind: string
  readonly says: unknown
  readonly row: Hex
  readonly hash: Hex
  readonly flipped: string
}
type List = {
  readonly name: string
  readonly kind: core.ListKind
  readonly rows: readonly Hex[]
  readonly list: Hex
  readonly hash: Hex
}

const file = JSON.parse(readFileSync(new URL("../vectors/rows.json", import.meta.url), "utf8")) as {
  parameters: Example
  rows: readonly Example[]
  lists: readonly List[]
  quality: Hex
}

/** What an example says: text of digits is a wide integer, null stands for what is absent. */
function revived(value: unknown): unknown {
  if (value === null) return undefined
  if (typeof value === "string" && /^-?\d+$/.test(value)) return BigInt(value)
  if (Array.isArray(value)) return value.map(revived)
  if (typeof value !== "object") return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, revived(each)]))
}

type Coder = {
  readonly encode: (value: unknown) => Uint8Array
  readonly decode: (row: Uint8Array) => unknown
}

function coderOf(kind: string): Coder {
  const name = `${kind[0]?.toUpperCase()}${kind.slice(1)}`
  const functions = core as unknown as Readonly<Record<string, unknown>>
  const encode = functions[kind === "parameters" ? "encodeParametersRow" : `encode${name}`]
  const decode = functions[`decode${name}`]
  assert.equal(typeof encode, "function", kind)
  assert.equal(typeof decode, "function", kind)
  return { encode, decode } as Coder
}

const examples = [file.parameters, ...file.rows]
const malformed = { name: "CoreError", code: "MalformedRow" }

function decodes({ decode }: Coder, row: Uint8Array): boolean {
  try {
    decode(row)
    return true
  } catch (error) {
    assert.equal((error as core.CoreError).code, "MalformedRow")
    return false
  }
}

describe("rows", () => {
  it("has an example of every kind", () => {
    const kinds = new Set(examples.map(({ kind }) => kind))
    const lists = ["inputs", "state", "outputs"]
    const all = Object.keys(core.KIND).filter((kind) => !lists.includes(kind))
    assert.deepEqual([...kinds].sort(), all.sort())
  })

  it("encodes the parameters' struct to the row", () => {
    const said = revived(file.parameters.says) as core.Parameters
    assert.equal(bytesToHex(core.encodeParameters(said)), file.parameters.row)
    assert.equal(core.rowHash(core.encodeParameters(said)), file.parameters.hash)
  })

  for (const { kind, says, row, hash, flipped } of examples) {
    const coder = coderOf(kind)
    const bytes = hexToBytes(row)

    it(`${kind}: encodes, decodes and hashes as in Rust`, () => {
      if (kind !== "parameters") {
        assert.equal(bytesToHex(coder.encode(revived(says))), row)
        assert.deepEqual(coder.decode(bytes), revived(says))
      }
      assert.equal(bytesToHex(coder.encode(coder.decode(bytes))), row)
      assert.equal(core.rowHash(bytes), hash)
      assert.equal(bytes[0], core.KIND[kind as keyof typeof core.KIND])
    })

    it(`${kind}: refuses the flipped bits that Rust refuses, and only those`, () => {
      const found = Array.from(bytes, (_, at) => {
        const changed = bytes.slice()
        changed[at] = (changed[at] as number) ^ (1 << (at % 8))
        return decodes(coder, changed) ? "1" : "0"
      })
      assert.equal(found.join(""), flipped)
    })

    it(`${kind}: refuses every cut, and a byte more`, () => {
      for (let length = 0; length < bytes.length; length++) {
        assert.throws(() => coder.decode(bytes.slice(0, length)), malformed)
      }
      assert.throws(() => coder.decode(Uint8Array.of(...bytes, 0)), malformed)
    })

    it(`${kind}: changed bytes are the same row or none`, () => {
      const change = fc.record({
        at: fc.nat(bytes.length - 1),
        remove: fc.nat(2),
        insert: fc.uint8Array({ maxLength: 2 }),
      })
      fc.assert(
        fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
          const changed = [...bytes]
          for (const { at, remove, insert } of changes) changed.splice(at, remove, ...insert)
          const given = Uint8Array.from(changed)
          if (decodes(coder, given)) assert.deepEqual(coder.encode(coder.decode(given)), given)
        }),
        { numRuns: 500, seed: 3 },
      )
    })
  }

  it("refuses to encode what would not decode", () => {
    const refused = (encode: () => unknown) => assert.throws(encode, malformed)
    const value = 2n ** 127n
    refused(() => core.encodeInferences({ label: 0, entries: [{ seat: 0, value }] }))
    refused(() => core.encodeInferences({ label: 0, entries: [{ seat: 0x80, value: 0n }] }))
    refused(() => core.encodeInferences({ label: 65_536, entries: [] }))
    refused(() => core.encodeInferences({ label: 0.5, entries: [] }))
    refused(() => core.encodeForecast({ seat: 0x7f, entries: [] }))
    const twice = [0, 0].map((seat) => ({ seat, value: 0n }))
    refused(() => core.encodeInferences({ label: 0, entries: twice }))
    refused(() => core.encodeVersion(2))
    refused(() => core.encodeRegistrations({ number: 0, entries: [] }))
    refused(() => core.encodeRoster([{ seat: 0, owner: "0x12" }]))
    const waiting = Array(core.MAX_WAITING + 1).fill({ roles: 1, owner: `0x${"12".repeat(20)}` })
    refused(() => core.encodeSeats({ seated: [], waiting }))
    refused(() => core.encodeSeats({ seated: [], waiting: [{ ...waiting[0], roles: 4 }] }))
    const [low, high] = [`0x${"1a".repeat(20)}`, `0x${"1B".repeat(20)}`] as [Hex, Hex]
    core.encodeElectorate([low, high].map((reputer) => ({ reputer, stake: 1n })))
    refused(() => core.encodeElectorate([high, low].map((reputer) => ({ reputer, stake: 1n }))))
    refused(() => core.encodeElectorate([low, low].map((reputer) => ({ reputer, stake: 1n }))))
    refused(() => core.encodeElectorate([{ reputer: low, stake: 0n }]))
    refused(() => core.encodeWeights([{ seat: 0, weight: 0 as unknown as bigint }]))
    refused(() => core.listRow(core.KIND.inputs, Array(512).fill(Uint8Array.of(1))))
    refused(() => core.decodeWeights(new Uint8Array(core.MAX_ROW_BYTES + 1)))
  })
})

describe("lists", () => {
  before(core.load)

  for (const { name, kind, rows, list, hash } of file.lists) {
    it(`${name}: has Rust's bytes and hash`, () => {
      const bytes = rows.map((row) => hexToBytes(row))
      assert.equal(bytesToHex(core.listRow(kind, bytes)), list)
      assert.equal(core.listHash(kind, bytes), hash)
    })
  }

  const of = (name: string) =>
    file.lists.find((list) => list.name === name)?.rows.map((row) => hexToBytes(row)) ?? []

  it("infer makes Rust's outputs of the inputs and the state", () => {
    assert.deepEqual(core.infer(of("inputs"), of("state")), of("outputs"))
  })

  it("settle makes Rust's outputs and state of truths, and of a missed epoch", () => {
    assert.deepEqual(core.settle(of("truths"), of("state")), {
      outputs: of("settled"),
      state: of("learned"),
    })
    assert.deepEqual(core.settle(of("missed"), of("state")), {
      outputs: [],
      state: of("carried"),
    })
    assert.equal(core.quality(of("truths"), of("learned")), file.quality)
  })

  it("genesis makes Rust's state of the parameters", () => {
    assert.deepEqual(core.genesis(of("inputs")[0] as Uint8Array), of("genesis"))
    assert.throws(() => core.genesis(Uint8Array.of(0x11)), malformed)
    const wide = parametersOf(1, { maximum: 10n ** 33n + 1n })
    assert.throws(() => core.genesis(core.encodeParameters(wide)), {
      code: "ParameterOutOfRange",
    })
  })
})
