// The reference's vectors in the module, through its door; every case of the files is counted. The same files are read
// natively by wasm/tests/vectors.rs and derived.rs, which also reach the functions below the door.
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { before, describe, it } from "node:test"
import {
  CoreError,
  decodeCounterfactuals,
  decodeImplied,
  decodeValue,
  decodeWeights,
  infer,
  load,
  type Valued,
  wad,
} from "../../wasm/index.ts"
import { exactWad, isNear, shortenedWad } from "../support/decimals.ts"
import { rowsOf, WAD } from "../support/epochs.ts"
import type { WitnessEpoch } from "../support/witness.ts"

function vectors(name: string) {
  return JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), "utf8"))
}

type Row = Readonly<Record<string, string>>

function exact(row: Row, key: string): bigint {
  const value = exactWad(row[key] ?? "")
  assert.notEqual(value, undefined, `${key} is not a Wad: ${row[key]}`)
  return value as bigint
}

const INFERERS = [0, 1, 2, 3, 4]
const FORECASTERS = [0, 1, 2]

/** How the traces number workers: inferers, then forecasters. */
const workerOf = (seat: number) => (seat < 0x80 ? seat : INFERERS.length + seat - 0x80)

/** The rows of one epoch, with the regrets and the loss of the epoch before; the scale is left to the module. */
function wired(row: Row, previous: Row): WitnessEpoch {
  const network = (worker: number) => exact(previous, `inference_regret_worker_${worker}`)
  // Two of them have more places than a Wad.
  const regret = (worker: number, of: string) =>
    shortenedWad(previous[`inference_regret_worker_${worker}_${of}`] ?? "")
  const workers = [...INFERERS, ...FORECASTERS.map((k) => INFERERS.length + k)]
  const seatOf = (worker: number) =>
    worker < INFERERS.length ? worker : 0x80 + worker - INFERERS.length
  const regretsWithout = (withheld: number) =>
    new Map(
      workers
        .filter((worker) => worker !== withheld)
        .map((worker) => [seatOf(worker), regret(worker, `oneout_${withheld}`)] as const),
    )
  // The one forecaster itself is the worker after the inferers.
  const regretsWith = (k: number) =>
    new Map([
      ...INFERERS.map((i) => [i, regret(i, `onein_${k}`)] as const),
      [0x80 + k, regret(INFERERS.length, `onein_${k}`)] as const,
    ])
  return {
    pNorm: 3n * WAD,
    cNorm: (WAD * 3n) / 4n,
    epsilon: WAD / 100n,
    inferers: INFERERS.map((seat) => ({ seat, values: [exact(row, `inference_${seat}`)] })),
    forecasters: FORECASTERS.map((k) => ({
      seat: 0x80 + k,
      losses: new Map(INFERERS.map((i) => [i, exact(row, `forecasted_loss_${k}_for_${i}`)])),
    })),
    previousLoss: exact(previous, "network_loss"),
    scale: 0n,
    initialRegret: 0n,
    network: new Map([
      ...INFERERS.map((i) => [i, network(i)] as const),
      ...FORECASTERS.map((k) => [0x80 + k, network(INFERERS.length + k)] as const),
    ]),
    naive: new Map(
      INFERERS.map((i) => [i, exact(previous, `naive_inference_regret_worker_${i}`)] as const),
    ),
    emaErrors: [undefined],
    mads: [undefined],
    oneOut: new Map(workers.map((of) => [seatOf(of), regretsWithout(of)])),
    oneIn: new Map(FORECASTERS.map((k) => [seatOf(INFERERS.length + k), regretsWith(k)])),
  }
}

describe("vectors", () => {
  before(load)

  it("math_basic: exp and ln; the others lie below the door", () => {
    const counts = { held: 0, refused: 0, elsewhere: 0 }
    for (const { fn, cases } of vectors("math_basic").groups) {
      const name = /^(exp|ln)\b/.exec(fn)?.[1] as "exp" | "ln" | undefined
      if (name === undefined) {
        counts.elsewhere += cases.length
        continue
      }
      for (const { x, expected, error } of cases) {
        const input = exactWad(x)
        if (input === undefined) {
          counts.refused++
        } else if (error) {
          assert.throws(() => wad.ln(input), { name: "CoreError", code: "LnWadUndefined" })
          counts.held++
        } else {
          assert.ok(isNear(wad[name](input), expected), `${name}(${x})`)
          counts.held++
        }
      }
    }
    assert.deepEqual(counts, { held: 5, refused: 4, elsewhere: 88 })
  })

  it("derived_v16_on_regression_trace: what infer says of each epoch", () => {
    const { rows } = vectors("regression_epochs_300_303")
    const { epochs } = vectors("derived_v16_on_regression_trace")
    const counts = { held: 0, belowTheDoor: 0, absent: [] as string[] }
    for (const [epoch, expected] of Object.entries<Row>(epochs)) {
      const before = String(Number(epoch) - 1)
      if (!rows[epoch] || !rows[before]) {
        counts.absent.push(epoch)
        continue
      }
      const { inputs, state } = rowsOf(wired(rows[epoch], rows[before]))
      const [value, weights, implied, without] = infer(inputs, state) as [
        Uint8Array,
        Uint8Array,
        Uint8Array,
        Uint8Array,
      ]
      const lists = decodeCounterfactuals(without)
      const named = (name: string, list: readonly Valued[]) =>
        list.map(({ seat, value: is }) => [`${name}_${workerOf(seat)}`, [is]] as const)
      const { combined, naive } = decodeValue(value)
      const raw = decodeWeights(weights).map(({ weight }) => weight)
      const total = raw.reduce((sum, weight) => sum + weight, 0n)
      const got: Record<string, readonly bigint[]> = {
        network_inference: [combined],
        network_naive_inference: [naive],
        normalized_weights: raw.map((weight) => (weight * WAD) / total),
        ...Object.fromEntries(
          decodeImplied(implied).entries.map(({ seat, value: is }) => [
            `forecast_implied_inference_${seat - 0x80}`,
            [is],
          ]),
        ),
        ...Object.fromEntries([
          ...named("network_inference_oneout", lists.oneOutInferers),
          ...named("network_inference_oneout", lists.oneOutForecasters),
          ...lists.oneInForecasters.map(
            ({ seat, value: is }) =>
              [`network_naive_inference_onein_${seat - 0x80}`, [is]] as const,
          ),
          ...lists.oneOutImplied.map(
            ({ forecaster, inferer, value: is }) =>
              [`forecast_implied_inference_${forecaster - 0x80}_oneout_${inferer}`, [is]] as const,
          ),
        ]),
      }
      for (const [key, wanted] of Object.entries(expected)) {
        if (key === "regret_scale") {
          counts.belowTheDoor++
        } else {
          const list = [wanted].flat()
          assert.equal(got[key]?.length, list.length, key)
          got[key]?.forEach((each, i) => {
            assert.ok(isNear(each, list[i] as string), `${key}[${i}] of ${epoch}: ${each}`)
          })
          counts.held++
        }
      }
    }
    assert.deepEqual(counts, { held: 96, belowTheDoor: 3, absent: [] })
  })

  it("refuses numbers outside Wads", () => {
    assert.equal(exactWad("1000000000000000000000000000000000000000123456789"), undefined)
    assert.equal(exactWad("NaN"), undefined)
    assert.throws(() => wad.exp(2n ** 255n), CoreError)
    assert.throws(() => wad.sqrt(-1n), CoreError)
  })
})
