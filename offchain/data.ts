// What a member keeps on the disk: its journal and its rows. If either cannot be read both are set aside and made anew:
// the member then takes no part in slots already due, and gets the rows it needs from the others.
import { existsSync, mkdirSync, renameSync } from "node:fs"
import { join } from "node:path"
import type { Journal } from "./agreement.ts"
import { NodeError } from "./errors.ts"
import { createJournal } from "./journal.ts"
import type { Log } from "./log.ts"
import { openRows, type Rows } from "./rows.ts"

export type Data = {
  readonly journal: Journal
  readonly rows: Rows
  /** Whether there was something that could not be read: then nobody knows what this member has said. */
  readonly isAnew: boolean
}

const UNREADABLE = ["JournalCorrupt", "RowsUnreadable"]
const ROWS = "rows.sqlite"

/** Opens a member's folder for one era, or makes it. */
export function openData(
  { folder, era }: { readonly folder: string; readonly era: number },
  log: Log,
): Data {
  const name = `era-${era}.journal`
  try {
    return { ...open(folder, name), isAnew: false }
  } catch (error) {
    if (!(error instanceof NodeError) || !UNREADABLE.includes(error.code)) throw error
    const aside = setAside(folder, name)
    log.error(
      { code: error.code, aside },
      `${error.message}\nWhat was in ${folder} is set aside in ${aside}. This member starts anew: it takes no part in slots already due, and fetches from the other members what it lacks.`,
    )
    return { ...open(folder, name), isAnew: true }
  }
}

function open(folder: string, name: string): Omit<Data, "isAnew"> {
  const rows = openRows(join(folder, ROWS))
  try {
    return { rows, journal: createJournal(join(folder, name)) }
  } catch (error) {
    rows.close()
    throw error
  }
}

function setAside(folder: string, journal: string): string {
  let number = 1
  while (existsSync(join(folder, `unreadable-${number}`))) number += 1
  const aside = join(folder, `unreadable-${number}`)
  mkdirSync(aside)
  for (const name of [ROWS, `${ROWS}-wal`, `${ROWS}-shm`, journal])
    if (existsSync(join(folder, name))) renameSync(join(folder, name), join(aside, name))
  return aside
}
