// How far the index is behind the chain, told from outside of it: Ponder keeps answering after a reorganisation deeper
// than it can undo, and after the chain was replaced by another, with rows that are no longer the chain's.
import { BlockNotFoundError, createPublicClient, type Hex, http } from "viem"
import { deployment } from "../contracts/index.ts"
import { NodeError } from "../offchain/errors.ts"
import type { Database } from "./rows/database.ts"
import { settings } from "./settings.ts"

/** So long without a step although the chain has newer blocks, and it will not go on by itself. */
const STUCK_MS = 30_000

export type Head = { readonly block: number; readonly time: number }

export type Lag = {
  /**
   * `reads` the history; `follows` the head; is `stuck`; the chain was `replaced`, or a part of it that Ponder takes for
   * final, so that only an empty database helps; or the chain is `silent`.
   */
  readonly state: "reads" | "follows" | "stuck" | "replaced" | "silent"
  readonly chain: Head | null
  readonly index: Head | null
  readonly blocksBehind: number | null
  /** Reports and settlements whose rows no member has given yet. */
  readonly pendingContexts: number
}

export type Seen = {
  readonly isReady: boolean
  readonly chain: Head | null
  /** Whether the deployment's first block, and the newest that Ponder takes for final, are still the chain's. */
  readonly isSameChain: boolean
  readonly index: Head | null
  /** Milliseconds since the index has moved or was at the head. */
  readonly quietMs: number
}

/** What the state is, from what was seen. */
export function stateOf({ isReady, chain, isSameChain, index, quietMs }: Seen): Lag["state"] {
  if (!chain) return "silent"
  if (!isSameChain) return "replaced"
  if (!isReady || !index) return "reads"
  return index.block === chain.block || quietMs < STUCK_MS ? "follows" : "stuck"
}

export async function isReady(database: Database, schema: string): Promise<boolean> {
  const [meta] = await database.query<{ ready: string }>(
    `SELECT value->>'is_ready' AS ready FROM "${schema}"._ponder_meta WHERE key = 'app'`,
  )
  return meta?.ready === "1"
}

/** The block up to which the tables are right. Ponder's checkpoint begins with time (10 digits), chain (16), block (16). */
export async function indexHead(database: Database, schema: string): Promise<Head | null> {
  const [row] = await database.query<{ checkpoint: string }>(
    `SELECT latest_checkpoint AS checkpoint FROM "${schema}"._ponder_checkpoint LIMIT 1`,
  )
  if (!row) return null
  const { checkpoint } = row
  return { block: Number(checkpoint.slice(26, 42)), time: Number(checkpoint.slice(0, 10)) }
}

/** The newest block that Ponder takes for final and keeps; those after it can be undone. */
async function keptBlock(database: Database): Promise<{ number: string; hash: Hex } | undefined> {
  const [row] = await database.query<{ number: string; hash: Hex }>(
    "SELECT number, hash FROM ponder_sync.blocks ORDER BY chain_id DESC, number DESC LIMIT 1",
  )
  return row
}

const connect = (rpc: string) =>
  createPublicClient({ transport: http(rpc, { retryCount: 0, timeout: 5_000 }) })

/** False where the chain has no or another block at that height; a chain that says nothing is given the benefit. */
async function isOnChain(
  client: ReturnType<typeof connect>,
  { number, hash }: { readonly number: string | number; readonly hash: string },
): Promise<boolean> {
  try {
    return (await client.getBlock({ blockNumber: BigInt(number) })).hash === hash
  } catch (error) {
    return !(error instanceof BlockNotFoundError)
  }
}

/** Throws if the database holds a part of the chain that has been replaced since: Ponder would go on from it. */
export async function requireSameChain(database: Database, rpc: string): Promise<void> {
  const kept = await keptBlock(database)
  if (!kept || (await isOnChain(connect(rpc), kept))) return
  throw new NodeError("ChainReplaced", {
    sentence: `the chain has no longer the block ${kept.number} that the database was made of; begin again with --fresh, or with another database in $DATABASE_URL`,
    remedy: "stop",
    required: kept.hash,
  })
}

export function createLag(database: Database, pending: () => number): () => Promise<Lag> {
  const { chainId, rpc, startHash, schema } = settings()
  const first = { number: deployment(chainId).startBlock, hash: startHash }
  const client = connect(rpc)
  let lastBlock = -1
  let lastMove = performance.now()

  return async () => {
    const [head, hasFirst, hasKept, index, ready] = await Promise.all([
      client.getBlock().catch(() => null),
      isOnChain(client, first),
      keptBlock(database).then((kept) => !kept || isOnChain(client, kept)),
      indexHead(database, schema),
      isReady(database, schema),
    ])
    const chain = head && { block: Number(head.number), time: Number(head.timestamp) }
    if (index && (index.block !== lastBlock || index.block === chain?.block)) {
      lastBlock = index.block
      lastMove = performance.now()
    }
    const seen = {
      isReady: ready,
      chain,
      isSameChain: hasFirst && hasKept,
      index,
      quietMs: performance.now() - lastMove,
    }
    return {
      state: stateOf(seen),
      chain,
      index,
      blocksBehind: chain && index && chain.block - index.block,
      pendingContexts: pending(),
    }
  }
}
