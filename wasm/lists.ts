// Steps 2 to 6: lists of row hashes, which are rows themselves. A state's many tables of regrets stand in lists of their own, so
// that whoever shows one row of a state carries few hashes, and sees which tables there are.
import type { Hex } from "viem"
import { malformed } from "./errors.ts"
import { type Field, hex, integer, list, record, seated } from "./fields.ts"

const LIST_KINDS = [0x10, 0x20, 0x30] as const

/** Inputs, state or outputs. */
export type ListKind = (typeof LIST_KINDS)[number]
export type List = { readonly kind: ListKind; readonly hashes: readonly Hex[] }
/** A table of regrets: `seat` is who is withheld, or the one forecaster. */
export type TableHash = { readonly seat: number; readonly hash: Hex }

const hash = hex(32)

const listKind: Field<ListKind> = {
  write: (kind, out) => integer(1).write(asListKind(kind), out),
  read: (source) => asListKind(integer(1).read(source)),
}

function asListKind(kind: number): ListKind {
  return (
    LIST_KINDS.find((known) => known === kind) ??
    malformed(`given ${kind}, required a kind of list`)
  )
}

export const hashList = record<List>({ kind: listKind, hashes: list(hash) })

export const tableHashes = seated(record<TableHash>({ seat: integer(1), hash }))
