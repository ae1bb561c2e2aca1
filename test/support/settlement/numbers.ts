// What the witness of the settlement computes with: integers without a width, `/` toward zero and `>>` down.

export const ONE = 10n ** 18n

/** Solady's lnWad. */
export function lnWad(given: bigint): bigint {
  if (given <= 0n) throw new Error("LnWadUndefined")
  const length = BigInt(given.toString(2).length)
  // To [1, 2) in a basis of 2^96.
  const x = (given << (256n - length)) >> 159n
  let p = x + 3273285459638523848632254066296n
  p = ((p * x) >> 96n) + 24828157081833163892658089445524n
  p = ((p * x) >> 96n) + 43456485725739037958740375743393n
  p = ((p * x) >> 96n) - 11111509109440967052023855526967n
  p = ((p * x) >> 96n) - 45023709667254063763336534515857n
  p = ((p * x) >> 96n) - 14706773417378608786704636184526n
  p = p * x - (795164235651350426258249787498n << 96n)
  let q = x + 5573035233440673466300451813936n
  q = ((q * x) >> 96n) + 71694874799317883764090561454958n
  q = ((q * x) >> 96n) + 283447036172924575727196451306956n
  q = ((q * x) >> 96n) + 401686690394027663651624208769553n
  q = ((q * x) >> 96n) + 204048457590392012362485061816622n
  q = ((q * x) >> 96n) + 31853899698501571402653359427138n
  q = ((q * x) >> 96n) + 909429971244387300277376558375n
  const scaled = 1677202110996718588342820967067443963516166n * (p / q)
  const ln2 = 16597577552685614221487285958193947469193820559219878177908093499208371n
  const basis = 600920179829731861736702779321621459595472258049074101567377883020018308n
  return (scaled + ln2 * (length - 97n) + basis) >> 174n
}

export function log10Wad(x: bigint): bigint {
  return (lnWad(x) * ONE) / 2302585092994045684n
}

export function ascending(values: readonly bigint[]): bigint[] {
  return [...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
}

export function apart(x: bigint, y: bigint): bigint {
  return x > y ? x - y : y - x
}

export function greater(x: bigint, y: bigint): bigint {
  return x > y ? x : y
}

export function total(values: readonly bigint[]): bigint {
  return values.reduce((sum, value) => sum + value, 0n)
}

export function median(values: readonly bigint[]): bigint {
  const sorted = ascending(values)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] as bigint
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as bigint) + upper) / 2n
}

export function medianDeviation(values: readonly bigint[]): bigint {
  return median(values.map((value) => apart(value, median(values))))
}

/** The quantile 0.25: among the values descending it stands at 0.75 · (n - 1). */
export function lowerQuartile(values: readonly bigint[]): bigint {
  const descending = ascending(values).reverse()
  const quarters = 3 * (values.length - 1)
  const above = descending[Math.floor(quarters / 4)] as bigint
  const below = descending[Math.ceil(quarters / 4)] as bigint
  return above + ((below - above) * BigInt(quarters % 4)) / 4n
}

/** With n - 1; of deviations wider than 120 bits the lowest bits do not count. */
export function sampleDeviation(values: readonly bigint[]): bigint {
  if (values.length < 2) return 0n
  const mean = total(values) / BigInt(values.length)
  const deviations = values.map((value) => apart(value, mean))
  const wide = BigInt(Math.max(0, deviations.reduce(greater).toString(2).length - 120))
  const squares = deviations.map((deviation) => (deviation >> wide) ** 2n)
  return root(total(squares) / BigInt(values.length - 1)) << wide
}

function root(square: bigint): bigint {
  let [low, high] = [0n, square + 1n]
  while (high - low > 1n) {
    const middle = (low + high) / 2n
    if (middle * middle <= square) low = middle
    else high = middle
  }
  return low
}

/** alpha · x + (1 - alpha) · before; the first value is its own average. */
export function average(alpha: bigint, x: bigint, before: bigint | undefined): bigint {
  return before === undefined ? x : (alpha * x + (ONE - alpha) * before) / ONE
}

export function clamped(value: bigint, bits: number): bigint {
  const most = 2n ** BigInt(bits - 1) - 1n
  return value > most ? most : value < -most - 1n ? -most - 1n : value
}
