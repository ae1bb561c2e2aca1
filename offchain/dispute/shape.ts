// Step 7: which rows stand where in the lists of a message, and which bytes are no row at all. What is found here is refuted
// by showing the row, or the list.
import { rowHash } from "../../wasm/index.ts"
import * as rows from "../../wasm/rows.ts"
import { decoded, type Listed } from "./bytes.ts"
import { type Difference, difference, type Refuting } from "./claims.ts"

const { KIND } = rows

type Decode = (row: Uint8Array) => unknown

const DECODE: Readonly<Record<number, Decode>> = {
  [KIND.parameters]: rows.decodeParameters,
  [KIND.inferences]: rows.decodeInferences,
  [KIND.forecast]: rows.decodeForecast,
  [KIND.signatures]: rows.decodeSignatures,
  [KIND.registrations]: rows.decodeRegistrations,
  [KIND.electorate]: rows.decodeElectorate,
  [KIND.truths]: rows.decodeTruths,
  [KIND.truthSignatures]: rows.decodeTruthSignatures,
  [KIND.pot]: rows.decodePot,
  [KIND.roster]: rows.decodeRoster,
  [KIND.value]: rows.decodeValue,
  [KIND.weights]: rows.decodeWeights,
  [KIND.implied]: rows.decodeImplied,
  [KIND.counterfactuals]: rows.decodeCounterfactuals,
}

/** What stands next in a list: one row, one a label, or as many as there are. */
type Next = { readonly kind: number; readonly count: "one" | "labels" | "any" }

const one = (kind: number): Next => ({ kind, count: "one" })
const each = (kind: number): Next => ({ kind, count: "labels" })
const any = (kind: number): Next => ({ kind, count: "any" })

export const REPORT_INPUTS = [
  one(KIND.parameters),
  each(KIND.inferences),
  any(KIND.forecast),
  one(KIND.signatures),
]
/** Before the first settlement. */
export const FIRST_REPORT_INPUTS = [...REPORT_INPUTS, any(KIND.registrations)]
export const REPORT_OUTPUTS = [
  each(KIND.value),
  one(KIND.weights),
  each(KIND.implied),
  each(KIND.counterfactuals),
]
export const SETTLEMENT_INPUTS = [
  one(KIND.parameters),
  each(KIND.inferences),
  any(KIND.forecast),
  any(KIND.registrations),
  one(KIND.electorate),
  each(KIND.truths),
  one(KIND.truthSignatures),
  one(KIND.pot),
  one(KIND.roster),
  each(KIND.value),
  each(KIND.implied),
  each(KIND.counterfactuals),
]

export type Shape = {
  readonly name: string
  readonly order: readonly Next[]
  readonly labels: number
  /** What refutes the list, and one row in it. */
  readonly list: Refuting
  readonly row: (place: number) => Refuting
}

/** What in the list is no row, or not the one that has to stand there. */
export function misshapen({ hashes, rows: given }: Listed, shape: Shape): readonly Difference[] {
  const { name, order, labels, list, row: rowClaim } = shape
  const wrong = (place: number, is: unknown, required: string) =>
    difference({ what: `row ${place} of the ${name}`, given: is, required }, [
      rowClaim(place),
      // It may be the one before it that says so.
      ...(place > 0 ? [rowClaim(place - 1)] : []),
      list,
    ])
  if (!hashes)
    return [difference({ what: `the list of ${name}`, given: "bytes", required: "a list" }, [list])]
  const spoilt = given.flatMap((row, place) =>
    row && !reads(row) ? [wrong(place, "bytes that do not decode", "a row")] : [],
  )
  // What stands where cannot be said while a row is missing.
  if (spoilt.length > 0 || given.some((row) => row === undefined)) return spoilt
  const found: Difference[] = []
  let at = 0
  for (const { kind, count } of order) {
    const needed = count === "one" ? 1 : count === "labels" ? labels : 0
    for (let i = 0; count === "any" ? given[at]?.[0] === kind : i < needed; i++, at++) {
      const row = given[at]
      if (!row)
        return [
          ...found,
          difference(
            { what: `the list of ${name}`, given: `${given.length} rows`, required: "more" },
            [list, ...(at > 0 ? [rowClaim(at - 1)] : [])],
          ),
        ]
      const label = count === "labels" ? labelOf(row) : i
      if (row[0] !== kind || (count === "labels" && label !== i))
        found.push(wrong(at, `kind ${row[0]}, label ${label}`, `kind ${kind}, label ${i}`))
      else if (count === "any" && !follows(given[at - 1], row))
        found.push(
          difference(
            {
              what: `row ${at} of the ${name}`,
              given: "not in order",
              required: "after the one before it",
            },
            [rowClaim(at - 1), rowClaim(at), list],
          ),
        )
    }
  }
  if (at < given.length) found.push(wrong(at, "a row", "the end of the list"))
  return found
}

function reads(row: Uint8Array): boolean {
  const decode = DECODE[row[0] as number]
  return decode !== undefined && decoded(() => [decode(row)]) !== undefined
}

const uint16 = (row: Uint8Array, at: number): number =>
  ((row[at] as number) << 8) | (row[at + 1] as number)

/** Where a row has one, it stands after the kind. */
const labelOf = (row: Uint8Array): number => uint16(row, 1)

/** Forecasts ascend by seat; registrations are numbered, and each row but the last is full. */
function follows(before: Uint8Array | undefined, row: Uint8Array): boolean {
  const isSame = before?.[0] === row[0]
  if (row[0] !== KIND.registrations) return !isSame || (before[1] as number) < (row[1] as number)
  if (!isSame) return labelOf(row) === 0
  return labelOf(row) === labelOf(before) + 1 && uint16(before, 3) === rows.MAX_REGISTRATIONS
}

/** Whether two rows that a settlement carries in any number are sound by themselves and stand in the wrong order. */
export function breaksOrder(row: Uint8Array | undefined, next: Uint8Array | undefined): boolean {
  const isOne = (each: Uint8Array | undefined): each is Uint8Array =>
    (each?.[0] === KIND.forecast || each?.[0] === KIND.registrations) && reads(each)
  if (!isOne(row) || !isOne(next)) return false
  return (row[0] as number) > (next[0] as number) || !follows(row, next)
}

/** The places of rows of that kind, in the list's order. */
export function placesOf(list: Listed | undefined, kind: number): readonly number[] {
  return (list?.rows ?? []).flatMap((row, place) => (row?.[0] === kind ? [place] : []))
}

export function rowsOfKind(list: Listed | undefined, kind: number): readonly Uint8Array[] {
  return (list?.rows ?? []).filter((row): row is Uint8Array => row?.[0] === kind)
}

/** Whether all rows are here. Of a list with gaps nothing can be said that rests on what it does not have. */
export function isComplete(list: Listed | undefined): list is Listed {
  return list?.rows.every((row) => row !== undefined) ?? false
}

/** The list with what is known here in the places of rows that nobody serves. */
export function filled(list: Listed | undefined, known: readonly Uint8Array[]): Listed | undefined {
  if (!list?.hashes || list.rows.every((row) => row)) return list
  const byHash = new Map(known.map((row) => [rowHash(row), row]))
  const { hashes } = list
  return { ...list, rows: list.rows.map((row, at) => row ?? byHash.get(hashes[at] ?? "0x")) }
}
