// A throw-away PostgreSQL for a test: Debian's, as user postgres where the test runs as root, on 127.0.0.1 at a port that
// is free, without durability. It is gone when it is stopped.
import { execFileSync, spawn } from "node:child_process"
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import pg from "pg"
import { freePorts } from "../../offchain/demo/processes.ts"

const INSTALLED = "/usr/lib/postgresql"
const READY_MS = 30_000

export type Postgres = {
  /** Makes an empty database and answers how to connect to it. */
  readonly database: () => Promise<string>
  readonly stop: () => Promise<void>
}

/** Where initdb and postgres are; throws, saying how to install them, where they are not. */
function programs(): string {
  const versions = existsSync(INSTALLED) ? readdirSync(INSTALLED) : []
  const newest = versions
    .map(Number)
    .filter((version) => existsSync(join(INSTALLED, String(version), "bin", "initdb")))
    .sort((a, b) => b - a)[0]
  if (newest !== undefined) return join(INSTALLED, String(newest), "bin")
  throw new Error(
    `PostgresMissing: the indexer is tested with PostgreSQL; install it: apt-get install postgresql\n  given:    no ${INSTALLED}/*/bin/initdb\n  required: PostgreSQL 13 or newer`,
  )
}

/** PostgreSQL refuses to run as root. */
function account(): { uid: number; gid: number } | Record<string, never> {
  if (process.getuid?.() !== 0) return {}
  const idOf = (flag: string) =>
    Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }))
  return { uid: idOf("-u"), gid: idOf("-g") }
}

export async function startPostgres(): Promise<Postgres> {
  const bin = programs()
  const who = account()
  const folder = mkdtempSync(join(tmpdir(), "allora-postgres-"))
  const data = join(folder, "data")
  if (who.uid !== undefined) chownSync(folder, who.uid, who.gid as number)
  chmodSync(folder, 0o700)
  const [port] = (await freePorts(1)) as [number]
  const init = ["--username=postgres", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C"]
  execFileSync(join(bin, "initdb"), [...init, "-D", data], { ...who, cwd: folder, stdio: "pipe" })
  const settings = {
    port,
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    fsync: "off",
    synchronous_commit: "off",
    full_page_writes: "off",
  }
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])
  const child = spawn(join(bin, "postgres"), ["-D", data, ...flags], {
    ...who,
    cwd: folder,
    stdio: "ignore",
  })
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()))
  const kill = () => void child.kill("SIGKILL")
  process.once("exit", kill)
  const urlOf = (name: string) => `postgresql://postgres@127.0.0.1:${port}/${name}`
  await untilReady(urlOf("postgres"))
  let count = 0
  return {
    async database() {
      const name = `index_${++count}`
      await run(urlOf("postgres"), `CREATE DATABASE ${name}`)
      return urlOf(name)
    },
    async stop() {
      process.off("exit", kill)
      // SIGINT: at once, whoever is connected.
      child.kill("SIGINT")
      await exited
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function run(connectionString: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString })
  // What goes wrong is thrown by the call that it befalls.
  client.on("error", () => undefined)
  await client.connect()
  try {
    await client.query(text)
  } finally {
    await client.end()
  }
}

async function untilReady(connectionString: string): Promise<void> {
  const end = performance.now() + READY_MS
  for (;;) {
    try {
      return await run(connectionString, "SELECT 1")
    } catch (error) {
      if (performance.now() > end) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}
