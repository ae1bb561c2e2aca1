// Rows stand in Solidity (the norm) and in TypeScript; here they are held to each other.
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { describe, it } from "node:test"
import { network } from "hardhat"
import { type Hex, keccak256 } from "viem"
import type { Parameters } from "../../contracts/index.ts"
import { KIND } from "../../wasm/rows.ts"

const norm = readFileSync(new URL("../../contracts/types/Rows.sol", import.meta.url), "utf8")

describe("kinds of rows", () => {
  it("are the same in both languages", () => {
    const declared = [...norm.matchAll(/uint8 constant (ROW|LIST)_(\w+) = (0x\w\w);/g)].map(
      ([, sort, name, kind]) => {
        const word = (name as string)
          .toLowerCase()
          .replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
        return [sort === "ROW" && word === "context" ? "reportContext" : word, Number(kind)]
      },
    )
    assert.equal(declared.length, 33)
    assert.deepEqual(Object.fromEntries(declared), { ...KIND })
  })

  it("have a line each in the table, and no other has", () => {
    const lines = [...norm.matchAll(/^\/\/ (0x\w\w) {2}\w/gm)].map(([, kind]) => Number(kind))
    const lists: number[] = [KIND.inputs, KIND.state, KIND.outputs]
    const kinds = Object.values(KIND).filter((kind) => !lists.includes(kind))
    const ascending = (values: number[]) => [...values].sort((a, b) => a - b)
    assert.deepEqual(ascending(lines), ascending(kinds))
  })
})

type Vector = { row: Hex; hash: Hex; says: Record<string, unknown> }

const vector: Vector = JSON.parse(
  readFileSync(new URL("../vectors/rows.json", import.meta.url), "utf8"),
).parameters

/** The vector writes Wads and amounts as text, since JSON has no integers of their size. */
function integers(group: unknown): unknown {
  return Object.fromEntries(
    Object.entries(Object(group)).map(([name, value]) => [
      name,
      typeof value === "string" ? BigInt(value) : value,
    ]),
  )
}

describe("the parameters' row", () => {
  it("has the bytes of the shared vector on the chain", async () => {
    // The vector's range holds more than probabilities, so the chain takes it as a regression with the absolute loss:
    // two bytes of its row are others.
    const { says, row } = vector
    assert.equal(keccak256(row), vector.hash)
    const [classification, crossEntropy] = ["02", "03"]
    assert.equal(row.slice(2, 12), `11${classification}01${crossEntropy}01`)
    const expected: Hex = `0x1101010201${row.slice(12)}`
    const parameters = {
      ...says,
      topicType: 1,
      lossMethod: 2,
      arithmetic: integers(says.arithmetic),
      money: integers(says.money),
    } as unknown as Parameters

    const { viem } = await network.create("home")
    const [wallet] = await viem.getWalletClients()
    const holder = wallet.account.address
    const allo = await viem.deployContract("Allo", [[holder], [10n ** 27n]])
    const topics = await viem.deployContract("Topics", [allo.address, holder, 0n, 0n, 3_600])
    await topics.write.create([parameters])
    const hash = await topics.read.parametersAt([1, 11])
    assert.equal(hash, keccak256(expected))
    assert.equal(await topics.read.parametersRow([hash]), expected)
  })
})
