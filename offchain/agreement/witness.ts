// Step 3, agreement: evidence. Two different proposals, certificates or batches of one member for one (era, slot, view)
// convict it by their signatures alone. Members pass on the leader's signed heads, so that a leader who tells different
// stories to different members is found out.
import { leaderOf } from "./rules.ts"
import { type Header, signedOf } from "./wire.ts"
import type { Evidence } from "./words.ts"

/** Heads are kept for so many views behind the newest. */
const VIEWS_KEPT = 16

const KIND = { PROPOSE: "TwoProposals", CERTIFY: "TwoCertificates" } as const

export type Witness = ReturnType<typeof createWitness>

export function createWitness(members: number, record: (evidence: Evidence) => void) {
  const first = new Map<string, Header>()
  const reported = new Set<string>()

  function see(header: Header): void {
    const kind = KIND[header.type as keyof typeof KIND]
    if (kind === undefined || header.member !== leaderOf(header.slot, header.view, members)) return
    const name = `${header.type} ${header.view}`
    const earlier = first.get(name)
    if (earlier === undefined) {
      first.set(name, header)
      if (first.size > 2 * VIEWS_KEPT) first.delete(first.keys().next().value as string)
    } else if (earlier.content !== header.content) {
      report({
        kind,
        member: header.member,
        first: signedOf(earlier),
        second: signedOf(header),
      })
    }
  }

  /** Once for each wrong. */
  function report(evidence: Evidence): void {
    const name = `${evidence.kind} ${evidence.member} ${evidence.first.view}`
    if (reported.has(name)) return
    reported.add(name)
    record(evidence)
  }

  /** What the leader of a view has signed, as far as it came here. */
  function headsOf(view: number): readonly Header[] {
    return [first.get(`PROPOSE ${view}`), first.get(`CERTIFY ${view}`)].filter(
      (head) => head !== undefined,
    )
  }

  return { see, report, headsOf }
}
