// Each kind of field of a report and of a settlement, wrong by as little as it can be, and the one claim that refutes it.
import type { Claim } from "../../offchain/dispute/claims.ts"
import type { Report } from "../../offchain/report.ts"
import type { Settlement } from "../../offchain/settlement.ts"
import {
  type CounterfactualLists,
  decodeCounterfactualLosses,
  decodeCounterfactuals,
  decodeErrors,
  decodeImplied,
  decodeInclusions,
  decodeInferences,
  decodeLosses,
  decodeOneInRegrets,
  decodeOneOutRegrets,
  decodeQuality,
  decodeRegrets,
  decodeSeats,
  decodeSettledTruth,
  decodeValue,
  decodeWeights,
  encodeCounterfactualLosses,
  encodeCounterfactuals,
  encodeErrors,
  encodeImplied,
  encodeInclusions,
  encodeInferences,
  encodeLosses,
  encodeOneInRegrets,
  encodeOneOutRegrets,
  encodeQuality,
  encodeRegrets,
  encodeSeats,
  encodeSettledTruth,
  encodeValue,
  encodeWeights,
} from "../../wasm/index.ts"
import type { Change, Target } from "./forging.ts"

export type ReportField = {
  readonly field: string
  readonly claim: Claim
  readonly target?: Target
  readonly change?: Change
  readonly leaf?: (report: Report) => Partial<Report>
}
export type SettlementField = Omit<ReportField, "leaf"> & {
  readonly leaf?: (settlement: Settlement) => Partial<Settlement>
}

/** Decodes, changes and encodes again. */
const row =
  <T>(
    decode: (row: Uint8Array) => T,
    encode: (said: T) => Uint8Array,
    edit: (said: T) => T,
  ): Change =>
  (bytes) =>
    encode(edit(decode(bytes)))

/** The list with its last entry changed. */
const last = <T>(entries: readonly T[], edit: (entry: T) => T): readonly T[] => {
  if (entries.length === 0) throw new Error("nothing to change")
  return entries.map((entry, at) => (at === entries.length - 1 ? edit(entry) : entry))
}
const more =
  <K extends string>(key: K) =>
  <T extends Record<K, bigint>>(said: T): T => ({
    ...said,
    [key]: said[key] + 1n,
  })
const output = (place: number): Target => ({ list: "outputs", place })
const made = (place: number): Target => ({ list: "afterwards", place })

const value = (edit: Parameters<typeof row<ReturnType<typeof decodeValue>>>[2]) =>
  row(decodeValue, encodeValue, edit)
const counterfactual = (key: keyof CounterfactualLists) =>
  row(decodeCounterfactuals, encodeCounterfactuals, (said) => ({
    ...said,
    [key]: last(said[key] as readonly { value: bigint }[], more("value")),
  }))
const regrets = (edit: Parameters<typeof row<ReturnType<typeof decodeRegrets>>>[2]) =>
  row(decodeRegrets, encodeRegrets, edit)
const label = (edit: (said: ReturnType<typeof decodeErrors>[number]) => object) =>
  row(decodeErrors, encodeErrors, (said) => last(said, (one) => ({ ...one, ...edit(one) })))

/** Of the report of label 0 of a topic of two labels. */
export const REPORT_FIELDS: readonly ReportField[] = [
  { field: "value in the leaf", claim: "Value", leaf: ({ value }) => ({ value: value + 1n }) },
  { field: "sigma in the leaf", claim: "Sigma", leaf: ({ sigma }) => ({ sigma: sigma ^ 0x100 }) },
  {
    field: "combined value",
    claim: "Combined",
    target: output(0),
    change: value(more("combined")),
    leaf: ({ value }) => ({ value: value + 1n }),
  },
  { field: "naive value", claim: "Naive", target: output(0), change: value(more("naive")) },
  {
    field: "sigma",
    claim: "Deviation",
    target: output(0),
    change: value((said) => ({ ...said, sigma: (said.sigma ?? 0n) + 1n })),
  },
  {
    field: "percentile",
    claim: "Percentiles",
    target: output(0),
    change: value(more("p50")),
  },
  {
    field: "weight",
    claim: "Weights",
    target: output(2),
    change: row(decodeWeights, encodeWeights, (said) => last(said, more("weight"))),
  },
  {
    field: "implied value",
    claim: "Implied",
    target: output(3),
    change: row(decodeImplied, encodeImplied, (said) => ({
      ...said,
      entries: last(said.entries, more("value")),
    })),
  },
  {
    field: "value without an inferer",
    claim: "OneOutInferer",
    target: output(5),
    change: counterfactual("oneOutInferers"),
  },
  {
    field: "value without a forecaster",
    claim: "OneOutForecaster",
    target: output(5),
    change: counterfactual("oneOutForecasters"),
  },
  {
    field: "value with one forecaster alone",
    claim: "OneInForecaster",
    target: output(5),
    change: counterfactual("oneInForecasters"),
  },
  {
    field: "implied value without an inferer",
    claim: "ImpliedWithout",
    target: output(5),
    change: counterfactual("oneOutImplied"),
  },
  {
    field: "who has counterfactual values",
    claim: "Counterfactuals",
    target: output(5),
    change: row(decodeCounterfactuals, encodeCounterfactuals, (said) => ({
      ...said,
      oneOutInferers: said.oneOutInferers.slice(1),
    })),
  },
  {
    field: "an inference beyond the topic's range",
    claim: "Inputs",
    target: { list: "inputs", place: 1 },
    change: row(decodeInferences, encodeInferences, (said) => ({
      ...said,
      entries: last(said.entries, (entry) => ({ ...entry, value: 10n ** 33n + 1n })),
    })),
  },
  {
    field: "a row with a byte too many",
    claim: "Row",
    target: output(2),
    change: (bytes) => Uint8Array.from([...bytes, 0]),
  },
  {
    field: "a list with a hash too few",
    claim: "Lists",
    target: { list: "outputs", place: "list" },
    change: (bytes) => {
      const shorter = bytes.slice(0, -32)
      shorter[3] = (shorter[3] as number) - 1
      return shorter
    },
  },
]

/** Of a settlement of that topic. */
export const SETTLEMENT_FIELDS: readonly SettlementField[] = [
  {
    field: "settled truth",
    claim: "Truth",
    target: output(0),
    change: row(decodeSettledTruth, encodeSettledTruth, (said) => last(said, (one) => one + 1n)),
  },
  {
    field: "loss",
    claim: "Losses",
    target: output(1),
    change: row(decodeLosses, encodeLosses, (said) => ({
      ...said,
      entries: last(said.entries, more("loss")),
    })),
  },
  {
    field: "loss of the naive value",
    claim: "Losses",
    target: output(1),
    change: row(decodeLosses, encodeLosses, more("naive")),
  },
  {
    field: "loss of a counterfactual value",
    claim: "CounterfactualLosses",
    target: output(2),
    change: row(decodeCounterfactualLosses, encodeCounterfactualLosses, (said) => ({
      ...said,
      oneOutInferers: last(said.oneOutInferers, more("value")),
    })),
  },
  {
    field: "who sits where",
    claim: "Seats",
    target: made(1),
    change: row(decodeSeats, encodeSeats, (said) => ({ ...said, seated: said.seated.slice(1) })),
  },
  {
    field: "previous loss",
    claim: "Regrets",
    target: made(2),
    change: regrets((said) => ({ ...said, previousLoss: (said.previousLoss ?? 0n) + 1n })),
  },
  { field: "scale", claim: "Regrets", target: made(2), change: regrets(more("scale")) },
  {
    field: "initial regret",
    claim: "Regrets",
    target: made(2),
    change: regrets((said) => ({ ...said, initialRegret: (said.initialRegret ?? 0n) + 1n })),
  },
  {
    field: "network regret",
    claim: "Regrets",
    target: made(2),
    change: regrets((said) => ({ ...said, inferers: last(said.inferers, more("network")) })),
  },
  {
    field: "naive regret",
    claim: "Regrets",
    target: made(2),
    change: regrets((said) => ({ ...said, inferers: last(said.inferers, more("naive")) })),
  },
  {
    field: "a forecaster's regret",
    claim: "Regrets",
    target: made(2),
    change: regrets((said) => ({ ...said, forecasters: last(said.forecasters, more("network")) })),
  },
  {
    field: "moving average of the error",
    claim: "Errors",
    target: made(3),
    change: label(({ emaError = 0n }) => ({ emaError: emaError + 1n })),
  },
  {
    field: "median of the inferences",
    claim: "Errors",
    target: made(3),
    change: label(({ lastMedian = 0n }) => ({ lastMedian: lastMedian + 1n })),
  },
  {
    field: "inclusions",
    claim: "Inclusions",
    target: made(4),
    change: row(decodeInclusions, encodeInclusions, (said) =>
      last(said, (one) => ({ ...one, count: one.count + 1 })),
    ),
  },
  {
    field: "quality",
    claim: "Quality",
    target: made(5),
    change: row(decodeQuality, encodeQuality, (said) => ({ ...said, missed: said.missed + 1 })),
  },
  {
    field: "quality in the leaf",
    claim: "QualityWord",
    leaf: ({ quality }) => ({ quality: `0x00${quality.slice(4)}` }),
  },
  {
    field: "a regret against the value without one",
    claim: "OneOutTable",
    target: { table: 0 },
    change: row(decodeOneOutRegrets, encodeOneOutRegrets, (said) => ({
      ...said,
      entries: last(said.entries, more("regret")),
    })),
  },
  {
    field: "a regret against the value with one forecaster alone",
    claim: "OneInTable",
    // Behind those of five inferers and two forecasters.
    target: { table: 7 },
    change: row(decodeOneInRegrets, encodeOneInRegrets, (said) => ({
      ...said,
      entries: last(said.entries, more("regret")),
    })),
  },
]
