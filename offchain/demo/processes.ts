// The demo's processes: each is a command that a person would type. What they print goes to a file each; all end with
// the demo, also where it fails or is told to end while they are starting.
import { type ChildProcess, execFile, spawn } from "node:child_process"
import { createWriteStream, mkdirSync, readFileSync } from "node:fs"
import { createServer } from "node:net"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { NodeError } from "../errors.ts"

export const ROOT = fileURLToPath(new URL("../../", import.meta.url))
const ALLORA = join(ROOT, "offchain", "main.ts")
const DEPLOY = join(ROOT, "contracts", "deploy.ts")
const INDEX = join(ROOT, "indexer", "start.ts")
const HARDHAT = join(ROOT, "node_modules", "hardhat", "dist", "src", "cli.js")

/** How long a process has to end after SIGTERM before it is killed. */
const GRACE_MS = 3_000

export type Running = { readonly name: string; readonly child: ChildProcess; readonly log: string }

/** `hardhat node` on this machine alone, as arguments of Node. */
export const chainArguments = (port: number): readonly string[] => [
  HARDHAT,
  "node",
  "--network",
  "home",
  "--hostname",
  "127.0.0.1",
  "--port",
  String(port),
]

/** The indexer's database is one of its own, whatever the environment says. */
const { DATABASE_URL: _, ...inherited } = process.env
const environment = { ...inherited, HARDHAT_DISABLE_TELEMETRY: "true" }

/** Ports that nobody listens on at this moment, from the system. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve) => {
          const server = createServer().listen(0, "127.0.0.1", () => resolve(server))
        }),
    ),
  )
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

export function createProcesses(folder: string) {
  const logs = join(folder, "logs")
  mkdirSync(logs, { recursive: true })
  const running = new Map<string, Running>()
  const started = new Set<string>()
  const commands = new Set<ChildProcess>()
  let ending = false
  process.once("exit", killAll)

  function requireNotEnding() {
    if (ending)
      throw new NodeError("Ending", {
        sentence: "every process is being stopped, so nothing new is started or waited for",
        remedy: "stop",
      })
  }

  function start(name: string, args: readonly string[]): Running {
    requireNotEnding()
    const log = join(logs, `${name}.log`)
    const output = createWriteStream(log, { flags: "a" })
    const child = spawn(process.execPath, [...args], {
      cwd: ROOT,
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
    })
    child.stdout.pipe(output)
    child.stderr.pipe(output)
    const entry = { name, child, log }
    running.set(name, entry)
    started.add(name)
    child.on("exit", () => running.delete(name))
    return entry
  }

  async function end(name: string, signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    const entry = running.get(name)
    if (!entry) return
    const gone = new Promise((resolve) => entry.child.once("exit", resolve))
    entry.child.kill(signal)
    const timer = setTimeout(() => entry.child.kill("SIGKILL"), GRACE_MS)
    await gone
    clearTimeout(timer)
  }

  function runToEnd(args: readonly string[]): Promise<string> {
    requireNotEnding()
    return new Promise((resolve, reject) => {
      const child = execFile(
        process.execPath,
        [...args],
        { cwd: ROOT, env: environment },
        (error, stdout, stderr) => {
          commands.delete(child)
          if (!error) resolve(stdout)
          else
            reject(
              new NodeError("CommandFailed", {
                sentence: `${args.slice(0, 3).join(" ")} failed: ${(stderr || stdout).trim() || error.message}`,
                remedy: "stop",
                cause: error,
              }),
            )
        },
      )
      commands.add(child)
    })
  }

  function killAll() {
    for (const child of [...commands, ...[...running.values()].map((entry) => entry.child)])
      child.kill("SIGKILL")
  }

  return {
    /** `allora ...` as a process that stays. */
    allora: (name: string, args: readonly string[]) => start(name, [ALLORA, ...args]),

    /** `npx hardhat node ...` as a process that stays. */
    chain: (port: number) => start("chain", chainArguments(port)),

    /** `npm run index -- ...` as a process that stays. */
    index: (args: readonly string[]) => start("index", [INDEX, ...args]),

    /** Runs `allora ...` to its end and answers what it printed. */
    run: (args: readonly string[]) => runToEnd([ALLORA, ...args]),

    /** Runs `npm run deploy -- ...` to its end and answers what it printed. */
    deploy: (args: readonly string[]) => runToEnd([DEPLOY, ...args]),

    isRunning: (name: string) => running.has(name),

    /** Throws, with the end of its log, if one of them has ended on its own; also if all are being ended. */
    requireAll() {
      requireNotEnding()
      const missing = [...started].find((name) => !running.has(name))
      if (missing === undefined) return
      const tail = readFileSync(join(logs, `${missing}.log`), "utf8")
        .trimEnd()
        .split("\n")
        .slice(-5)
      throw new NodeError("ProcessEnded", {
        sentence: `${missing} ended on its own; the last it said was:\n${tail.join("\n")}`,
        remedy: "stop",
      })
    },

    /** Ends one of them on purpose, without a chance to tidy up. */
    async kill(name: string) {
      started.delete(name)
      await end(name, "SIGKILL")
    },

    /** Ends all of them, the chain last. Nothing can be started after it. */
    async endAll() {
      ending = true
      for (const child of commands) child.kill("SIGKILL")
      const names = [...running.keys()].filter((name) => name !== "chain")
      await Promise.all(names.map((name) => end(name)))
      await end("chain")
      process.off("exit", killAll)
    },
  }
}

export type Processes = ReturnType<typeof createProcesses>
