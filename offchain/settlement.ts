// Step 6: an epoch's truth changes the state. Here the rows are laid out and hashed, and the leaf that the committee signs
// is made; the arithmetic is in wasm/.
import type { Hex } from "viem"
import { types } from "../contracts/index.ts"
import {
  encodeElectorate,
  encodeParameters,
  encodePot,
  encodeRoster,
  encodeSettlementContext,
  encodeTruthSignatures,
  encodeTruths,
  KIND,
  listRow,
  listRows,
  quality,
  rowHash,
  settle,
} from "../wasm/index.ts"
import type { TruthTerms } from "./electorate.ts"
import type { Change } from "./ledger.ts"
import { structHasher } from "./message.ts"
import { registrationRows, type Seat } from "./seats.ts"
import type { Past } from "./synthesis.ts"
import type { Truth } from "./truth.ts"

/** A leaf of a batch, after its reports. */
export type Settlement = {
  readonly topicId: number
  readonly epoch: number
  readonly generation: number
  /** The leaf of the settlement before; zero for the first. */
  readonly parent: Hex
  /** The hash of the list of state rows that it leaves. */
  readonly state: Hex
  readonly pot: bigint
  /** The word that the core makes; see `contracts/libraries/Quality.sol`. */
  readonly quality: Hex
  readonly context: Hex
}

/** What the epoch's report rests on, who sat then, and what reputers say came true. */
export type Told = {
  readonly inputs: readonly Uint8Array[]
  readonly outputs: readonly Uint8Array[]
  readonly seats: readonly Seat[]
  /** At most one of each elector, of those with two thirds of the stake. */
  readonly truths: readonly Truth[]
}

/** What an epoch is settled from. */
export type Settling = {
  readonly terms: TruthTerms
  readonly generation: number
  readonly past: Past
  /** The registrations since the settlement before, and the running hash that they lead to. */
  readonly changes: readonly Change[]
  readonly registrations: Hex
  /** The context of the epoch's report, if there is one. */
  readonly reportContext: Hex | undefined
  /** Undefined: the epoch was missed. */
  readonly told: Told | undefined
}

export type Settled = {
  readonly settlement: Settlement
  readonly inputs: readonly Uint8Array[]
  readonly outputs: readonly Uint8Array[]
  readonly state: readonly Uint8Array[]
  /** Every row that the settlement's hashes name, itself and the lists included: what members serve by hash. */
  readonly rows: readonly Uint8Array[]
}

/** The kind by which leaves are ordered: settlements come after reports. */
export const SETTLEMENT_KIND = 2

const NONE: Hex = `0x${"00".repeat(32)}`

/** A leaf of the batch. */
export const settlementHash = structHasher<Settlement>("Settlement", types.Settlement)

/** Computes what an epoch's truths leave, with every row it rests on. */
export function settleEpoch(settling: Settling): Settled {
  const { terms, generation, past, registrations, reportContext = NONE, told } = settling
  const inputs = settlementInputs(settling)
  const { outputs, state } = settle(inputs, past.state)
  const inputsList = listRow(KIND.inputs, inputs)
  const outputsList = listRow(KIND.outputs, outputs)
  const [stateList, ...tables] = listRows(KIND.state, state) as [Uint8Array, ...Uint8Array[]]
  const context = encodeSettlementContext({
    parametersHash: terms.parametersHash,
    reportContext,
    inputsHash: told ? rowHash(inputsList) : NONE,
    outputsHash: rowHash(outputsList),
    registrations,
  })
  const settlement: Settlement = {
    topicId: terms.topicId,
    epoch: terms.epoch,
    generation,
    parent: past.leaf,
    state: rowHash(stateList),
    pot: 0n,
    quality: quality(inputs, state),
    context: rowHash(context),
  }
  const lists = told ? [inputsList, outputsList, stateList] : [outputsList, stateList]
  const rows = [context, ...lists, ...tables, ...inputs, ...outputs, ...state]
  return { settlement, inputs, outputs, state, rows }
}

function settlementInputs({ terms, changes, told }: Settling): Uint8Array[] {
  const parameters = encodeParameters(terms.parameters)
  const registrations = registrationRows(changes)
  if (!told) return [parameters, ...registrations]
  const ofKind = (rows: readonly Uint8Array[], kind: number) =>
    rows.filter((row) => row[0] === kind)
  const truths = [...told.truths].sort((a, b) => (a.reputer < b.reputer ? -1 : 1))
  return [
    parameters,
    ...ofKind(told.inputs, KIND.inferences),
    ...ofKind(told.inputs, KIND.forecast),
    ...registrations,
    encodeElectorate(terms.electorate.map(({ reputer, stake }) => ({ reputer, stake }))),
    ...terms.parameters.labels.map((_, label) =>
      encodeTruths({
        label,
        entries: truths.map(({ reputer, values }) => ({ reputer, value: values[label] as bigint })),
      }),
    ),
    encodeTruthSignatures(
      truths.map(({ reputer, extra, signature }) => ({ reputer, extra, signature })),
    ),
    encodePot(0n),
    encodeRoster(told.seats.map(({ seat, owner }) => ({ seat, owner }))),
    ...ofKind(told.outputs, KIND.value),
    ...ofKind(told.outputs, KIND.implied),
    ...ofKind(told.outputs, KIND.counterfactuals),
  ]
}

/** A settlement as text, for the mesh and for HTTP: JSON with the pot as decimal text. */
export function settlementBody(settlement: Settlement): string {
  const { topicId, epoch, generation, parent, state, pot, quality, context } = settlement
  return JSON.stringify({
    topicId,
    epoch,
    generation,
    parent,
    state,
    pot: pot.toString(),
    quality,
    context,
  })
}

/** The settlement that a text describes, or undefined if it is not exactly the text of one. */
export function parseSettlement(body: string): Settlement | undefined {
  try {
    const settlement = JSON.parse(body) as Settlement & { pot: string }
    const parsed = { ...settlement, pot: BigInt(settlement.pot) }
    // Hashing holds each field to its width; writing it again, to nothing more and no other form. Hex has two cases.
    if (/0x[0-9a-f]*[A-F]/.test(body)) return undefined
    settlementHash(parsed)
    return settlementBody(parsed) === body ? parsed : undefined
  } catch {
    return undefined
  }
}
