// The bundled forecaster: losses by hand, rows that are there, missing or slow, and no truth that has not happened.
import assert from "node:assert/strict"
import { describe, it } from "node:test"
import type { Hex } from "viem"
import type { Prediction } from "../../offchain/answers.ts"
import { isRefusal } from "../../offchain/errors.ts"
import { expectedLosses } from "../../offchain/models/expectation.ts"
import { createForecaster } from "../../offchain/models/forecaster.ts"
import { logLoss } from "../../offchain/models/losses.ts"
import { type Topic, topicNamed, topicTemplate } from "../../offchain/models/topics.ts"
import type { EpochTerms } from "../../offchain/terms.ts"
import {
  encodeInferences,
  encodeReportContext,
  KIND,
  listRow,
  rowHash,
  type Valued,
} from "../../wasm/index.ts"
import { manualClock } from "../support/clock.ts"
import {
  ALICE,
  BOB,
  chainOf,
  EPOCH_START,
  FIRST_OWNER,
  FORECASTING_OWNER,
  OUTSIDER,
  TOPIC,
} from "../support/worker.ts"

const ONE = 10n ** 18n
const MICRO = 10n ** 12n
const ZERO: Hex = `0x${"00".repeat(32)}`
const LIMITS = { seconds: 3_600, signal: new AbortController().signal }

describe("a log loss", () => {
  const squared = topicTemplate("sp500", { start: 0 })
  const absolute = { ...squared, lossMethod: 2 }
  const entropy = topicTemplate("seattle-weather", { start: 0 })
  const near = (given: number, expected: number) =>
    assert.ok(Math.abs(given - expected) < 1e-12, `${given}, not ${expected}`)

  it("is the logarithm of the squared or absolute distance, and no less than the floor's", () => {
    near(logLoss([110n * ONE], [100n * ONE], squared), 2)
    near(logLoss([99n * ONE], [100n * ONE], absolute), 0)
    near(logLoss([0n, 1_000n * ONE], [ONE, 0n], squared), (0 + 6) / 2)
    // The floor is 0.01.
    near(logLoss([5n * ONE], [5n * ONE], squared), -4)
    near(logLoss([5n * ONE], [5n * ONE], absolute), -2)
  })

  it("is, of classes, the logarithm of the surprise at the one that it was", () => {
    const truth = [0n, 0n, ONE, 0n, 0n]
    const saying = (share: bigint) => [(ONE - share) / 2n, 0n, share, 0n, (ONE - share) / 2n]
    near(logLoss(saying(ONE / 10n), truth, entropy), Math.log10(Math.log(10)))
    // A probability of nothing counts as the floor of 0.001, and certainty as a surprise of 0.001.
    near(logLoss(saying(0n), truth, entropy), Math.log10(3 * Math.log(10)))
    near(logLoss(saying(ONE), truth, entropy), -3)
  })
})

describe("expected losses", () => {
  const [one, two, three] = [ALICE.address, BOB.address, OUTSIDER.address]
  const expect = (past: readonly (readonly [number, [Hex, number][]])[]) =>
    expectedLosses(
      past.map(([epoch, losses]) => ({ epoch, losses: new Map(losses) })),
      [one, two, three],
    )
  const near = (given: ReadonlyMap<Hex, number> | undefined, expected: number[]) => {
    const values = [...(given?.values() ?? [])]
    assert.equal(values.length, expected.length)
    for (const [index, value] of values.entries())
      assert.ok(Math.abs(value - (expected[index] as number)) < 1e-12, `${values}`)
  }

  it("are nothing where nothing was seen", () => {
    assert.equal(expect([]), undefined)
    assert.equal(expect([[1, []]]), undefined)
  })

  it("lie between a worker's own and the level, and on it for one never seen", () => {
    // One epoch seen and two more on the level of 3: a third of the distance of 1.
    near(
      expect([
        [
          4,
          [
            [one, 2],
            [two, 4],
          ],
        ],
      ]),
      [3 - 1 / 3, 3 + 1 / 3, 3],
    )
  })

  it("count an epoch nine tenths of the next, against that epoch's own level", () => {
    const past = [
      [
        4,
        [
          [one, 10],
          [two, 12],
        ],
      ],
      [
        5,
        [
          [one, 2],
          [two, 0],
        ],
      ],
      [6, [[three, 8]]],
    ] as const
    const weights = [0.81, 0.9, 1] as const
    const level = (0.81 * 11 + 0.9 * 1 + 1 * 8) / 2.71
    const off = (-weights[0] * 1 + weights[1] * 1) / (weights[0] + weights[1] + 2)
    near(expect(past.map(([epoch, losses]) => [epoch, losses.map((pair) => [...pair])])), [
      level + off,
      level - off,
      level,
    ])
  })
})

/** A topic's past epochs as rows, inferers off the truth by so much; `asked` counts requests by row. */
function pastOf(topic: Topic, epochs: Readonly<Record<number, Readonly<Record<number, bigint>>>>) {
  const rows = new Map<Hex, Uint8Array>()
  const asked = new Map<Hex, number>()
  const keep = (row: Uint8Array) => {
    rows.set(rowHash(row), row)
    return row
  }
  const reports = Object.entries(epochs).map(([key, offs]) => {
    const epoch = Number(key)
    const entriesOf = (label: number): Valued[] =>
      Object.entries(offs).map(([seat, off]) => ({
        seat: Number(seat),
        value: (topic.truth(epoch)[label] as bigint) + off,
      }))
    const inputs = [
      keep(Uint8Array.of(KIND.parameters, epoch)),
      ...topic.labels.map((_, label) =>
        keep(encodeInferences({ label, entries: entriesOf(label) })),
      ),
    ]
    const inputsHash = rowHash(keep(listRow(KIND.inputs, inputs)))
    const context = encodeReportContext({
      parametersHash: ZERO,
      settledEpoch: 0,
      settledLeaf: ZERO,
      stateHash: ZERO,
      inputsHash,
      outputsHash: ZERO,
    })
    return { epoch, context: rowHash(keep(context)) }
  })
  const row = async (hash: Hex) => {
    asked.set(hash, (asked.get(hash) ?? 0) + 1)
    const found = rows.get(hash)
    if (found) return found
    throw new Error("nobody has it")
  }
  return { reports, rows, row, asked }
}

function start(
  past: Pick<ReturnType<typeof pastOf>, "reports" | "row">,
  { topic = topicNamed("sp500"), clock = manualClock() } = {},
) {
  const warnings: unknown[] = []
  const parameters = topicTemplate(topic.name, { start: EPOCH_START })
  const chain = chainOf([], { parameters })
  const forecaster = createForecaster(
    { topic, signer: OUTSIDER, owner: FORECASTING_OWNER },
    {
      chain: { ...chain, reports: () => past.reports },
      row: past.row,
      clock,
      log: { warn: (facts: unknown) => void warnings.push(facts) },
    },
  )
  const predict = async (epoch: number) =>
    forecaster.predict(chain.terms(TOPIC, epoch) as EpochTerms, LIMITS)
  return { predict, warnings }
}

/** A forecast as millionths by seat. */
function losses(said: Prediction | { code: string }): Record<number, bigint> {
  assert.ok(!isRefusal(said))
  const forecast = (said as Prediction).forecast ?? []
  return Object.fromEntries(forecast.map(({ seat, loss }) => [seat, loss / MICRO]))
}

describe("the forecaster", () => {
  const sp500 = topicNamed("sp500")
  // Seats: 0 another worker, 1 Alice, 2 Bob. Ten and a hundred points off are losses of 2 and 4.
  const TWO_EPOCHS = { 1: { 1: 10n * ONE, 2: 100n * ONE }, 2: { 1: -10n * ONE, 2: -100n * ONE } }

  it("says each seated inferer's expected loss, by seat", async () => {
    const { predict } = start(pastOf(sp500, TWO_EPOCHS))
    // The level is 3, and 1.9 epochs of 3.9 are 1 off it: 0.487179.
    assert.deepEqual(losses(await predict(3)), { 0: 3_000_000n, 1: 2_512_821n, 2: 3_487_179n })
    assert.equal(chainOf([]).terms(TOPIC, 3)?.roster.seats[0]?.owner, FIRST_OWNER)
  })

  it("measures probabilities by every label's row", async () => {
    const topic = topicNamed("seattle-weather")
    // Half of the probability of each label's truth is taken away or added: only the class that it was counts.
    const { predict } = start(pastOf(topic, { 1: { 1: -ONE / 2n } }), { topic })
    const loss = Math.log10(Math.log(2))
    assert.deepEqual(losses(await predict(2)), {
      0: BigInt(Math.round(loss * 1e6)),
      1: BigInt(Math.round(loss * 1e6)),
      2: BigInt(Math.round(loss * 1e6)),
    })
  })

  it("asks for no truth that has not happened, and for no report of its own epoch or later", async () => {
    let latest = 0
    const watched: Topic = {
      ...sp500,
      truth: (epoch, first) => {
        latest = Math.max(latest, epoch)
        return sp500.truth(epoch, first)
      },
    }
    const past = pastOf(sp500, { ...TWO_EPOCHS, 3: { 1: ONE }, 4: { 1: ONE } })
    const { predict } = start(past, { topic: watched })
    assert.deepEqual(losses(await predict(3)), { 0: 3_000_000n, 1: 2_512_821n, 2: 3_487_179n })
    assert.equal(latest, 2)
    assert.equal(past.asked.get(past.reports[2]?.context as Hex), undefined)
  })

  it("fetches each row once", async () => {
    const past = pastOf(sp500, { ...TWO_EPOCHS, 3: { 1: ONE } })
    const { predict } = start(past)
    for (const epoch of [3, 3, 4, 4]) await predict(epoch)
    // Context, list and one label of three epochs.
    assert.deepEqual([...past.asked.values()], new Array(9).fill(1))
  })

  it("goes by what it has, says what is missing, and takes it up when it is there", async () => {
    const past = pastOf(sp500, TWO_EPOCHS)
    const [, second] = past.reports as [unknown, { context: Hex }]
    const row = past.rows.get(second.context) as Uint8Array
    past.rows.delete(second.context)
    const { predict, warnings } = start(past)
    const oneEpoch = { 0: 3_000_000n, 1: 2_666_667n, 2: 3_333_333n }
    assert.deepEqual(losses(await predict(3)), oneEpoch)
    assert.deepEqual(
      warnings.map((facts) => (facts as { failed: number }).failed),
      [1],
    )
    past.rows.set(second.context, row)
    assert.deepEqual(losses(await predict(3)), { 0: 3_000_000n, 1: 2_512_821n, 2: 3_487_179n })
    assert.equal(warnings.length, 1)
  })

  it("waits ten seconds for rows at most, and uses them at the next epoch", async () => {
    const clock = manualClock()
    const past = pastOf(sp500, TWO_EPOCHS)
    let release: () => void = () => undefined
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const { predict } = start(
      { ...past, row: (hash) => held.then(() => past.row(hash)) },
      { clock },
    )
    const first = predict(3)
    await new Promise(setImmediate)
    clock.advance(9_999)
    const early = await Promise.race([first, new Promise((resolve) => setImmediate(resolve))])
    assert.equal(early, undefined)
    clock.advance(1)
    const said = await first
    assert.ok(isRefusal(said))
    assert.equal(said.code, "NoPastLosses")
    release()
    const later = predict(4)
    assert.equal(losses(await later)[1], 2_512_821n)
  })

  it("says that it has nothing to go by", async () => {
    const { predict } = start({ reports: [], row: () => Promise.reject(new Error("nobody")) })
    const said = await predict(1)
    assert.ok(isRefusal(said))
    assert.equal(said.code, "NoPastLosses")
  })
})
