// Step 2: what stands in the state rows 0x21 to 0x24: version, seats, regrets, errors.
import type { Hex } from "viem"
import { hex, integer, list, optional, record, seated, wad } from "./fields.ts"

export type Seated = { readonly seat: number; readonly owner: Hex }
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

const inferer = integer(1, 0, 0x7f)
const forecaster = integer(1, 0x80, 0xff)

export const version = integer(2, 1, 1)

export const seats = seated(record<Seated>({ seat: integer(1), owner: hex(20) }))

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
