// Whom rows are asked of, what is made of rows that make no sense, and the round numbers of a plot.
import assert from "node:assert/strict"
import { before, describe, it } from "node:test"
import type { Hex } from "viem"
import { escaped, ticks } from "../../indexer/explorer/plot.ts"
import { contentOf } from "../../indexer/rows/content.ts"
import type { Database } from "../../indexer/rows/database.ts"
import { startFill } from "../../indexer/rows/fill.ts"
import { createSource, orPublished } from "../../indexer/rows/source.ts"
import { until } from "../../offchain/demo/network.ts"
import {
  encodeInferences,
  encodeParameters,
  encodeRegistrations,
  encodeReportContext,
  encodeSeats,
  encodeVersion,
  KIND,
  listRow,
  load,
  rowHash,
} from "../../wasm/index.ts"
import { parametersOf, WAD } from "../support/epochs.ts"

const hashOf = (digit: string): Hex => `0x${digit.repeat(64)}`

/** Members that answer or do not, and who was asked in which order. */
function members(...down: string[]) {
  const isDown = new Set(down)
  const asked: string[] = []
  const time = { now: 0 }
  const get = createSource(async () => ["a", "b", "c"], {
    now: () => time.now,
    async fetch(hash, _what, urls) {
      const [url] = urls
      if (url === undefined) throw new Error("nobody")
      asked.push(url)
      if (isDown.has(url)) throw new Error(`${url} is down`)
      return Uint8Array.from([Number.parseInt(hash.slice(2, 3), 16)])
    },
  })
  return { get, asked, isDown, time }
}

describe("the source of rows", () => {
  it("asks again whom it has found to answer", async () => {
    const { get, asked } = members("a")
    await get(hashOf("1"), "first")
    await get(hashOf("2"), "second")
    assert.deepEqual(asked, ["a", "b", "b"])
  })

  it("asks for no row twice", async () => {
    const { get, asked } = members()
    assert.deepEqual(await get(hashOf("3"), "row"), await get(hashOf("3"), "row"))
    assert.deepEqual(asked, ["a"])
  })

  it("lets a member that did not answer rest for five seconds", async () => {
    const { get, asked, isDown, time } = members("a")
    await get(hashOf("1"), "row")
    isDown.delete("a")
    isDown.add("b")
    time.now = 4_999
    await get(hashOf("2"), "row")
    assert.deepEqual(asked, ["a", "b", "b", "c"])
    isDown.add("c")
    time.now = 5_001
    await get(hashOf("4"), "row")
    assert.deepEqual(asked.slice(4), ["c", "a"])
  })

  it("tries one and no more when all of them rest", async () => {
    const { get, asked } = members("a", "b", "c")
    await assert.rejects(get(hashOf("1"), "row"), /c is down/)
    await assert.rejects(get(hashOf("1"), "row"))
    assert.equal(asked.length, 4)
  })
})

describe("a row that no member serves", () => {
  const get = async () => {
    throw new Error("nobody serves it")
  }

  it("is taken from the chain where somebody has published it", async () => {
    const source = orPublished(get, async (hash) => (hash === hashOf("1") ? "0x1234" : undefined))
    assert.deepEqual(await source(hashOf("1"), "row"), Uint8Array.from([0x12, 0x34]))
    await assert.rejects(source(hashOf("2"), "row"), /nobody serves it/)
  })

  it("is not looked for on the chain while a member serves it", async () => {
    const source = orPublished(
      async () => Uint8Array.of(7),
      async () => assert.fail("asked"),
    )
    assert.deepEqual(await source(hashOf("1"), "row"), Uint8Array.of(7))
  })
})

describe("whose an inference is", () => {
  const [ALICE, BOB, CAROL] = ["a", "b", "c"].map((digit): Hex => `0x${digit.repeat(40)}`) as [
    Hex,
    Hex,
    Hex,
  ]
  const NONE = hashOf("0")
  const base = parametersOf(1)
  const parameters = encodeParameters({
    ...base,
    seating: { ...base.seating, infererSeats: 2, newcomerSeats: 1 },
  })
  const said = encodeInferences({ label: 0, entries: [0, 1].map((seat) => ({ seat, value: WAD })) })

  /** The workers of the two inferences in a report with these inputs, that rests on this state. */
  async function workersOf(
    inputs: readonly Uint8Array[],
    state: readonly Uint8Array[],
    settledLeaf: Hex,
  ) {
    const lists = [listRow(KIND.inputs, inputs), listRow(KIND.state, state)] as const
    const outputs = listRow(KIND.outputs, [])
    const context = encodeReportContext({
      parametersHash: rowHash(parameters),
      settledEpoch: settledLeaf === NONE ? 0 : 7,
      settledLeaf,
      stateHash: rowHash(lists[1]),
      inputsHash: rowHash(lists[0]),
      outputsHash: rowHash(outputs),
    })
    const rows = new Map(
      [context, ...lists, outputs, ...inputs, ...state].map((row) => [rowHash(row), row]),
    )
    const { inference } = await contentOf(
      rowHash(context),
      async (hash) => rows.get(hash) as Uint8Array,
    )
    return inference.map(({ seat, worker }) => [seat, worker])
  }

  before(load)

  it("follows from the registrations before the first settlement", async () => {
    const entry = (change: "joined" | "left", owner: Hex) => ({
      ...{ change, roles: 1, owner, signer: owner },
    })
    // Two seats: Carol waits until Alice leaves hers.
    const entries = [
      entry("joined", ALICE),
      entry("joined", BOB),
      entry("joined", CAROL),
      entry("left", ALICE),
    ]
    const inputs = [parameters, said, encodeRegistrations({ number: 0, entries })]
    assert.deepEqual(await workersOf(inputs, [], NONE), [
      [0, CAROL],
      [1, BOB],
    ])
  })

  it("is a row of the state that the report names after it", async () => {
    const seated = [
      { seat: 0, owner: BOB },
      { seat: 1, owner: CAROL },
    ]
    const state = [encodeVersion(1), encodeSeats({ seated, waiting: [] })]
    assert.deepEqual(await workersOf([parameters, said], state, hashOf("9")), [
      [0, BOB],
      [1, CAROL],
    ])
  })
})

describe("rows that make no sense", () => {
  it("are refused by the name that the core has for them", async () => {
    const get = async () => Uint8Array.from([0x01, 0x02])
    await assert.rejects(contentOf(hashOf("1"), get), { code: "MalformedRow" })
  })

  it("are kept as unreadable, so that nobody waits for them", async () => {
    const kept: unknown[][] = []
    const isHeld = () => kept.length > 0
    const database: Database = {
      async query<Row>(text: string, values: readonly unknown[] = []) {
        if (text.startsWith("WITH")) kept.push([...values])
        const found = { context: hashOf("5"), block: "9", kind: "report" }
        const rows = text.includes("max(block)")
          ? [{ top: "9" }]
          : text.includes("held") && !isHeld()
            ? [found]
            : []
        return rows as Row[]
      },
      execute: async () => undefined,
    }
    const fill = startFill({
      database,
      schema: "x",
      get: async () => Uint8Array.from([0x01]),
      isReady: async () => true,
      failed: (error) => assert.fail(String(error)),
    })
    await until("it to be kept", async () => (isHeld() ? true : undefined))
    fill.stop()
    const [context, ...others] = (kept[0] as string[]).map((text) => JSON.parse(text))
    assert.deepEqual(context, [{ hash: hashOf("5"), kind: "report", is_readable: false }])
    assert.ok(others.every((rows) => rows.length === 0))
    assert.equal(fill.pending(), 0)
  })
})

describe("a plot", () => {
  it("has round numbers on its axis", () => {
    assert.deepEqual(ticks(1_271, 1_352), [1_275, 1_300, 1_325, 1_350])
    assert.deepEqual(ticks(0, 1), [0, 0.25, 0.5, 0.75, 1])
    assert.deepEqual(ticks(5, 5), [5])
  })
  it("takes names from the chain as text", () => {
    assert.equal(escaped(`<b a="1">&`), "&lt;b a=&quot;1&quot;&gt;&amp;")
  })
})
