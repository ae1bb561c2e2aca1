// Step 6: the truth, the message in which a reputer says and signs what happened; its form as JSON, its hashes, and who
// is let in: every rule that anyone can break, cheapest first, answered with a refusal and never an exception.
import { type Hex, keccak256 } from "viem"
import { z } from "zod"
import { type Parameters, types } from "../contracts/index.ts"
import { decodeTruthSignatures, decodeTruths, KIND } from "../wasm/index.ts"
import { encodeBody, hexOf, parseBody, uint32, wad } from "./body.ts"
import type { TruthTerms } from "./electorate.ts"
import { type Refusal, refusal } from "./errors.ts"
import { type Domain, digestOf, structHasher } from "./message.ts"
import { type Admitted, createPool, type Pool } from "./pool.ts"
import { recover } from "./signer.ts"

export type Truth = {
  readonly topicId: number
  readonly epoch: number
  /** The reputer's owner. */
  readonly reputer: Hex
  /** A Wad per label; of classes 1 for the one that came, 0 for the others. */
  readonly values: readonly bigint[]
  readonly extra: Hex
  readonly signature: Hex
}

const ONE = 10n ** 18n
/** ±1e15, the widest range a topic has: what comes true may lie outside the topic's own. As the core has it. */
const WIDEST = 10n ** 15n * ONE
const CLASSIFICATION = 2

const shape = z.strictObject({
  topicId: uint32,
  epoch: uint32,
  reputer: hexOf(20),
  values: z.array(wad).min(1).max(64),
  extra: hexOf(32),
  signature: hexOf(64),
})

export function parseTruth(body: string | Uint8Array): Truth | Refusal {
  return parseBody<Truth>(body, { noun: "Truth", shape })
}

export function encodeTruth(truth: Truth): string {
  return encodeBody(truth)
}

const structHash = structHasher<{ topicId: number; epoch: number; values: Hex; extra: Hex }>(
  "Truth",
  types.Truth,
)

/** The struct hash; its values are hashed in label order, 16 bytes each. It does not say who speaks: `truthId` does. */
export function truthHash({ topicId, epoch, values, extra }: Omit<Truth, "signature">): Hex {
  const wadOf = (value: bigint) => BigInt.asUintN(128, value).toString(16).padStart(32, "0")
  const hashed = keccak256(Buffer.from(values.map(wadOf).join(""), "hex"))
  return structHash({ topicId, epoch, values: hashed, extra })
}

/** What names a truth among all: reputers that say the same sign the same. */
export function truthId(truth: Omit<Truth, "signature">): Hex {
  return keccak256(`${truth.reputer}${truthHash(truth).slice(2)}`)
}

/** What the reputer's signer signs. */
export function truthDigest(domain: Domain, truth: Omit<Truth, "signature">): Hex {
  return digestOf(domain, truthHash(truth))
}

type Given = { readonly domain: Domain; readonly terms: TruthTerms }

/** The truth's name if it counts, else the first rule that it breaks. `chainTime` is that of the newest block. */
export function admitTruth(
  truth: Truth,
  { domain, terms, chainTime }: Given & { readonly chainTime: number },
): Admitted | Refusal {
  const { aboutAt, deadlineAt } = terms
  if (chainTime < aboutAt) return refusal("TruthTooEarly", chainTime, `${aboutAt} or later`)
  if (chainTime >= deadlineAt) return refusal("TruthExpired", chainTime, `before ${deadlineAt}`)
  return examineTruth(truth, { domain, terms })
}

/** The rules that hold at any time: what another member passes on is held to these when the settlement is due. */
export function examineTruth(truth: Truth, { domain, terms }: Given): Admitted | Refusal {
  const elector = terms.electorate.find(({ reputer }) => reputer === truth.reputer)
  if (!elector) return refuseStranger(truth.reputer, terms)
  const unfit = refuseValues(truth.values, terms.parameters)
  if (unfit) return unfit
  const signer = signerOf(domain, truth)
  if (signer !== elector.signer)
    return refusal("BadSignature", signer ?? "no signature", elector.signer)
  return { hash: truthId(truth) }
}

// What is held is examined at every block until its epoch can be settled; recovering costs most of it.
const recovered = new WeakMap<Domain, WeakMap<Truth, Hex | "none">>()

function signerOf(domain: Domain, truth: Truth): Hex | undefined {
  const known = recovered.get(domain) ?? new WeakMap<Truth, Hex | "none">()
  recovered.set(domain, known)
  const signer = known.get(truth) ?? recover(truthDigest(domain, truth), truth.signature) ?? "none"
  known.set(truth, signer)
  return signer === "none" ? undefined : signer
}

function refuseStranger(reputer: Hex, { cutoff }: TruthTerms): Refusal {
  return refusal(
    "NotAnElector",
    reputer,
    `registered as a reputer at ${cutoff} or before, with one of the 32 greatest stakes`,
  )
}

function refuseValues(
  values: readonly bigint[],
  { labels, topicType }: Pick<Parameters, "labels" | "topicType">,
): Refusal | undefined {
  if (values.length !== labels.length)
    return refusal("WrongLabels", `${values.length} values`, `${labels.length}, one per label`)
  const outside = values.find((value) => value < -WIDEST || value > WIDEST)
  if (outside !== undefined) return refusal("OutOfRange", outside, `${-WIDEST} to ${WIDEST}`)
  if (topicType !== CLASSIFICATION) return undefined
  const zeros = values.filter((value) => value === 0n).length
  return zeros === values.length - 1 && values.includes(ONE)
    ? undefined
    : refusal("NotOneClass", values.join(", "), `${ONE} for one label and 0 for the others`)
}

/** What a member took in, by topic and epoch: the first truth of a reputer counts. */
export function createTruthPool(): Pool<Truth> {
  return createPool<Truth>(({ reputer }) => reputer, "DuplicateTruth")
}

/** The truths that an epoch was settled from, each with its signature, out of the settlement's input rows. */
export function truthsIn(
  { topicId, epoch }: { readonly topicId: number; readonly epoch: number },
  inputs: readonly Uint8Array[],
): readonly Truth[] {
  const byLabel = inputs.filter((row) => row[0] === KIND.truths).map(decodeTruths)
  const signatures = inputs
    .filter((row) => row[0] === KIND.truthSignatures)
    .flatMap(decodeTruthSignatures)
  return signatures.map(({ reputer, extra, signature }) => ({
    topicId,
    epoch,
    reputer,
    values: byLabel.flatMap(({ entries }) =>
      entries.filter((entry) => entry.reputer === reputer).map(({ value }) => value),
    ),
    extra,
    signature,
  }))
}
