// Step 7: what falls with a message that was refuted: reports that start from a settlement that was taken back, settlements
// that score a report that fell, the other labels of its context.
import type { Hex } from "viem"
import { decodeReportContext, decodeSettlementContext } from "../../wasm/index.ts"
import type { Call } from "../chain.ts"
import { decoded } from "../dispute/bytes.ts"
import { leafOf } from "../dispute/examining.ts"
import { isNodeError } from "../errors.ts"
import { NO_LEAF } from "../synthesis.ts"
import type { Parts } from "./parts.ts"
import { type Entry, where } from "./standing.ts"

export type Striking = ReturnType<typeof createStriking>

export function createStriking(parts: Parts) {
  const { chain, rows, fetchRow, memory, calls, acting, standing, counts } = parts
  const { ledger } = chain

  const settlementNamed = (row: Uint8Array) => decoded(() => decodeReportContext(row))?.settledLeaf
  const reportScored = (row: Uint8Array) =>
    decoded(() => decodeSettlementContext(row))?.reportContext

  /** Whether `other`, whose context is `row`, rests on the entry. */
  function restsOn(other: Entry, row: Uint8Array, { kind, at }: Entry): boolean {
    if (kind === "report" && other.kind === "report") return other.at.context === at.context
    if (kind === "report") return reportScored(row) === at.context
    if (other.kind === "settlement") return false
    const named = settlementNamed(row)
    const all = ledger.settlements(at.topicId)
    return all.some(({ leaf, epoch }) => leaf === named && epoch >= at.epoch)
  }

  /** What rests on the entry, and can still be moved. */
  async function dependentsOf(entry: Entry): Promise<readonly Entry[]> {
    const found: Entry[] = []
    for (const other of standing.entries()) {
      if (other.at.topicId !== entry.at.topicId || other.name === entry.name) continue
      if (!standing.isOpen(other) || !standing.stands(other)) continue
      // What nobody serves the context of is struck once it is here.
      const row = await fetchRow(other.at.context, "context").catch(() => undefined)
      if (row && restsOn(other, row, entry)) found.push(other)
    }
    return found
  }

  /** Undefined: nobody has the message whole. */
  async function callFor(entry: Entry): Promise<Call | undefined> {
    try {
      const message = await standing.messageOf(entry)
      const row = rows.get(entry.at.context)
      const contextRow: Hex = row ? `0x${Buffer.from(row).toString("hex")}` : "0x"
      return calls.strike(message, contextRow, leafOf(standing.parentOf(entry)))
    } catch (error) {
      if (!isNodeError(error, "NoMessage")) throw error
      return undefined
    }
  }

  /** Says whether it did. */
  async function strike(entry: Entry, leaf: Hex): Promise<boolean> {
    if (!acting || memory.hasDone("struck", leaf)) return false
    const call = await callFor(entry)
    if (!call || !(await acting.holds(call, where(entry)))) return false
    await acting.send(call, where(entry), "struck")
    memory.didThat("struck", leaf)
    counts.struck += 1
    return true
  }

  function isUnfounded({ kind, at }: Entry): boolean {
    const row = rows.get(at.context)
    if (!row) return false
    const { topicId, epoch } = at
    if (kind === "settlement") {
      const scored = reportScored(row)
      const labels = ledger.terms(topicId, epoch)?.parameters.labels ?? []
      return labels.some((_, label) => {
        const isScored = ledger.report(topicId, label, epoch)?.context === scored
        const status = ledger.statusOf(topicId, label, epoch)
        return isScored && (status === "Refuted" || status === "Void")
      })
    }
    const named = settlementNamed(row)
    const isNamed = named !== undefined && named !== NO_LEAF
    return isNamed && ledger.fallen(topicId).some(({ leaf }) => leaf === named)
  }

  return {
    strike,

    /** One call for each message that falls with the entry. */
    async callsWith(entry: Entry): Promise<readonly Call[]> {
      const found = await Promise.all((await dependentsOf(entry)).map(callFor))
      return found.filter((call) => call !== undefined)
    },

    /** What rests on something that fell, whoever made it fall. */
    async strikeUnfounded(): Promise<void> {
      if (!acting) return
      for (const entry of standing.entries()) {
        if (!standing.isOpen(entry) || !standing.stands(entry) || !isUnfounded(entry)) continue
        await parts.safely(entry, async () => {
          await strike(entry, (await standing.messageOf(entry)).leaf)
        })
      }
    },
  }
}
