// What stands about a topic for one epoch: its parameters, its window, the settlement it builds on, and who sits and was
// registered D seconds before the window opened. Members, workers, verifiers and watchers all ask here, so that all
// answer alike.
import type { Hex } from "viem"
import type { Parameters } from "../contracts/index.ts"
import { decodeList, type Seats } from "../wasm/index.ts"
import type { Change, Ledger, Settled } from "./ledger.ts"
import { isEpoch, windowOf } from "./schedule.ts"
import { fetchSeats, firstSeats, type Roster, rosterOf } from "./seats.ts"

export type EpochTerms = {
  readonly topicId: number
  readonly epoch: number
  readonly parametersHash: Hex
  readonly parameters: Parameters
  readonly opensAt: number
  readonly closesAt: number
  /** What is read from Topics about the epoch is what stood then. */
  readonly cutoff: number
  readonly changes: readonly Change[]
  /** The last settlement accepted before the window opened; undefined: there was none. */
  readonly settled: Settled | undefined
  readonly roster: Roster
}

export type Question = { readonly topicId: number; readonly epoch: number }
type Delay = { readonly delaySeconds: number }

/** The seats that a settlement left, or undefined while they are not known here. */
export type SeatsAfter = (settled: Settled) => Seats | undefined

/** Undefined where the topic does not exist, its schedule has no such epoch, or the seats are not known yet. */
export function termsOf(
  ledger: Ledger,
  delay: Delay,
  question: Question,
  seatsAfter: SeatsAfter,
): EpochTerms | undefined {
  const plain = plainOf(ledger, delay, question)
  if (!plain) return undefined
  const seats = plain.settled
    ? seatsAfter(plain.settled)
    : firstSeats(plain.parameters, plain.changes)
  return seats && { ...plain, roster: rosterOf(plain.changes, seats) }
}

/** The same for who has no states of its own: the seats are taken by hash from `row`. */
export async function fetchTerms(
  ledger: Ledger,
  delay: Delay,
  question: Question,
  row: (hash: Hex, what: string) => Promise<Uint8Array>,
): Promise<EpochTerms | undefined> {
  const settled = plainOf(ledger, delay, question)?.settled
  const seats =
    settled && (await fetchSeats(decodeList(await row(settled.state, "state list")), row))
  return termsOf(ledger, delay, question, () => seats)
}

function plainOf(
  ledger: Ledger,
  { delaySeconds }: Delay,
  { topicId, epoch }: Question,
): Omit<EpochTerms, "roster"> | undefined {
  const terms = ledger.terms(topicId, epoch)
  if (!terms || !isEpoch(terms.parameters.schedule, epoch)) return undefined
  const { parameters, hash: parametersHash } = terms
  const window = windowOf(parameters.schedule, epoch)
  const cutoff = window.opensAt - delaySeconds
  const changes = ledger.changes(topicId, cutoff)
  const settled = ledger.settledBefore(topicId, window.opensAt)
  return { topicId, epoch, parametersHash, parameters, ...window, cutoff, changes, settled }
}
