// Step 6: why a reputer has no say in an epoch, and what it can do so that it has one in a later one.
import type { Hex } from "viem"
import { decimal } from "./decimal.ts"
import { REPUTER, type TruthTerms } from "./electorate.ts"
import { type Refusal, refusal } from "./errors.ts"
import type { Ledger } from "./ledger.ts"
import { registered } from "./seats.ts"

/** Undefined for who may speak about the epoch and has the registered signer's key. */
export function refuseReputer(
  ledger: Ledger,
  terms: TruthTerms,
  { owner, signer }: { readonly owner: Hex; readonly signer: Hex },
): Refusal | undefined {
  const elector = terms.electorate.find(({ reputer }) => reputer === owner)
  if (!elector) return refusal("NotAnElector", ...whyNot(ledger, terms, owner))
  return elector.signer === signer ? undefined : refusal("WrongSigner", signer, elector.signer)
}

/** What the reputer was at the cut-off, and what it had to be. */
function whyNot(
  ledger: Ledger,
  { topicId, cutoff, parameters, electorate }: TruthTerms,
  owner: Hex,
): [given: string, required: string] {
  const roles = registered(ledger.changes(topicId, cutoff)).get(owner)?.roles
  const register = `allora register --topic ${topicId} --role reputer`
  if (roles === undefined)
    return ["not registered", `registered at ${cutoff} or before: \`${register}\``]
  if ((roles & REPUTER) === 0)
    return [
      `registered with roles ${roles}`,
      `registered as a reputer, by a key of its own: \`${register}\``,
    ]
  const stake = ledger.stakes(topicId, cutoff).get(owner) ?? 0n
  const least = parameters.money.reputerMinimum
  const others = electorate.map((elector) => elector.stake)
  const bar = stake > 0n && stake >= least ? others.reduce((a, b) => (a < b ? a : b)) : undefined
  const enough =
    bar !== undefined
      ? `more than ${decimal(bar)} ALLO, the least of the ${others.length} greatest`
      : least > 0n
        ? `${decimal(least)} ALLO or more`
        : "more than 0 ALLO"
  return [
    `${decimal(stake)} ALLO of stake`,
    `${enough}, at ${cutoff} or before: \`allora stake deposit --topic ${topicId}\``,
  ]
}
