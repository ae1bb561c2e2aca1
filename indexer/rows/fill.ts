// Brings the rows that the chain names and the database lacks. It runs beside the indexing and never in it: what the chain
// says is there at once, what rows say follows when a member has answered. Newest first; what fails is tried again,
// ever more seldom, for as long as the chain names it.
import type { Hex } from "viem"
import { CoreError } from "../../wasm/index.ts"
import { contentOf, type GetRow, unreadable } from "./content.ts"
import type { Database } from "./database.ts"
import { INSERT, insertArguments, ROWS_SCHEMA } from "./tables.ts"

/** Contexts looked for in one query; above what the reports of one block can name. */
const PAGE = 10_000
/** How far back the chain may still change: further than Ponder's finality on any chain. */
const UNSURE_BLOCKS = 256
/** While the index stands still it is looked through so seldom. */
const LOOK_MS = 1_000
/** Contexts under way at a time. */
const AT_A_TIME = 4
const IDLE_MS = 50
const FIRST_RETRY_MS = 1_000
const LONGEST_RETRY_MS = 60_000
/** After so many tries it is asked whether the chain still names the context. */
const DOUBTED = 5
/** While the history is read the chain comes first: rows get one part in so many of the time. */
const SHARE = 30

type Pending = { readonly hash: Hex; readonly kind: string; tries: number; notBefore: number }
/** Blocks that have not been looked through yet, both ends included. */
type Range = { readonly from: number; to: number }

export type FillOptions = {
  readonly database: Database
  readonly get: GetRow
  /** The schema of Ponder's tables. */
  readonly schema: string
  /** Whether the history has been read. */
  readonly isReady: () => Promise<boolean>
  readonly failed: (error: unknown) => void
}

export type Fill = {
  /** How many contexts are known to be missing. */
  readonly pending: () => number
  readonly stop: () => void
}

export function startFill({ database, get, schema, isReady, failed }: FillOptions): Fill {
  const pending = new Map<Hex, Pending>()
  const running = new Set<Hex>()
  const ranges: Range[] = []
  let top = -1
  let seen = { checkpoint: "", at: Number.NEGATIVE_INFINITY }
  let stopped = false
  let timer: NodeJS.Timeout | undefined

  const named = `(SELECT context, block, 'report' AS kind FROM "${schema}".report WHERE context IS NOT NULL
    UNION ALL SELECT context, block, 'settlement' AS kind FROM "${schema}".settlement) AS named`

  /** Adds what is missing in one range: the newest that nobody has looked at. */
  async function look(): Promise<void> {
    // Ponder's checkpoint moves in the transaction that brings a block's rows, or takes them back.
    const [at] = await database.query<{ checkpoint: string }>(
      `SELECT latest_checkpoint AS checkpoint FROM "${schema}"._ponder_checkpoint LIMIT 1`,
    )
    const checkpoint = at?.checkpoint ?? ""
    const now = performance.now()
    if (ranges.length === 0 && checkpoint === seen.checkpoint && now < seen.at + LOOK_MS) return
    seen = { checkpoint, at: now }
    const [head] = await database.query<{ top: string | null }>(
      `SELECT max(block) AS top FROM ${named}`,
    )
    const newest = Number(head?.top ?? -1)
    // The last blocks are looked at again and again, since they may be other ones by now.
    if (newest > top || ranges.length === 0)
      ranges.push({ from: Math.max(0, Math.min(top + 1, newest - UNSURE_BLOCKS)), to: newest })
    top = Math.max(top, newest)
    const range = ranges.at(-1)
    if (!range) return
    const found = await database.query<{ context: Hex; block: string; kind: string }>(
      `SELECT named.context, named.block, named.kind FROM ${named}
       LEFT JOIN ${ROWS_SCHEMA}.context held ON held.hash = named.context
       WHERE held.hash IS NULL AND named.block BETWEEN $1 AND $2
       ORDER BY named.block DESC LIMIT ${PAGE}`,
      [range.from, range.to],
    )
    for (const { context, kind } of found)
      if (!pending.has(context))
        pending.set(context, { hash: context, kind, tries: 0, notBefore: 0 })
    if (found.length < PAGE) ranges.pop()
    // The lowest block of a full page may hold more.
    else range.to = Number(found.at(-1)?.block)
  }

  async function bring(entry: Pending): Promise<void> {
    try {
      const content = await contentOf(entry.hash, get).catch((error: unknown) => {
        // Its hash is right, so these bytes were attested: no other ones will ever come.
        if (error instanceof CoreError) return unreadable(entry.hash, entry.kind)
        throw error
      })
      await database.query(INSERT, insertArguments(content))
      pending.delete(entry.hash)
    } catch (error) {
      failed(error)
      entry.tries += 1
      const wait = Math.min(FIRST_RETRY_MS * 2 ** (entry.tries - 1), LONGEST_RETRY_MS)
      entry.notBefore = performance.now() + wait
      if (entry.tries >= DOUBTED && !(await isNamed(entry.hash))) pending.delete(entry.hash)
    }
  }

  const isNamed = async (hash: Hex) =>
    (await database.query(`SELECT 1 FROM ${named} WHERE context = $1 LIMIT 1`, [hash])).length > 0

  /** Brings what is due; answers whether there was any. */
  async function work(): Promise<boolean> {
    const now = performance.now()
    const due: Pending[] = []
    for (const entry of pending.values()) {
      if (entry.notBefore <= now && !running.has(entry.hash)) due.push(entry)
      if (due.length === AT_A_TIME) break
    }
    await Promise.all(
      due.map(async (entry) => {
        running.add(entry.hash)
        await bring(entry)
        running.delete(entry.hash)
      }),
    )
    return due.length > 0
  }

  async function step(): Promise<void> {
    const began = performance.now()
    let isBusy = false
    try {
      if (pending.size < PAGE) await look()
      isBusy = await work()
      const took = performance.now() - began
      const rest = (await isReady()) ? 0 : took * (SHARE - 1)
      if (!stopped) timer = setTimeout(step, Math.max(isBusy ? 0 : IDLE_MS, rest))
    } catch (error) {
      failed(error)
      if (!stopped) timer = setTimeout(step, FIRST_RETRY_MS)
    }
  }

  void step()
  return {
    pending: () => pending.size,
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}
