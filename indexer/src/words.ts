// Steps 4 and 7: what a word and a leaf say, in the columns of a report. Plain functions.
import type { Hex } from "viem"
import { reportHash } from "../../offchain/report.ts"
import type { Word } from "../../offchain/word.ts"
import { packSigma } from "../../wasm/index.ts"

/** `postedAfter` counts units of this many seconds. */
const POSTED_UNIT = 16
/** A history fits a byte. */
const HISTORIES = 256

export function timesOf({ observedAt, lag, postedAfter }: Word, disputeSeconds: number) {
  return {
    observedAt: BigInt(observedAt),
    aboutAt: BigInt(observedAt + lag),
    finalAt: BigInt(observedAt + postedAfter * POSTED_UNIT + disputeSeconds),
  }
}

export type Reported = {
  readonly topicId: number
  readonly label: number
  readonly epoch: number
  readonly value: bigint
  readonly sigma: bigint | null
  readonly observedAt: bigint
  readonly aboutAt: bigint
  readonly context: Hex | null
  readonly history: number | null
}

/** Whether a report's leaf has this hash; of an unknown history each is tried. */
export function isLeafOf(
  { topicId, label, epoch, value, sigma, observedAt, aboutAt, context, history }: Reported,
  leaf: Hex,
): boolean {
  if (context === null) return false
  const fields = {
    ...{ topicId, label, epoch, value, context },
    observedAt: Number(observedAt),
    lag: Number(aboutAt - observedAt),
    sigma: packSigma(sigma ?? undefined),
  }
  const histories = history === null ? [...Array(HISTORIES).keys()] : [history]
  return histories.some((each) => reportHash({ ...fields, history: each }) === leaf)
}
