// Loads the agreement with one place of its source changed. Everything else is the real thing; the place must be there
// exactly once, so a rule cannot leave the source without its test saying so.
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import type { Create } from "./world.ts"

const ROOT = fileURLToPath(new URL("../../../", import.meta.url))

export type Change = {
  /** A file below offchain/. */
  readonly file: string
  readonly from: string
  readonly to: string
}

/** The changed `createAgreement`, and how to remove its files. */
export async function mutated({
  file,
  from,
  to,
}: Change): Promise<{ create: Create; remove: () => void }> {
  const folder = mkdtempSync(join(tmpdir(), "allora-rules-"))
  const source = join(ROOT, "offchain")
  const target = join(folder, "offchain")
  mkdirSync(target)
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"))
  cpSync(join(source, "agreement"), join(target, "agreement"), { recursive: true })
  for (const name of readdirSync(source)) {
    if (basename(name) === "agreement") continue
    if (name === "agreement.ts") cpSync(join(source, name), join(target, name))
    else symlinkSync(join(source, name), join(target, name))
  }
  const text = readFileSync(join(target, file), "utf8")
  const places = text.split(from).length - 1
  if (places !== 1) throw new Error(`${file} holds ${places} times, not once: ${from}`)
  writeFileSync(
    join(target, file),
    text.replace(from, () => to),
  )
  const { createAgreement } = (await import(pathToFileURL(join(target, "agreement.ts")).href)) as {
    createAgreement: Create
  }
  return { create: createAgreement, remove: () => rmSync(folder, { recursive: true }) }
}
