// Step 7: what a settlement's bytes say beside what our own core makes of the same inputs and the state before.
import type { Hex } from "viem"
import { CoreError, KIND, listHash, quality, rowHash, settle } from "../../../wasm/index.ts"
import type { Settlement } from "../../settlement.ts"
import { NO_LEAF } from "../../synthesis.ts"
import { type Listed, type SettlementBytes, stateBytes } from "../bytes.ts"
import { type Claim, type Difference, difference, refuting } from "../claims.ts"
import { filled } from "../shape.ts"
import { formOf, inadmissible, listClaim, STATE_ROWS } from "./form.ts"
import { stateOf, whole } from "./report.ts"
import { stateDifferences } from "./state.ts"

/** The inputs of a missed epoch do not stand in a list: they follow from the chain. */
export type SettlementGiven = {
  readonly settlement: Pick<Settlement, "state" | "quality">
  readonly bytes: SettlementBytes
  /** Parameters and registrations, as the chain has them. */
  readonly missedInputs: readonly Uint8Array[]
}

export type SettlementCompared = {
  readonly bytes: SettlementBytes
  /** The state that our core makes, where the inputs are admissible. */
  readonly state: readonly Uint8Array[] | undefined
  /** All rows that our core made. */
  readonly made: readonly Uint8Array[]
  readonly differences: readonly Difference[]
}

export function compareSettlement(given: SettlementGiven): SettlementCompared {
  const { bytes, settlement } = given
  const { context, contextRow, inputs } = bytes
  const nothing = { bytes, state: undefined, made: [] }
  if (!context) {
    const what = { what: "the context", given: "bytes", required: "a context row" }
    return {
      ...nothing,
      differences: contextRow
        ? [difference(what, [listClaim("context"), refuting("SettlementParameters")])]
        : [],
    }
  }
  const isMissed = context.inputsHash === NO_LEAF
  const form = formOf(bytes, context.parametersHash)
  const rows = isMissed ? given.missedInputs : whole(inputs)
  if (!rows || form.length > 0) return { ...nothing, differences: form }
  let made: ReturnType<typeof settle>
  let word: Hex
  try {
    made = settle(rows, stateOf(bytes))
    word = quality(rows, made.state)
  } catch (error) {
    if (!(error instanceof CoreError)) throw error
    return { ...nothing, differences: [inadmissible(error, rows)] }
  }
  const ours = stateBytes(made.state)
  const all = [...made.outputs, ...made.state, ...ours.list.rows, ours.list.row].filter(
    (row) => row !== undefined,
  )
  const outputs = filled(bytes.outputs, all)
  const afterwards = bytes.afterwards && {
    ...bytes.afterwards,
    list: filled(bytes.afterwards.list, all) as Listed,
  }
  const full = { ...bytes, outputs, afterwards }
  const isSound = listHash(KIND.outputs, made.outputs) === context.outputsHash
  return {
    bytes: full,
    state: made.state,
    made: all,
    differences: [
      ...outputDifferences(full, made.outputs),
      ...stateDifferences(full, ours, { settlement, isSound }),
      ...wordDifference({ settlement, word, ours: ours.list, afterwards: afterwards?.list }),
    ],
  }
}

/** The truth first: the losses are judged by what the outputs say that it is. */
function outputDifferences({ outputs }: SettlementBytes, made: readonly Uint8Array[]) {
  const claims = ["Truth", "Losses", "CounterfactualLosses"] as const
  const names = ["the settled truth", "the losses", "the counterfactual losses"]
  const isSame = (place: number) => outputs?.hashes?.[place] === rowHash(made[place] as Uint8Array)
  return made.flatMap((row, place) =>
    isSame(place)
      ? []
      : [
          difference(
            {
              what: names[place] as string,
              given: outputs?.hashes?.[place],
              required: rowHash(row),
            },
            [refuting(claims[place] as Claim)],
            place === 0 || isSame(0),
          ),
        ],
  )
}

type Word = {
  readonly settlement: Pick<Settlement, "quality">
  readonly word: Hex
  readonly ours: Listed
  readonly afterwards: Listed | undefined
}

/** The word is judged by the row of quality that was signed. */
function wordDifference({ settlement, word, ours, afterwards }: Word): Difference[] {
  if (settlement.quality === word) return []
  const place = STATE_ROWS.indexOf(KIND.quality)
  const isRowSound = afterwards?.hashes?.[place] === ours.hashes?.[place]
  return [
    difference(
      { what: "the quality word", given: settlement.quality, required: word },
      [refuting("QualityWord")],
      isRowSound,
    ),
  ]
}
