// Step 6: what stands in the rows of a settlement: its context 0x02, the inputs 0x16 to 0x1a that a report does not have
// (electorate, truths, their signatures, pot, roster) and the outputs 0x34 and 0x35 (settled truth, losses). The counterfactual
// losses 0x37 are in withheld.ts.
import type { Hex } from "viem"
import { amount, byReputer, hex, integer, list, record, seated, stake, wad } from "./fields.ts"
import { owners } from "./state.ts"

/** How many reputers speak about one epoch at most. */
export const MAX_ELECTORS = 32

export type SettlementContext = {
  readonly parametersHash: Hex
  /** The context row of the epoch's report; zero if there is none. */
  readonly reportContext: Hex
  /** Zero if the epoch was missed. */
  readonly inputsHash: Hex
  readonly outputsHash: Hex
  /** The running hash up to which registrations are taken up. */
  readonly registrations: Hex
}
export type Elector = { readonly reputer: Hex; readonly stake: bigint }
export type TruthOf = { readonly reputer: Hex; readonly value: bigint }
export type Truths = { readonly label: number; readonly entries: readonly TruthOf[] }
export type TruthSigned = {
  readonly reputer: Hex
  readonly extra: Hex
  readonly signature: Hex
}
export type LossOf = { readonly seat: number; readonly loss: bigint }
export type Losses = {
  readonly combined: bigint
  readonly naive: bigint
  readonly entries: readonly LossOf[]
}

const hash = hex(32)
const reputer = hex(20)

export const settlementContext = record<SettlementContext>({
  parametersHash: hash,
  reportContext: hash,
  inputsHash: hash,
  outputsHash: hash,
  registrations: hash,
})

export const electorate = byReputer(record<Elector>({ reputer, stake }), MAX_ELECTORS)

export const truths = record<Truths>({
  label: integer(2),
  entries: byReputer(record<TruthOf>({ reputer, value: wad }), MAX_ELECTORS),
})

export const truthSignatures = byReputer(
  record<TruthSigned>({ reputer, extra: hash, signature: hex(64) }),
  MAX_ELECTORS,
)

export const pot = amount

export const roster = owners

export const settledTruth = list(wad)

export const losses = record<Losses>({
  combined: wad,
  naive: wad,
  entries: seated(record<LossOf>({ seat: integer(1), loss: wad })),
})
