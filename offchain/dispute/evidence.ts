// Step 7: the bytes that show a claim, as `Disputes` takes them. Which lists and rows a claim rests on, and in which order,
// stands in contracts/interfaces/IVerifier.sol and contracts/Facts.sol.
import { bytesToHex, type Hex } from "viem"
import { NodeError } from "../errors.ts"
import type { Settlement } from "../settlement.ts"
import type { Listed, ListName } from "./bytes.ts"

/** As in contracts/types/Claim.sol. */
export type Evidence = {
  readonly context: Hex
  readonly inputs: Hex
  readonly outputs: Hex
  readonly beforehand: Hex
  readonly afterwards: Hex
  readonly origin: readonly Settlement[]
  readonly rows: readonly Hex[]
}

export type Row = Uint8Array | undefined

/** What a claim rests on: names of lists, a settlement, rows. */
export type Rests = {
  readonly lists?: readonly ListName[]
  readonly origin?: Settlement | undefined
  readonly rows?: readonly Row[]
  /** Most claims are shown with it. */
  readonly isContextLeftOut?: boolean
}

type Shown = {
  readonly contextRow: Row
  readonly lists: Readonly<Record<ListName, Listed | undefined>>
}

const hex = (row: Row): Hex => (row ? bytesToHex(row) : "0x")

/** Throws `RowMissing` where a row that the claim rests on is not here. */
export function evidenceOf({ contextRow, lists }: Shown, rests: Rests): Evidence {
  const { origin, rows = [], isContextLeftOut = false } = rests
  const shown = (name: ListName) => (rests.lists?.includes(name) ? lists[name]?.row : undefined)
  if (rows.some((row) => row === undefined))
    throw new NodeError("RowMissing", {
      sentence: "a row that the claim rests on is not here; demand it",
      remedy: "retry",
    })
  return {
    context: isContextLeftOut ? "0x" : hex(contextRow),
    inputs: hex(shown("inputs")),
    outputs: hex(shown("outputs")),
    beforehand: hex(shown("beforehand")),
    afterwards: hex(shown("afterwards")),
    origin: origin ? [origin] : [],
    rows: rows.map(hex),
  }
}
