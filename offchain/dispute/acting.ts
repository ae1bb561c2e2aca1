// Step 7: what is done about a message that is wrong, with a key: the claim that the chain accepts, and in the same
// transaction what falls with it. Everything is tried by a call first, so no gas goes into what does not hold.
import type { Hex } from "viem"
import type { Call, Chain } from "../chain.ts"
import { NodeError } from "../errors.ts"
import type { Log } from "../log.ts"
import type { Signer } from "../signer.ts"
import type { Calls } from "./calls.ts"
import type { Refuting } from "./claims.ts"
import type { Examined } from "./examining.ts"

export type ActingParts = {
  readonly chain: Pick<Chain, "simulate" | "write" | "read">
  readonly calls: Calls
  readonly signer: Signer
  readonly log: Log
}

/** What went through, and what it cost. */
export type Done = { readonly transaction: Hex; readonly gasUsed: bigint }

export type Refutation = {
  readonly found: { readonly call: Call; readonly refuting: Refuting } | undefined
  /** Each claim that was tried before, and by which name the chain refuses it. */
  readonly refusals: readonly string[]
}

export function createActing({ chain, calls, signer, log }: ActingParts) {
  /** What a call would revert with now; undefined: it would go through. A chain that gives no answer is a fault. */
  async function refusalOf(call: Call): Promise<string | undefined> {
    try {
      await chain.simulate(signer.address, call)
      return undefined
    } catch (error) {
      if (!(error instanceof NodeError)) throw error
      // A revert without a reason is an answer, too: what is shown may not decode.
      if (error.remedy !== "refuse" && error.code !== "Reverted") throw error
      return error.code
    }
  }

  /** Whether a call would go through now; what it would revert with is said at the level of debugging. */
  async function holds(call: Call, facts: object): Promise<boolean> {
    const code = await refusalOf(call)
    if (code !== undefined) log.debug({ ...facts, code }, "the chain would refuse")
    return code === undefined
  }

  async function send(call: Call, facts: object, what: string): Promise<Done> {
    const { hash, gasUsed } = await chain.write(signer, call)
    log.info({ ...facts, gasUsed, transaction: hash }, what)
    return { transaction: hash, gasUsed }
  }

  /** The first claim, the certain ones before the others, that the chain judges to hold, and what it says to those before. */
  async function refutationOf(examined: Examined): Promise<Refutation> {
    const ordered = [true, false].flatMap((isCertain) =>
      examined.differences.filter((each) => each.isCertain === isCertain),
    )
    const refutations = [
      ...ordered.flatMap(({ refutes }) => refutes.slice(0, 1)),
      ...ordered.flatMap(({ refutes }) => refutes.slice(1)),
    ]
    const refusals: string[] = []
    for (const refuting of refutations) {
      let call: Call
      try {
        call = calls.refute(examined.message, refuting, examined.evidence(refuting))
      } catch (error) {
        // A row that this claim rests on is not here; another may need fewer.
        if (!(error instanceof NodeError) || error.code !== "RowMissing") throw error
        continue
      }
      const code = await refusalOf(call)
      if (code === undefined) return { found: { call, refuting }, refusals }
      refusals.push(`${refuting.claim} ${refuting.at}: ${code}`)
    }
    return { found: undefined, refusals }
  }

  /** Those of `others` that go through after `first`, each tried together with those before it. */
  async function withThose(first: Call, others: readonly Call[], facts: object): Promise<Call> {
    let kept = [first]
    for (const other of others) {
      const more = [...kept, other]
      if (await holds(calls.together(more), facts)) kept = more
    }
    return calls.together(kept)
  }

  return {
    holds,
    send,
    refutationOf,
    withThose,

    /** Takes the bonds that are this account's. */
    async collect(): Promise<void> {
      const waiting = await chain.read<bigint>(calls.bondsOf(signer.address))
      if (waiting > 0n) await send(calls.collect(), { bonds: `${waiting} wei` }, "bonds collected")
    },
  }
}

export type Acting = ReturnType<typeof createActing>
