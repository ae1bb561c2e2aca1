// Decimals of the vectors as integers, so that no expected digit passes a float. Everything is held times 10^48.

const PLACES = 48
const UNIT = 10n ** BigInt(PLACES - 18)

function parse(text: string): { value: bigint; places: number } | undefined {
  const [, sign, whole = "", fraction = "", exponent = "0"] =
    /^(-?)(\d*)(?:\.(\d*))?(?:e([-+]?\d+))?$/.exec(text) ?? []
  if (sign === undefined || whole + fraction === "") return undefined
  const places = fraction.length - Number(exponent)
  const value = BigInt(whole + fraction) * 10n ** BigInt(PLACES - places)
  return { value: sign === "-" ? -value : value, places }
}

/** The Wad that a decimal is exactly; undefined if it has more digits than a Wad holds. */
export function exactWad(text: string): bigint | undefined {
  const value = parse(text)?.value
  if (value === undefined || value % UNIT !== 0n) return undefined
  const wad = value / UNIT
  return BigInt.asIntN(128, wad) === wad ? wad : undefined
}

/** The Wad next to a decimal, toward zero. */
export function shortenedWad(text: string): bigint {
  const value = parse(text)?.value
  if (value === undefined) throw new Error(`not a decimal: ${text}`)
  return value / UNIT
}

const absolute = (value: bigint) => (value < 0n ? -value : value)

/** Whether a Wad lies within 1e-9 relative or 4e-18 absolute of the expected decimal. */
export function isNear(got: bigint, expected: string): boolean {
  const value = parse(expected)?.value
  if (value === undefined) throw new Error(`not a decimal: ${expected}`)
  const relative = absolute(value) / 10n ** 9n
  const allowed = relative > 4n * UNIT ? relative : 4n * UNIT
  return absolute(got * UNIT - value) <= allowed
}
