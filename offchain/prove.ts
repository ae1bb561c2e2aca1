// Step 7: has the chain recompute value and sigma of one report. Anyone may; it needs no trust in who asks.
import type { Hex } from "viem"
import type { Chain } from "./chain.ts"
import { reportMessage } from "./dispute/attested.ts"
import { disputesCalls } from "./dispute/calls.ts"
import { createExamining } from "./dispute/examining.ts"
import { NodeError } from "./errors.ts"
import { createLog } from "./log.ts"
import { type FetchRow, fetchListed } from "./replay.ts"
import { openRows } from "./rows.ts"
import { windowOf } from "./schedule.ts"
import type { Signer } from "./signer.ts"
import { createStates } from "./states.ts"

export type Question = {
  readonly topicId: number
  readonly epoch: number
  readonly label: number
  /** Only asks the chain whether it would: costs nothing and changes nothing. */
  readonly isDryRun?: boolean
}

export type Proven = {
  readonly value: bigint
  readonly leaf: Hex
  /** Undefined in a dry run. */
  readonly transaction?: Hex
  readonly gasUsed?: bigint
}

/** An address that nobody has to have: a dry run is asked in its name. */
const NOBODY: Hex = `0x${"00".repeat(19)}01`

/** Throws what the contract refuses by. The chain must be followed to its head. */
export async function prove(
  { topicId, epoch, label, isDryRun = false }: Question,
  { chain, fetchRow, signer }: { chain: Chain; fetchRow: FetchRow; signer?: Signer | undefined },
): Promise<Proven> {
  const { ledger, deployment } = chain
  const accepted = ledger.report(topicId, label, epoch)
  if (!accepted)
    throw new NodeError("NoReport", {
      sentence: `topic ${topicId} has no accepted report of label ${label} for epoch ${epoch}`,
      remedy: "refuse",
      given: epoch,
      required: `one up to ${ledger.newest(topicId, label)?.epoch ?? "none yet"}`,
    })
  const status = ledger.statusOf(topicId, label, epoch)
  if (status !== "Attested")
    throw new NodeError("NotAttested", {
      sentence:
        status === "Proven"
          ? "the report has been proven already: nothing is left to do"
          : "a report that fell in a dispute cannot be proven",
      remedy: "refuse",
      given: status,
      required: "Attested",
    })
  const rows = openRows()
  const keep = (all: readonly Uint8Array[]) => rows.put(all, Number.MAX_SAFE_INTEGER)
  const log = createLog({ level: "silent" })
  const states = createStates({ ledger, ...deployment, rows, keep, fetchRow, log })
  try {
    // The chain compares the state with the settlement that it has itself, so nothing need be replayed.
    const terms = ledger.terms(topicId, epoch)
    const opensAt = terms && windowOf(terms.parameters.schedule, epoch).opensAt
    const settled = opensAt === undefined ? undefined : ledger.settledBefore(topicId, opensAt)
    if (settled) states.made(await fetchListed(settled.state, "state", fetchRow))
    const message = await reportMessage(chain, accepted)
    const examining = createExamining({ ledger, deployment, states, keep, fetchRow })
    const examined = await examining.report(message)
    const evidence = examined?.proof?.()
    if (!evidence)
      throw new NodeError("RowMissing", {
        sentence: "the rows that the proof rests on are not here; name members that serve them",
        remedy: "retry",
      })
    const call = disputesCalls(deployment.disputes).prove(message, evidence)
    const { leaf } = message
    const { value } = message.message
    if (isDryRun || !signer) {
      await chain.simulate(signer?.address ?? NOBODY, call)
      return { value, leaf }
    }
    const { hash, gasUsed } = await chain.write(signer, call)
    return { value, leaf, transaction: hash, gasUsed }
  } finally {
    rows.close()
  }
}
