// Step 3, the journal: what a member has bound itself to, on the disk before it speaks. One JSON object per line, only
// ever added to; a last line that was cut off by a crash was never spoken on and is dropped.
import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from "node:fs"
import { dirname } from "node:path"
import type { Entry, Journal } from "./agreement/words.ts"
import { NodeError } from "./errors.ts"

/** Opens a journal, or makes an empty one. */
export function createJournal(file: string): Journal {
  mkdirSync(dirname(file), { recursive: true })
  const { entries, length } = read(file)
  const isNew = !existsSync(file)
  let descriptor = openSync(file, "a")
  if (isNew) syncFolder(file)
  ftruncateSync(descriptor, length)
  let failed = false

  function append(added: readonly Entry[]): void {
    guarded(() => writeAll(descriptor, toLines(added)))
    entries.push(...added)
  }

  function rewrite(kept: readonly Entry[]): void {
    guarded(() => {
      const next = openSync(`${file}.next`, "w")
      writeAll(next, toLines(kept))
      closeSync(next)
      // Either the old journal or the new one is there, whenever the machine stops.
      renameSync(`${file}.next`, file)
      syncFolder(file)
      closeSync(descriptor)
      descriptor = openSync(file, "a")
    })
    entries.splice(0, entries.length, ...kept)
  }

  // After a failed write nobody knows what the disk holds, so nothing more is promised.
  function guarded(write: () => void): void {
    try {
      if (failed) throw new Error("an earlier write failed")
      write()
    } catch (cause) {
      failed = true
      throw new NodeError("JournalUnwritable", {
        sentence: `the journal ${file} cannot be written; a member that cannot remember must not vote`,
        remedy: "stop",
        facts: { file },
        cause,
      })
    }
  }

  return { entries: () => entries, append, rewrite, close: () => closeSync(descriptor) }
}

function read(file: string): { entries: Entry[]; length: number } {
  if (!existsSync(file)) return { entries: [], length: 0 }
  const bytes = readFileSync(file)
  const length = bytes.lastIndexOf("\n") + 1
  const lines = bytes.subarray(0, length).toString().split("\n").slice(0, -1)
  return { entries: lines.map((line, i) => parse(line, file, i + 1)), length }
}

function parse(text: string, file: string, line: number): Entry {
  try {
    const entry = JSON.parse(text)
    if (typeof entry?.sort === "string") return entry
  } catch {
    // Named below, as a line of another shape is.
  }
  throw new NodeError("JournalCorrupt", {
    sentence: `line ${line} of the journal ${file} is damaged; without it this member might vote twice`,
    remedy: "stop",
    facts: { file, line },
    given: text.slice(0, 80),
    required:
      "a JSON object with a sort; move the file away to start anew, taking no part in slots already due",
  })
}

function toLines(entries: readonly Entry[]): string {
  return entries.map((entry) => `${JSON.stringify(entry)}\n`).join("")
}

function writeAll(descriptor: number, text: string): void {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at)
  fsyncSync(descriptor)
}

// A new name is durable only when its folder is.
function syncFolder(file: string): void {
  const folder = openSync(dirname(file), "r")
  fsyncSync(folder)
  closeSync(folder)
}
