// What is wrong with a settlement is found on chain by its own claim, and an honest one by none.
import assert from "node:assert/strict"
import { before, describe, it } from "node:test"
import { decodeForecast, KIND, load } from "../../../wasm/index.ts"
import { randomOf } from "../../support/epochs.ts"
import { chainOf } from "../../support/verifier/chains.ts"
import {
  type Claimed,
  claimsOf,
  flippedAt,
  inadmissible,
  madeRows,
} from "../../support/verifier/claims.ts"
import { deployed, type Judge } from "../../support/verifier/deployed.ts"
import {
  type Evidence,
  evidenceOf,
  forged,
  type Shown,
} from "../../support/verifier/settlements.ts"

const CHAINS = 12
const EPOCHS = 6
const FLIPS = 300
const SHUFFLES = 300
const GAS = 10_000_000n

/** The settlements of random chains. */
function* settlements(first: number, chains: number): Generator<Shown> {
  for (let seed = first; seed < first + chains; seed++) {
    for (const { shown } of chainOf(seed, EPOCHS)) if (shown) yield shown
  }
}

function found(is: (shown: Shown) => boolean): Shown {
  for (const shown of settlements(101, 400)) if (is(shown)) return shown
  throw new Error("no such settlement")
}

describe("claims about settlements", () => {
  let judge: Judge
  let all: readonly Shown[]
  /** With everything there is. */
  let full: Shown
  let missed: Shown
  let first: Shown
  before(async () => {
    await load()
    judge = await deployed()
    all = [...settlements(101, CHAINS)]
    full = found(({ inputs, state, isMissed, labels, registered, head, parent }) => {
      const forecasts = inputs.filter((row) => row[0] === KIND.forecast).length
      const isWhole = !isMissed && labels > 1 && forecasts > 1 && registered.length > 0
      const tables = state.filter((row) => row[0] === KIND.oneInRegrets).length
      return isWhole && parent !== undefined && tables > 1 && head[1] === 1
    })
    missed = found(({ isMissed, registered, parent }) =>
      Boolean(isMissed && registered.length > 0 && parent),
    )
    first = found(({ isMissed, parent }) => isMissed && !parent)
  })

  it("find nothing wrong with honest settlements", async () => {
    const judged = new Map<string, number>()
    const random = randomOf(3)
    for (const shown of [full, missed, first, ...all]) {
      for (const [claim, at] of claimsOf(shown)) {
        // There are many tables in all.
        if (shown !== full && claim.endsWith("Table") && random.chance(0.8)) continue
        assert.equal(await judge.judge(shown, claim, at), false, `${claim} ${at}`)
        judged.set(claim, (judged.get(claim) ?? 0) + 1)
      }
    }
    assert.equal(judged.size, 15)
    assert.ok(all.length >= 50, `${all.length}`)
    for (const [claim, count] of judged) assert.ok(count >= 25, `${claim} ${count}`)
  })

  it(`find each of ${FLIPS} flipped bits in outputs and made states, by the row's own claim`, async () => {
    const random = randomOf(7)
    const found = new Map<string, number>()
    for (let i = 0; i < FLIPS; i++) {
      // A third of them where everything stands, the others in chains and missed epochs at large.
      const shown = i % 3 === 0 ? full : (all[random.integer(0, all.length - 1)] as Shown)
      const place = random.integer(0, madeRows(shown).length - 1)
      const { wrong, claim } = flippedAt(shown, place, random.integer(0, 2 ** 20))
      assert.equal(await judge.judge(wrong, ...claim), true, `${claim}`)
      found.set(claim[0], (found.get(claim[0]) ?? 0) + 1)
    }
    assert.ok(found.size >= 8, `${[...found]}`)
  })

  it("find a flipped bit in each made row", async () => {
    const seen = new Set<string>()
    for (const place of madeRows(full).keys()) {
      const { wrong, claim } = flippedAt(full, place, 16)
      assert.equal(await judge.judge(wrong, ...claim), true, `${claim}`)
      seen.add(claim[0])
    }
    assert.equal(seen.size, 11)
  })

  it("find each input that is not admitted, and each list without its shape", async () => {
    const wrongs = inadmissible(full)
    assert.equal(wrongs.length, 27)
    for (const { name, wrong, claim } of wrongs) {
      assert.equal(await judge.judge(wrong, ...claim), true, name)
      const twin = claim[0] === "SettlementRow" ? false : await judge.judge(full, ...claim)
      assert.equal(twin, false, `the honest twin of ${name}`)
    }
  })

  it("find each input row that does not decode", async () => {
    for (let place = 1; place < full.inputs.length; place++) {
      const broken = (row: Uint8Array) => [
        row.slice(0, -1),
        Uint8Array.from([...row, 0]),
        new Uint8Array(),
        row.map((byte, i) => (i === 0 ? byte ^ 0x40 : byte)),
      ]
      for (const row of broken(full.inputs[place] as Uint8Array)) {
        const inputs = full.inputs.map((one, i) => (i === place ? row : one))
        // Evidence is made of the rows as they stand in the list.
        const wrong = forged(full, { inputs })
        const evidence = evidenceOf(wrong, "SettlementRow", place)
        assert.equal(await judge.judge(wrong, "SettlementRow", place, evidence), true, `${place}`)
      }
    }
  })

  it("find rows out of their order", async () => {
    const { inputs, labels } = full
    const at = labels + 1
    const count = inputs.filter((row) => row[0] === KIND.forecast).length
    const swapped = (one: number, other: number) =>
      inputs.map((row, i) =>
        i === one ? inputs[other] : i === other ? inputs[one] : row,
      ) as Uint8Array[]
    const cases: [Uint8Array[], number][] = [
      [swapped(at, at + 1), at],
      [inputs.map((row, i) => (i === at + 1 ? inputs[at] : row)) as Uint8Array[], at],
      [swapped(at + count - 1, at + count), at + count - 1],
      [
        inputs.map((row, i) => (i === at + count ? row.map((b, j) => (j === 2 ? 1 : b)) : row)),
        at + count - 1,
      ],
    ]
    for (const [changed, place] of cases) {
      const wrong = forged(full, { inputs: changed })
      const { rows, ...lists } = evidenceOf(wrong, "SettlementRow", place)
      const next = `0x${Buffer.from(changed[place + 1] as Uint8Array).toString("hex")}` as const
      const evidence = { ...lists, rows: [...rows, next] }
      assert.equal(await judge.judge(wrong, "SettlementRow", place, evidence), true, `${place}`)
    }
    // The honest order is none that is wrong.
    for (let place = at; place < at + count; place++) {
      const { rows, ...lists } = evidenceOf(full, "SettlementRow", place)
      const next = `0x${Buffer.from(inputs[place + 1] as Uint8Array).toString("hex")}` as const
      const evidence = { ...lists, rows: [...rows, next] }
      assert.equal(await judge.judge(full, "SettlementRow", place, evidence), false)
    }
  })

  it("find a table that is missing, one too many, and a list of tables that does not decode", async () => {
    for (const [kind, claim, place] of [
      [KIND.oneOutRegrets, "OneOutTable", 6],
      [KIND.oneInRegrets, "OneInTable", 7],
    ] as const) {
      const table = full.state.find((row) => row[0] === kind) as Uint8Array
      const seat = table[1] as number
      const without = forged(full, { state: full.state.filter((row) => row !== table) })
      assert.equal(await judge.judge(without, claim, seat), true)
      const more = table.map((byte, i) => (i === 1 ? 0xff : byte))
      const state = [...full.state, more].sort((a, b) =>
        Buffer.compare(a.subarray(0, 2), b.subarray(0, 2)),
      )
      assert.equal(await judge.judge(forged(full, { state }), claim, 0xff), true)
      assert.equal(await judge.judge(full, "Tables", place), false)
    }
  })

  it("find what a missed epoch changed but must not", async () => {
    assert.equal(await judge.judge(missed, "Seats"), false)
    const running = forged(missed, { running: `0x${"55".repeat(32)}` })
    assert.equal(await judge.judge(running, "Seats"), "HashMismatch")
    for (const shown of [missed, first]) {
      for (let kind = KIND.seats; kind <= KIND.quality; kind++) {
        const state = shown.state.map((row) =>
          row[0] === kind ? row.map((byte, i) => (i === row.length - 1 ? byte ^ 1 : byte)) : row,
        )
        const claim = ["Seats", "Regrets", "Errors", "Inclusions", "Quality"][kind - KIND.seats]
        assert.equal(await judge.judge(forged(shown, { state }), claim as string), true, claim)
      }
      const outputs = forged(shown, { outputs: [Uint8Array.from([0x34, 0, 0])] })
      assert.equal(await judge.judge(outputs, "SettlementLists"), true)
      const word = forged(shown, { quality: `0x${"01".repeat(32)}` })
      assert.equal(await judge.judge(word, "QualityWord"), true)
      const pot = forged(shown, { pot: 1n })
      assert.equal(await judge.judge(pot, "SettlementInputs", 8 << 16), true)
    }
  })

  it("take no evidence that is another settlement's, too much or too little", async () => {
    const random = randomOf(11)
    const said = new Map<string, number>()
    for (let i = 0; i < SHUFFLES; i++) {
      const shown = [full, missed, all[random.integer(0, all.length - 1)] as Shown][i % 3] as Shown
      const claims = claimsOf(shown)
      const [claim, at] = claims[random.integer(0, claims.length - 1)] as Claimed
      const other = all[random.integer(0, all.length - 1)] as Shown
      const evidence = twisted(random, evidenceOf(shown, claim, at), evidenceOf(other, "Seats"))
      const answer = await judge.judge(shown, claim, at, evidence)
      assert.notEqual(answer, true, `${claim} ${at}`)
      said.set(String(answer), (said.get(String(answer)) ?? 0) + 1)
    }
    assert.ok((said.get("HashMismatch") ?? 0) > 80, `${[...said]}`)
    assert.ok((said.get("RowCountMismatch") ?? 0) > 20, `${[...said]}`)
  })

  it("do not take the first forecasts for all of them", async () => {
    const evidence = evidenceOf(full, "SettlementInputs", 6 << 16)
    const forecasts = full.inputs.filter((row) => row[0] === KIND.forecast)
    assert.ok(decodeForecast(forecasts[1] as Uint8Array).seat > 0x80)
    // Parameters, the implied values twice, one forecast, and the second in the place of the row after them.
    const few = { ...evidence, rows: evidence.rows.slice(0, 5) }
    assert.equal(await judge.judge(full, "SettlementInputs", 6 << 16, few), "UnknownPlace")
  })

  it("know no other claims and no other places", async () => {
    const evidence = evidenceOf(full, "Seats")
    assert.equal(await judge.judge(full, "Value", 0, evidence), "UnknownClaim")
    assert.equal(await judge.judge(full, "Roster", 0, evidence), "UnknownClaim")
    const lists = evidenceOf(full, "SettlementLists", 3)
    assert.equal(await judge.judge(full, "SettlementLists", 4, lists), "UnknownPlace")
    const inputs = evidenceOf(full, "SettlementInputs", 9 << 16)
    for (const at of [0, 10 << 16, (9 << 16) | 1, (5 << 16) | full.labels]) {
      assert.equal(await judge.judge(full, "SettlementInputs", at, inputs), "UnknownPlace", `${at}`)
    }
    const row = evidenceOf(full, "SettlementRow", 1)
    for (const at of [0, full.inputs.length]) {
      assert.equal(await judge.judge(full, "SettlementRow", at, row), "UnknownPlace")
    }
    const ofMissed = evidenceOf(missed, "Errors")
    assert.equal(await judge.judge(missed, "Truth", 0, ofMissed), "EpochMissed")
  })

  it(`cost less than ${GAS} gas each`, async () => {
    const measured = new Set<string>()
    for (const [claim, at] of claimsOf(full)) {
      const name = claim === "SettlementInputs" ? `${claim} ${at >> 16}` : claim
      if (measured.has(name)) continue
      measured.add(name)
      const gas = await judge.gas(full, claim, at)
      assert.ok(gas < GAS, `${claim} ${at} ${gas}`)
    }
    assert.equal(measured.size, 23)
  })
})

/** Rows of others, rows left out, rows twice, rows in another order, another bit. */
function twisted(
  random: ReturnType<typeof randomOf>,
  evidence: Evidence,
  other: Evidence,
): Evidence {
  const rows = [...evidence.rows]
  const at = random.integer(0, rows.length - 1)
  const to = random.integer(0, rows.length - 1)
  const stranger = other.rows.at(-1) ?? "0x11"
  switch (random.integer(0, 6)) {
    case 0:
      return { ...evidence, rows: rows.filter((_, i) => i !== at) }
    case 1:
      return { ...evidence, rows: [...rows, stranger] }
    case 2:
      return { ...evidence, rows: rows.map((row, i) => (i === at ? stranger : row)) }
    case 3:
      return {
        ...evidence,
        rows: rows.map((row, i) =>
          i === at ? rows[to] : i === to ? rows[at] : row,
        ) as typeof rows,
      }
    case 4:
      return {
        ...evidence,
        rows: rows.map((row, i) => (i === at ? `${row}00` : row)) as typeof rows,
      }
    case 5:
      return { ...evidence, beforehand: other.beforehand, afterwards: other.afterwards }
    default:
      return { ...evidence, inputs: other.inputs, origin: other.origin }
  }
}
