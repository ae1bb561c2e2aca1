// Step 6, again: a settlement that stands on the chain is computed anew from its rows. Whoever replays all of a topic's
// settlements, one after another from the first state, has every state without believing anybody.
import type { Hex } from "viem"
import {
  decodeList,
  decodeSettlementContext,
  encodeParameters,
  KIND,
  listHash,
  listRow,
  type SettlementContext,
  settle,
  tablesNamed,
} from "../wasm/index.ts"
import { NodeError } from "./errors.ts"
import type { Change, Ledger, Settled } from "./ledger.ts"
import { isEpoch, truthTimes } from "./schedule.ts"
import { registrationRows, registrationsHash } from "./seats.ts"
import { genesisOf, NO_LEAF, type Past } from "./synthesis.ts"

/** A row by its hash, checked against it; `what` names it in an error. Throws where nobody has it. */
export type FetchRow = (hash: Hex, what: string) => Promise<Uint8Array>

export type Replayed = {
  readonly past: Past
  readonly context: SettlementContext
  readonly inputs: readonly Uint8Array[]
  readonly outputs: readonly Uint8Array[]
  /** Every row that was fetched or made. */
  readonly rows: readonly Uint8Array[]
}

const OF_THE_CHAIN: readonly number[] = [KIND.parameters, KIND.registrations]

type Delay = { readonly delaySeconds: number }

/** The registrations that a settlement takes up: those since the settlement before, up to D before its truths close. */
export function registrationsSince(
  ledger: Ledger,
  { delaySeconds }: Delay,
  { topicId, epoch }: { readonly topicId: number; readonly epoch: number },
  parent: { readonly epoch: number } | undefined,
): { readonly changes: readonly Change[]; readonly registrations: Hex } {
  const schedule = ledger.terms(topicId, epoch)?.parameters.schedule
  if (!schedule || !isEpoch(schedule, epoch))
    return { changes: [], registrations: registrationsHash([]) }
  const until = (at: number) => truthTimes(schedule, at).closesAt - delaySeconds
  const all = ledger.changes(topicId, until(epoch))
  const known = parent ? ledger.changes(topicId, until(parent.epoch)).length : 0
  return { changes: all.slice(known), registrations: registrationsHash(all) }
}

/** The state before a topic's first settlement. */
export function firstPast(ledger: Ledger, topicId: number): Past | undefined {
  const parameters = ledger.terms(topicId, 0)?.parameters
  return parameters && genesisOf(parameters)
}

/** Computes a settlement from its rows and the state before it. Throws `Mismatch` where the chain says something else. */
export async function replay(
  settled: Settled,
  { ledger, delaySeconds, past }: Delay & { readonly ledger: Ledger; readonly past: Past },
  fetchRow: FetchRow,
): Promise<Replayed> {
  const parent = past.leaf === NO_LEAF ? undefined : past
  requireSame(settled, "what it follows", past.leaf, settled.parent)
  const contextRow = await fetchRow(settled.context, "settlement context")
  const context = decodeSettlementContext(contextRow)
  const { changes, registrations } = registrationsSince(ledger, { delaySeconds }, settled, parent)
  requireSame(settled, "its registrations", context.registrations, registrations)
  const known = rowsOfTheChain(ledger, settled, changes)
  const { inputs, list } =
    context.inputsHash === NO_LEAF
      ? { inputs: known, list: [] }
      : await listed(context.inputsHash, fetchRow)
  const given = inputs.filter((row) => OF_THE_CHAIN.includes(row[0] as number))
  requireSame(
    settled,
    "parameters or registrations in its inputs",
    listHash(KIND.inputs, given),
    listHash(KIND.inputs, known),
  )
  const { outputs, state } = settle(inputs, past.state)
  requireSame(settled, "its outputs", context.outputsHash, listHash(KIND.outputs, outputs))
  requireSame(settled, "its state", settled.state, listHash(KIND.state, state))
  return {
    past: { epoch: settled.epoch, leaf: settled.leaf, state },
    context,
    inputs,
    outputs,
    rows: [contextRow, ...list, ...inputs],
  }
}

/** The rows of a list, a state's tables among them; `name` names it in an error. */
export async function fetchListed(
  hash: Hex,
  name: string,
  fetchRow: FetchRow,
): Promise<readonly Uint8Array[]> {
  const { hashes } = decodeList(await fetchRow(hash, `${name} list`))
  const rows = await Promise.all(hashes.map((each, index) => fetchRow(each, `${name} ${index}`)))
  const behind = rows.map(async (row) => {
    const tables = tablesNamed(row)?.map((each, index) => fetchRow(each, `${name} table ${index}`))
    return tables ? Promise.all(tables) : [row]
  })
  return (await Promise.all(behind)).flat()
}

async function listed(hash: Hex, fetchRow: FetchRow) {
  const inputs = await fetchListed(hash, "settlement inputs", fetchRow)
  return { inputs, list: [listRow(KIND.inputs, inputs)] }
}

/** The inputs that follow from the chain alone; of a missed epoch these are all. */
function rowsOfTheChain(ledger: Ledger, { topicId, epoch }: Settled, changes: readonly Change[]) {
  const parameters = ledger.terms(topicId, epoch)?.parameters
  return parameters ? [encodeParameters(parameters), ...registrationRows(changes)] : []
}

function requireSame({ topicId, epoch }: Settled, what: string, given: Hex, required: Hex): void {
  if (given === required) return
  throw new NodeError("Mismatch", {
    sentence: `the settlement of topic ${topicId}, epoch ${epoch} is not what follows from its rows: ${what} differs`,
    remedy: "refuse",
    given,
    required,
  })
}
