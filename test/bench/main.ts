// `npm run bench -- [group ...] [--json]`: our figures beside the goals and the best peers'. Groups measure; this
// prints. `gas --check` compares with the committed .gas-snapshot instead, `gas --write` writes it anew.
import { parseArgs } from "node:util"
import { differences, writeSnapshot } from "./snapshot.ts"

export type Figure = {
  readonly key: string
  readonly value: number
  readonly unit: string
  /** At most this much; with `isLeast` at least. */
  readonly goal: number
  readonly isLeast?: boolean
  /** The best peer's figure, and whose it is. */
  readonly peer: string
}

const GROUPS: Record<string, () => Promise<Figure[]>> = {
  core: async () => (await import("./core.ts")).measureCore(),
  gas: async () => (await import("./gas.ts")).measureGas(),
  indexer: async () => (await import("./indexer.ts")).measureIndexer(),
  twin: async () => (await import("./twin.ts")).measureTwin(),
}

/** Within 5 % counts as met, and is said. */
function standing({ value, goal, isLeast = false }: Figure): string {
  if (goal === 0) return value === 0 ? "met" : "not met"
  const share = value / goal
  if (isLeast ? share >= 1 : share <= 1) return "met"
  const miss = `${(Math.abs(share - 1) * 100).toFixed(1)} % ${isLeast ? "below" : "above"}`
  return Math.abs(share - 1) <= 0.05 ? `met, ${miss}` : miss
}

function table(figures: readonly Figure[]): string {
  const number = (value: number) => value.toLocaleString("en-US")
  const rows = [
    ["key", "ours", "goal", "", "best peer"],
    ...figures.map((figure) => [
      figure.key,
      `${number(figure.value)} ${figure.unit}`,
      number(figure.goal),
      standing(figure),
      figure.peer,
    ]),
  ]
  const widths = rows.reduce<number[]>(
    (most, row) => row.map((cell, i) => Math.max(most[i] ?? 0, cell.length)),
    [],
  )
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n")
}

function print(figures: readonly Figure[], json: boolean): void {
  if (!json) console.log(table(figures))
  else {
    for (const { key, value, unit, goal } of figures)
      console.log(JSON.stringify({ key, value, unit, goal }))
  }
}

/** Whether the figures are the committed ones; says which are not. */
function check(figures: readonly Figure[]): boolean {
  const found = differences(figures)
  for (const difference of found) console.error(difference)
  if (found.length > 0) console.error("If that is meant: npm run bench -- gas --write")
  return found.length === 0
}

function refuse(sentence: string): 1 {
  console.error(sentence)
  return 1
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: "boolean", default: false },
      check: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
    },
  })
  const names = positionals.length === 0 ? Object.keys(GROUPS) : positionals
  for (const name of names) {
    const group = Object.hasOwn(GROUPS, name) ? GROUPS[name] : undefined
    if (group === undefined)
      return refuse(
        `UnknownGroup: given ${name}, required one of ${Object.keys(GROUPS).join(", ")}`,
      )
    if ((values.check || values.write) && name !== "gas")
      return refuse(
        `NoSnapshot: given ${name}, required gas: only gas is the same on every machine`,
      )
    const figures = await group()
    if (values.write) writeSnapshot(figures)
    if (values.check && !check(figures)) return 1
    if (!values.check) print(figures, values.json)
  }
  return 0
}

if (import.meta.main) process.exitCode = await main()
