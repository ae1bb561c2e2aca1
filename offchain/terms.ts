// What stands about a topic for one epoch: its parameters, its window, and who was registered D seconds before the
// window opened. Members, workers, verifiers and watchers all ask here, so that all answer alike.
import type { Hex } from "viem"
import type { Parameters } from "../contracts/index.ts"
import type { Change, Ledger } from "./ledger.ts"
import { isEpoch, windowOf } from "./schedule.ts"
import { type Roster, rosterOf } from "./seats.ts"

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
  readonly roster: Roster
}

/** Undefined where the topic does not exist or its schedule has no such epoch. */
export function termsOf(
  ledger: Ledger,
  { delaySeconds }: { readonly delaySeconds: number },
  { topicId, epoch }: { readonly topicId: number; readonly epoch: number },
): EpochTerms | undefined {
  const terms = ledger.terms(topicId, epoch)
  if (!terms || !isEpoch(terms.parameters.schedule, epoch)) return undefined
  const { parameters, hash } = terms
  const window = windowOf(parameters.schedule, epoch)
  const cutoff = window.opensAt - delaySeconds
  const changes = ledger.changes(topicId, cutoff)
  const roster = rosterOf(changes, parameters.seating)
  return { topicId, epoch, parametersHash: hash, parameters, ...window, cutoff, changes, roster }
}
