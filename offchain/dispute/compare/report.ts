// Step 7: what a report's bytes say beside what our own core makes of the same inputs and the same state.
import {
  CoreError,
  decodeParameters,
  decodeValue,
  infer,
  KIND,
  packSigma,
} from "../../../wasm/index.ts"
import { decimal } from "../../decimal.ts"
import type { Report } from "../../report.ts"
import { NO_LEAF } from "../../synthesis.ts"
import { decoded, type Listed, type ReportBytes } from "../bytes.ts"
import { type Difference, difference, refuting } from "../claims.ts"
import { FIRST_REPORT_INPUTS, filled, misshapen, REPORT_INPUTS, REPORT_OUTPUTS } from "../shape.ts"
import {
  hashes,
  impliedDifferences,
  isSame,
  type Pair,
  valueDifferences,
  withheldDifferences,
} from "./label.ts"

/** What our core makes of the signed inputs: its rows, or why it takes none of them. */
export type Recomputed = {
  readonly bytes: ReportBytes
  /** Our own output rows, where the inputs are admissible. */
  readonly outputs: readonly Uint8Array[] | undefined
  /** What is wrong whatever the label. */
  readonly differences: readonly Difference[]
}

const LISTED = { inputs: 1, outputs: 2 } as const

/** The form of the signed lists, and our own outputs. Starts from the state that the report names: see `facts.ts`. */
export function recompute(given: ReportBytes): Recomputed {
  const { context, inputs, contextRow } = given
  if (!context) {
    const nothing = { bytes: given, outputs: undefined }
    const spoilt = difference({ what: "the context", given: "bytes", required: "a context row" }, [
      refuting("Parameters"),
    ])
    return { ...nothing, differences: contextRow ? [spoilt] : [] }
  }
  const form = (
    list: Listed | undefined,
    name: "inputs" | "outputs",
    order: typeof REPORT_INPUTS,
  ) =>
    list
      ? misshapen(list, {
          name,
          order,
          labels,
          list: refuting("Lists", LISTED[name]),
          row: (place) => refuting("Row", (LISTED[name] << 16) | place),
        })
      : []
  const [first] = inputs?.rows ?? []
  const labels = (first && decoded(() => decodeParameters(first))?.labelCount) ?? 1
  const order = context.settledLeaf === NO_LEAF ? FIRST_REPORT_INPUTS : REPORT_INPUTS
  const differences = [
    ...boundParameters(inputs, context.parametersHash),
    ...form(inputs, "inputs", order),
  ]
  const rows = whole(inputs)
  let outputs: readonly Uint8Array[] | undefined
  if (rows && differences.length === 0) {
    try {
      outputs = infer(rows, stateOf(given))
    } catch (error) {
      if (!(error instanceof CoreError)) throw error
      differences.push(
        difference({ what: "the inputs", given: error.message, required: "admissible ones" }, [
          refuting("Inputs"),
        ]),
      )
    }
  }
  const bytes = { ...given, outputs: filled(given.outputs, outputs ?? []) }
  differences.push(...form(bytes.outputs, "outputs", REPORT_OUTPUTS))
  return { bytes, outputs, differences }
}

function boundParameters(inputs: Listed | undefined, required: string): Difference[] {
  const given = inputs?.hashes?.[0]
  if (!inputs?.hashes || given === required) return []
  return [
    difference({ what: "the parameters row in the inputs", given, required }, [
      refuting("Lists", LISTED.inputs),
      refuting("Row", LISTED.inputs << 16),
    ]),
  ]
}

/** The rows of a list of which none is missing. */
export function whole(list: Listed | undefined): readonly Uint8Array[] | undefined {
  const rows = list?.hashes && list.rows.filter((row) => row !== undefined)
  return rows && rows.length === list?.rows.length ? rows : undefined
}

/** The rows of the state as the core takes them. */
export function stateOf({ beforehand }: Pick<ReportBytes, "beforehand">): readonly Uint8Array[] {
  const plain = beforehand.list.rows.filter(
    (row): row is Uint8Array =>
      row !== undefined && row[0] !== KIND.oneOutTables && row[0] !== KIND.oneInTables,
  )
  return [...plain, ...beforehand.oneOut.values(), ...beforehand.oneIn.values()]
}

/** Every field of the output rows, of all labels, that is not what our core makes, and what the report itself says of its own. */
export function compareReport(
  report: Pick<Report, "label" | "value" | "sigma">,
  { bytes, outputs: made }: Recomputed,
): readonly Difference[] {
  const labels = made ? made.filter((row) => row[0] === KIND.value).length : 0
  const pairAt = (place: number): Pair => ({
    hash: bytes.outputs?.hashes?.[place],
    given: bytes.outputs?.rows[place],
    made: made?.[place] as Uint8Array,
  })
  const ofLabel = (label: number): Difference[] => {
    const implied = pairAt(labels + 1 + label)
    const isImpliedSound = isSame(implied)
    return [
      ...impliedDifferences(implied, bytes, label),
      ...valueDifferences(pairAt(label), label, isImpliedSound),
      ...withheldDifferences(pairAt(2 * labels + 1 + label), bytes, { label, isImpliedSound }),
    ]
  }
  const all = Array.from({ length: labels }, (_, label) => label)
  const sound = all.find((label) => isSame(pairAt(labels + 1 + label)))
  const weights =
    made && !isSame(pairAt(labels))
      ? [
          difference(
            { what: "the weights", ...hashes(pairAt(labels)) },
            [refuting("Weights", (sound ?? 0) << 16)],
            sound !== undefined,
          ),
        ]
      : []
  return [...ownRow(report, bytes), ...weights, ...all.flatMap(ofLabel)]
}

/** The report says what its own value row says. */
function ownRow(
  { label, value, sigma }: Pick<Report, "label" | "value" | "sigma">,
  { outputs }: ReportBytes,
): Difference[] {
  const row = outputs?.rows[label]
  const own = row && decoded(() => decodeValue(row))
  if (!own) return []
  const said = (what: string) => `${what} that the report of label ${label} carries`
  const found: Difference[] = []
  if (own.combined !== value)
    found.push(
      difference(
        { what: said("the value"), given: decimal(value), required: decimal(own.combined) },
        [refuting("Value")],
      ),
    )
  const float = decoded(() => packSigma(own.sigma))
  if (float !== sigma)
    found.push(
      difference({ what: said("sigma"), given: sigma, required: float }, [refuting("Sigma")]),
    )
  return found
}
