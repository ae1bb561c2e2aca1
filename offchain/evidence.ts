// Step 3, evidence: what convicts a member of this committee, kept in a file of JSON lines, each wrong once. A line holds
// the two signed messages as they are signed (type, era, slot, view, hash of the content, signature) and nothing else is
// needed to convict.
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeSync,
} from "node:fs"
import { dirname } from "node:path"
import type { Evidence } from "./agreement/words.ts"

export type EvidenceFile = {
  /** Writes a wrong down; false if it is there already. */
  readonly record: (evidence: Evidence) => boolean
  readonly count: () => number
}

export function openEvidence(file: string): EvidenceFile {
  mkdirSync(dirname(file), { recursive: true })
  const text = existsSync(file) ? readFileSync(file, "utf8") : ""
  const known = new Set(text.split("\n").flatMap(nameOfLine))

  function record(evidence: Evidence): boolean {
    const name = nameOf(evidence)
    if (known.has(name)) return false
    const descriptor = openSync(file, "a")
    // A line that a crash cut off must not swallow this one.
    const start = text === "" || text.endsWith("\n") ? "" : "\n"
    writeSync(descriptor, `${start}${JSON.stringify(evidence)}\n`)
    fsyncSync(descriptor)
    closeSync(descriptor)
    known.add(name)
    return true
  }

  return { record, count: () => known.size }
}

function nameOf({ kind, member, first }: Evidence): string {
  return `${kind} ${member} ${first.era} ${first.slot} ${first.view}`
}

/** Unreadable lines are passed over: the wrong would be recorded again. */
function nameOfLine(line: string): string[] {
  try {
    return line === "" ? [] : [nameOf(JSON.parse(line) as Evidence)]
  } catch {
    return []
  }
}
