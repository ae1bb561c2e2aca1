// Rows stand in Solidity (the norm) and in TypeScript; here they are held to each other.
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { describe, it } from "node:test"
import { network } from "hardhat"
import { bytesToHex } from "viem"
import type { Parameters } from "../../contracts/index.ts"
import { encodeParameters, KIND, rowHash } from "../../wasm/rows.ts"

const norm = readFileSync(new URL("../../contracts/types/Rows.sol", import.meta.url), "utf8")

describe("kinds of rows", () => {
  it("are the same in both languages", () => {
    const declared = [...norm.matchAll(/uint8 constant (ROW|LIST)_(\w+) = (0x\w\w);/g)].map(
      ([, sort, name, kind]) => {
        const word = (name as string).toLowerCase()
        return [sort === "ROW" && word === "context" ? "reportContext" : word, Number(kind)]
      },
    )
    assert.equal(declared.length, 17)
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

describe("the parameters' row", () => {
  // Every field has its own value, so that two fields in the wrong order do not pass.
  const parameters: Parameters = {
    topicType: 2,
    truthSource: 1,
    lossMethod: 3,
    weightRule: 1,
    maxLabels: 3,
    allowNegative: false,
    rowsPublished: false,
    history: 7,
    metadata: "who wins",
    labels: ["home", "draw", "away ✓"],
    schedule: {
      start: 1_900_000_000,
      firstEpoch: 11,
      length: 86_400,
      windowOpens: 70_000,
      windowLength: 3_601,
      lag: 7_202,
      truthWindow: 1_803,
      deadline: 43_204,
    },
    arithmetic: {
      pNorm: 3_000_000_000_000_000_001n,
      cNorm: -750_000_000_000_000_002n,
      alphaRegret: 100_000_000_000_000_003n,
      alphaScore: 200_000_000_000_000_004n,
      alphaError: 300_000_000_000_000_005n,
      epsilon: 10_000_000_000_000_006n,
      lossFloor: 7n,
      minimum: 8n,
      maximum: 900_000_000_000_000_009n,
      requireUnity: true,
      unityTolerance: 10n,
      labelDefault: 11n,
      infererQuantile: 250_000_000_000_000_012n,
      forecasterQuantile: 260_000_000_000_000_013n,
      reputerQuantile: 270_000_000_000_000_014n,
    },
    seating: {
      infererSeats: 32,
      forecasterSeats: 6,
      newcomerSeats: 5,
      benchSize: 4,
      rewardedInferers: 31,
      workersListed: false,
      reputersListed: false,
    },
    money: { truthTolerance: 15n, slashTolerance: 16n, workerBond: 0n, reputerMinimum: 0n },
  }

  it("has the same bytes on the chain and in TypeScript", async () => {
    const { viem } = await network.create("home")
    const [wallet] = await viem.getWalletClients()
    const holder = wallet.account.address
    const allo = await viem.deployContract("Allo", [[holder], [10n ** 27n]])
    const topics = await viem.deployContract("Topics", [allo.address, holder, 0n, 0n, 3_600])
    await topics.write.create([parameters])
    const row = encodeParameters(parameters)
    const hash = await topics.read.parametersAt([1, 11])
    assert.equal(hash, rowHash(row))
    assert.equal(await topics.read.parametersRow([hash]), bytesToHex(row))
  })
})
