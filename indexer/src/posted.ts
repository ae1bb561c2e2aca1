// Steps 4 and 6, from the calldata: what a posting transaction carried. Plain functions, no database. It is read word by word
// where it stands, since decoding fifty reports for the sake of one would cost more than indexing them.
import { type Hex, toFunctionSelector } from "viem"
import { reportsAbi, settlementsAbi } from "../../contracts/index.ts"
import { decodeAttestation } from "../../offchain/attestation.ts"
import { isRefusal } from "../../offchain/errors.ts"
import type { Batch } from "../../offchain/report.ts"

export type Posted = {
  readonly batch: Batch
  /** The places of the members that signed, in the era's order. */
  readonly signers: readonly number[]
  readonly attestation: Hex
  /** The history that a report's leaf names; undefined if the batch's part holds no such report. */
  readonly historyOf: (report: ReportKey) => number | undefined
}

export type Call = { readonly to: Hex | null; readonly input: Hex; readonly hash: Hex }
export type ReportKey = { readonly topicId: number; readonly label: number; readonly epoch: number }
type Contracts = { readonly reports: Hex; readonly settlements: Hex }

const DIGITS = 64
const SELECTOR_DIGITS = 2 + 8
/** Words of a report; topic, label and epoch are its first three, history is its sixth. */
const REPORT_WORDS = 9
const HISTORY_AT = 5
/** Where the offsets of the reports and of the attestation stand: batch 4 words, reports, proof, attestation. */
const REPORTS_AT = 4
const ATTESTATION_AT = 6

const POST = selectorOf(reportsAbi, "post")
const SETTLE = selectorOf(settlementsAbi, "settle")

/** Of one transaction every event asks for the same answer. */
let last: { readonly hash: Hex; readonly posted: Posted | undefined } | undefined

/**
 * What the transaction posted, or undefined where it is not itself a call of `post` or `settle`: then a contract made the
 * call, and the calldata is somewhere inside.
 */
export function postedBy(call: Call, contracts: Contracts): Posted | undefined {
  if (last?.hash !== call.hash) last = { hash: call.hash, posted: decode(call, contracts) }
  return last.posted
}

function decode({ to, input }: Call, { reports, settlements }: Contracts): Posted | undefined {
  const target = to?.toLowerCase()
  const selector = input.slice(0, SELECTOR_DIGITS)
  const isPost = target === reports && selector === POST
  if (!isPost && !(target === settlements && selector === SETTLE)) return undefined
  const word = (index: number) =>
    input.slice(SELECTOR_DIGITS + index * DIGITS, SELECTOR_DIGITS + (index + 1) * DIGITS)
  const number = (index: number) => Number.parseInt(word(index), 16)
  // The contract took it, so every offset leads somewhere; offsets are in bytes from the first word.
  const bytesAt = SELECTOR_DIGITS + 2 * number(ATTESTATION_AT)
  const length = Number.parseInt(input.slice(bytesAt, bytesAt + DIGITS), 16)
  const attestation: Hex = `0x${input.slice(bytesAt + DIGITS, bytesAt + DIGITS + 2 * length)}`
  const signatures = decodeAttestation(attestation)
  let histories: ReadonlyMap<string, number> | undefined
  return {
    batch: { era: number(0), slot: number(1), view: number(2), root: `0x${word(3)}` },
    // One of another scheme is kept and not taken apart.
    signers: isRefusal(signatures) ? [] : [...signatures.keys()],
    attestation,
    historyOf({ topicId, label, epoch }) {
      if (!isPost) return undefined
      histories ??= readHistories(number)
      return histories.get(`${topicId}/${label}/${epoch}`)
    },
  }
}

/** The history of each report in the words of a call, by topic, label and epoch. */
function readHistories(number: (index: number) => number): ReadonlyMap<string, number> {
  const histories = new Map<string, number>()
  const first = number(REPORTS_AT) / 32 + 1
  for (let at = first; at < first + number(first - 1) * REPORT_WORDS; at += REPORT_WORDS)
    histories.set(`${number(at)}/${number(at + 1)}/${number(at + 2)}`, number(at + HISTORY_AT))
  return histories
}

function selectorOf(abi: readonly { type: string; name?: string }[], name: string): string {
  const found = abi.find((entry) => entry.type === "function" && entry.name === name)
  return toFunctionSelector(found as Parameters<typeof toFunctionSelector>[0])
}
