// Step 7: what a settlement says beside what the chain knows: its place after the one before, parameters, registrations,
// the report it scores, who sat, who could speak, what each reputer signed.
import type { Hex } from "viem"
import { decodeRegistrations, KIND, rowHash } from "../../wasm/index.ts"
import type { TruthTerms } from "../electorate.ts"
import type { Change } from "../ledger.ts"
import type { Domain } from "../message.ts"
import { registrationRows, type Seat } from "../seats.ts"
import type { Settlement } from "../settlement.ts"
import { NO_LEAF } from "../synthesis.ts"
import { decoded, type Listed, type SettlementBytes } from "./bytes.ts"
import { type Difference, difference, refuting } from "./claims.ts"
import { missedReportDifferences, type Scorable, scoredDifferences } from "./scored.ts"
import { isComplete, rowsOfKind } from "./shape.ts"
import { speakerDifferences } from "./speakers.ts"

export type SettlementFacts = {
  readonly settlement: Settlement
  readonly slot: number
  readonly bytes: SettlementBytes
  readonly domain: Domain
  readonly acceptedAt: number
  /** Undefined: the chain has no such topic or epoch. */
  readonly terms: TruthTerms | undefined
  readonly parent: { readonly epoch: number } | undefined
  /** The first epoch that the topic settles. */
  readonly firstEpoch: number
  readonly changes: readonly Change[]
  readonly registrations: Hex
  /** The accepted reports of the epoch, one a label. */
  readonly accepted: readonly Scorable[]
  /** The lists of the report that the context names, where they are here. */
  readonly scored:
    | { readonly inputs?: Listed | undefined; readonly outputs?: Listed | undefined }
    | undefined
  /** Who sat when the report was made and was registered. */
  readonly seats: readonly Seat[] | undefined
}

const POT = 8 << 16
const REGISTRATIONS = 3 << 16

export function settlementDifferences(given: SettlementFacts): Difference[] {
  const { settlement, bytes, terms } = given
  if (!terms) {
    const { topicId, epoch } = settlement
    const what = {
      what: "the epoch",
      given: `topic ${topicId}, epoch ${epoch}`,
      required: "one that there is",
    }
    return [difference(what, [refuting("SettlementParameters")])]
  }
  const found = [...placeDifferences(given, terms), ...contextDifferences(given, terms)]
  if (!bytes.context) return found
  if (bytes.context.inputsHash === NO_LEAF) return [...found, ...missedDifferences(given, terms)]
  return [
    ...found,
    ...scoredDifferences(given, terms),
    ...(isComplete(bytes.inputs)
      ? [...carriedDifferences(given), ...speakerDifferences(given, terms)]
      : []),
  ]
}

/** Epoch, slot and pot. */
function placeDifferences(
  { settlement, slot, parent, firstEpoch }: SettlementFacts,
  { closesAt }: TruthTerms,
): Difference[] {
  const found: Difference[] = []
  const epoch = parent ? parent.epoch + 1 : firstEpoch
  // What the first epoch is follows from when the topic was created, which the contracts do not keep.
  if (settlement.epoch !== epoch)
    found.push(
      difference(
        { what: "the epoch, the next one to be settled", given: settlement.epoch, required: epoch },
        parent ? [refuting("SettlementParameters", 1)] : [],
      ),
    )
  if (slot !== closesAt)
    found.push(
      difference({ what: "the slot in which it was signed", given: slot, required: closesAt }, []),
    )
  if (settlement.pot !== 0n)
    found.push(
      difference({ what: "the pot", given: settlement.pot, required: 0n }, [
        refuting("SettlementInputs", POT),
      ]),
    )
  return found
}

function contextDifferences(
  { bytes: { context }, registrations }: SettlementFacts,
  { parametersHash }: TruthTerms,
): Difference[] {
  if (!context) return []
  const found: Difference[] = []
  if (context.parametersHash !== parametersHash)
    found.push(
      difference(
        { what: "the parameters", given: context.parametersHash, required: parametersHash },
        [refuting("SettlementParameters")],
      ),
    )
  if (context.registrations !== registrations)
    found.push(
      difference(
        {
          what: "the registrations' running hash",
          given: context.registrations,
          required: registrations,
        },
        [refuting("SettlementRegistrations")],
      ),
    )
  return found
}

/** An epoch may be called missed from its deadline on. */
function missedDifferences(given: SettlementFacts, terms: TruthTerms): Difference[] {
  const { acceptedAt } = given
  const { deadlineAt } = terms
  const found = missedReportDifferences(given, terms)
  // When truths came in is known to the members alone.
  if (acceptedAt < deadlineAt)
    found.push(
      difference(
        {
          what: "the time at which the epoch was called missed, in seconds",
          given: acceptedAt,
          required: `${deadlineAt} or later`,
        },
        [],
      ),
    )
  return found
}

/** The registrations that the rows carry are those since the parent. */
function carriedDifferences({ bytes: { inputs }, changes }: SettlementFacts): Difference[] {
  const rows = rowsOfKind(inputs, KIND.registrations)
  const hashes = (all: readonly Uint8Array[]) => all.map(rowHash).join() || "none"
  const required = hashes(registrationRows(changes))
  const given = hashes(rows)
  const isRead = rows.every((row) => decoded(() => decodeRegistrations(row)))
  if (given === required || !isRead) return []
  return [
    difference({ what: "the registrations in the inputs", given, required }, [
      refuting("SettlementInputs", REGISTRATIONS),
    ]),
  ]
}
