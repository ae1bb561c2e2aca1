// Step 7: the form of a settlement's lists, and inputs that nobody may admit.
import type { Hex } from "viem"
import { type CoreError, decodeParameters, encodeList, KIND, rowHash } from "../../../wasm/index.ts"
import { NO_LEAF } from "../../synthesis.ts"
import { decoded, type SettlementBytes } from "../bytes.ts"
import { type Difference, difference, refuting } from "../claims.ts"
import { misshapen, SETTLEMENT_INPUTS } from "../shape.ts"

const LISTED = { context: 0, inputs: 1, outputs: 2, afterwards: 3 } as const
const OUTPUTS = [KIND.settledTruth, KIND.losses, KIND.counterfactualLosses]
/** The rows of a state, in the order of its list. */
export const STATE_ROWS = [
  KIND.version,
  KIND.seats,
  KIND.regrets,
  KIND.errors,
  KIND.inclusions,
  KIND.quality,
  KIND.oneOutTables,
  KIND.oneInTables,
]

export const listClaim = (list: keyof typeof LISTED) => refuting("SettlementLists", LISTED[list])

/** What in the lists is not as their rules have it. */
export function formOf(
  { inputs, outputs, afterwards, context }: SettlementBytes,
  parametersHash: Hex,
) {
  const found: Difference[] = []
  const isMissed = context?.inputsHash === NO_LEAF
  if (inputs) {
    const [first] = inputs.rows
    const labels = (first && decoded(() => decodeParameters(first))?.labelCount) ?? 1
    found.push(
      ...misshapen(inputs, {
        name: "inputs",
        order: SETTLEMENT_INPUTS,
        labels,
        list: listClaim("inputs"),
        row: (place) => refuting("SettlementRow", place),
      }),
    )
    const [given] = inputs.hashes ?? []
    if (inputs.hashes && given !== parametersHash)
      found.push(
        difference({ what: "the parameters row in the inputs", given, required: parametersHash }, [
          listClaim("inputs"),
          refuting("SettlementRow"),
        ]),
      )
  }
  const lists = [
    ["outputs", outputs, KIND.outputs, isMissed ? 0 : OUTPUTS.length],
    ["afterwards", afterwards?.list, KIND.state, STATE_ROWS.length],
  ] as const
  for (const [name, list, kind, count] of lists) {
    if (!list) continue
    const required = `a list of ${count} hashes`
    const isFit =
      list.hashes?.length === count &&
      rowHash(list.row) === rowHash(encodeList({ kind, hashes: list.hashes }))
    if (!isFit)
      found.push(
        difference(
          { what: `the list ${name}`, given: `${list.hashes?.length ?? "no"} hashes`, required },
          [listClaim(name)],
        ),
      )
  }
  return found
}

/** Where in the inputs the core's refusals come from; see `IVerifier`. */
const PARTS: Readonly<Record<string, readonly number[]>> = {
  NoInferences: [1],
  NotUnity: [1],
  SeatOutOfRange: [1, 2, 6, 7, 9],
  SeatsDiffer: [1, 6, 7],
  OutOfRange: [1, 5, 6, 7],
  LossOutOfRange: [2],
  RowsOutOfOrder: [2, 3],
  TruthMissing: [4],
  TruthOutOfRange: [4],
  NotOneClass: [4],
  ReputersDiffer: [4],
  NotAnElector: [4],
  PotNotBuilt: [8],
  NotInRoster: [9],
}
const ALL_PARTS = [1, 2, 3, 4, 5, 6, 7, 8, 9]
const OF_EACH_LABEL = [5, 6, 7]

/** What the core does not take, and the claims that may show it to the chain. */
export function inadmissible(
  { code, message }: CoreError,
  rows: readonly Uint8Array[],
): Difference {
  const labels = rows.filter(([kind]) => kind === KIND.inferences).length
  const claims = (PARTS[code] ?? ALL_PARTS).flatMap((part) =>
    Array.from({ length: OF_EACH_LABEL.includes(part) ? labels : 1 }, (_, label) =>
      refuting("SettlementInputs", (part << 16) | label),
    ),
  )
  return difference(
    { what: "the inputs", given: message, required: "admissible ones" },
    claims,
    claims.length === 1,
  )
}
