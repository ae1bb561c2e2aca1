// Wads as people write them: exact decimals of at most 18 places, never a float.

/** "1.5" of 1500000000000000000n. */
export function decimal(wad: bigint): string {
  const digits = (wad < 0n ? -wad : wad).toString().padStart(19, "0")
  const fraction = digits.slice(-18).replace(/0+$/, "")
  return `${wad < 0n ? "-" : ""}${digits.slice(0, -18)}${fraction && `.${fraction}`}`
}

/** 1500000000000000000n of "1.5"; undefined for what is not a decimal of at most 18 places. */
export function parseDecimal(text: string): bigint | undefined {
  const match = /^(-?)(\d+)(?:\.(\d{1,18}))?$/.exec(text)
  if (!match) return undefined
  const [, sign, whole, fraction = ""] = match
  const wad = BigInt(`${whole}${fraction.padEnd(18, "0")}`)
  return sign ? -wad : wad
}
