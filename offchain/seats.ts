// Who may submit for an epoch: the replay of a topic's registrations, in on-chain order, into seats. Before the first
// settlement the seats are the workers present, in order of joining, as many as there are seats.
import { type Hex, keccak256 } from "viem"
import { encodeRegistrations, MAX_REGISTRATIONS } from "../wasm/index.ts"
import { NodeError } from "./errors.ts"
import type { Change } from "./ledger.ts"

export type Seating = { readonly infererSeats: number; readonly forecasterSeats: number }

/** Inferers sit on 0 to 127, forecasters from 128 on. */
export type Seat = { readonly seat: number; readonly owner: Hex; readonly signer: Hex }

/** A registered worker, with a seat or without. */
export type Worker = {
  readonly owner: Hex
  readonly signer: Hex
  /** 1 inferer, 2 forecaster, 3 both. */
  readonly roles: number
  readonly infererSeat?: number
  readonly forecasterSeat?: number
}

export type Roster = {
  readonly workers: ReadonlyMap<Hex, Worker>
  /** Ascending, so inferers come before forecasters. */
  readonly seats: readonly Seat[]
}

export const FIRST_FORECASTER_SEAT = 0x80
export const NO_REGISTRATIONS: Hex = `0x${"00".repeat(32)}`

const INFERER = 1
const FORECASTER = 2
/** As rows and contracts number them. */
const CHANGES = { joined: 1, left: 2, signerChanged: 3 } as const

export function rosterOf(changes: readonly Change[], seating: Seating): Roster {
  const workers = new Map<Hex, Worker>()
  const inferers: Seat[] = []
  const forecasters: Seat[] = []
  for (const { owner, signer, roles } of present(changes).values()) {
    const infererSeat = inferers.length
    const forecasterSeat = FIRST_FORECASTER_SEAT + forecasters.length
    const infers = (roles & INFERER) !== 0 && inferers.length < seating.infererSeats
    const forecasts = (roles & FORECASTER) !== 0 && forecasters.length < seating.forecasterSeats
    if (infers) inferers.push({ seat: infererSeat, owner, signer })
    if (forecasts) forecasters.push({ seat: forecasterSeat, owner, signer })
    const places = { ...(infers ? { infererSeat } : {}), ...(forecasts ? { forecasterSeat } : {}) }
    workers.set(owner, { owner, signer, roles, ...places })
  }
  return { workers, seats: [...inferers, ...forecasters] }
}

export function seatsOf(changes: readonly Change[], seating: Seating): readonly Seat[] {
  return rosterOf(changes, seating).seats
}

/** The hash that `Topics` keeps: h' = keccak256(h ‖ change ‖ roles ‖ owner ‖ signer), from `from` on. */
export function registrationsHash(changes: readonly Change[], from = NO_REGISTRATIONS): Hex {
  let hash = from
  for (const { change, roles, owner, signer } of changes) {
    const head = Buffer.from([CHANGES[change], roles]).toString("hex")
    hash = keccak256(Buffer.from(hash.slice(2) + head + owner.slice(2) + signer.slice(2), "hex"))
  }
  return hash
}

/** The rows that carry these changes: every row but the last is full. */
export function registrationRows(changes: readonly Change[]): readonly Uint8Array[] {
  const rows: Uint8Array[] = []
  for (let start = 0; start < changes.length; start += MAX_REGISTRATIONS) {
    const entries = changes.slice(start, start + MAX_REGISTRATIONS)
    rows.push(encodeRegistrations({ number: rows.length, entries }))
  }
  return rows
}

// A Map keeps the order of insertion, which is the order of joining; who leaves and joins again goes to the end.
function present(changes: readonly Change[]): ReadonlyMap<Hex, Change> {
  const workers = new Map<Hex, Change>()
  for (const [index, entry] of changes.entries()) {
    const { change, owner } = entry
    if ((change === "joined") === workers.has(owner)) {
      throw new NodeError("MalformedRegistrations", {
        sentence: `registration ${index} of ${owner} does not follow from those before it`,
        remedy: "refuse",
        facts: { index, owner },
        given: change,
        required: workers.has(owner) ? "left or signerChanged" : "joined",
      })
    }
    if (change === "left") workers.delete(owner)
    else workers.set(owner, entry)
  }
  return workers
}
