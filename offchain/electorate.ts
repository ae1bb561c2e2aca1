// Step 6: who may say what was true of an epoch, and when. Members, reputers and verifiers all ask here.
import type { Hex } from "viem"
import type { Parameters } from "../contracts/index.ts"
import { MAX_ELECTORS } from "../wasm/index.ts"
import type { Ledger } from "./ledger.ts"
import { isEpoch, truthTimes } from "./schedule.ts"
import { registered } from "./seats.ts"

/** A reputer that may speak, with its stake in 1e-18 ALLO. */
export type Elector = { readonly reputer: Hex; readonly stake: bigint; readonly signer: Hex }

export type TruthTerms = {
  readonly topicId: number
  readonly epoch: number
  readonly parametersHash: Hex
  readonly parameters: Parameters
  /** The time that the truth is about: before it nobody can know. */
  readonly aboutAt: number
  /** Truths taken in before this count, if two thirds of the stake spoke by then. */
  readonly closesAt: number
  /** Otherwise those taken in before this, or the epoch is missed. */
  readonly deadlineAt: number
  /** What is read from Topics and Stakes about the settlement is what stood then. */
  readonly cutoff: number
  /** At most 32, those of the most stake; ascending by address. */
  readonly electorate: readonly Elector[]
}

/** The role, as `Topics` numbers it. */
export const REPUTER = 4

/** Undefined where the topic does not exist or its schedule has no such epoch. */
export function truthTermsOf(
  ledger: Ledger,
  { delaySeconds }: { readonly delaySeconds: number },
  { topicId, epoch }: { readonly topicId: number; readonly epoch: number },
): TruthTerms | undefined {
  const terms = ledger.terms(topicId, epoch)
  if (!terms || !isEpoch(terms.parameters.schedule, epoch)) return undefined
  const { parameters, hash: parametersHash } = terms
  const times = truthTimes(parameters.schedule, epoch)
  const cutoff = times.closesAt - delaySeconds
  const electorate = electorateAt(ledger, parameters, { topicId, time: cutoff })
  return { topicId, epoch, parametersHash, parameters, ...times, cutoff, electorate }
}

/** Reputers registered at that time with stake enough; ties in stake go to the lower address. */
function electorateAt(
  ledger: Ledger,
  { money }: Pick<Parameters, "money">,
  { topicId, time }: { topicId: number; time: number },
): readonly Elector[] {
  const stakes = ledger.stakes(topicId, time)
  const electors: Elector[] = []
  for (const [reputer, { roles, signer }] of registered(ledger.changes(topicId, time))) {
    const stake = stakes.get(reputer) ?? 0n
    if ((roles & REPUTER) !== 0 && stake > 0n && stake >= money.reputerMinimum)
      electors.push({ reputer, stake, signer })
  }
  const byAddress = (a: Elector, b: Elector) => (a.reputer < b.reputer ? -1 : 1)
  return electors
    .sort((a, b) => (a.stake === b.stake ? byAddress(a, b) : a.stake > b.stake ? -1 : 1))
    .slice(0, MAX_ELECTORS)
    .sort(byAddress)
}

/** Whether those who spoke hold two thirds of the electorate's stake. */
export function isPresent(electorate: readonly Elector[], spoke: ReadonlySet<Hex>): boolean {
  const stakeOf = (electors: readonly Elector[]) =>
    electors.reduce((sum, { stake }) => sum + stake, 0n)
  const present = stakeOf(electorate.filter(({ reputer }) => spoke.has(reputer)))
  return present > 0n && present * 3n >= stakeOf(electorate) * 2n
}
