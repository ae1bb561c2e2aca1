// Step 1: what stands in the input rows 0x12 to 0x15 (0x11 is parameters.ts): inferences, forecasts, signatures, registrations.
import type { Hex } from "viem"
import { hex, integer, list, name, record, seated, wad } from "./fields.ts"

/** How many registrations a full row holds. */
export const MAX_REGISTRATIONS = 380

export type Valued = { readonly seat: number; readonly value: bigint }
export type Forecasted = { readonly seat: number; readonly loss: bigint }
export type Signed = { readonly seat: number; readonly extra: Hex; readonly signature: Hex }
export type Inferences = { readonly label: number; readonly entries: readonly Valued[] }
export type Forecast = { readonly seat: number; readonly entries: readonly Forecasted[] }
export type Registration = {
  readonly change: "joined" | "left" | "signerChanged"
  /** The sum of 1 inferer, 2 forecaster, 4 reputer. */
  readonly roles: number
  readonly owner: Hex
  readonly signer: Hex
}
export type Registrations = { readonly number: number; readonly entries: readonly Registration[] }

const inferer = integer(1, 0, 0x7f)
const address = hex(20)

export const inferences = record<Inferences>({
  label: integer(2),
  entries: seated(record({ seat: inferer, value: wad })),
})

export const forecast = record<Forecast>({
  seat: integer(1, 0x80, 0xff),
  entries: seated(record({ seat: inferer, loss: wad })),
})

export const signatures = seated(
  record<Signed>({ seat: integer(1), extra: hex(32), signature: hex(64) }),
)

export const registrations = record<Registrations>({
  number: integer(2),
  entries: list(
    record<Registration>({
      change: name(["joined", "left", "signerChanged"]),
      roles: integer(1, 1, 7),
      owner: address,
      signer: address,
    }),
    1,
    MAX_REGISTRATIONS,
  ),
})
