// Step 2, looked into: how the weight of each participant of a reported epoch came about, from its rows by hash.
import type { Hex } from "viem"
import { type Explanation, explain } from "../wasm/index.ts"
import type { Chain } from "./chain.ts"
import { NodeError } from "./errors.ts"
import { fetchTerms } from "./terms.ts"
import { rowSource, rowsOf } from "./verify/rows.ts"

export type Explained = Explanation & { readonly seat: number; readonly worker: Hex }

export type Question = {
  readonly topicId: number
  readonly epoch: number
  /** One alone; else everybody with a weight in the epoch. */
  readonly worker?: Hex | undefined
  /** Who serves rows. */
  readonly members: readonly string[]
}

/** Every seat's explanation, the heaviest first. The chain must be followed to its head. */
export async function explainWeights(
  { topicId, epoch, worker, members }: Question,
  { ledger, deployment }: Chain,
): Promise<readonly Explained[]> {
  const row = rowSource(members)
  const report = ledger.report(topicId, 0, epoch)
  const terms = report && (await fetchTerms(ledger, deployment, { topicId, epoch }, row))
  if (!terms) {
    const newest = ledger.newest(topicId, 0)?.epoch
    throw new NodeError("NoReport", {
      sentence: `topic ${topicId} has no accepted report for epoch ${epoch}`,
      remedy: "refuse",
      given: epoch,
      required: newest === undefined ? "one that was reported; none is yet" : `one up to ${newest}`,
    })
  }
  const { inputs, state } = await rowsOf(report.context, row)
  const explained = terms.roster.seats
    .filter(({ owner }) => worker === undefined || owner === worker)
    .flatMap(({ seat, owner }) => {
      const explanation = explain(inputs, state, seat)
      return explanation ? [{ ...explanation, seat, worker: owner }] : []
    })
  if (explained.length === 0)
    throw new NodeError("NoWeight", {
      sentence: `no weight in epoch ${epoch} of topic ${topicId} is that worker's: it has no seat, or said nothing`,
      remedy: "refuse",
      given: worker,
      required: "a worker that took part; without one all are shown",
    })
  return explained.sort((a, b) => (a.weight < b.weight ? 1 : -1))
}
