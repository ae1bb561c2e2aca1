// Step 5: the word in which Reports keeps a reading, taken apart. The layout stands in contracts/types/Word.sol.

export type Word = {
  /** Wad. */
  readonly value: bigint
  /** Seconds; the window's close. */
  readonly observedAt: number
  readonly epoch: number
  /** Seconds from observedAt to what the value is about. */
  readonly lag: number
  /** From observedAt to posting in units of 16 s, rounded up. */
  readonly postedAfter: number
  readonly status: number
  /** The 24-bit float; 0xffffff is unknown. */
  readonly sigma: number
}

/** Seconds that one of `postedAfter` stands for. */
export const POSTED_UNIT = 16

export const STATUS = ["None", "Attested", "Final", "Proven", "Void", "Refuted"] as const
export type Status = (typeof STATUS)[number]

export function unpackWord(word: bigint): Word {
  const field = (low: bigint, bits: number) => Number(BigInt.asUintN(bits, word >> low))
  return {
    value: BigInt.asIntN(128, word >> 128n),
    observedAt: field(96n, 32),
    epoch: field(68n, 28),
    lag: field(44n, 24),
    postedAfter: field(28n, 16),
    status: field(24n, 4),
    sigma: field(0n, 24),
  }
}
