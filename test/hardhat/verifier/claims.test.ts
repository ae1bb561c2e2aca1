// The chain's verdict on reports: what the core made is never wrong, whatever the claim; a number that differs in a bit is, by
// the claim that is about it.
import assert from "node:assert/strict"
import { before, describe, it } from "node:test"
import {
  decodeCounterfactuals,
  decodeImplied,
  decodeValue,
  encodeCounterfactuals,
  encodeImplied,
  encodeValue,
  load,
} from "../../../wasm/index.ts"
import { randomOf } from "../../support/epochs.ts"
import {
  type About,
  type Attested,
  type ClaimName,
  everyClaim,
} from "../../support/twin/attested.ts"
import { posed } from "../../support/twin/epochs.ts"
import { connect, EPOCH, flipped, made, withRow } from "../../support/twin/verifier.ts"

/** Where rows of two labels stand among the outputs. */
const [VALUE, WEIGHTS, IMPLIED, COUNTERFACTUALS] = [0, 2, 3, 5]

describe("a verdict on a report's numbers", () => {
  let chain: Awaited<ReturnType<typeof connect>>
  let honest: Attested
  before(async () => {
    await load()
    chain = await connect()
    honest = made(EPOCH)
  })

  it("finds nothing wrong with what the core made, by any claim, and confirms it", async () => {
    const random = randomOf(77)
    const reports: [string, Attested][] = [
      ["of two labels", honest],
      ["of one inferer", made({ ...EPOCH, inferers: EPOCH.inferers.slice(0, 1) })],
      ["without forecasts", made({ ...EPOCH, forecasters: [] })],
      ["without a scale", made({ ...EPOCH, scale: 0n })],
      ["without a previous loss", made({ ...EPOCH, previousLoss: undefined })],
      ["of newcomers", made({ ...EPOCH, initialRegret: undefined })],
      ["before the first settlement", made({ ...EPOCH, initialRegret: undefined }, false)],
      ["of a random epoch", made(posed(random, 2).epoch)],
    ]
    let [claims, labels] = [0, 0]
    for (const [name, report] of reports) {
      for (const [claim, about] of everyClaim(report)) {
        const what = `${name}: ${claim} ${JSON.stringify(about)}`
        assert.equal(await chain.judge(claim, report, about), false, what)
        claims++
      }
      for (let label = 0; label < report.labels; label++) {
        assert.equal(await chain.confirm(report, label), true, `${name}: label ${label}`)
        labels++
      }
    }
    assert.ok(claims > 900 && labels > 14, `${claims} claims about ${labels} labels`)
  })

  it("finds one bit of any kind of number wrong, by its claim alone of those about the same", async () => {
    const { outputs } = honest
    const row = (place: number) => outputs[place] as Uint8Array
    const changed = (place: number, to: Uint8Array): Attested => ({
      ...honest,
      outputs: withRow(outputs, place, to),
    })
    const value = (label: number) => decodeValue(row(VALUE + label))
    const implied = decodeImplied(row(IMPLIED))
    const lists = decodeCounterfactuals(row(COUNTERFACTUALS))
    const bumped = <T extends { value: bigint }>(entries: readonly T[], at: number) =>
      entries.map((entry, i) => (i === at ? { ...entry, value: entry.value ^ 1n } : entry))
    const counterfactual = (change: Partial<typeof lists>) =>
      changed(COUNTERFACTUALS, encodeCounterfactuals({ ...lists, ...change }))
    const first = lists.oneOutImplied[0] as (typeof lists.oneOutImplied)[number]
    const cases: [string, Attested, ClaimName, About, ClaimName[]][] = [
      [
        "combined",
        changed(0, flipped(row(0), 18)),
        "Combined",
        { label: 0 },
        ["Naive", "Deviation", "Percentiles"],
      ],
      [
        "naive",
        changed(0, flipped(row(0), 34)),
        "Naive",
        { label: 0 },
        ["Combined", "Deviation", "Percentiles"],
      ],
      [
        "sigma",
        changed(0, flipped(row(0), 51)),
        "Deviation",
        { label: 0 },
        ["Combined", "Naive", "Percentiles"],
      ],
      [
        "sigma left out",
        changed(1, encodeValue({ ...value(1), sigma: undefined })),
        "Deviation",
        { label: 1 },
        ["Combined", "Naive", "Percentiles"],
      ],
      ...[0, 1, 2, 3, 4].map((i): (typeof cases)[number] => [
        `percentile ${i}`,
        changed(1, flipped(row(1), -1 - 16 * i)),
        "Percentiles",
        { label: 1 },
        ["Combined", "Naive", "Deviation"],
      ]),
      [
        "the row of values",
        changed(1, flipped(row(1), -1)),
        "ValueRow",
        { label: 1 },
        ["ImpliedRow"],
      ],
      [
        "a weight",
        changed(WEIGHTS, flipped(row(WEIGHTS), -1)),
        "Weights",
        { label: 0 },
        ["ValueRow", "ImpliedRow"],
      ],
      [
        "an implied value",
        changed(IMPLIED, flipped(row(IMPLIED), -1)),
        "Implied",
        { label: 0, place: 2 },
        [],
      ],
      [
        "the row of implied values",
        changed(IMPLIED, flipped(row(IMPLIED), -1)),
        "ImpliedRow",
        { label: 0 },
        [],
      ],
      [
        "an implied value left out",
        changed(IMPLIED, encodeImplied({ ...implied, entries: implied.entries.slice(0, 2) })),
        "Implied",
        { label: 0, place: 2 },
        [],
      ],
      [
        "an implied value of nobody",
        changed(
          IMPLIED,
          encodeImplied({ ...implied, entries: [...implied.entries, { seat: 0x8f, value: 1n }] }),
        ),
        "ImpliedRow",
        { label: 0 },
        [],
      ],
      [
        "a value without an inferer",
        counterfactual({ oneOutInferers: bumped(lists.oneOutInferers, 0) }),
        "OneOutInferer",
        { label: 0, seat: 0 },
        ["Counterfactuals"],
      ],
      [
        "a value without an inferer that has no table",
        counterfactual({ oneOutInferers: bumped(lists.oneOutInferers, 1) }),
        "OneOutInferer",
        { label: 0, seat: 3 },
        ["Counterfactuals"],
      ],
      [
        "a value without a forecaster",
        counterfactual({ oneOutForecasters: bumped(lists.oneOutForecasters, 1) }),
        "OneOutForecaster",
        { label: 0, seat: 0x82 },
        ["Counterfactuals"],
      ],
      [
        "a value with a forecaster alone",
        counterfactual({ oneInForecasters: bumped(lists.oneInForecasters, 0) }),
        "OneInForecaster",
        { label: 0, seat: 0x80 },
        ["Counterfactuals"],
      ],
      [
        "an implied value without an inferer",
        counterfactual({ oneOutImplied: bumped(lists.oneOutImplied, 0) }),
        "ImpliedWithout",
        { label: 0, place: 0, seat: first.inferer },
        ["Counterfactuals"],
      ],
      [
        "an implied value without an inferer left out",
        counterfactual({ oneOutImplied: lists.oneOutImplied.slice(1) }),
        "ImpliedWithout",
        { label: 0, place: 0, seat: first.inferer },
        ["Counterfactuals"],
      ],
      [
        "an implied value without the only one named",
        counterfactual({
          oneOutImplied: [...lists.oneOutImplied, { forecaster: 0x82, inferer: 7, value: 0n }].sort(
            (a, b) => a.forecaster - b.forecaster || a.inferer - b.inferer,
          ),
        }),
        "ImpliedWithout",
        { label: 0, place: 1, seat: 7 },
        ["Counterfactuals"],
      ],
      [
        "a counterfactual left out",
        counterfactual({ oneOutInferers: lists.oneOutInferers.slice(1) }),
        "Counterfactuals",
        { label: 0 },
        [],
      ],
      [
        "a counterfactual of nobody",
        counterfactual({
          oneOutImplied: [...lists.oneOutImplied, { forecaster: 0x8f, inferer: 0, value: 0n }],
        }),
        "Counterfactuals",
        { label: 0 },
        ["ImpliedWithout"],
      ],
      [
        "what is posted",
        { ...honest, value: value(1).combined + 1n },
        "Value",
        { label: 1 },
        ["Sigma", "Combined"],
      ],
      [
        "the sigma posted",
        { ...honest, sigma: 0xffffff },
        "Sigma",
        { label: 1 },
        ["Value", "Deviation"],
      ],
    ]
    for (const [name, report, claim, about, others] of cases) {
      assert.equal(await chain.judge(claim, report, about), true, name)
      assert.equal(await chain.judge(claim, honest, about), false, `${name}, as the core made it`)
      for (const other of others)
        assert.equal(await chain.judge(other, report, about), false, `${name} by ${other}`)
    }
    assert.equal(cases.length, 26)
    assert.equal(new Set(cases.map(([, , claim]) => claim)).size, 15)
  })

  it("sees a wrong row of another label than the report's", async () => {
    const outputs = withRow(honest.outputs, 1, flipped(honest.outputs[1] as Uint8Array, 18))
    const wrong = { ...honest, outputs }
    // The report of label 0 names the context in which label 1 is wrong.
    const verdict = await chain.judge("Combined", wrong, { label: 1, reported: 0 })
    assert.equal(verdict, true)
    assert.equal(await chain.judge("Combined", wrong, { label: 0 }), false)
  })

  it("confirms only the value and the sigma that come out", async () => {
    const { combined } = decodeValue(honest.outputs[0] as Uint8Array)
    assert.equal(await chain.confirm({ ...honest, value: combined ^ 1n }, 0), false)
    assert.equal(await chain.confirm({ ...honest, sigma: 0xffffff }, 0), false)
  })
})
