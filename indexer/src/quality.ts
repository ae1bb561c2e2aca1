// How well a topic does, as a settlement's quality word says; contracts/libraries/Quality.sol is the norm. Plain function.
import type { Hex } from "viem"

const LOSS_UNIT = 10n ** 9n
const COVERAGE_UNIT = 10n ** 14n

export type Quality = {
  /** Moving averages: losses log10, coverage as shares; Wads, null before the first truth. */
  readonly networkLoss: bigint | null
  readonly naiveLoss: bigint | null
  readonly coverage68: bigint | null
  readonly coverage95: bigint | null
  /** Inferers of the settled epoch; none: it was missed. */
  readonly inferers: number
  /** Epochs missed so far. */
  readonly missed: number
}

export function decodeQuality(word: Hex): Quality {
  const bits = BigInt(word)
  const field = (low: bigint, width: number) => BigInt.asUintN(width, bits >> low)
  const isKnown = field(80n, 8) !== 0n
  const known = (value: bigint) => (isKnown ? value : null)
  return {
    networkLoss: known(BigInt.asIntN(64, bits >> 192n) * LOSS_UNIT),
    naiveLoss: known(BigInt.asIntN(64, bits >> 128n) * LOSS_UNIT),
    coverage68: known(field(112n, 16) * COVERAGE_UNIT),
    coverage95: known(field(96n, 16) * COVERAGE_UNIT),
    inferers: Number(field(88n, 8)),
    missed: Number(field(48n, 32)),
  }
}
