// The states that a member works with: one after each settlement on the chain. It made most of them itself; after an
// absence it fetches the rows of those that it missed and replays them, and a state counts if its hash is the chain's.
import type { Hex } from "viem"
import {
  CoreError,
  decodeList,
  KIND,
  listHash,
  listRow,
  listRows,
  type Seats,
  tablesNamed,
} from "../wasm/index.ts"
import { isNodeError } from "./errors.ts"
import type { Ledger, Settled } from "./ledger.ts"
import type { Log } from "./log.ts"
import { type FetchRow, fetchListed, firstPast, replay } from "./replay.ts"
import type { Rows } from "./rows.ts"
import { seatsIn } from "./seats.ts"
import type { Past } from "./synthesis.ts"

export type States = ReturnType<typeof createStates>

export type StatesParts = {
  readonly ledger: Ledger
  readonly delaySeconds: number
  readonly rows: Pick<Rows, "get">
  readonly keep: (rows: readonly Uint8Array[]) => void
  /** From other members, by hash. */
  readonly fetchRow: FetchRow
  readonly log: Log
}

/** States in memory; others are read from the rows again. */
const KEPT = 256

function all(rows: readonly (Uint8Array | undefined)[]): readonly Uint8Array[] | undefined {
  return rows.every((row) => row !== undefined) ? rows : undefined
}

export function createStates({ ledger, delaySeconds, rows, keep, fetchRow, log }: StatesParts) {
  const known = new Map<Hex, readonly Uint8Array[]>()
  // Settlements that our core does not bear out. It is said once, and they are not tried again.
  const refused = new Set<Hex>()
  let running: Promise<void> | undefined

  function remember(hash: Hex, state: readonly Uint8Array[]): void {
    known.delete(hash)
    known.set(hash, state)
    for (const oldest of [...known.keys()].slice(0, Math.max(0, known.size - KEPT)))
      known.delete(oldest)
  }

  /** A row that is spoilt here is as good as missing: others have it. */
  function local(hash: Hex): Uint8Array | undefined {
    try {
      return rows.get(hash)
    } catch (error) {
      if (!isNodeError(error, "RowCorrupted")) throw error
      log.warn({ row: hash }, error.message)
      return undefined
    }
  }

  /** The state rows under that hash, if they are all here. */
  function stateAt(hash: Hex): readonly Uint8Array[] | undefined {
    const kept = known.get(hash)
    if (kept) return kept
    const list = local(hash)
    const listed = list && all(decodeList(list).hashes.map(local))
    const found = listed && all(listed.flatMap((row) => tablesNamed(row)?.map(local) ?? [row]))
    if (found) remember(hash, found)
    return found
  }

  const fromHereOrOthers: FetchRow = async (hash, what) => local(hash) ?? fetchRow(hash, what)

  /** The state after a settlement, or the first one; undefined while it is not here. */
  function pastOf(topicId: number, settled: Settled | undefined): Past | undefined {
    if (!settled) return firstPast(ledger, topicId)
    const state = stateAt(settled.state)
    return state && { epoch: settled.epoch, leaf: settled.leaf, state }
  }

  /** Makes the states of a topic up to its newest settlement; answers how many it replayed. */
  async function catchUp(topicId: number): Promise<number> {
    const chain = ledger.settlements(topicId)
    const last = chain.findLastIndex((settled) => stateAt(settled.state))
    let past = pastOf(topicId, chain[last])
    const missing = chain.slice(last + 1)
    if (missing.some(({ leaf }) => refused.has(leaf))) {
      // What follows a settlement that is refused is refused with it.
      for (const { leaf } of missing) refused.add(leaf)
      return 0
    }
    if (missing.length > 1) log.info({ topicId, settlements: missing.length }, "catching up")
    for (const settled of missing) {
      if (!past) return 0
      past = await madeAgain(settled, past)
      remember(settled.state, past.state)
    }
    if (missing.length > 1)
      log.info({ topicId, epoch: past?.epoch, state: chain.at(-1)?.state }, "caught up")
    return missing.length
  }

  async function madeAgain(settled: Settled, past: Past): Promise<Past> {
    try {
      const made = await replay(settled, { ledger, delaySeconds, past }, fromHereOrOthers)
      const lists = [...listRows(KIND.state, made.past.state), listRow(KIND.outputs, made.outputs)]
      keep([...made.rows, ...lists, ...made.outputs, ...made.past.state])
      return made.past
    } catch (error) {
      if (!isNodeError(error, "RowMissing")) throw error
      // Older than what others keep: the state itself is under the hash that the chain has.
      const state = await fetchListed(settled.state, "state", fromHereOrOthers)
      log.warn(
        { topicId: settled.topicId, epoch: settled.epoch },
        "state taken by its hash: nobody has the rows to replay it",
      )
      keep([...listRows(KIND.state, state), ...state])
      return { epoch: settled.epoch, leaf: settled.leaf, state }
    }
  }

  async function catchUpAll(): Promise<void> {
    for (const topicId of ledger.topics()) {
      await catchUp(topicId).catch((error: unknown) => {
        const newest = ledger.newestSettlement(topicId)
        const facts = { topicId, epoch: newest?.epoch, error }
        // Rows that were signed and that the core does not read are no better than a wrong state.
        if (!isNodeError(error, "Mismatch") && !(error instanceof CoreError))
          return log.warn(facts, "a state is missing here")
        for (const settled of ledger.settlements(topicId))
          if (!stateAt(settled.state)) refused.add(settled.leaf)
        return log.error(facts, "ALARM a settlement is not what our core makes: look at this first")
      })
    }
  }

  return {
    pastOf,

    /** The seats that a settlement left, or undefined while its state is not here. */
    seatsAfter(settled: Settled): Seats | undefined {
      const state = stateAt(settled.state)
      return state && seatsIn(state)
    },

    /** A state that was computed here. */
    made(state: readonly Uint8Array[]): void {
      remember(listHash(KIND.state, state), state)
    },

    /** A row from here or from others. */
    fetchRow: fromHereOrOthers,

    /** Whether the state after each topic's newest settlement is here. */
    isComplete: (): boolean =>
      ledger.topics().every((topicId) => {
        const newest = ledger.newestSettlement(topicId)
        return !newest || refused.has(newest.leaf) || stateAt(newest.state) !== undefined
      }),

    /** Fetches and replays what is missing, one run at a time. */
    catchUp(): Promise<void> {
      running ??= catchUpAll().finally(() => {
        running = undefined
      })
      return running
    },
  }
}
