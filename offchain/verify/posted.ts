// Verifying, the half that the chain answers for: what a posting transaction carried, the quorum that stands behind
// it, the words and events it left, the schedule.
import { decodeFunctionData, type Hex } from "viem"
import { domain, reportsAbi, settlementsAbi } from "../../contracts/index.ts"
import { verifyAttestation } from "../attestation.ts"
import type { Call, Chain } from "../chain.ts"
import { isRefusal, NodeError } from "../errors.ts"
import type { Accepted, Era } from "../ledger.ts"
import {
  type Batch,
  batchDigest,
  type Multiproof,
  type Report,
  reportHash,
  verifyMultiproof,
} from "../report.ts"
import type { Settlement } from "../settlement.ts"
import type { EpochTerms } from "../terms.ts"
import { unpackWord } from "../word.ts"
import { requireEqual } from "./equal.ts"

/** Leaves of a batch with all that makes them attested: what `Reports.post` and `Settlements.settle` take. */
type PostedLeaves<Leaf> = {
  readonly batch: Batch
  readonly leaves: readonly Leaf[]
  readonly proof: Multiproof
  readonly attestation: Hex
}

export type Posted = Omit<PostedLeaves<Report>, "leaves"> & { readonly reports: readonly Report[] }

/** The accepted report of every label, or none if one is missing. */
export function acceptedOf(
  chain: Chain,
  { topicId, epoch, parameters }: EpochTerms,
): readonly Accepted[] {
  const found = parameters.labels.map((_, label) => chain.ledger.report(topicId, label, epoch))
  return found.every((report) => report !== undefined) ? found : []
}

/** What a posting transaction carried. */
export async function postedBy(chain: Chain, hash: Hex): Promise<Posted> {
  const call = { address: chain.deployment.reports, abi: reportsAbi, functionName: "post" }
  const { leaves, ...rest } = await leavesBy<Report>(chain, hash, call)
  return { ...rest, reports: leaves }
}

/** What a settling transaction carried. */
export function settledBy(chain: Chain, hash: Hex): Promise<PostedLeaves<Settlement>> {
  const { settlements } = chain.deployment
  return leavesBy(chain, hash, {
    address: settlements,
    abi: settlementsAbi,
    functionName: "settle",
  })
}

async function leavesBy<Leaf>(
  chain: Chain,
  hash: Hex,
  { address, abi, functionName: required }: Omit<Call, "args">,
): Promise<PostedLeaves<Leaf>> {
  const { input, to } = await chain.transaction(hash)
  requireEqual("the contract that the transaction calls", to?.toLowerCase(), address)
  const { functionName, args } = decodeFunctionData({ abi, data: input })
  requireEqual("the function that the transaction calls", functionName, required)
  const [onChain, leaves, proof, attestation] = args as unknown as [
    Omit<Batch, "view"> & { viewNumber: number },
    readonly Leaf[],
    Multiproof,
    Hex,
  ]
  const { era, slot, viewNumber: view, root } = onChain
  return { batch: { era, slot, view, root }, leaves, proof, attestation }
}

/** The era whose quorum attests to the reports, and who signed. Throws what the contract reverts with, by its name. */
export function requireAttested(
  { reports, ...rest }: Posted,
  chain: Pick<Chain, "ledger" | "deployment">,
): { readonly era: Era; readonly signers: readonly number[] } {
  return requireAttestedLeaves({ ...rest, leaves: reports.map(reportHash) }, chain)
}

/** The same for leaves given by their hashes, of whatever kind. */
export function requireAttestedLeaves(
  { batch, leaves, proof, attestation }: PostedLeaves<Hex>,
  { ledger, deployment }: Pick<Chain, "ledger" | "deployment">,
): { readonly era: Era; readonly signers: readonly number[] } {
  if (!verifyMultiproof(batch.root, leaves, proof))
    throw new NodeError("RootMismatch", {
      sentence: "what was posted does not lead, with its proof, to the root that was signed",
      remedy: "refuse",
      given: leaves.join(", "),
      required: `leaves of ${batch.root}`,
    })
  const era = ledger.era(batch.era)
  if (!era)
    throw new NodeError("EraNotInForce", {
      sentence: "the batch's era was never opened",
      remedy: "refuse",
      given: batch.era,
    })
  const signers = verifyAttestation(batchDigest(domain(deployment), batch), attestation, era)
  if (isRefusal(signers))
    throw new NodeError(signers.code, {
      sentence: "the attestation does not hold",
      remedy: "refuse",
      given: signers.given,
      required: signers.required,
    })
  return { era, signers }
}

/** The topic's reports of the epoch in the transaction, by label, each equal to its word and event. */
export function reportsOf(
  posted: Posted,
  { topicId, epoch }: EpochTerms,
  accepted: readonly Accepted[],
): readonly Report[] {
  return accepted.map(({ label, word, context }) => {
    const report = posted.reports.find(
      (candidate) =>
        candidate.topicId === topicId && candidate.label === label && candidate.epoch === epoch,
    )
    if (!report)
      throw new NodeError("Mismatch", {
        sentence: `the transaction holds no report of topic ${topicId}, label ${label}, epoch ${epoch}`,
        remedy: "refuse",
      })
    const stored = unpackWord(word)
    requireEqual("the value (signed, stored)", report.value, stored.value)
    requireEqual("sigma (signed, stored)", report.sigma, stored.sigma)
    requireEqual("observedAt (signed, stored)", report.observedAt, stored.observedAt)
    requireEqual("lag (signed, stored)", report.lag, stored.lag)
    requireEqual("the context (signed, in the event)", report.context, context)
    return report
  })
}

export function requireScheduled(
  { batch }: Posted,
  reports: readonly Report[],
  { closesAt, parameters }: EpochTerms,
): void {
  for (const { observedAt, lag, history } of reports) {
    requireEqual("observedAt (signed, by the schedule)", observedAt, closesAt)
    requireEqual("lag (signed, by the schedule)", lag, parameters.schedule.lag)
    requireEqual("history (signed, by the parameters)", history, parameters.history)
  }
  // A key has one slot: else two results for it would convict nobody.
  requireEqual("the slot (signed, by the schedule)", batch.slot, closesAt)
}
