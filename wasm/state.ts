// Steps 2 and 6: what stands in the state rows 0x21 to 0x26: version, seats, regrets, errors, inclusions, quality. The tables
// of regrets 0x27 and 0x28 are in withheld.ts.
import type { Hex } from "viem"
import { type Field, hex, integer, list, optional, record, seated, wad } from "./fields.ts"

/** How many workers wait for a seat at most; who comes when as many wait is not taken up. */
export const MAX_WAITING = 512

export type Seated = { readonly seat: number; readonly owner: Hex }
/** One that waits; `roles` are those it has no seat for: 1 inferer, 2 forecaster, 3 both. */
export type Waiting = { readonly roles: number; readonly owner: Hex }
export type Seats = { readonly seated: readonly Seated[]; readonly waiting: readonly Waiting[] }
export type InfererRegret = {
  readonly seat: number
  readonly network: bigint
  readonly naive: bigint
}
export type ForecasterRegret = { readonly seat: number; readonly network: bigint }
export type Regrets = {
  readonly previousLoss: bigint | undefined
  readonly scale: bigint
  /** Absent: all are new. */
  readonly initialRegret: bigint | undefined
  readonly inferers: readonly InfererRegret[]
  readonly forecasters: readonly ForecasterRegret[]
}
export type LabelErrors = {
  readonly emaError: bigint | undefined
  readonly lastMedian: bigint | undefined
  readonly mad: bigint | undefined
}
/** In how many epochs the seat's present worker was scored. */
export type Inclusion = { readonly seat: number; readonly count: number }
export type Quality = {
  /** Moving averages, log10; absent before the first epoch that is settled with a truth. */
  readonly losses: { readonly network: bigint; readonly naive: bigint } | undefined
  /** Moving shares of truths within sigma and two sigma; absent before the first report with a known sigma. */
  readonly coverage: { readonly one: bigint; readonly two: bigint } | undefined
  /** How many epochs were missed. */
  readonly missed: number
}

const address = hex(20)
const seat = integer(1)
const inferer = integer(1, 0, 0x7f)
const forecaster = integer(1, 0x80, 0xff)

export const version = integer(2, 1, 1)

export const owners: Field<readonly Seated[]> = seated(record<Seated>({ seat, owner: address }))

export const seats = record<Seats>({
  seated: owners,
  waiting: list(record<Waiting>({ roles: integer(1, 1, 3), owner: address }), 0, MAX_WAITING),
})

export const regrets = record<Regrets>({
  previousLoss: optional(wad),
  scale: wad,
  initialRegret: optional(wad),
  inferers: seated(record<InfererRegret>({ seat: inferer, network: wad, naive: wad })),
  forecasters: seated(record<ForecasterRegret>({ seat: forecaster, network: wad })),
})

export const errors = list(
  record<LabelErrors>({
    emaError: optional(wad),
    lastMedian: optional(wad),
    mad: optional(wad),
  }),
)

export const inclusions = seated(record<Inclusion>({ seat, count: integer(2) }))

export const quality = record<Quality>({
  losses: optional(record({ network: wad, naive: wad })),
  coverage: optional(record({ one: wad, two: wad })),
  missed: integer(4),
})
