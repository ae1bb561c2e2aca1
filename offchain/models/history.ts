// What a model may see: a copy of the rows before the day it predicts, so that no reference reaches any further.
// Step 1 of the path begins here; floats end here too, since what leaves is a Wad.
import { decimal } from "../decimal.ts"
import { NodeError } from "../errors.ts"
import type { Series } from "./series.ts"

export type History = {
  /** The days known, ascending, as yyyy-mm-dd; the last is the one before the day predicted. */
  readonly dates: readonly string[]
  readonly values: readonly number[]
}

/** One way to predict the next row. Pure: the same history gives the same number. */
export type Model = {
  readonly name: string
  readonly predict: (history: History) => number
}

const floats = new WeakMap<Series, readonly number[]>()

/** The first `rows` rows of a series; row `rows` is the one to predict. */
export function historyOf(series: Series, rows: number): History {
  const available = series.values.length
  // All rows known, the next one unknown, is the most that can be asked.
  if (!Number.isInteger(rows) || rows < 1 || rows > available) {
    throw new NodeError("SeriesExhausted", {
      sentence: `the series ${series.name} has no ${rows} rows to predict from`,
      remedy: "refuse",
      given: rows,
      required: `1 to ${available}`,
    })
  }
  let all = floats.get(series)
  if (!all) {
    all = series.values.map((value) => Number(decimal(value)))
    floats.set(series, all)
  }
  return { dates: series.dates.slice(0, rows), values: all.slice(0, rows) }
}

const PLACES = 6
const UNIT = 10n ** BigInt(18 - PLACES)

/** A prediction as a Wad: rounded to 6 places (half up) and held within the topic's bounds. */
export function predictWad(
  model: Model,
  history: History,
  bounds: { readonly minimum: bigint; readonly maximum: bigint },
): bigint {
  const prediction = model.predict(history)
  if (!Number.isFinite(prediction)) {
    throw new NodeError("PredictionNotFinite", {
      sentence: `the model ${model.name} has no prediction after ${history.dates.at(-1)}`,
      remedy: "refuse",
      facts: { model: model.name },
      given: prediction,
      required: "a finite number",
    })
  }
  const rounded = BigInt(Math.round(prediction * 10 ** PLACES)) * UNIT
  if (rounded < bounds.minimum) return bounds.minimum
  return rounded > bounds.maximum ? bounds.maximum : rounded
}
