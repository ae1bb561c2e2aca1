// One bit of what a committee attested, chosen at random: of the rows of a report or of a settlement, of their lists, of the
// rows and tables of a state that was made.
import type { Random } from "./epochs.ts"
import type { Change, Target } from "./forging.ts"

const REPORT_ROWS = 7
const SETTLEMENT_ROWS = 3
const STATE_ROWS = 8

/** Flips one bit of the row. */
export const flip =
  (random: Random, flipped: { bit?: number }): Change =>
  (row) => {
    const other = Uint8Array.from(row)
    const bit = random.integer(0, row.length * 8 - 1)
    flipped.bit = bit
    other[bit >> 3] = (other[bit >> 3] as number) ^ (1 << (bit & 7))
    return other
  }

export function targetOf(random: Random): {
  readonly of: "report" | "settlement"
  readonly target: Target
} {
  const sort = random.integer(0, 9)
  if (sort < 4)
    return { of: "report", target: { list: "outputs", place: random.integer(0, REPORT_ROWS - 1) } }
  if (sort === 4) return { of: "report", target: { list: "outputs", place: "list" } }
  if (sort === 5)
    return {
      of: "settlement",
      target: { list: "outputs", place: random.integer(0, SETTLEMENT_ROWS - 1) },
    }
  if (sort === 6) return { of: "settlement", target: { list: "outputs", place: "list" } }
  if (sort === 7)
    return {
      of: "settlement",
      target: { list: "afterwards", place: random.integer(0, STATE_ROWS - 1) },
    }
  if (sort === 8) return { of: "settlement", target: { table: random.integer(0, 1_000) } }
  return { of: "settlement", target: { list: "afterwards", place: "list" } }
}
