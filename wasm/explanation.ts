// Step 2, beside the path: the terms by which the core explains a weight; how they follow from each other stands in
// src/explain.rs.
import { boolean, int256, optional, record, wad } from "./fields.ts"

/** What a weight is made of; Wads. */
export type Terms = {
  /** Whether the state knows a regret of the seat, or it is the initial one. */
  readonly isSeen: boolean
  /** Against the combined value. */
  readonly regret: bigint
  /** What regrets are divided by. */
  readonly scale: bigint
  /** The regret over the scale. */
  readonly normalised: bigint
  /** The greatest normalised regret of all. */
  readonly best: bigint
  /** -p(normalised - c), which the weight function is taken at. */
  readonly argument: bigint
  /** The same of the best. */
  readonly bestArgument: bigint
}

/** How a participant's weight in the combined value came about; Wads. */
export type Explanation = {
  /** Absent while all are new: then every inferer weighs one. */
  readonly terms: Terms | undefined
  /** Relative to the best, as the weights row has it. */
  readonly weight: bigint
  /** The sum of all weights. */
  readonly total: bigint
  /** The weight over that sum. */
  readonly share: bigint
}

export const explanation = record<Explanation>({
  terms: optional(
    record<Terms>({
      isSeen: boolean,
      regret: wad,
      scale: int256,
      normalised: int256,
      best: int256,
      argument: int256,
      bestArgument: int256,
    }),
  ),
  weight: wad,
  total: wad,
  share: wad,
})
