// Steps 2 and 6: what stands in the rows of what would be if one had been withheld, or one forecaster alone had spoken:
// regrets 0x27 and 0x28, values 0x36, losses 0x37.
import { malformed } from "./errors.ts"
import { ascending, type Field, integer, list, record, seated, wad } from "./fields.ts"
import type { Valued } from "./inputs.ts"

export type RegretOf = { readonly seat: number; readonly regret: bigint }
/** Regrets against one counterfactual value; `seat` is who is withheld, or the one forecaster. */
export type RegretTable = { readonly seat: number; readonly entries: readonly RegretOf[] }
export type OneOutImplied = {
  readonly forecaster: number
  /** Who is withheld. */
  readonly inferer: number
  readonly value: bigint
}
/** Values, or in the losses row log10 losses. */
export type CounterfactualLists = {
  /** The combined value without one inferer. */
  readonly oneOutInferers: readonly Valued[]
  /** The combined value without one forecaster. */
  readonly oneOutForecasters: readonly Valued[]
  /** The combined value with one forecaster alone. */
  readonly oneInForecasters: readonly Valued[]
  /** Each forecaster's implied value without one inferer. */
  readonly oneOutImplied: readonly OneOutImplied[]
}
export type Counterfactuals = CounterfactualLists & { readonly label: number }

const seat = integer(1)
const inferer = integer(1, 0, 0x7f)
const forecaster = integer(1, 0x80, 0xff)

function table(
  owner: Field<number>,
  belongs: (seat: number, owner: number) => boolean,
): Field<RegretTable> {
  const fields = record<RegretTable>({
    seat: owner,
    entries: seated(record<RegretOf>({ seat, regret: wad })),
  })
  const sound = (given: RegretTable) => {
    if (given.entries.length === 0) malformed("given no regret, required at least one")
    for (const entry of given.entries) {
      if (!belongs(entry.seat, given.seat)) {
        malformed(`given a regret of ${entry.seat} in the table of ${given.seat}`)
      }
    }
    return given
  }
  return {
    write: (given, out) => fields.write(sound(given), out),
    read: (source) => sound(fields.read(source)),
  }
}

export const oneOutRegrets = table(seat, (other, withheld) => other !== withheld)

export const oneInRegrets = table(forecaster, (other, alone) => other < 0x80 || other === alone)

const ofForecasters = seated(record<Valued>({ seat: forecaster, value: wad }))

const lists = {
  oneOutInferers: seated(record<Valued>({ seat: inferer, value: wad })),
  oneOutForecasters: ofForecasters,
  oneInForecasters: ofForecasters,
  oneOutImplied: ascending(
    list(record<OneOutImplied>({ forecaster, inferer, value: wad })),
    (entry) => entry.forecaster * 0x100 + entry.inferer,
  ),
}

export const counterfactuals = record<Counterfactuals>({ label: integer(2), ...lists })

export const counterfactualLosses = record<CounterfactualLists>(lists)
