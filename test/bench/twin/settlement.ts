// The settlement's half of the twin at length: every row of a thousand random epochs, and the tables of some seats of each,
// through the core and the chain.
import { load } from "../../../wasm/index.ts"
import type { Random } from "../../support/epochs.ts"
import { compareChains } from "../../support/verifier/comparison.ts"
import { deployed } from "../../support/verifier/deployed.ts"

const CHAINS = 104
const EPOCHS = 11
const LEAST = 1_000

/** Of the seats that most topics have, more of the lower ones, which topics with few have too. */
function seats({ integer }: Random): number[] {
  const inferers = [integer(0, 3), integer(0, 31), integer(0, 31), integer(0, 31)]
  return [...inferers, integer(0x80, 0x81), integer(0x80, 0x85)]
}

export type Compared = {
  /** Those that settled; of the others both said that truths are missing. */
  readonly epochs: number
  readonly rows: number
  readonly byKind: ReadonlyMap<string, number>
}

/** Throws at the first bit that differs. */
export async function compareSettlements(): Promise<Compared> {
  await load()
  const { ask } = await deployed()
  const extent = { first: 1_001, chains: CHAINS, epochs: EPOCHS, tablesOf: seats }
  const { rows, unsettled } = await compareChains(ask, extent)
  const epochs = CHAINS * EPOCHS - unsettled
  if (epochs < LEAST) throw new Error(`given ${epochs} epochs, required ${LEAST}`)
  const all = [...rows.values()].reduce((sum, count) => sum + count, 0)
  return { epochs, rows: all, byKind: rows }
}
