// The committed gas figures, one `key value` a line in .gas-snapshot.
import { readFileSync, writeFileSync } from "node:fs"
import type { Figure } from "./main.ts"

const FILE = new URL("../../.gas-snapshot", import.meta.url)

export function writeSnapshot(figures: readonly Figure[]): void {
  writeFileSync(FILE, figures.map(({ key, value }) => `${key} ${value}\n`).join(""))
}

/** One line for each figure that is not the committed one, or stands on one side only. */
export function differences(figures: readonly Figure[]): string[] {
  const lines = readFileSync(FILE, "utf8").trimEnd().split("\n")
  const required = new Map(lines.map((line) => line.split(" ") as [string, string]))
  const given = new Map(figures.map(({ key, value }) => [key, String(value)]))
  return [...new Set([...given.keys(), ...required.keys()])]
    .filter((key) => given.get(key) !== required.get(key))
    .map(
      (key) =>
        `GasChanged: ${key}\n  given:    ${given.get(key) ?? "nothing"}\n  required: ${required.get(key) ?? "nothing"}`,
    )
}
