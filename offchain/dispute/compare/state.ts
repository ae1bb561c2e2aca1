// Step 7: the state that a settlement leaves, row by row and table by table, beside the one that our own core makes.
import { decodeOneInTables, decodeOneOutTables, KIND, rowHash } from "../../../wasm/index.ts"
import type { Settlement } from "../../settlement.ts"
import { decoded, type SettlementBytes, type stateBytes } from "../bytes.ts"
import { type Difference, difference, refuting } from "../claims.ts"
import { listClaim, STATE_ROWS } from "./form.ts"
import { unequal } from "./label.ts"

type Around = {
  readonly settlement: Pick<Settlement, "state">
  /** Whether the outputs, by which the state is judged, are as they have to be. */
  readonly isSound: boolean
}

export function stateDifferences(
  { afterwards }: SettlementBytes,
  ours: ReturnType<typeof stateBytes>,
  { settlement, isSound }: Around,
): Difference[] {
  if (settlement.state === rowHash(ours.list.row)) return []
  const given = afterwards?.list.hashes
  // Nobody serves the list: it can only be demanded.
  if (!given) return []
  const claims = {
    [KIND.version]: [listClaim("afterwards")],
    [KIND.seats]: [refuting("Seats")],
    [KIND.regrets]: [refuting("Regrets")],
    [KIND.errors]: [refuting("Errors")],
    [KIND.inclusions]: [refuting("Inclusions")],
    [KIND.quality]: [refuting("Quality")],
  }
  const found: Difference[] = []
  for (const [place, kind] of STATE_ROWS.entries()) {
    const hashes = { given: given[place], required: ours.list.hashes?.[place] }
    if (hashes.given === hashes.required) continue
    const name = Object.entries(KIND).find(([, each]) => each === kind)?.[0]
    const what = `the row of ${name} in the state made`
    if (kind === KIND.oneOutTables || kind === KIND.oneInTables) {
      const tables = { given: afterwards.list.rows[place], made: ours.list.rows[place] }
      found.push(...tableDifferences(kind, tables as Tables, { what, isSound, ...hashes }))
      continue
    }
    const isCertain = isSound || kind === KIND.version || kind === KIND.seats
    found.push(difference({ what, ...hashes }, claims[kind] ?? [], isCertain))
  }
  return found
}

type Tables = { readonly given: Uint8Array | undefined; readonly made: Uint8Array }
type Said = {
  readonly what: string
  readonly given: unknown
  readonly required: unknown
  readonly isSound: boolean
}

/** Each seat whose table of regrets is another, is missing or is one too many. */
function tableDifferences(kind: number, { given, made }: Tables, said: Said): Difference[] {
  const isOut = kind === KIND.oneOutTables
  const decode = isOut ? decodeOneOutTables : decodeOneInTables
  if (!given) return []
  const tables = decoded(() => decode(given))
  const form = refuting("Tables", isOut ? 6 : 7)
  if (!tables) return [difference(said, [form])]
  const keyed = (all: ReturnType<typeof decode>) =>
    new Map(all.map(({ seat, hash }) => [seat, hash]))
  return unequal(keyed(tables), keyed(decode(made))).map(([seat, is, required]) =>
    difference(
      { what: `the table of seat ${seat} in ${said.what}`, given: is, required },
      [refuting(isOut ? "OneOutTable" : "OneInTable", seat), form],
      said.isSound,
    ),
  )
}
