// `npm run bench -- <group> [--json]`: our figures beside the goals and the best peers'. Groups measure; this prints.
import { parseArgs } from "node:util"

export type Figure = {
  readonly key: string
  readonly value: number
  readonly unit: string
  /** At most this much. */
  readonly goal: number
  /** The best peer's figure, and whose it is. */
  readonly peer: string
}

const GROUPS: Record<string, () => Promise<Figure[]>> = {
  gas: async () => (await import("./gas.ts")).measureGas(),
}

function table(figures: readonly Figure[]): string {
  const number = (value: number) => value.toLocaleString("en-US")
  const rows = [
    ["key", "ours", "goal", "", "best peer"],
    ...figures.map(({ key, value, unit, goal, peer }) => [
      key,
      `${number(value)} ${unit}`,
      number(goal),
      value <= goal ? "met" : `${(((value - goal) / goal) * 100).toFixed(1)} % above`,
      peer,
    ]),
  ]
  const widths = rows.reduce<number[]>(
    (most, row) => row.map((cell, i) => Math.max(most[i] ?? 0, cell.length)),
    [],
  )
  return rows.map((row) => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ").trimEnd()).join("\n")
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: "boolean", default: false } },
  })
  const names = positionals.length === 0 ? Object.keys(GROUPS) : positionals
  const unknown = names.find((name) => !Object.hasOwn(GROUPS, name))
  if (unknown !== undefined) {
    console.error(`UnknownGroup: given ${unknown}, required one of ${Object.keys(GROUPS).join(", ")}`)
    return 1
  }
  for (const name of names) {
    const figures = (await GROUPS[name]?.()) ?? []
    if (values.json) {
      for (const { key, value, unit, goal } of figures) console.log(JSON.stringify({ key, value, unit, goal }))
    } else {
      console.log(table(figures))
    }
  }
  return 0
}

if (import.meta.main) process.exitCode = await main()
