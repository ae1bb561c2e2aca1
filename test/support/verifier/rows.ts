// A settlement's rows recomputed on chain from bare rows, each beside the core's.
import { bytesToHex, type Hex } from "viem"
import { decodeInferences, KIND } from "../../../wasm/index.ts"
import type { Rows, Shown } from "./settlements.ts"

/** Calls a function of a contract without state. */
export type Ask = (
  contract: "settlement" | "learning",
  name: string,
  args: readonly unknown[],
) => Promise<Hex>

export type Compared = { readonly kind: string; readonly given: Hex; readonly expected: Hex }

const NOTHING = new Uint8Array()
const hexes = (rows: Rows) => rows.map((row) => bytesToHex(row))

/** Every row of outputs and made state but those of tables, and the word; `seats` says of which there shall be tables. */
export async function compared(
  ask: Ask,
  shown: Shown,
  seats: readonly number[],
): Promise<Compared[]> {
  const { head, inputs, registered, before, outputs, state, isMissed } = shown
  const of = (kind: number) => inputs.filter((row) => row[0] === kind)
  const hex = (row: Uint8Array = NOTHING) => bytesToHex(row)
  const found = (rows: Rows, kind: number, seat?: number) =>
    hex(rows.find((row) => row[0] === kind && (seat === undefined || row[1] === seat)))
  const was = (kind: number) => found(before, kind)
  const [parameters, given] = [hex(head), hexes(registered)]
  const [truth, losses, without] = [hex(outputs[0]), hex(outputs[1]), hex(outputs[2])]
  const roster = found(inputs, KIND.roster)
  const [inferences, values] = [hexes(of(KIND.inferences)), hexes(of(KIND.value))]
  const rows: Compared[] = []
  const compare = async (
    contract: "settlement" | "learning",
    name: string,
    expected: Hex,
    ...args: unknown[]
  ) => {
    rows.push({ kind: name, given: await ask(contract, name, args), expected })
  }
  if (!isMissed) {
    const electorate = found(inputs, KIND.electorate)
    await compare("settlement", "truthRow", truth, parameters, electorate, hexes(of(KIND.truths)))
    const implied = hexes(of(KIND.implied))
    await compare("settlement", "lossesRow", losses, parameters, truth, inferences, values, implied)
    const lists = hexes(of(KIND.counterfactuals))
    await compare("settlement", "counterfactualLossesRow", without, parameters, truth, lists)
    const errors = found(state, KIND.errors)
    const past = was(KIND.errors)
    await compare("learning", "errorsRow", errors, parameters, past, truth, inferences, values)
  }
  const [seated, told] = [was(KIND.seats), isMissed ? "0x" : was(KIND.inclusions)]
  await compare("settlement", "seatsRow", found(state, KIND.seats), parameters, seated, given)
  const regrets = was(KIND.regrets)
  await compare(
    "learning",
    "regretsRow",
    found(state, KIND.regrets),
    ...[parameters, seated, regrets, told, roster, losses, given],
  )
  await compare(
    "learning",
    "inclusionsRow",
    found(state, KIND.inclusions),
    ...[parameters, seated, was(KIND.inclusions), roster, losses, given],
  )
  const quality = found(state, KIND.quality)
  const rolling = was(KIND.quality)
  await compare("learning", "qualityRow", quality, parameters, rolling, truth, losses, values)
  const workers = isMissed
    ? 0
    : decodeInferences(of(KIND.inferences)[0] as Uint8Array).entries.length
  await compare("learning", "qualityWord", shown.quality, quality, BigInt(workers))
  for (const seat of seats) {
    const isForecaster = seat >= 0x80
    const tables = [
      ["oneOutTable", KIND.oneOutRegrets] as const,
      ...(isForecaster ? [["oneInTable", KIND.oneInRegrets] as const] : []),
    ]
    for (const [name, kind] of tables) {
      await compare("learning", name, found(state, kind, seat), BigInt(seat), {
        parameters,
        seats: seated,
        table: found(before, kind, seat),
        regrets: isMissed ? "0x" : regrets,
        roster,
        losses,
        counterfactualLosses: without,
        registrations: given,
      })
    }
  }
  return rows
}
