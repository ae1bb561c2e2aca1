// Step 7: what is done about a message that was looked at. One that is right is proven on request; of one that is wrong it is
// said exactly what differs, and with a key the chain refutes it, together with all that rests on it.
import { decimal } from "../decimal.ts"
import type { Difference } from "../dispute/claims.ts"
import type { Examined } from "../dispute/examining.ts"
import type { Parts } from "./parts.ts"
import { type Entry, where } from "./standing.ts"
import type { Striking } from "./striking.ts"

const WITHOUT_KEY = "run `allora watch` with --key-file to have the chain refute it"
const TOO_LATE = "too late for disputes about it: nothing can move it any more"

const isJudged = (differences: readonly Difference[]) =>
  differences.some(({ refutes, strikes }) => strikes || refutes.length > 0)

/** It fell, or is past being moved; the chain can judge it and has not; there is nothing to be judged. */
export type Outcome = "over" | "open" | "idle"

export type Refuting = ReturnType<typeof createRefuting>

export function createRefuting(parts: Parts, striking: Striking) {
  const { chain, memory, calls, acting, standing, counts, isFirst, log } = parts

  /** What is wrong, what refutes it and what the chain cannot judge. */
  function complain(entry: Entry, differences: readonly Difference[]): void {
    for (const { what, given, required, refutes, strikes } of differences) {
      const claims = refutes.map(({ claim, at }) => `${claim} ${at}`).join(", ")
      const remedy = strikes ? "strike" : claims || "none: the chain cannot judge this"
      const facts = { ...where(entry), what, given, required, refutedBy: remedy }
      log.error(facts, "ALARM an attested message is not as it has to be")
    }
    if (!acting && standing.isOpen(entry) && isJudged(differences))
      log.warn(where(entry), WITHOUT_KEY)
  }

  /** Whether it has been refuted, now or before. */
  async function refute(entry: Entry, examined: Examined): Promise<boolean> {
    const { message, differences } = examined
    if (!acting) return false
    if (memory.hasDone("refuted", message.leaf)) return true
    if (differences.some(({ strikes }) => strikes)) return striking.strike(entry, message.leaf)
    const { found, refusals } = await acting.refutationOf(examined)
    if (!found) {
      if (isJudged(differences) && isFirst(`${entry.name}/none`))
        log.error(
          { ...where(entry), answers: refusals.join(", ") || "none: rows are missing" },
          "no claim was accepted by the chain, so nothing was sent: look at this",
        )
      return false
    }
    const { claim, at } = found.refuting
    const call = await acting.withThose(found.call, await striking.callsWith(entry), where(entry))
    await acting.send(call, { ...where(entry), claim, at: at.toString() }, "refuted")
    memory.didThat("refuted", message.leaf)
    counts.refuted += 1
    return true
  }

  return {
    /** Says what is wrong, and acts on it while that can move something. */
    async dispute(entry: Entry, examined: Examined): Promise<Outcome> {
      const { differences } = examined
      if (differences.length === 0) return "idle"
      if (isFirst(entry.name)) {
        counts.wrong += 1
        complain(entry, differences)
      }
      if (!standing.isOpen(entry)) {
        if (isFirst(`${entry.name}/late`)) log.warn(where(entry), TOO_LATE)
        return "over"
      }
      if (await refute(entry, examined)) return "over"
      return isJudged(differences) ? "open" : "idle"
    },

    /** Has the chain recompute one label's report. */
    async prove(entry: Entry, { message, proof }: Examined): Promise<void> {
      if (!acting || message.kind !== "report" || !proof || memory.hasDone("proven", message.leaf))
        return
      const { topicId, label, epoch } = message.message
      if (chain.ledger.statusOf(topicId, label, epoch) !== "Attested") return
      const call = calls.prove(message, proof())
      if (!(await acting.holds(call, where(entry)))) return
      const facts = { ...where(entry), value: decimal(message.message.value) }
      await acting.send(call, facts, "proven")
      memory.didThat("proven", message.leaf)
      counts.proven += 1
    },
  }
}
