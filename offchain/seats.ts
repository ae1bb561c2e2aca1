// Who may submit for an epoch: the seats that a settlement left, or before the first one those that the registrations
// make, with the signers that are registered. The core alone decides who sits where.
import { type Hex, keccak256 } from "viem"
import type { Parameters } from "../contracts/index.ts"
import {
  decodeSeats,
  encodeParameters,
  encodeRegistrations,
  genesis,
  MAX_REGISTRATIONS,
  type Seats,
  settle,
} from "../wasm/index.ts"
import { NodeError } from "./errors.ts"
import type { Change } from "./ledger.ts"

/** Inferers sit on 0 to 127, forecasters from 128 on. */
export type Seat = { readonly seat: number; readonly owner: Hex; readonly signer: Hex }

/** A registered worker, with a seat or without. */
export type Worker = {
  readonly owner: Hex
  readonly signer: Hex
  /** The sum of 1 inferer, 2 forecaster, 4 reputer. */
  readonly roles: number
  readonly infererSeat?: number
  readonly forecasterSeat?: number
}

export type Roster = {
  readonly workers: ReadonlyMap<Hex, Worker>
  /** Of those that are registered; ascending, so inferers come before forecasters. */
  readonly seats: readonly Seat[]
}

export const FIRST_FORECASTER_SEAT = 0x80
export const NO_REGISTRATIONS: Hex = `0x${"00".repeat(32)}`

/** Where the seats stand among the state rows. */
const SEATS_AT = 1
/** As rows and contracts number them. */
const CHANGES = { joined: 1, left: 2, signerChanged: 3 } as const

/** The workers that `changes` leave registered, on the seats given. One that sits and is gone may not submit. */
export function rosterOf(changes: readonly Change[], { seated }: Pick<Seats, "seated">): Roster {
  const workers = new Map<Hex, Worker>()
  for (const [owner, { signer, roles }] of registered(changes))
    workers.set(owner, { owner, signer, roles })
  const seats: Seat[] = []
  for (const { seat, owner } of seated) {
    const worker = workers.get(owner)
    if (!worker) continue
    seats.push({ seat, owner, signer: worker.signer })
    const place = seat < FIRST_FORECASTER_SEAT ? { infererSeat: seat } : { forecasterSeat: seat }
    workers.set(owner, { ...worker, ...place })
  }
  return { workers, seats }
}

/** The seats before the first settlement: what the core makes of the registrations. */
export function firstSeats(parameters: Parameters, changes: readonly Change[]): Seats {
  const row = encodeParameters(parameters)
  return seatsIn(settle([row, ...registrationRows(changes)], genesis(row)).state)
}

/** The seats in a list of state rows. */
export function seatsIn(state: readonly Uint8Array[]): Seats {
  return decodeSeats(state[SEATS_AT] as Uint8Array)
}

/** The seats in the state whose list has that hash, from rows by hash. */
export async function fetchSeats(
  { hashes }: { readonly hashes: readonly Hex[] },
  row: (hash: Hex, what: string) => Promise<Uint8Array>,
): Promise<Seats> {
  return decodeSeats(await row(hashes[SEATS_AT] as Hex, "seats"))
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

/** Who is registered after these changes, by owner, with the newest signer. */
export function registered(changes: readonly Change[]): ReadonlyMap<Hex, Change> {
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
