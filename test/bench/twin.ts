// The core and its twin on the chain at length: Wad functions, every row of random epochs, settlements, and errors of one bit
// planted on either side. Figures are counts, and how many of them differ, which has to be none.
import { infer, load } from "../../wasm/index.ts"
import { randomOf } from "../support/epochs.ts"
import { connectTwin } from "../support/twin/chain.ts"
import { type Comparison, compare } from "../support/twin/compare.ts"
import { IN_RUST, IN_SOLIDITY, plantedCode, plantedCore } from "../support/twin/planted.ts"
import { CASES, compareWads, connectWads, type Name } from "../support/twin/wads.ts"
import type { Figure } from "./main.ts"
import { compareSettlements } from "./twin/settlement.ts"

const INPUTS = 100_000
const EPOCHS = 1_000
const SEED = 5
const UNTIL_CAUGHT = { epochs: 66, wholeOf: 0, isUntilFirst: true }

const PEER = { peer: "nobody" }
const least = (key: string, value: number, unit: string, goal: number): Figure => ({
  ...{ key, value, unit, goal, isLeast: true },
  ...PEER,
})
const none = (key: string, value: number, unit: string): Figure => ({
  ...{ key, value, unit, goal: 0 },
  ...PEER,
})

async function measureWads(): Promise<Figure[]> {
  const theirs = await connectWads()
  const figures: Figure[] = []
  for (const name of Object.keys(CASES) as Name[]) {
    const { inputs, differing } = await compareWads(theirs, name, INPUTS)
    figures.push(least(`twin.wad.${name}`, inputs, "inputs", INPUTS))
    figures.push(none(`twin.wad.${name}.differing`, differing, "inputs"))
  }
  return figures
}

function epochFigures({ epochs, numbers, bits, specials }: Comparison): Figure[] {
  const key = (special: string) => `twin.epochs.${special.replaceAll(" ", "-")}`
  return [
    least("twin.epochs", epochs, "epochs", EPOCHS),
    least("twin.epochs.numbers", numbers, "numbers", EPOCHS),
    none("twin.epochs.differing", bits, "bits"),
    ...[...specials].map(([special, count]) => least(key(special), count, "epochs", 1)),
  ]
}

/** One figure for each error: 1 if the comparison caught it. */
async function measurePlanted(chain: Awaited<ReturnType<typeof connectTwin>>): Promise<Figure[]> {
  const figures: Figure[] = []
  const caught = (name: string, found: Comparison) =>
    figures.push(least(`twin.planted.${name}`, Number(found.differing > 0), "caught", 1))
  for (const planted of IN_SOLIDITY) {
    await chain.replace(plantedCode(chain.code, planted))
    caught(planted.name, await compare(infer, chain.twin, randomOf(SEED), UNTIL_CAUGHT))
  }
  await chain.replace(chain.code)
  for (const planted of IN_RUST) {
    const core = await plantedCore(planted)
    caught(planted.name, await compare(core, chain.twin, randomOf(SEED), UNTIL_CAUGHT))
  }
  return figures
}

export async function measureTwin(): Promise<Figure[]> {
  await load()
  const wads = await measureWads()
  const chain = await connectTwin()
  const epochs = await compare(infer, chain.twin, randomOf(SEED), { epochs: EPOCHS, wholeOf: 1 })
  const planted = await measurePlanted(chain)
  const settled = await compareSettlements()
  return [
    ...wads,
    ...epochFigures(epochs),
    ...planted,
    least("twin.settlements", settled.epochs, "epochs", EPOCHS),
    least("twin.settlements.rows", settled.rows, "rows", EPOCHS),
  ]
}
