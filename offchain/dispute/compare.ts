// Step 7: everything in an attested message that is not as it has to be, by our own core and the chain we follow. Each
// difference names the claims that refute it; those come first that the chain can judge from sound rows.
import type { Report } from "../report.ts"
import type { Missing, ReportBytes, SettlementBytes } from "./bytes.ts"
import type { Difference } from "./claims.ts"
import { compareReport, type Recomputed, recompute } from "./compare/report.ts"
import { compareSettlement, type SettlementGiven } from "./compare/settlement.ts"
import {
  originDifferences,
  type ReportGiven,
  scheduleDifferences,
  submissionDifferences,
} from "./facts.ts"
import { type SettlementFacts, settlementDifferences } from "./settledfacts.ts"

export { type Recomputed, recompute } from "./compare/report.ts"

export type Compared<Bytes> = {
  /** With what our core made in the places of rows that nobody serves. */
  readonly bytes: Bytes
  readonly differences: readonly Difference[]
  /** What is still missing. */
  readonly missing: readonly Missing[]
}

/** One label's report. `recomputed` is the same for all labels of one context. */
export function differencesOfReport(
  given: ReportGiven & { readonly report: Report },
  recomputed: Recomputed = recompute(given.bytes),
): Compared<ReportBytes> {
  const { bytes } = recomputed
  const origin = originDifferences(given)
  // Judged by another state than the one it names, every number would differ, and others would sit there. Of an epoch that
  // there is not, no state is known.
  const isSameState =
    given.terms !== undefined &&
    origin.every(({ refutes, strikes }) => !strikes && !names(refutes, "State"))
  const made = isSameState
    ? [
        ...recomputed.differences,
        ...compareReport(given.report, recomputed),
        ...submissionDifferences({ ...given, bytes }),
      ]
    : []
  const differences = [...scheduleDifferences(given), ...origin, ...made]
  return { bytes, differences: ordered(differences), missing: stillMissing(bytes) }
}

export function differencesOfSettlement(
  given: SettlementGiven & SettlementFacts,
): Compared<SettlementBytes> & {
  readonly state: readonly Uint8Array[] | undefined
  readonly made: readonly Uint8Array[]
} {
  const { bytes, differences, state, made } = compareSettlement(given)
  const facts = settlementDifferences({ ...given, bytes })
  return {
    bytes,
    differences: ordered([...differences, ...facts]),
    missing: stillMissing(bytes),
    state,
    made,
  }
}

const names = (refutes: Difference["refutes"], claim: string) =>
  refutes.some((each) => each.claim === claim)

function ordered(differences: readonly Difference[]): readonly Difference[] {
  const rank = ({ isCertain, refutes }: Difference) =>
    refutes.length === 0 ? 2 : isCertain ? 0 : 1
  return differences.toSorted((a, b) => rank(a) - rank(b))
}

/** What was missing and was not put in place since. */
function stillMissing(bytes: ReportBytes | SettlementBytes): readonly Missing[] {
  const lists = {
    inputs: bytes.inputs,
    outputs: bytes.outputs,
    afterwards: "afterwards" in bytes ? bytes.afterwards?.list : undefined,
    beforehand: undefined,
  }
  return bytes.missing.filter(
    ({ list, place, table }) =>
      list === undefined ||
      place === undefined ||
      table !== undefined ||
      lists[list]?.rows[place] === undefined,
  )
}
