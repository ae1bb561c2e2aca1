// Step 7: a message with all that shows that a quorum signed it, as `Disputes` takes it: out of the transaction that posted
// it, or out of what a member keeps.
import type { Hex } from "viem"
import type { Chain } from "../chain.ts"
import { isNodeError, NodeError } from "../errors.ts"
import type { Accepted, Settled } from "../ledger.ts"
import {
  type Batch,
  batchRoot,
  hashPair,
  type Multiproof,
  parseReport,
  proofOf,
  type Report,
  reportBody,
  reportHash,
} from "../report.ts"
import { parseSettlement, type Settlement, settlementBody, settlementHash } from "../settlement.ts"
import { postedBy, settledBy } from "../verify/posted.ts"

export type Attested = {
  /** `view` is a word of Solidity: there the field has another name. */
  readonly batch: Omit<Batch, "view"> & { readonly viewNumber: number }
  readonly proof: readonly Hex[]
  readonly attestation: Hex
}

export type ReportMessage = {
  readonly kind: "report"
  readonly message: Report
  readonly leaf: Hex
  readonly attested: Attested
}
export type SettlementMessage = {
  readonly kind: "settlement"
  readonly message: Settlement
  readonly leaf: Hex
  readonly attested: Attested
}
export type Message = ReportMessage | SettlementMessage

type Leaves = {
  readonly batch: Batch
  readonly hashes: readonly Hex[]
  readonly attestation: Hex
  /** Undefined: these are all leaves of the batch. */
  readonly proof?: Multiproof
}

const TIMEOUT_MS = 5_000
const BODY_LIMIT_BYTES = 1 << 22

/** The report that an event on the chain tells of. */
export async function reportMessage(chain: Chain, accepted: Accepted): Promise<ReportMessage> {
  const { topicId, label, epoch, context, transaction } = accepted
  const isIt = (each: Report) =>
    each.topicId === topicId &&
    each.label === label &&
    each.epoch === epoch &&
    each.context === context
  const taken = async (reports: readonly Report[], rest: Omit<Leaves, "hashes">) => {
    const hashes = reports.map(reportHash)
    const at = reports.findIndex(isIt)
    if (at < 0) return undefined
    const message = reports[at] as Report
    const attested = attestedOf({ ...rest, hashes }, at)
    return { kind: "report", message, leaf: hashes[at] as Hex, attested } as const
  }
  const direct = await outOfTransaction(() => postedBy(chain, transaction))
  const found = direct && (await taken(direct.reports, direct))
  if (found) return found
  for (const url of membersOf(chain)) {
    const kept = await keptBy(url, { topicId, epoch })
    // The batch's other leaves are settlements, behind the reports.
    const hashes = kept && [
      ...kept.reports.map(reportHash),
      ...kept.settlements.map(settlementHash),
    ]
    const at = kept ? kept.reports.findIndex(isIt) : -1
    if (!kept || !hashes || at < 0 || batchRoot(hashes) !== kept.batch.root) continue
    const { batch, attestation } = kept
    const message = kept.reports[at] as Report
    const attested = attestedOf({ batch, hashes, attestation }, at)
    return { kind: "report", message, leaf: hashes[at] as Hex, attested }
  }
  throw noMessage(`report of topic ${topicId}, epoch ${epoch}, label ${label}`)
}

/** The settlement that an event on the chain tells of. */
export async function settlementMessage(
  chain: Chain,
  settled: Settled,
): Promise<SettlementMessage> {
  const { topicId, epoch, leaf, transaction } = settled
  const posted = await outOfTransaction(() => settledBy(chain, transaction))
  const hashes = posted?.leaves.map(settlementHash) ?? []
  const at = hashes.indexOf(leaf)
  if (!posted || at < 0) throw noMessage(`settlement of topic ${topicId}, epoch ${epoch}`)
  const message = posted.leaves[at] as Settlement
  return { kind: "settlement", message, leaf, attested: attestedOf({ ...posted, hashes }, at) }
}

/** A transaction of another form is no fault: another contract may have posted. */
async function outOfTransaction<T>(take: () => Promise<T>): Promise<T | undefined> {
  try {
    return await take()
  } catch (error) {
    if (error instanceof NodeError && !isNodeError(error, "Mismatch")) throw error
    return undefined
  }
}

function attestedOf({ batch, hashes, proof, attestation }: Leaves, at: number): Attested {
  const { era, slot, view, root } = batch
  return {
    batch: { era, slot, viewNumber: view, root },
    proof: proof ? pathOf(hashes, proof, at) : proofOf(hashes, at),
    attestation,
  }
}

/** The siblings of one leaf on its way to the root, out of a proof of several. */
export function pathOf(leaves: readonly Hex[], { nodes, steps }: Multiproof, at: number): Hex[] {
  const queue = leaves.map((hash, index) => ({ hash, isOnWay: index === at }))
  const path: Hex[] = []
  let head = 0
  let node = 0
  for (const step of Buffer.from(steps.slice(2), "hex")) {
    const first = queue[head++] as (typeof queue)[number]
    if (step === 2) {
      queue.push(first)
      continue
    }
    const second = step === 0 ? { hash: nodes[node++] as Hex, isOnWay: false } : queue[head++]
    if (!second) break
    if (first.isOnWay) path.push(second.hash)
    if (second.isOnWay) path.push(first.hash)
    queue.push({
      hash: hashPair(first.hash, second.hash),
      isOnWay: first.isOnWay || second.isOnWay,
    })
  }
  return path
}

const membersOf = (chain: Chain) => {
  const era = chain.ledger.eraAt(chain.ledger.head()?.time ?? 0)
  return era ? chain.memberUrls(era.number) : []
}

/** What a member keeps of an epoch; anything else than that is nothing. */
async function keptBy(
  url: string,
  { topicId, epoch }: { readonly topicId: number; readonly epoch: number },
) {
  try {
    const response = await fetch(`${url.replace(/\/+$/, "")}/attestations/${topicId}/${epoch}`, {
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    if (!response.ok || Number(response.headers.get("content-length")) > BODY_LIMIT_BYTES)
      return undefined
    const body = (await response.json()) as Record<string, unknown>
    // Fields may stand in any order; the root is over what they say.
    const each = <T>(name: string, read: (one: never) => T | undefined): T[] =>
      (body[name] as never[]).map((one) => {
        const parsed = read(one)
        if (parsed === undefined) throw new Error(`no ${name}`)
        return parsed
      })
    return {
      batch: body.batch as Batch,
      attestation: body.attestation as Hex,
      reports: each("reports", (one) => parseReport(reportBody(one))),
      settlements: each("settlements", (one) => parseSettlement(settlementBody(one))),
    }
  } catch {
    return undefined
  }
}

function noMessage(what: string): NodeError {
  return new NodeError("NoMessage", {
    sentence: `the ${what} was not posted by a plain call, and no member keeps its attestation`,
    remedy: "retry",
  })
}
