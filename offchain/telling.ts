// Step 6: how a signed truth reaches the members. Each is told until it has taken it, and then again and again, because what
// a member holds does not outlive its restart; what comes of it is counted.
import type { Clock } from "./clock.ts"
import type { Refusal } from "./errors.ts"
import type { Log } from "./log.ts"
import { type Answer, type Delivery, deliver, type MemberClient, pause } from "./memberclient.ts"

export type TellingCounts = {
  /** How often a member took a truth that it was not known to have. */
  readonly taken: number
  /** How often a member said once more that it has it. */
  readonly repeated: number
  /** How often a member could not be reached or did not answer. */
  readonly failed: number
  /** Members that never took a truth, until its epoch was settled or past its deadline. */
  readonly missed: number
  /** Refusals by code: the members', and our own of reputers that cannot speak about an epoch, one an epoch. */
  readonly refusals: Readonly<Record<string, number>>
}

export type TellingDeps = {
  readonly members: MemberClient
  readonly clock: Clock
  readonly log: Pick<Log, "debug" | "info" | "warn">
}

/** The reason of an abort after which nobody is missed. */
export const STOPPED = "stopped"

export function createTelling(
  { resendMs }: { readonly resendMs: number },
  { members, clock, log }: TellingDeps,
) {
  const refusals = new Map<string, number>()
  const counts = { taken: 0, repeated: 0, failed: 0, missed: 0 }

  function refuse({ code, given, required }: Refusal, facts: object, level: "debug" | "warn") {
    refusals.set(code, (refusals.get(code) ?? 0) + 1)
    log[level]({ code, given, required, ...facts }, "refused")
  }

  return {
    refuse,

    /** Sends to one member until the signal says that the epoch is over. */
    async tell(delivery: Delivery, facts: object): Promise<void> {
      const { url, signal } = delivery
      const said = new Set<string>()
      let taken = false
      const seen = (answer: Answer) => {
        if (answer.outcome === "taken") {
          counts[taken ? "repeated" : "taken"] += 1
          taken = true
        } else if (answer.outcome === "refused") {
          const { code } = answer.refusal
          // A member that refuses once will do so each time.
          refuse(answer.refusal, { ...facts, url }, said.has(code) ? "debug" : "warn")
          said.add(code)
        } else if (!signal.aborted) {
          counts.failed += 1
          log.debug({ ...facts, url, reason: answer.reason }, "a member could not be reached")
        }
      }
      while (!signal.aborted) {
        await deliver(delivery, { members, clock, seen })
        await pause(resendMs, { clock, signal })
      }
      if (taken || signal.reason === STOPPED) return
      counts.missed += 1
      log.warn({ ...facts, url }, "a member never took the truth")
    },

    counts: (): TellingCounts => ({ ...counts, refusals: Object.fromEntries(refusals) }),
  }
}
