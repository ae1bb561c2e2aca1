// Step 6, once more: a settlement that was taken back is made anew from what reputers said. Their truths may have left the
// pool; the settlement's own input rows hold them with their signatures, by which each is let in again.
import type { Hex } from "viem"
import { decodeSettlementContext } from "../wasm/index.ts"
import { truthTermsOf } from "./electorate.ts"
import { isRefusal } from "./errors.ts"
import type { Ledger, Settled } from "./ledger.ts"
import type { Log } from "./log.ts"
import type { Domain } from "./message.ts"
import type { Pool } from "./pool.ts"
import { type FetchRow, fetchListed } from "./replay.ts"
import { NO_LEAF } from "./synthesis.ts"
import { examineTruth, type Truth, truthsIn } from "./truth.ts"

export type Readmission = ReturnType<typeof createReadmission>

export type ReadmissionParts = {
  readonly ledger: Ledger
  readonly domain: Domain
  readonly delaySeconds: number
  readonly truths: Pool<Truth>
  readonly fetchRow: FetchRow
  readonly log: Log
}

export function createReadmission(parts: ReadmissionParts) {
  const { ledger, truths, fetchRow, log } = parts
  // By leaf: the settlements whose rows were looked for, with or without success.
  const done = new Set<Hex>()
  let running: Promise<void> | undefined

  /** Those that fell and are not settled again. */
  function waiting(topicId: number): readonly Settled[] {
    const until = ledger.newestSettlement(topicId)?.epoch ?? -1
    return ledger.fallen(topicId).filter(({ epoch, leaf }) => epoch > until && !done.has(leaf))
  }

  async function readmit(settled: Settled): Promise<void> {
    const { topicId, epoch, generation } = settled
    const facts = { topicId, epoch, generation }
    try {
      const told = truthsIn(settled, await inputsOf(settled))
      const taken = told.filter((truth) => isTaken(truth)).length
      log.info(
        { ...facts, truths: taken },
        "a settlement was taken back: its truths are let in again",
      )
    } catch (error) {
      // Rows that nobody has, or that do not decode: what is in the pool has to do.
      log.warn(
        { ...facts, error },
        "a settlement was taken back, and the truths in it are not to be had",
      )
    }
    done.add(settled.leaf)
  }

  async function inputsOf({ context }: Settled): Promise<readonly Uint8Array[]> {
    const { inputsHash } = decodeSettlementContext(await fetchRow(context, "settlement context"))
    return inputsHash === NO_LEAF ? [] : fetchListed(inputsHash, "settlement inputs", fetchRow)
  }

  /** The rules of admission but that of time: it was in time when it was first taken in. */
  function isTaken(truth: Truth): boolean {
    const terms = truthTermsOf(ledger, parts, truth)
    const examined = terms && examineTruth(truth, { domain: parts.domain, terms })
    if (!examined || isRefusal(examined)) return false
    return !isRefusal(truths.take({ hash: examined.hash, message: truth }))
  }

  async function readmitAll(): Promise<void> {
    for (const topicId of ledger.topics())
      for (const settled of waiting(topicId)) await readmit(settled)
  }

  return {
    /** Whether all that is to be had of an epoch's truths is in the pool. */
    isDone: ({ topicId, epoch }: { readonly topicId: number; readonly epoch: number }): boolean =>
      waiting(topicId).every((settled) => settled.epoch !== epoch),

    isComplete: (): boolean => ledger.topics().every((topicId) => waiting(topicId).length === 0),

    /** Lets in again what fell, one run at a time. */
    catchUp(): Promise<void> {
      running ??= readmitAll().finally(() => {
        running = undefined
      })
      return running
    },
  }
}
