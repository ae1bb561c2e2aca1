// A worker that is broken on purpose: what it says, and what the network makes of it, by the steps that members take, on
// the real series.
import assert from "node:assert/strict"
import { before, describe, it } from "node:test"
import { refusal } from "../../offchain/errors.ts"
import { breakModel, contrary } from "../../offchain/models/broken.ts"
import { topicTemplate } from "../../offchain/models/topics.ts"
import type { EpochTerms } from "../../offchain/terms.ts"
import type { WorkerModel } from "../../offchain/worker.ts"
import { load } from "../../wasm/index.ts"
import { type Rehearsed, rehearse } from "../support/rehearsal.ts"
import { ALICE } from "../support/worker.ts"

const ONE = 10n ** 18n
const MILLI = 10n ** 15n

/** From the first of these epochs on a worker is broken, from the second on it is whole again. */
const FROM = 100
const TO = 130
const EPOCHS = 180
const LITTLE = 0.01
const FELL_WITHIN = 30
/** The mean over ten epochs has forgotten nine tenths of what was after 22 of them, and 97 % after 33. */
const BACK_WITHIN = 35

const CASES = [
  { topic: "sp500", model: "persistence" },
  { topic: "sp500", model: "smoothing" },
  { topic: "seattle-temperature", model: "seasonal" },
  { topic: "seattle-temperature", model: "theta" },
  { topic: "seattle-weather", model: "logistic" },
  { topic: "seattle-weather", model: "nearest" },
] as const

describe("a contrary answer", () => {
  const [sp500, temperature, weather] = ["sp500", "seattle-temperature", "seattle-weather"].map(
    (name) => topicTemplate(name, { start: 0 }),
  ) as [Template, Template, Template]
  type Template = ReturnType<typeof topicTemplate>

  it("is the farther end of a number's range", () => {
    assert.deepEqual(contrary([1_300n * ONE], sp500), [100_000n * ONE])
    assert.deepEqual(contrary([90_000n * ONE], sp500), [ONE])
    assert.deepEqual(contrary([5n * ONE], temperature), [-60n * ONE])
    assert.deepEqual(contrary([-1n], temperature), [60n * ONE])
  })

  it("is all but certain of the class thought least likely, of two alike the first", () => {
    const said = [300n, 100n, 400n, 100n, 100n].map((parts) => parts * MILLI)
    assert.deepEqual(
      contrary(said, weather),
      [1n, 996n, 1n, 1n, 1n].map((parts) => parts * MILLI),
    )
  })

  it("comes from that model alone, in those epochs alone, and only where it said a value", async () => {
    const saying = (name: string, said: ReturnType<WorkerModel["predict"]>): WorkerModel => ({
      name,
      owner: ALICE.address,
      signer: ALICE,
      predict: () => said,
    })
    const value = { inference: [1_300n * ONE] }
    const forecast = { forecast: [{ seat: 0, loss: ONE }] }
    const nothing = refusal("NoPastLosses")
    const broken = { from: 10, to: 12 }
    const said = async (model: string, of: WorkerModel["name"], epoch: number) => {
      const models = [saying("a", value), saying("b", forecast), saying("c", nothing)]
      const found = breakModel(models, { model, ...broken }).find(({ name }) => name === of)
      const limits = { seconds: 1, signal: new AbortController().signal }
      return found?.predict({ epoch, parameters: sp500 } as EpochTerms, limits)
    }
    for (const epoch of [9, 12]) assert.deepEqual(await said("a", "a", epoch), value)
    for (const epoch of [10, 11])
      assert.deepEqual(await said("a", "a", epoch), { inference: [100_000n * ONE] })
    assert.deepEqual(await said("b", "a", 10), value)
    assert.deepEqual(await said("b", "b", 10), forecast)
    assert.deepEqual(await said("c", "c", 10), nothing)
    await assert.rejects(said("d", "a", 10), { code: "ModelUnknown" })
  })
})

describe("a worker broken at epoch 100 and repaired at epoch 130", () => {
  before(load)

  for (const { topic, model } of CASES) {
    describe(`${model} of ${topic}`, () => {
      let rehearsed: readonly Rehearsed[]
      const weight = (epoch: number) => rehearsed[epoch - 1]?.weights.get(model) ?? Number.NaN
      const first = (from: number, test: (weight: number) => boolean) => {
        for (let epoch = from; epoch <= EPOCHS; epoch++) if (test(weight(epoch))) return epoch
        return Number.NaN
      }
      before(async () => {
        rehearsed = await rehearse(topic, { epochs: EPOCHS, break: { model, from: FROM, to: TO } })
      })

      it("counts for something before", () => {
        assert.equal(rehearsed.length, EPOCHS)
        assert.ok(weight(FROM) > 0.1, `${weight(FROM)}`)
      })

      it("falls below 1 % of the best within 30 epochs, and lies there when it is repaired", () => {
        const fell = first(FROM, (parts) => parts < LITTLE)
        assert.ok(fell <= FROM + FELL_WITHIN, `at epoch ${fell}`)
        // Not at once for good: now and then the class comes that nobody expects.
        for (let epoch = TO - 10; epoch <= TO; epoch++)
          assert.ok(weight(epoch) < LITTLE, `${epoch}`)
      })

      it("recovers after the repair", () => {
        const back = first(TO, (parts) => parts > LITTLE)
        assert.ok(back <= TO + BACK_WITHIN, `at epoch ${back}`)
        const most = Math.max(...rehearsed.slice(back).map(({ epoch }) => weight(epoch)))
        assert.ok(most > 0.1, `${most}`)
      })

      it("hardly moves the value once it has fallen", async () => {
        const whole = await rehearse(topic, { epochs: TO })
        const ratio = meanDistance(rehearsed) / meanDistance(whole)
        assert.ok(ratio < 1.25, `${ratio} times as far off as with the worker whole`)
      })
    })
  }
})

/** Of the network's values from the truths while the worker has been broken for ten epochs and more. */
function meanDistance(rehearsed: readonly Rehearsed[]): number {
  const distances = rehearsed
    .filter(({ epoch }) => epoch >= FROM + 10 && epoch < TO)
    .map(({ combined, truth }) => {
      const off = combined.map((value, label) => Number(value - (truth[label] as bigint)) / 1e18)
      return Math.hypot(...off)
    })
  assert.equal(distances.length, TO - FROM - 10)
  return distances.reduce((sum, distance) => sum + distance, 0) / distances.length
}
