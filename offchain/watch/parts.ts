// Step 7: what every part of the watcher works with: what it is asked to do, what it is given, what it counts, and what it
// has said already.
import type { Hex } from "viem"
import type { Chain } from "../chain.ts"
import type { Clock } from "../clock.ts"
import { type Acting, createActing } from "../dispute/acting.ts"
import { type Calls, disputesCalls } from "../dispute/calls.ts"
import type { Memory } from "../dispute/memory.ts"
import { NodeError } from "../errors.ts"
import type { Log } from "../log.ts"
import type { FetchRow } from "../replay.ts"
import type { Rows } from "../rows.ts"
import type { Signer } from "../signer.ts"
import { createStanding, type Entry, type Standing, where } from "./standing.ts"

export type WatcherOptions = {
  /** Default: all there are. */
  readonly topics?: readonly number[] | undefined
  /** What was accepted in earlier blocks is followed, and not judged. */
  readonly fromBlock?: number | undefined
  /** What is of earlier epochs likewise. */
  readonly fromEpoch?: number | undefined
  /** Prove each report that is right; needs a key. */
  readonly isProving?: boolean
  /** Demand rows that nobody serves, for a bond; needs a key. */
  readonly isDemanding?: boolean
  /** Publish rows that others demand, for their bond; needs a key. */
  readonly isPublishing?: boolean
  /** How long rows are kept, in seconds after they were seen. */
  readonly keepSeconds: number
}

export type WatcherDeps = {
  readonly chain: Chain
  readonly rows: Rows
  /** From members, by hash. */
  readonly fetchRow: FetchRow
  readonly memory: Memory
  /** Without one nothing is sent: it is said what would be. */
  readonly signer?: Signer | undefined
  readonly clock: Clock
  readonly log: Log
}

/** What was done in this run. */
export type WatcherCounts = {
  /** Messages that were looked at whole, and those of them in which something is wrong. */
  looked: number
  wrong: number
  refuted: number
  struck: number
  proven: number
  demanded: number
  published: number
  lapsed: number
}

export type Parts = WatcherDeps & {
  readonly options: WatcherOptions
  readonly calls: Calls
  /** Undefined without a key. */
  readonly acting: Acting | undefined
  readonly standing: Standing
  readonly counts: WatcherCounts
  readonly keep: (rows: readonly Uint8Array[]) => void
  /** Whether this is the first time in this run; each thing is said once. */
  readonly isFirst: (what: string) => boolean
  /** Does something about a message; what goes wrong with it waits, and keeps nobody else waiting. */
  readonly safely: (entry: Entry, run: () => Promise<void>) => Promise<void>
}

export function createParts(options: WatcherOptions, deps: WatcherDeps): Parts {
  const { chain, rows, memory, signer, log } = deps
  const calls = disputesCalls(chain.deployment.disputes)
  const standing = createStanding(chain, options.topics)
  const keep = (all: readonly Uint8Array[]) => rows.put(all, standing.now() + options.keepSeconds)
  const said = new Set<string>()
  const isFirst = (what: string) => said.size < said.add(what).size
  const none = { looked: 0, wrong: 0, refuted: 0, struck: 0 }

  return {
    ...deps,
    options,
    calls,
    acting: signer && createActing({ chain, calls, signer, log }),
    standing,
    counts: { ...none, proven: 0, demanded: 0, published: 0, lapsed: 0 },
    keep,
    isFirst,

    async fetchRow(hash: Hex, what: string): Promise<Uint8Array> {
      const row = rows.get(hash) ?? (await deps.fetchRow(hash, what))
      keep([row])
      return row
    },

    async safely(entry, run) {
      try {
        await run()
      } catch (error) {
        if (!(error instanceof NodeError)) throw error
        memory.waits(entry.name, standing.isOpen(entry))
        // Without a chain nothing goes on.
        if (error.code === "NoChain") throw error
        if (isFirst(`${entry.name}/${error.code}`))
          log.warn({ ...where(entry), error }, "a message could not be dealt with; it waits")
      }
    },
  }
}
