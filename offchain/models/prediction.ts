// From a model's floats to Wads, where floats end: a number held within bounds, probabilities that sum to 1.

const ONE = 10n ** 18n
const PLACES = 6
const UNIT = 10n ** BigInt(18 - PLACES)
/** In millionths. No class is ever ruled out: what was thought impossible and happens would cost without bound. */
const LEAST = 1_000n

/** Rounded to 6 places (half up) and held within the bounds. */
export function numberWad(
  value: number,
  { minimum, maximum }: { readonly minimum: bigint; readonly maximum: bigint },
): bigint {
  const scaled = value * 10 ** PLACES
  // Beyond what a float holds, and so beyond any topic's bounds.
  if (!Number.isFinite(scaled)) return scaled > 0 ? maximum : minimum
  const rounded = BigInt(Math.round(scaled)) * UNIT
  if (rounded < minimum) return minimum
  return rounded > maximum ? maximum : rounded
}

/**
 * Probabilities that sum to exactly 1, each at least 0.001, by largest remainder: the millionths above the least ones
 * are shared out in the proportion of `weights`, and those that rounding down leaves over go to the greatest remainders,
 * of equal ones to the first. Negative weights count as zero; where all are zero every label gets the same.
 */
export function probabilityWads(weights: readonly number[]): readonly bigint[] {
  const scale = 10 ** 12
  const largest = Math.max(...weights, 0)
  // Whole parts of the greatest, so that all that follows is exact.
  const parts = weights.map((weight) =>
    largest > 0 ? BigInt(Math.round((Math.max(weight, 0) / largest) * scale)) : 1n,
  )
  const whole = parts.reduce((sum, part) => sum + part, 0n)
  const free = ONE / UNIT - LEAST * BigInt(parts.length)
  const shares = parts.map((part, index) => ({
    index,
    millionths: LEAST + (free * part) / whole,
    remainder: (free * part) % whole,
  }))
  const left = ONE / UNIT - shares.reduce((sum, { millionths }) => sum + millionths, 0n)
  const first = [...shares]
    .sort((a, b) =>
      a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1,
    )
    .slice(0, Number(left))
    .map(({ index }) => index)
  return shares.map(
    ({ index, millionths }) => (millionths + (first.includes(index) ? 1n : 0n)) * UNIT,
  )
}
