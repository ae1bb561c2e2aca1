// Step 7: what can be wrong with an attested message, by name, in the order of contracts/types/Claim.sol.

export const CLAIMS = [
  "None",
  "Lists",
  "Row",
  "Inputs",
  "Value",
  "Sigma",
  "Combined",
  "Naive",
  "Deviation",
  "Percentiles",
  "ValueRow",
  "Weights",
  "Implied",
  "ImpliedRow",
  "OneOutInferer",
  "OneOutForecaster",
  "OneInForecaster",
  "ImpliedWithout",
  "Counterfactuals",
  "Schedule",
  "Parameters",
  "State",
  "Registrations",
  "Submission",
  "SettlementLists",
  "SettlementRow",
  "SettlementInputs",
  "Truth",
  "Losses",
  "CounterfactualLosses",
  "Seats",
  "Regrets",
  "Errors",
  "Inclusions",
  "Quality",
  "QualityWord",
  "OneOutTable",
  "OneInTable",
  "Tables",
  "SettlementParameters",
  "SettlementRegistrations",
  "SettledReport",
  "Roster",
  "Electorate",
  "TruthSignature",
] as const

export type Claim = Exclude<(typeof CLAIMS)[number], "None">

/** As contracts number it. */
export function claimNumber(claim: Claim): number {
  return CLAIMS.indexOf(claim)
}

/** A claim, and which label, seat or place it is about where there are several. */
export type Refuting = { readonly claim: Claim; readonly at: bigint }

export function refuting(claim: Claim, at: number | bigint = 0): Refuting {
  return { claim, at: BigInt(at) }
}

/** One thing that is not as it has to be. */
export type Difference = {
  /** What is meant, in words. */
  readonly what: string
  readonly given: string
  readonly required: string
  /** What the chain is asked, the most specific and cheapest first; none where the chain cannot refute it. */
  readonly refutes: readonly Refuting[]
  /** Whether what the claims rest on is itself as it has to be; if not, the chain may see no fault in this. */
  readonly isCertain: boolean
  /** Voids without blame: it starts from what no longer stands. */
  readonly strikes?: boolean
}

type Said = Pick<Difference, "what"> & { readonly given: unknown; readonly required: unknown }

export function difference(
  { what, given, required }: Said,
  refutes: readonly Refuting[],
  isCertain = true,
): Difference {
  return { what, given: inWords(given), required: inWords(required), refutes, isCertain }
}

function inWords(value: unknown): string {
  return value === undefined ? "nothing" : String(value)
}
