// Step 7: the output rows of one label, field by field: what forecasts imply, the values, the values without one who spoke.
import {
  decodeCounterfactuals,
  decodeImplied,
  decodeValue,
  KIND,
  rowHash,
} from "../../../wasm/index.ts"
import type { CounterfactualLists } from "../../../wasm/rows.ts"
import { decimal } from "../../decimal.ts"
import { decoded, type ReportBytes } from "../bytes.ts"
import { type Difference, difference, refuting } from "../claims.ts"
import { placesOf } from "../shape.ts"

/** A row as it was signed, and as our core makes it. */
export type Pair = {
  readonly hash: string | undefined
  readonly given: Uint8Array | undefined
  readonly made: Uint8Array
}

export const isSame = ({ hash, made }: Pair) => hash === rowHash(made)
export const hashes = ({ hash, made }: Pair) => ({ given: hash, required: rowHash(made) })

export function impliedDifferences(
  pair: Pair,
  { inputs }: ReportBytes,
  label: number,
): Difference[] {
  if (isSame(pair)) return []
  const whole = refuting("ImpliedRow", label << 16)
  const row = pair.given
  const given = row && decoded(() => decodeImplied(row))?.entries
  if (!given)
    return [difference({ what: `the implied values of label ${label}`, ...hashes(pair) }, [whole])]
  const made = decodeImplied(pair.made).entries
  const forecasters = placesOf(inputs, KIND.forecast).map((place) => inputs?.rows[place]?.[1])
  return unequal(keyed(given, bySeat), keyed(made, bySeat)).map(([seat, is, required]) => {
    const place = forecasters.indexOf(seat)
    const what = `the implied value of seat ${seat}, label ${label}`
    const claims = place < 0 ? [whole] : [refuting("Implied", (label << 16) | place), whole]
    return difference({ what, ...inWords(is, required) }, claims)
  })
}

export function valueDifferences(pair: Pair, label: number, isImpliedSound: boolean): Difference[] {
  if (isSame(pair)) return []
  const whole = refuting("ValueRow", label << 16)
  const row = pair.given
  const given = row && decoded(() => decodeValue(row))
  if (!given)
    return [
      difference(
        { what: `the values of label ${label}`, ...hashes(pair) },
        [whole],
        isImpliedSound,
      ),
    ]
  const made = decodeValue(pair.made)
  const percentiles = ["p2", "p16", "p50", "p84", "p98"] as const
  const field = (name: "combined" | "naive" | "sigma" | (typeof percentiles)[number]) => {
    const claim =
      name === "combined"
        ? "Combined"
        : name === "naive"
          ? "Naive"
          : name === "sigma"
            ? "Deviation"
            : "Percentiles"
    if (given[name] === made[name]) return []
    const what = `${name} of label ${label}`
    // The naive value has no part of what forecasts imply.
    const isCertain = isImpliedSound || name === "naive"
    return [
      difference(
        { what, ...inWords(given[name], made[name]) },
        [refuting(claim, label << 16), whole],
        isCertain,
      ),
    ]
  }
  return (["combined", "naive", "sigma", ...percentiles] as const).flatMap(field)
}

const WITHHELD = [
  ["oneOutInferers", "OneOutInferer", "the value without inferer"],
  ["oneOutForecasters", "OneOutForecaster", "the value without forecaster"],
  ["oneInForecasters", "OneInForecaster", "the value with the one forecaster"],
] as const

export function withheldDifferences(
  pair: Pair,
  { inputs }: ReportBytes,
  { label, isImpliedSound }: { readonly label: number; readonly isImpliedSound: boolean },
): Difference[] {
  const row = pair.given
  const given = row && decoded(() => decodeCounterfactuals(row))
  if (isSame(pair) || !given) return []
  const made = decodeCounterfactuals(pair.made)
  const lists = refuting("Counterfactuals", label << 16)
  const pairs = unequal(keyed(given.oneOutImplied, byPair), keyed(made.oneOutImplied, byPair))
  const forecasters = placesOf(inputs, KIND.forecast).map((place) => inputs?.rows[place]?.[1])
  return [
    ...pairs.map(([key, is, required]) => {
      const place = forecasters.indexOf(key >> 8)
      const isThere = is !== undefined && required !== undefined
      const at = (place << 8) | (key & 0xff)
      const what = `the implied value of seat ${key >> 8} without ${key & 0xff}, label ${label}`
      return difference(
        { what, ...inWords(is, required) },
        [isThere ? refuting("ImpliedWithout", (label << 16) | at) : lists],
        isThere || isImpliedSound,
      )
    }),
    ...WITHHELD.flatMap(([name, claim, what]) =>
      unequal(keyed(given[name], bySeat), keyed(made[name], bySeat)).map(([seat, is, required]) => {
        const isThere = is !== undefined && required !== undefined
        // Without an inferer, what forecasts imply without it is taken from the same row.
        const isRestSound =
          isThere && name === "oneOutInferers"
            ? pairs.every(([key]) => (key & 0xff) !== seat)
            : isImpliedSound
        return difference(
          { what: `${what} ${seat}, label ${label}`, ...inWords(is, required) },
          [isThere ? refuting(claim, (label << 16) | seat) : lists],
          isRestSound,
        )
      }),
    ),
  ]
}

type Entry = { readonly value: bigint }

const bySeat = ({ seat }: { readonly seat: number }) => seat
const byPair = ({ forecaster, inferer }: CounterfactualLists["oneOutImplied"][number]) =>
  (forecaster << 8) | inferer

function keyed<T extends Entry>(entries: readonly T[], key: (entry: T) => number) {
  return new Map(entries.map((entry) => [key(entry), entry.value]))
}

/** Keys under which both do not have the same, ascending. */
export function unequal<T>(
  given: ReadonlyMap<number, T>,
  made: ReadonlyMap<number, T>,
): readonly (readonly [key: number, given: T | undefined, made: T | undefined])[] {
  return [...new Set([...given.keys(), ...made.keys()])]
    .filter((key) => given.get(key) !== made.get(key))
    .sort((a, b) => a - b)
    .map((key) => [key, given.get(key), made.get(key)] as const)
}

function inWords(given: bigint | undefined, required: bigint | undefined) {
  const words = (value: bigint | undefined) => (value === undefined ? "none" : decimal(value))
  return { given: words(given), required: words(required) }
}
