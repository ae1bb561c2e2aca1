// The judge of a simulation. It sees every signature of every honest member, sent or not, and grants the faulty ones the
// worst: it takes it that they have signed everything. What may never happen is thrown as a `Violation`.
import type { Hex } from "viem"
import type { Message } from "../../../offchain/agreement/wire.ts"

/** A promise of the protocol that was broken. `promise` is its name; tests compare that. */
export class Violation extends Error {
  readonly promise: string
  constructor(promise: string, facts: object) {
    super(`${promise}: ${JSON.stringify(facts)}`)
    this.promise = promise
  }
}

export type Checker = ReturnType<typeof createChecker>

export function createChecker({ quorum, faulty }: { quorum: number; faulty: ReadonlySet<number> }) {
  const leavesUnder = new Map<Hex, readonly Hex[]>()
  const bodies = new Map<Hex, string>()
  const signers = new Map<string, Set<number>>()
  const attestable = new Map<string, string>()
  const said = new Map<string, Hex>()
  const highestVote = new Map<string, number>()
  /** Per key the input hashes of what a quorum has signed. */
  const attested = new Map<string, readonly Hex[]>()
  const violations: Violation[] = []
  let rules: (key: string, inputs: readonly Hex[]) => string | undefined = () => undefined

  function violate(promise: string, facts: object): void {
    violations.push(new Violation(promise, facts))
  }

  /** An honest member has signed: it says one thing of each sort per view and never goes back. */
  function signed(
    member: number,
    message: Pick<Message, "type" | "slot" | "view" | "content">,
  ): void {
    const { type, slot, view, content } = message
    if (faulty.has(member) || ["WANT", "GIVE", "ATTEST"].includes(type)) return
    const name = `${member} ${slot} ${view} ${type}`
    const earlier = said.get(name)
    if (earlier !== undefined && earlier !== content)
      violate("SpokeTwice", { member, slot, view, type })
    said.set(name, content)
    const highest = highestVote.get(`${member} ${slot}`) ?? 0
    if (view < highest) violate("WentBack", { member, slot, view, type, highest })
    highestVote.set(`${member} ${slot}`, Math.max(view, highest))
    if (type === "SIGN") count(member, `${slot} ${view} ${content}`, content)
  }

  function count(member: number, batch: string, root: Hex): void {
    const members = signers.get(batch) ?? new Set()
    signers.set(batch, members.add(member))
    if (members.size + faulty.size < quorum) return
    const byKey = new Map<string, Hex[]>()
    for (const hash of leavesUnder.get(root) ?? []) {
      const { key } = JSON.parse(bodies.get(hash) as string) as { key: string }
      byKey.set(key, [...(byKey.get(key) ?? []), hash])
    }
    for (const [key, hashes] of byKey) quorumFor(key, hashes)
  }

  /** No two sets of leaves for one key ever reach a quorum, and what does is made by the rules. */
  function quorumFor(key: string, hashes: readonly Hex[]): void {
    const earlier = attestable.get(key)
    if (earlier !== undefined && earlier !== hashes.join()) violate("TwoSetsOfLeaves", { key })
    attestable.set(key, hashes.join())
    const { inputs, forged } = JSON.parse(bodies.get(hashes[0] as Hex) as string) as {
      inputs: Hex[]
      forged?: boolean
    }
    if (forged) violate("ForgedLeaves", { key })
    const fault = rules(key, inputs)
    if (fault !== undefined) violate(fault, { key })
    attested.set(key, inputs)
  }

  return {
    violations,
    attested,
    signers,
    signed,
    leafSeen: (hash: Hex, body: string) => bodies.set(hash, body),
    rootSeen: (root: Hex, hashes: readonly Hex[]) => leavesUnder.set(root, hashes),
    /** Further rules about the inputs of what is attested: the name of a fault, or undefined. */
    setRules(check: typeof rules) {
      rules = check
    },
    /** Throws the first violation. */
    check() {
      if (violations[0] !== undefined) throw violations[0]
    },
  }
}
