// A committee that signs what a test tells it to: submissions by the workers' own keys, reports by the members' own.
import { join } from "node:path"
import type { Hex } from "viem"
import { committeeAbi, domain, reportsAbi } from "../../contracts/index.ts"
import { encodeAttestation } from "../../offchain/attestation.ts"
import type { Domain } from "../../offchain/message.ts"
import { fetchListed } from "../../offchain/replay.ts"
import {
  batchDigest,
  batchRoot,
  multiproof,
  type Report,
  reportHash,
} from "../../offchain/report.ts"
import { createSigner, readKey, type Signer } from "../../offchain/signer.ts"
import { type Submission, submissionDigest } from "../../offchain/submission.ts"
import { genesisOf, type Past } from "../../offchain/synthesis.ts"
import { type EpochTerms, fetchTerms } from "../../offchain/terms.ts"
import { rowSource } from "../../offchain/verify/rows.ts"
import type { Posted } from "../../offchain/verify.ts"
import { type Flow, memberSigner } from "./support.ts"

const ZERO: Hex = `0x${"00".repeat(32)}`

/** The terms of an epoch that there must be. */
export async function termsAt(
  { network, chain }: Flow,
  topicId: number,
  epoch: number,
): Promise<EpochTerms> {
  const { ledger, deployment } = chain
  const row = rowSource(network.urls)
  const terms = await fetchTerms(ledger, deployment, { topicId, epoch }, row)
  if (!terms) throw new Error(`no epoch ${epoch} of topic ${topicId}`)
  return terms
}

/** The state that an epoch builds on, by hash from the members. */
export async function pastAt(
  { network }: Flow,
  { parameters, settled }: EpochTerms,
): Promise<Past> {
  if (!settled) return genesisOf(parameters)
  const state = await fetchListed(settled.state, "state", rowSource(network.urls))
  return { epoch: settled.epoch, leaf: settled.leaf, state }
}

/** What a worker sends, signed with its key. */
export function signedSubmission(
  { chain }: Flow,
  { topicId, epoch, roster }: EpochTerms,
  signer: Signer,
  values: Pick<Submission, "inference" | "forecast">,
): Submission {
  const worker = roster.workers.get(signer.address)
  if (!worker) throw new Error(`${signer.address} is no worker of topic ${topicId}`)
  const unsigned = { topicId, epoch, worker: signer.address, extra: ZERO, ...values }
  const digest = submissionDigest(domain(chain.deployment), unsigned, worker)
  return { ...unsigned, signature: signer.sign(digest) }
}

/** The keys of a topic's models. */
export const modelSigners = ({ network }: Flow, topicId: number): Signer[] =>
  (network.topics.find((topic) => topic.topicId === topicId)?.models ?? []).map(({ file }) =>
    createSigner(readKey(file)),
  )

export const keyFile = ({ network }: Flow, name: string) => join(network.folder, "keys", name)

export type Signing = {
  /** Default: the latest observedAt of the reports. */
  readonly slot?: number | undefined
  readonly era?: number
  /** By member index; default: the first three members. */
  readonly signers?: ReadonlyMap<number, Signer>
  /** What the signatures are made for, where that differs from what is posted. */
  readonly signed?: { readonly domain?: Domain; readonly era?: number }
}

/** A batch of these reports with signatures over it. */
export function signedBatch(
  { network, chain }: Flow,
  reports: readonly Report[],
  { era = 1, signers, signed = {}, slot: given }: Signing = {},
): Posted {
  const hashes = reports.map(reportHash)
  const slot = given ?? Math.max(...reports.map(({ observedAt }) => observedAt))
  const batch = { era, slot, view: 0, root: batchRoot(hashes) }
  const digest = batchDigest(signed.domain ?? domain(chain.deployment), {
    ...batch,
    era: signed.era ?? era,
  })
  const quorum = signers ?? new Map([0, 1, 2].map((index) => [index, memberSigner(network, index)]))
  const signatures = new Map([...quorum].map(([index, signer]) => [index, signer.sign(digest)]))
  return {
    batch,
    reports,
    proof: multiproof(hashes, [...hashes.keys()]),
    attestation: encodeAttestation(signatures),
  }
}

/** The call of Reports.post, with what `Committee` refuses inside it. */
export function postCall({ chain }: Flow, { batch, reports, proof, attestation }: Posted) {
  const { view: viewNumber, ...others } = batch
  return {
    address: chain.deployment.reports,
    abi: [...reportsAbi, ...committeeAbi.filter(({ type }) => type === "error")],
    functionName: "post",
    args: [{ ...others, viewNumber }, reports, proof, attestation],
  } as const
}
