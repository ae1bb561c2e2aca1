// What a model may see: a copy of the rows before the day it predicts, so that no reference reaches any further.
// Step 1 of the path begins here; floats end here too, since what leaves is a Wad a label.
import { decimal } from "../decimal.ts"
import { NodeError } from "../errors.ts"
import { numberWad, probabilityWads } from "./prediction.ts"
import type { Series } from "./series.ts"

export type History = {
  /** The classes in their order, or the one label of a number. */
  readonly labels: readonly string[]
  /** The days known, ascending, as yyyy-mm-dd; the last is the one before the day predicted. */
  readonly dates: readonly string[]
  /** What was on each day: the number, or the place of its class among the labels. */
  readonly values: readonly number[]
  /** Further columns of the same days. */
  readonly columns: Readonly<Record<string, readonly number[]>>
}

/** One way to predict the next row. Pure: the same history gives the same answer. */
export type Model = {
  readonly name: string
  /** The next number; for classes a probability a label, which need not sum to 1 to the last digit. */
  readonly predict: (history: History) => number | readonly number[]
}

type Floats = Pick<History, "values" | "columns">

const floats = new WeakMap<Series, Floats>()

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
  const { values, columns } = floatsOf(series)
  return {
    labels: [...series.labels],
    dates: series.dates.slice(0, rows),
    values: values.slice(0, rows),
    columns: Object.fromEntries(
      Object.entries(columns).map(([name, column]) => [name, column.slice(0, rows)]),
    ),
  }
}

function floatsOf(series: Series): Floats {
  const known = floats.get(series)
  if (known) return known
  const numberOf = (wad: bigint) => Number(decimal(wad))
  const made = {
    values: series.values.map((day) =>
      day.length === 1 ? numberOf(day[0] as bigint) : day.findIndex((value) => value > 0n),
    ),
    columns: Object.fromEntries(
      Object.entries(series.columns).map(([name, column]) => [name, column.map(numberOf)]),
    ),
  }
  floats.set(series, made)
  return made
}

/** A model's answer as Wads, one a label: a number within the topic's bounds, or probabilities that sum to 1. */
export function predictWads(
  model: Model,
  history: History,
  bounds: { readonly minimum: bigint; readonly maximum: bigint },
): readonly bigint[] {
  const prediction = model.predict(history)
  const all = typeof prediction === "number" ? [prediction] : prediction
  const given = all.find((value) => !Number.isFinite(value))
  if (given !== undefined || all.length !== history.labels.length) {
    throw new NodeError("PredictionNotFinite", {
      sentence: `the model ${model.name} has no prediction after ${history.dates.at(-1)}`,
      remedy: "refuse",
      facts: { model: model.name },
      given: given ?? `${all.length} numbers`,
      required: `a finite number for each of ${history.labels.join(", ")}`,
    })
  }
  return typeof prediction === "number"
    ? [numberWad(prediction, bounds)]
    : probabilityWads(prediction)
}
