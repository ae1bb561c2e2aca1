// The rows a member serves, by hash, each until the time to which it was promised. A row that no longer hashes to its
// key is never given out.
import { mkdirSync } from "node:fs"
import { dirname } from "node:path"
import type { Hex } from "viem"
import { MAX_ROW_BYTES, rowHash } from "../wasm/index.ts"
import { NodeError } from "./errors.ts"

export type Rows = {
  /** Keeps rows until that chain time; one that is kept longer already stays so. They outlive this process. */
  readonly put: (rows: readonly Uint8Array[], until: number) => void
  readonly get: (hash: Hex) => Uint8Array | undefined
  /** Forgets what was promised until before `now`; answers how many rows. */
  readonly prune: (now: number) => number
  readonly close: () => void
}

// NORMAL: a power cut may take the last rows, which the other members have; a sync for each topic would hold up signing.
const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS row (hash BLOB PRIMARY KEY, bytes BLOB NOT NULL, until INTEGER NOT NULL) STRICT;
  CREATE INDEX IF NOT EXISTS row_until ON row (until);
`
// Bytes that the disk has changed are put right when the row comes again.
const PUT = `
  INSERT INTO row VALUES (?, ?, ?)
  ON CONFLICT (hash) DO UPDATE SET bytes = excluded.bytes, until = max(until, excluded.until)
`

/** Opens the file or makes it; without one the rows are kept in memory. */
export function openRows(file?: string): Rows {
  const where = file ?? ":memory:"
  const guarded = <T>(run: () => T): T => {
    try {
      return run()
    } catch (cause) {
      throw cause instanceof NodeError ? cause : unreadable(where, cause)
    }
  }
  if (file) mkdirSync(dirname(file), { recursive: true })
  return guarded(() => {
    const database = new (sqlite().DatabaseSync)(where)
    try {
      database.exec(SCHEMA)
      requireSound(database, where)
    } catch (error) {
      // Left open, it would later remove the log of whatever is made in this file's place.
      database.close()
      throw error
    }
    const insert = database.prepare(PUT)
    const select = database.prepare("SELECT bytes FROM row WHERE hash = ?")
    const forget = database.prepare("DELETE FROM row WHERE until < ?")

    return {
      put(rows, until) {
        for (const row of rows) requireLength(row)
        guarded(() => {
          database.exec("BEGIN IMMEDIATE")
          try {
            for (const row of rows) insert.run(bytesOf(rowHash(row)), row, until)
            database.exec("COMMIT")
          } catch (error) {
            database.exec("ROLLBACK")
            throw error
          }
        })
      },
      get(hash) {
        const found = guarded(() => select.get(bytesOf(hash)))
        if (!found) return undefined
        const row = found.bytes as Uint8Array
        const given = rowHash(row)
        if (given === hash.toLowerCase()) return row
        throw new NodeError("RowCorrupted", {
          sentence: `a row in ${where} is not what was kept; take the file away, other members have the rows`,
          remedy: "stop",
          facts: { file: where },
          given,
          required: hash,
        })
      },
      prune: (now) => guarded(() => Number(forget.run(now).changes)),
      close: () => database.close(),
    }
  })
}

/** Pages that a disk or a hand has spoilt are found here, and not by the one who asks for a row. */
function requireSound(database: import("node:sqlite").DatabaseSync, file: string): void {
  const found = Object.values(database.prepare("PRAGMA quick_check(1)").get() ?? {})[0]
  if (found !== "ok") throw unreadable(file, new Error(String(found)))
}

/** Node's SQLite, without the one warning that it is experimental; every other warning goes its way. */
function sqlite(): typeof import("node:sqlite") {
  const { emitWarning } = process
  process.emitWarning = ((warning: string | Error, ...rest: unknown[]) => {
    if (!/SQLite is an experimental feature/.test(String(warning))) {
      Reflect.apply(emitWarning, process, [warning, ...rest])
    }
  }) as typeof emitWarning
  try {
    return process.getBuiltinModule("node:sqlite")
  } finally {
    process.emitWarning = emitWarning
  }
}

function unreadable(file: string, cause: unknown): NodeError {
  return new NodeError("RowsUnreadable", {
    sentence: `the rows in ${file} cannot be used: ${(cause as Error).message}`,
    remedy: "stop",
    facts: { file },
    cause,
  })
}

function requireLength(row: Uint8Array): void {
  if (row.length > 0 && row.length <= MAX_ROW_BYTES) return
  throw new NodeError("MalformedRow", {
    sentence: "no row has that length",
    remedy: "refuse",
    given: `${row.length} bytes`,
    required: `1 to ${MAX_ROW_BYTES} bytes`,
  })
}

function bytesOf(hash: Hex): Buffer {
  return Buffer.from(hash.slice(2), "hex")
}
