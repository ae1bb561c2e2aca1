// Step 7: which reports and settlements the chain has accepted, in the order in which they were, which of them still stand,
// and until when a dispute can move them.
import type { Chain } from "../chain.ts"
import { type Message, reportMessage, settlementMessage } from "../dispute/attested.ts"
import type { Accepted, Settled } from "../ledger.ts"
import { POSTED_UNIT, unpackWord } from "../word.ts"

/** One accepted message, as the ledger has it; `time` is when it was accepted. */
export type Entry =
  | { readonly kind: "report"; readonly name: string; readonly at: Accepted; readonly time: number }
  | {
      readonly kind: "settlement"
      readonly name: string
      readonly at: Settled
      readonly time: number
    }

export type Standing = ReturnType<typeof createStanding>

/** What a line of the log says of a message. */
export const where = ({ kind, at }: Entry) => ({
  kind,
  topicId: at.topicId,
  epoch: at.epoch,
  ...("label" in at ? { label: at.label } : {}),
})

function entryOfReport(at: Accepted): Entry {
  const { observedAt, postedAfter } = unpackWord(at.word)
  const name = `report/${at.topicId}/${at.label}/${at.epoch}/${at.context}/${at.transaction}`
  return { kind: "report", name, at, time: observedAt + POSTED_UNIT * postedAfter }
}

function entryOfSettlement(at: Settled): Entry {
  const name = `settlement/${at.leaf}/${at.transaction}`
  return { kind: "settlement", name, at, time: at.acceptedAt }
}

/** Without topics: of all there are. */
export function createStanding(chain: Chain, topics: readonly number[] | undefined) {
  const { ledger, deployment } = chain
  const follows = (topicId: number) => topics?.includes(topicId) ?? true
  /** Block time, in seconds. */
  const now = () => ledger.head()?.time ?? 0

  return {
    now,
    follows,

    /** Settlements before reports of the same block: those may start from them. */
    entries(): readonly Entry[] {
      const all = ledger
        .topics()
        .filter(follows)
        .flatMap((topicId): Entry[] => {
          const labels = ledger.terms(topicId, 0)?.parameters.labels ?? []
          const reports = labels.flatMap((_, label) => ledger.reports(topicId, label))
          return [
            ...reports.map(entryOfReport),
            ...ledger.settlements(topicId).map(entryOfSettlement),
          ]
        })
      return all.sort((a, b) => a.at.block - b.at.block || (a.kind < b.kind ? 1 : -1))
    },

    /** Whether disputes can still move it. */
    isOpen: ({ time }: Entry) => now() < time + deployment.disputeSeconds,

    /** Whether no dispute has brought it down. */
    stands(entry: Entry): boolean {
      if (entry.kind === "settlement")
        return ledger.settlement(entry.at.topicId, entry.at.epoch)?.leaf === entry.at.leaf
      const status = ledger.statusOf(entry.at.topicId, entry.at.label, entry.at.epoch)
      return status !== "Refuted" && status !== "Void"
    },

    /** The message whole, with its attestation. */
    messageOf: (entry: Entry): Promise<Message> =>
      entry.kind === "report" ? reportMessage(chain, entry.at) : settlementMessage(chain, entry.at),

    /** The settlement that a settlement follows; none for the first, and for reports. */
    parentOf: (entry: Entry): Settled | undefined =>
      entry.kind === "settlement"
        ? ledger.settlements(entry.at.topicId).find(({ leaf }) => leaf === entry.at.parent)
        : undefined,
  }
}
