// `npm test [-- suite or path ...]`: runs the suites one after the other, so that no two compile at once, and prints a
// table and, alone on the last line, `N passed, N failed`. Exits 1 unless at least one test ran and none failed.
// `--root FOLDER` takes the tests below another folder.
import { fork } from "node:child_process"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { type Selection, SelectionError, select } from "./support/suites.ts"
import { emptyTally, fail, type Tally } from "./support/tally.ts"

const ROOT = fileURLToPath(new URL("../", import.meta.url))
const CHILD = fileURLToPath(new URL("support/suite.ts", import.meta.url))
/** A suite that prints nothing for so long is said to be still running. */
const SILENCE_MS = 10_000

type Outcome = { readonly name: string; readonly tally: Tally; readonly seconds: number }

/** Runs one suite in a child process. Its counts come over the IPC channel; a child that sends none has failed. */
function runSuite({ suite, files }: Selection): Promise<Tally> {
  if (files.length === 0) {
    const tally = emptyTally()
    fail(tally, `no test file in test/${suite.folder}`)
    return Promise.resolve(tally)
  }
  return new Promise((resolve) => {
    const child = fork(CHILD, [suite.kind, String(suite.parallel), ...files], {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      // A process group of its own, so that ending the run ends also what the tests have started.
      detached: process.platform !== "win32",
      env: { ...process.env, ...(process.stdout.isTTY ? { FORCE_COLOR: "1" } : {}) },
    })
    const began = Date.now()
    let spoke = began
    for (const [from, to] of [
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ] as const) {
      from?.on("data", (bytes: Buffer) => {
        spoke = Date.now()
        to.write(bytes)
      })
    }
    const heartbeat = setInterval(() => {
      if (Date.now() - spoke < SILENCE_MS) return
      spoke = Date.now()
      console.log(`... ${suite.name} is still running, ${Math.round((spoke - began) / 1000)} s`)
    }, 1_000)
    const stop = () => endGroup(child.pid)
    process.on("exit", stop)
    let sent: Tally | undefined
    child.on("message", (tally) => {
      sent = tally as Tally
    })
    child.on("close", (code, signal) => {
      clearInterval(heartbeat)
      process.off("exit", stop)
      const tally = sent ?? emptyTally()
      if (!sent)
        fail(tally, `the runner ended (${signal ?? `exit code ${code}`}) before it gave its counts`)
      else if (tally.passed + tally.failed === 0) fail(tally, "no test ran")
      resolve(tally)
    })
  })
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(process.platform === "win32" ? pid : -pid, "SIGTERM")
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error
  }
}

function table(outcomes: readonly Outcome[]): string {
  const row = (name: string, passed: string, failed: string, time: string) =>
    `${name.padEnd(12)}${passed.padStart(8)}${failed.padStart(8)}${time.padStart(10)}`
  return [
    row("suite", "passed", "failed", "time"),
    ...outcomes.map(({ name, tally, seconds }) =>
      row(name, String(tally.passed), String(tally.failed), `${seconds.toFixed(1)} s`),
    ),
  ].join("\n")
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { root: { type: "string", default: ROOT } },
  })
  const outcomes: Outcome[] = []
  for (const selection of select(values.root, positionals)) {
    const { name } = selection.suite
    const count = selection.files.length
    console.log(`\n== ${name}: ${count} ${count === 1 ? "file" : "files"} ==\n`)
    const began = performance.now()
    const tally = await runSuite(selection)
    for (const finding of tally.findings) console.log(`counted as failed, ${finding}`)
    outcomes.push({ name, tally, seconds: (performance.now() - began) / 1000 })
  }
  const sum = (key: "passed" | "failed") =>
    outcomes.reduce((total, { tally }) => total + tally[key], 0)
  console.log(`\n${table(outcomes)}\n\n${sum("passed")} passed, ${sum("failed")} failed`)
  return sum("failed") === 0 && sum("passed") > 0 ? 0 : 1
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => process.exit(130))
}
try {
  process.exitCode = await main()
} catch (error) {
  if (
    !(error instanceof SelectionError) &&
    !(error as NodeJS.ErrnoException).code?.startsWith("ERR_PARSE_ARGS")
  )
    throw error
  console.error((error as Error).message)
  process.exitCode = 1
}
