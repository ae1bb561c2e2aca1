// What the verifier is shown has to be what the report names: every row that is not, is missing or belongs elsewhere is refused
// by name, so that no evidence makes an honest report wrong.
import assert from "node:assert/strict"
import { before, describe, it } from "node:test"
import { bytesToHex } from "viem"
import { decodeRegrets, encodeRegrets, KIND, load } from "../../../wasm/index.ts"
import {
  type About,
  type Attested,
  type ClaimName,
  everyClaim,
  rowsOf,
} from "../../support/twin/attested.ts"
import { connect, EPOCH, flipped, made, withRow } from "../../support/twin/verifier.ts"

const CLAIMS: ClaimName[] = [
  "Value",
  "Sigma",
  "Combined",
  "Naive",
  "Deviation",
  "Percentiles",
  "ValueRow",
  "Weights",
  "Implied",
  "ImpliedRow",
  "OneOutInferer",
  "OneOutForecaster",
  "OneInForecaster",
  "ImpliedWithout",
  "Counterfactuals",
]
/** Something that each of them can be about. */
const about = (claim: ClaimName): About => ({
  label: 0,
  place: 0,
  seat: claim === "OneOutForecaster" ? 0x82 : claim === "OneInForecaster" ? 0x80 : 0,
})

describe("evidence", () => {
  let chain: Awaited<ReturnType<typeof connect>>
  let honest: Attested
  let scaleless: Attested
  let first: Attested
  before(async () => {
    await load()
    chain = await connect()
    honest = made(EPOCH)
    scaleless = made({ ...EPOCH, scale: 0n })
    first = made({ ...EPOCH, initialRegret: undefined }, false)
  })

  it("of another context is refused", async () => {
    for (const claim of CLAIMS) {
      const other = made({ ...EPOCH, emaErrors: [1n, 2n] })
      const [, , , evidence] = (await import("../../support/twin/attested.ts")).claimed(
        claim,
        other,
        about(claim),
      )
      assert.equal(
        await chain.judge(claim, honest, about(claim), undefined, () => evidence),
        "ForeignContext",
        claim,
      )
    }
  })

  it("with another list is refused", async () => {
    let count = 0
    for (const claim of CLAIMS) {
      for (const list of ["inputs", "outputs", "beforehand"] as const) {
        const verdict = await chain.judge(claim, honest, about(claim), undefined, (evidence) => ({
          [list]:
            evidence[list].length > 2
              ? `${evidence[list].slice(0, -1)}${evidence[list].endsWith("0") ? "1" : "0"}`
              : "0x",
        }))
        const isNeeded = (claim !== "Value" && claim !== "Sigma") || list === "outputs"
        assert.equal(verdict, isNeeded ? "ForeignList" : false, `${claim} ${list}`)
        count += Number(isNeeded)
      }
    }
    assert.equal(count, 13 * 3 + 2)
  })

  it("with any row changed, foreign, of another label or left out is refused", async () => {
    let count = 0
    for (const report of [honest, scaleless]) {
      for (const claim of CLAIMS) {
        const rows = rowsOf(claim, report, about(claim))
        const others = rowsOf(claim, report, { ...about(claim), label: 1 })
        for (const [i, row] of rows.entries()) {
          const what = `${claim} row ${i}`
          const changed = withRow(rows, i, flipped(row, -1))
          assert.equal(await chain.judge(claim, report, about(claim), changed), "ForeignRow", what)
          assert.equal(
            await chain.judge(claim, report, about(claim), rows.slice(0, i)),
            "RowsMissing",
            what,
          )
          const other = others[i] as Uint8Array
          if (bytesToHex(other) !== bytesToHex(row)) {
            const swapped = withRow(rows, i, other)
            assert.equal(
              await chain.judge(claim, report, about(claim), swapped),
              "ForeignRow",
              what,
            )
          }
          count++
        }
        // What stands behind the rows of a claim is not looked at.
        const more = [...rows, new Uint8Array([1])]
        const isCounted = claim === "ImpliedRow" && report.settledLeaf !== honest.settledLeaf
        assert.equal(
          await chain.judge(claim, report, about(claim), more),
          isCounted ? "ForeignRow" : false,
        )
      }
    }
    assert.ok(count > 140, `${count} rows`)
  })

  it("without the seat's table, or with another's, is refused", async () => {
    const seated: [ClaimName, About, number][] = [
      ["OneOutInferer", { label: 0, seat: 0 }, 5],
      ["OneOutForecaster", { label: 0, seat: 0x82 }, 6],
      ["OneInForecaster", { label: 0, seat: 0x80 }, 6],
    ]
    for (const [claim, seat, at] of seated) {
      const rows = rowsOf(claim, honest, seat)
      assert.equal(rows.length, at + 1)
      assert.equal(await chain.judge(claim, honest, seat, rows.slice(0, at)), "RowsMissing")
      const tables = honest.state.filter(
        ([kind]) => kind === KIND.oneOutRegrets || kind === KIND.oneInRegrets,
      )
      for (const table of tables.filter((table) => table !== rows[at])) {
        const verdict = await chain.judge(claim, honest, seat, withRow(rows, at, table))
        assert.equal(verdict, "ForeignRow", claim)
      }
      // The other kind of tables in the place of the list of tables.
      assert.equal(tables.length, 3)
    }
  })

  it("with too few forecasts, or in another order, makes no scale and no implied row", async () => {
    const rows = rowsOf("Combined", scaleless, { label: 0 })
    assert.equal(rows.length, 8)
    assert.equal(
      await chain.judge("Combined", scaleless, { label: 0 }, rows.slice(0, -1)),
      "RowsMissing",
    )
    const swapped = [...rows.slice(0, 5), rows[6], rows[5], rows[7]] as Uint8Array[]
    assert.equal(await chain.judge("Combined", scaleless, { label: 0 }, swapped), "ForeignRow")

    const implied = rowsOf("ImpliedRow", first, { label: 0 })
    assert.equal(implied.length, 7)
    assert.equal(await chain.judge("ImpliedRow", first, { label: 0 }), false)
    // A forecast less, with the signatures behind the rest; none; and a forecast in the signatures' place.
    for (const fewer of [
      [...implied.slice(0, 5), ...implied.slice(6)],
      [...implied.slice(0, 3), ...implied.slice(6)],
    ])
      assert.equal(await chain.judge("ImpliedRow", first, { label: 0 }, fewer), "ForeignRow")
    assert.equal(
      await chain.judge("ImpliedRow", first, { label: 0 }, implied.slice(0, 6)),
      "MalformedRow",
    )
    assert.equal(
      await chain.judge("ImpliedRow", first, { label: 0 }, implied.slice(0, 3)),
      "RowsMissing",
    )
  })

  it("of a scale to be made before the first settlement is refused: nothing says how many forecasts there are", async () => {
    const state = scaleless.state
    const impossible = { ...first, state, outputs: scaleless.outputs }
    assert.equal(await chain.judge("Combined", impossible, { label: 0 }), "ForecastsUncounted")
    assert.equal(await chain.confirm(impossible, 0), "ForecastsUncounted")
  })

  it("of a label, a place or a claim that there is not is refused", async () => {
    const rows = rowsOf("Combined", honest, { label: 0 })
    assert.equal(
      await chain.judge("Combined", honest, { label: 2, reported: 0 }, rows),
      "LabelOutOfRange",
    )
    const forecast = rowsOf("Implied", honest, about("Implied"))
    assert.equal(
      await chain.judge("Implied", honest, { label: 0, place: 9 }, forecast),
      "PlaceOutOfRange",
    )
    // The signatures stand behind the forecasts.
    const signatures = withRow(forecast, 4, honest.inputs.at(-1) as Uint8Array)
    assert.equal(
      await chain.judge("Implied", honest, { label: 0, place: 3 }, signatures),
      "MalformedRow",
    )
    for (const list of [1, 2])
      assert.equal(
        await chain.judge("Row", honest, { label: 0, list, place: 60 }, rows.slice(0, 2)),
        "PlaceOutOfRange",
      )
    assert.equal(
      await chain.judge("Row", honest, { label: 0, list: 3, place: 0 }, rows),
      "PlaceOutOfRange",
    )
    assert.equal(await chain.judge("Lists", honest, { label: 0, list: 0 }, rows), "PlaceOutOfRange")
  })

  it("that does not decode is refused by every claim that rests on it", async () => {
    const [label, z] = [0, { label: 0 }]
    const outputs = withRow(honest.outputs, 0, (honest.outputs[0] as Uint8Array).slice(0, -1))
    const wrong = { ...honest, outputs, value: 0n, sigma: 0 }
    for (const claim of [
      "Value",
      "Sigma",
      "Combined",
      "Naive",
      "Deviation",
      "Percentiles",
    ] as const)
      assert.equal(await chain.judge(claim, wrong, z), "MalformedRow", claim)
    const inputs = withRow(honest.inputs, 1, (honest.inputs[1] as Uint8Array).slice(0, -1))
    assert.equal(await chain.judge("Combined", { ...honest, inputs }, z), "MalformedRow")
    const regrets = decodeRegrets(honest.state[2] as Uint8Array)
    const state = withRow(honest.state, 2, encodeRegrets({ ...regrets, scale: -1n }))
    assert.equal(await chain.judge("Combined", { ...honest, state }, z), "StateOutOfRange")
    assert.equal(await chain.confirm({ ...honest, state }, label), "StateOutOfRange")
  })

  it("is bound for confirming as for judging", async () => {
    const rows = (evidence: { rows: readonly `0x${string}`[] }) => evidence.rows
    assert.equal(
      await chain.confirm(honest, 0, (evidence) => ({ rows: rows(evidence).slice(0, -1) })),
      "RowsMissing",
    )
    for (const list of ["inputs", "beforehand", "context"] as const)
      assert.equal(
        await chain.confirm(honest, 0, () => ({ [list]: "0x00" })),
        list === "context" ? "ForeignContext" : "ForeignList",
      )
    let count = 0
    for (const i of Array.from({ length: 7 }, (_, place) => place)) {
      const verdict = await chain.confirm(honest, 0, (evidence) => ({
        rows: rows(evidence).map((row, at) => (at === i ? (`${row}00` as const) : row)),
      }))
      assert.equal(verdict, "ForeignRow")
      count++
    }
    assert.equal(count, 7)
    assert.ok(everyClaim(honest).length > 100)
  })

  it("about settlements goes to who judges them, unchanged, and so comes the answer back", async () => {
    const word = (n: number) => `0x${n.toString(16).padStart(64, "0")}` as const
    assert.equal(await chain.judgeSettlement(word(1), 25, []), true)
    assert.equal(await chain.judgeSettlement(word(0), 25, []), false)
    // Hardhat does not know the other's errors in this one's interface; the selector is what came back.
    assert.notEqual(await chain.judgeSettlement(word(2), 25, ["0x00"]), false)
  })

  it("has no verifier behind it that is no contract", async () => {
    const stranger = `0x${"77".repeat(20)}` as const
    await assert.rejects(chain.viem.deployContract("Verifier", [stranger]), /NotAContract/)
  })
})
