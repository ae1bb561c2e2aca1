// Step 7: the report that a settlement scores: the accepted one, its rows, who sat when it was made.
import type { Hex } from "viem"
import { decodeRoster, decodeValue, KIND, packSigma } from "../../wasm/index.ts"
import type { TruthTerms } from "../electorate.ts"
import type { Accepted } from "../ledger.ts"
import { NO_LEAF } from "../synthesis.ts"
import { POSTED_UNIT, unpackWord } from "../word.ts"
import { decoded, type Listed } from "./bytes.ts"
import { type Difference, difference, type Refuting, refuting } from "./claims.ts"
import type { SettlementFacts } from "./settledfacts.ts"
import { isComplete, rowsOfKind } from "./shape.ts"

const WORD = 1 << 16

/** An accepted report; one that fell in a dispute may be named by a settlement that was made before. */
export type Scorable = Accepted & { readonly hasFallen?: boolean }

type Named = Pick<SettlementFacts, "bytes" | "accepted">

/** The context that a settlement has to name: all labels of the epoch have been reported under it, and it has not fallen. */
function contextOf({ accepted }: Named, { parameters }: TruthTerms): string | undefined {
  const [first] = accepted
  const isWhole = accepted.length === parameters.labels.length
  const isOne = accepted.every(({ context, hasFallen }) => !hasFallen && context === first?.context)
  return isWhole && isOne ? first?.context : undefined
}

/** What was posted later than this may have come too late for who settled. */
function isInTime({ word }: Accepted, { cutoff }: TruthTerms): boolean {
  const { observedAt, postedAfter } = unpackWord(word)
  return observedAt + POSTED_UNIT * postedAfter <= cutoff
}

/** No report is named. The chain can say which one it is of a topic of one label. */
function unnamed({ accepted }: Named, { parameters }: TruthTerms): Refuting[] {
  return accepted.length > 0 && parameters.labels.length === 1
    ? [refuting("SettledReport", WORD)]
    : []
}

/** An epoch that is called missed names the report that there was, too. */
export function missedReportDifferences(given: Named, terms: TruthTerms): Difference[] {
  const named = given.bytes.context?.reportContext
  const required = contextOf(given, terms)
  if (required === undefined || named === required) return []
  const isNone = named === NO_LEAF
  if (isNone && !given.accepted.every((report) => isInTime(report, terms))) return []
  const what = { what: "the report that was missed", given: isNone ? "none" : named, required }
  return [difference(what, isNone ? unnamed(given, terms) : [])]
}

/** The report that is scored is the accepted one, as far as the words on the chain tell. */
function namedDifferences(given: Named, terms: TruthTerms): Difference[] {
  const { bytes, accepted } = given
  const named = bytes.context?.reportContext
  const required = contextOf(given, terms)
  // What scores a report that fell is struck.
  if (named === required || accepted.some((each) => each.hasFallen && each.context === named))
    return []
  const values = rowsOfKind(bytes.inputs, KIND.value).map((row) => decoded(() => decodeValue(row)))
  const inTime = accepted.filter((each) => !each.hasFallen && isInTime(each, terms))
  const others = inTime.flatMap(({ label, word }) => {
    const own = values[label]
    const { value, sigma } = unpackWord(word)
    const isSame = own?.combined === value && decoded(() => packSigma(own.sigma)) === sigma
    return isSame ? [] : [refuting("SettledReport", WORD | label)]
  })
  const claims = named === NO_LEAF ? unnamed({ ...given, accepted: inTime }, terms) : others
  return [
    difference(
      { what: "the report that is scored", given: named, required: required ?? "none" },
      claims,
    ),
  ]
}

/** What is scored is the accepted report, and what it rests on. */
export function scoredDifferences(given: SettlementFacts, terms: TruthTerms): Difference[] {
  const { bytes, scored, seats } = given
  const { inputs } = bytes
  const found = namedDifferences(given, terms)
  if (!isComplete(inputs)) return found
  if (scored?.inputs && scored.outputs) found.push(...carriedOver(inputs, scored))
  const roster = rowsOfKind(inputs, KIND.roster).flatMap(
    (row) => decoded(() => decodeRoster(row)) ?? [],
  )
  const inText = (all: readonly { readonly seat: number; readonly owner: Hex }[]) =>
    all.map(({ seat, owner }) => `${seat} ${owner}`).join()
  if (seats && inText(roster) !== inText(seats))
    found.push(
      difference({ what: "who sat where", given: inText(roster), required: inText(seats) }, [
        refuting("Roster"),
      ]),
    )
  return found
}

function carriedOver(inputs: Listed, scored: NonNullable<SettlementFacts["scored"]>): Difference[] {
  const said: readonly number[] = [KIND.inferences, KIND.forecast]
  const made: readonly number[] = [KIND.value, KIND.implied, KIND.counterfactuals]
  const hashes = (list: Listed | undefined, kinds: readonly number[]) =>
    (list?.rows ?? [])
      .map((row, place) => ({ row, hash: list?.hashes?.[place] }))
      .filter(({ row }) => row && kinds.includes(row[0] as number))
      .map(({ hash }) => hash)
      .join()
  const given = [hashes(inputs, said), hashes(inputs, made)].join()
  const required = [hashes(scored.inputs, said), hashes(scored.outputs, made)].join()
  if (given === required) return []
  const forecasts = inputs.rows.flatMap((row, place) => (row?.[0] === KIND.forecast ? [place] : []))
  const last = forecasts.at(-1)
  return [
    difference({ what: "the rows of the report that is scored", given, required }, [
      refuting("SettledReport"),
      // One that the report does not have.
      ...(last === undefined ? [] : [refuting("SettledReport", last)]),
    ]),
  ]
}
