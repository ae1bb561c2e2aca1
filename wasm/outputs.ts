// Step 2: what stands in the output rows 0x31 to 0x33: values, weights, implied values. The counterfactuals 0x36 are in
// withheld.ts.
import { integer, optional, record, seated, wad } from "./fields.ts"
import type { Valued } from "./inputs.ts"

export type Value = {
  readonly label: number
  readonly combined: bigint
  readonly naive: bigint
  readonly sigma: bigint | undefined
  readonly p2: bigint
  readonly p16: bigint
  readonly p50: bigint
  readonly p84: bigint
  readonly p98: bigint
}
export type Weight = { readonly seat: number; readonly weight: bigint }
export type Implied = { readonly label: number; readonly entries: readonly Valued[] }

const label = integer(2)

export const value = record<Value>({
  label,
  combined: wad,
  naive: wad,
  sigma: optional(wad),
  p2: wad,
  p16: wad,
  p50: wad,
  p84: wad,
  p98: wad,
})

export const weights = seated(record<Weight>({ seat: integer(1), weight: wad }))

export const implied = record<Implied>({
  label,
  entries: seated(record({ seat: integer(1, 0x80, 0xff), value: wad })),
})
