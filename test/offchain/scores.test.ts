// The demo's arithmetic, on figures small enough to be worked out by hand, and what it makes of them as text.
import assert from "node:assert/strict"
import { describe, it } from "node:test"
import {
  coverageOf,
  errorOf,
  linesOf,
  meanOf,
  quartersOf,
  recoveryOf,
  reliabilityOf,
  type Told,
} from "../../offchain/demo/scores.ts"
import { tableText, weightPlot } from "../../offchain/demo/table.ts"

const near = (given: number, expected: number) =>
  assert.ok(Math.abs(given - expected) < 1e-12, `${given}, not ${expected}`)

/** Of one number, where `a` and `b` are workers; what is not given is of no interest. */
function told(
  epoch: number,
  truth: number,
  given: Partial<Told> & { a?: number; b?: number },
): Told {
  const { a, b, ...rest } = given
  const said = new Map<string, number[]>()
  if (a !== undefined) said.set("a", [a])
  if (b !== undefined) said.set("b", [b])
  return {
    epoch,
    truth: [truth],
    network: [truth],
    naive: [truth],
    sigma: [undefined],
    implied: undefined,
    weights: new Map(),
    said,
    ...rest,
  }
}

describe("an error", () => {
  it("of numbers is the root of the mean square", () => {
    const pairs = [
      { values: [13], truth: [10] },
      { values: [6], truth: [10] },
    ]
    // (9 + 16) / 2 = 12.5
    near(errorOf(pairs, "RMSE"), Math.sqrt(12.5))
  })

  it("of classes is the mean surprise at the one that came, which is bounded", () => {
    const came = [0, 1, 0]
    near(errorOf([{ values: [0.5, 0.25, 0.25], truth: came }], "cross-entropy"), 2 * Math.LN2)
    // ln 1000, for a probability of a thousandth and for none at all.
    const impossible = { values: [1, 0, 0], truth: came }
    near(errorOf([impossible], "cross-entropy"), 3 * Math.LN10)
    const half = { values: [0.25, 0.5, 0.25], truth: came }
    near(errorOf([impossible, half], "cross-entropy"), (3 * Math.LN10 + Math.LN2) / 2)
  })
})

describe("the lines of a table", () => {
  const all = [
    told(1, 10, { a: 12, b: 6, network: [11], naive: [10] }),
    told(2, 10, { a: 8, network: [13], naive: [6], implied: [15] }),
    told(3, 10, { a: 10, b: 10, network: [10], naive: [10], implied: [10] }),
  ]
  const last = all.at(-1) as Told
  const weighed = [
    ...all.slice(0, -1),
    { ...last, weights: new Map(Object.entries({ a: 1, forecaster: 0.5 })) },
  ]

  it("take each over the epochs in which it said something, the best first", () => {
    const lines = linesOf(weighed, "RMSE")
    const expected = [
      // The mean of 12 and 6, 8 alone, 10 and 10: 1, 2, 0 away.
      ["plain mean", "mean", Math.sqrt(5 / 3), 3, undefined],
      ["a", "best", Math.sqrt(8 / 3), 3, 1],
      ["network", "network", Math.sqrt(10 / 3), 3, undefined],
      ["naive value", "naive", Math.sqrt(16 / 3), 3, undefined],
      ["b", "worst", Math.sqrt(16 / 2), 2, 0],
      ["forecaster", "forecaster", Math.sqrt(25 / 2), 2, 0.5],
    ] as const
    assert.equal(lines.length, expected.length)
    for (const [index, [name, kind, error, epochs, weight]] of expected.entries()) {
      const line = lines[index] as (typeof lines)[number]
      assert.deepEqual(
        [line.name, line.kind, line.epochs, line.weight],
        [name, kind, epochs, weight],
      )
      near(line.error, error)
    }
  })

  it("leave out a forecaster that never said anything", () => {
    const names = linesOf([told(1, 10, { a: 12, b: 6 })], "RMSE").map(({ name }) => name)
    assert.deepEqual(names.sort(), ["a", "b", "naive value", "network", "plain mean"])
  })

  it("let each worker count alike in the plain mean, label by label", () => {
    const said = new Map(Object.entries({ a: [0.5, 0.5], b: [0.25, 0.75], c: [0, 1] }))
    assert.deepEqual(meanOf({ said }), [0.25, 0.75])
  })
})

describe("quarters", () => {
  const run = (epochs: number) =>
    Array.from({ length: epochs }, (_, at) => told(at + 1, 0, { a: at, b: at + 2, network: [at] }))

  it("share the run out as equally as it goes", () => {
    const spans = quartersOf(run(10), "RMSE").map(({ from, to }) => [from, to])
    assert.deepEqual(spans, [
      [1, 3],
      [4, 5],
      [6, 8],
      [9, 10],
    ])
    assert.equal(quartersOf(run(2), "RMSE").length, 2)
    assert.deepEqual(quartersOf([], "RMSE"), [])
  })

  it("compare the network with the plain mean", () => {
    const [, second] = quartersOf(run(8), "RMSE")
    // Epochs 3 and 4: the network is off by 2 and 3, the mean by 3 and 4.
    near(second?.network ?? 0, Math.sqrt((4 + 9) / 2))
    near(second?.mean ?? 0, Math.sqrt((9 + 16) / 2))
  })
})

describe("calibration", () => {
  it("counts the truths within one and two sigma, bounds included, where sigma was known", () => {
    const off = (by: number, sigma: number | undefined) =>
      told(1, 0, { network: [by], sigma: [sigma] })
    const all = [off(1, 1), off(-1.5, 1), off(2, 1), off(2.1, 1), off(0, undefined)]
    assert.deepEqual(coverageOf(all), { one: 0.25, two: 0.75, epochs: 4 })
  })

  it("counts how often what was given a probability came", () => {
    const all = [
      { network: [0.2, 0.8], truth: [0, 1] },
      { network: [0.4, 0.6], truth: [1, 0] },
      { network: [0, 1], truth: [0, 1] },
    ]
    const bins = reliabilityOf(all, [0, 0.5, 1])
    assert.deepEqual(
      bins.map(({ from, to, count }) => [from, to, count]),
      [
        [0, 0.5, 3],
        [0.5, 1, 3],
      ],
    )
    near(bins[0]?.said ?? 0, 0.2)
    near(bins[0]?.came ?? 0, 1 / 3)
    near(bins[1]?.said ?? 0, 0.8)
    near(bins[1]?.came ?? 0, 2 / 3)
  })
})

describe("a broken worker's weight", () => {
  const weights = new Map([
    [1, 0.5],
    [2, 0.5],
    [3, 0.02],
    [4, 0.009],
    [5, 0.5],
    [6, 0.001],
    [7, 0.0099],
    [8, 0.01],
  ])

  it("falls at the first epoch below 1 %, and is back at the first above it after the repair", () => {
    assert.deepEqual(recoveryOf(weights, { from: 2, to: 6 }), { fell: 4, back: 8 })
    // It came above once while it was broken; that is no recovery.
    assert.deepEqual(recoveryOf(weights, { from: 2, to: 9 }), { fell: 4, back: undefined })
    assert.deepEqual(recoveryOf(new Map([[1, 0.5]]), { from: 1, to: 2 }), {
      fell: undefined,
      back: undefined,
    })
  })

  it("is drawn on a scale of tenfold steps, with both moments marked", () => {
    const run = [1, 1, 0.1, 0.01, 1e-9, 0, 0.001, 1].map((weight, at) =>
      told(at + 1, 0, { weights: new Map([["a", weight]]) }),
    )
    assert.deepEqual(weightPlot(run, { model: "a", from: 3, to: 7 }).split("\n"), [
      "weight of a by epoch (best worker 1; a column an epoch); broken on purpose at B, repaired at R",
      "         1 |**     *",
      "       0.1 |  *",
      "      0.01 |   *",
      "     0.001 |      *",
      "    0.0001 |",
      "   <= 1e-5 |    **",
      "     epoch    B---R",
      "  broken from epoch 3, it fell below 1 % of the best at epoch 5 (2 after); repaired from epoch 7, it was above again at epoch 8 (1 after)",
    ])
  })
})

describe("a topic's table", () => {
  const dates = (epoch: number) => `2001-01-0${epoch}`

  it("names what it measures, the span, the best and the worst", () => {
    const all = [1, 2, 3, 4].map((epoch) =>
      told(epoch, 10, { a: 11, b: 14, network: [12], sigma: [2], naive: [13] }),
    )
    const text = tableText({ title: "Price", unit: "points", dates }, all)
    const lines = text.split("\n")
    assert.equal(lines[0], "Price, epochs 1 to 4 (2001-01-01 to 2001-01-04)")
    assert.match(lines[1] ?? "", /^ +RMSE, points {2}epochs {2}weight at end$/)
    const errors = lines.slice(2, 7).map((line) => line.trim().split(/ {2,}/).slice(0, 3))
    assert.deepEqual(errors, [
      ["a (best worker)", "1.000", "4"],
      ["network", "2.000", "4"],
      ["plain mean", "2.500", "4"],
      ["naive value", "3.000", "4"],
      ["b (worst worker)", "4.000", "4"],
    ])
    assert.equal(text.match(/network \/ plain mean 0\.800/g)?.length, 4)
    assert.match(text, /of 4 epochs with a known sigma: 100 % of truths within one sigma/)
  })

  it("measures classes by cross-entropy, and says how reliable the probabilities were", () => {
    const classes = { truth: [0, 1], network: [0.5, 0.5], naive: [0.5, 0.5], sigma: [0.1, 0.1] }
    const said = new Map([["a", [0.75, 0.25]]])
    const text = tableText({ title: "Weather", unit: "probabilities", dates }, [
      { ...told(1, 0, {}), ...classes, said },
    ])
    // ln 2 and 2 ln 2.
    assert.match(text, /^ {2}network +0\.693 +1 /m)
    assert.match(text, /^ {2}a \(best worker\) +1\.386 +1 /m)
    assert.match(text, /cross-entropy, nats/)
    assert.match(text, /^ {2}50 % to 70 % +given +50 % {2}came +50 % {2}\(2 times\)$/m)
  })

  it("says so where nothing was reported", () => {
    assert.equal(
      tableText({ title: "Price", unit: "points", dates }, []),
      "Price\n  no epoch was reported",
    )
  })
})
