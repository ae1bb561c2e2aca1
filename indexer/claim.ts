// What an indexer must have for itself before it starts: a port, and a database that has never seen another chain. Ponder
// keeps what it has read of a chain by the chain's id, and would mix a new local chain's events with those of the one
// before; so each has a database of its own.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { dirname } from "node:path"
import pg from "pg"
import { NodeError } from "../offchain/errors.ts"

/** Ponder would take the next port without a word, and whoever asks at this one would ask another program. */
export function requireFree(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once("error", () =>
      reject(
        new NodeError("PortInUse", {
          sentence: `another program listens on 127.0.0.1:${port}, or the port is not ours to take; choose another with --port`,
          remedy: "stop",
        }),
      ),
    )
    server.listen(port, "127.0.0.1", () => server.close(() => resolve()))
  })
}

/** A database serves one chain for good: the name of the first that came is kept in it. */
export async function claimDatabase(connectionString: string, incarnation: string): Promise<void> {
  const client = new pg.Client({ connectionString })
  // What goes wrong is thrown by the call that it befalls.
  client.on("error", () => undefined)
  try {
    await client.connect()
    await client.query(
      "CREATE SCHEMA IF NOT EXISTS allora_index; CREATE TABLE IF NOT EXISTS allora_index.chain (id integer PRIMARY KEY, incarnation text NOT NULL)",
    )
    await client.query("INSERT INTO allora_index.chain VALUES (1, $1) ON CONFLICT DO NOTHING", [
      incarnation,
    ])
    const { rows } = await client.query("SELECT incarnation FROM allora_index.chain")
    const [row] = rows as { incarnation: string }[]
    if (row?.incarnation === incarnation) return
    throw new NodeError("DatabaseOfAnotherChain", {
      sentence:
        "the database has seen another chain or deployment, whose events would be mixed with this one's; create another database (createdb) and name it in $DATABASE_URL",
      remedy: "stop",
      given: row?.incarnation,
      required: incarnation,
    })
  } catch (cause) {
    if (cause instanceof NodeError) throw cause
    throw new NodeError("NoDatabase", {
      sentence: `PostgreSQL at $DATABASE_URL does not serve: ${(cause as Error).message}`,
      remedy: "stop",
      cause,
    })
  } finally {
    await client.end()
  }
}

/** One process at a time may have an embedded database open. */
export function claimFolder(folder: string, isFresh: boolean): void {
  const file = `${folder}.pid`
  mkdirSync(dirname(folder), { recursive: true })
  const holder = read(file)
  if (holder !== undefined && isRunning(Number(holder)))
    throw new NodeError("IndexRunning", {
      sentence: `process ${holder} indexes into ${folder} already; end it or choose another folder with --data`,
      remedy: "stop",
    })
  if (isFresh) rmSync(folder, { recursive: true, force: true })
  writeFileSync(file, String(process.pid))
  process.once("exit", () => rmSync(file, { force: true }))
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8")
  } catch {
    return undefined
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return pid !== process.pid
  } catch {
    return false
  }
}
