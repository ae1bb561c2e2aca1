// Step 6 on chain and in the core: each row of random settlements, from bare rows, bit for bit.
import assert from "node:assert/strict"
import { before, describe, it } from "node:test"
import { network } from "hardhat"
import { bytesToHex } from "viem"
import {
  decodeSeats,
  encodeParameters,
  encodeRegistrations,
  genesis,
  KIND,
  listHash,
  load,
  type Registration,
} from "../../../wasm/index.ts"
import { parametersOf, randomOf } from "../../support/epochs.ts"
import { addressOf, randomParameters } from "../../support/settlement/world.ts"
import { compareChains } from "../../support/verifier/comparison.ts"
import { deployed, type Judge } from "../../support/verifier/deployed.ts"
import { compared } from "../../support/verifier/rows.ts"
import { evidenceOf, honest, type Rows, type Shown } from "../../support/verifier/settlements.ts"

const CHAINS = 30
const EPOCHS = 10

describe("the settlement's twin", () => {
  let judge: Judge
  before(async () => {
    await load()
    judge = await deployed()
  })

  it(`gives the core's rows in ${CHAINS} chains of ${EPOCHS} random epochs`, async () => {
    const { rows, edges, unsettled } = await compareChains(judge.ask, {
      first: 1,
      chains: CHAINS,
      epochs: EPOCHS,
      tablesOf: (random) => [random.integer(0, 31), random.integer(0x80, 0x85)],
    })
    const epochs = CHAINS * EPOCHS - unsettled
    const missed = edges.get("missed") ?? 0
    for (const kind of ["seatsRow", "regretsRow", "inclusionsRow", "qualityRow", "qualityWord"]) {
      assert.equal(rows.get(kind), epochs, kind)
    }
    for (const kind of ["truthRow", "lossesRow", "counterfactualLossesRow", "errorsRow"]) {
      assert.equal(rows.get(kind), epochs - missed, kind)
    }
    assert.equal(rows.get("oneOutTable"), 2 * epochs)
    assert.equal(rows.get("oneInTable"), epochs)
    assert.equal(rows.get("truthMissing"), unsettled)
    assert.ok(epochs > 200 && unsettled > 5, `${epochs} settled, ${unsettled} not`)
    for (const [edge, count] of EDGES) {
      assert.ok((edges.get(edge) ?? 0) >= count, `${edge}: ${edges.get(edge)}`)
    }
  })

  it("seats from queues as long as they get, by registrations in several rows", async () => {
    const random = randomOf(5)
    const parameters = encodeParameters(parametersOf(1))
    let parent: Shown | undefined
    let before: Rows = genesis(parameters)
    for (const count of [800, 395, 5]) {
      const changes = Array.from({ length: count }, (): Registration => {
        const change = parent && random.chance(0.4) ? "left" : "joined"
        return {
          change,
          roles: random.integer(1, 3),
          owner: addressOf(random.integer(1, 900)),
          signer: addressOf(1),
        }
      })
      const rows = [0, 1, 2].map((number) => ({
        number,
        entries: changes.slice(380 * number, 380 * (number + 1)),
      }))
      const registered = rows.filter(({ entries }) => entries.length > 0).map(encodeRegistrations)
      const shown = honest(1, [parameters, ...registered], before, parent)
      for (const { kind, given, expected } of await compared(judge.ask, shown, [])) {
        assert.equal(given, expected, `${count} ${kind}`)
      }
      assert.equal(await judge.judge(shown, "Seats"), false)
      // Of the first row's registrations all but four are left out.
      const { rows: given, ...lists } = evidenceOf(shown, "Seats")
      const short = encodeRegistrations({ number: 0, entries: changes.slice(0, 4) })
      const some = given.map((row) =>
        row === bytesToHex(registered[0] as Uint8Array) ? bytesToHex(short) : row,
      )
      assert.equal(await judge.judge(shown, "Seats", 0, { ...lists, rows: some }), "HashMismatch")
      const { waiting } = decodeSeats(shown.state[1] as Uint8Array)
      if (!parent) assert.equal(waiting.length, 512)
      ;[parent, before] = [shown, shown.state]
    }
  })

  it("has the core's first state", async () => {
    const { viem } = await network.create("home")
    const harness = await viem.deployContract("GenesisHarness")
    for (let seed = 1; seed <= 20; seed++) {
      const parameters = encodeParameters(randomParameters(randomOf(seed)))
      const expected = listHash(KIND.state, genesis(parameters))
      assert.equal(await harness.read.stateHash([bytesToHex(parameters)]), expected)
    }
  })
})

/** What is met at least so many times. */
const EDGES: readonly (readonly [string, number])[] = [
  ["missed", 10],
  ["first of all", 5],
  ["all new", 10],
  ["saturated", 3],
  ["widened", 30],
  ["waiting", 10],
  ["leavers", 10],
  ["newcomers", 10],
  ["one inferer", 5],
  ["no forecasters", 10],
  ["forecasters", 30],
  ["classes", 20],
  ["many labels", 30],
  ["equal stakes", 10],
  ["two thirds", 20],
  ["tables", 10],
]
