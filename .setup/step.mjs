// What every part of the set-up shares: a refusal, a child process run to its end, a step whose time is in sight, and a
// lock between two shells. No dependencies; any Node from 18 on reads it.
import { spawn } from "node:child_process"
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { constants } from "node:os"
import { dirname } from "node:path"

const FORWARDED = ["SIGINT", "SIGTERM", "SIGHUP"]
/** How often a step that takes long says so. */
const HEARTBEAT_MS = 10_000
/** A lock file that names nobody is one being written, unless it is older than this. */
const UNNAMED_LOCK_MS = 2_000
const LOCK_POLL_MS = 200

/** A fault that a person can mend: printed as it is, without a stack. */
export class SetupError extends Error {
  constructor(code, sentence, facts = {}) {
    const lines = Object.entries(facts).map(
      ([name, value]) => `\n  ${`${name}:`.padEnd(9)} ${value}`,
    )
    super(`${code}: ${sentence}${lines.join("")}`)
    this.code = code
  }
}

export function say(text) {
  process.stderr.write(`setup: ${text}\n`)
}

/**
 * Runs a command to its end and answers its exit code, as a shell would (128 + n after a signal). What ends this process
 * ends the child first. Ctrl-C at a terminal reaches the child by itself; it is not sent twice.
 */
export function run(command, args, { stdio = "inherit", onOutput, ...options } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio, ...options })
    const forward = (signal) => {
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal)
    }
    for (const signal of FORWARDED) process.on(signal, forward)
    const settle = (finish) => {
      for (const signal of FORWARDED) process.off(signal, forward)
      finish()
    }
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", onOutput)
    child.on("error", (error) => settle(() => reject(error)))
    child.on("close", (code, signal) =>
      settle(() => resolve(code ?? 128 + (constants.signals[signal] ?? 0))),
    )
  })
}

/**
 * Runs one step of the set-up, silent unless it fails: says what it does and how long that takes, then how long it has
 * taken. Answers what the command printed; throws `SetupError` with all of it if it failed.
 */
export async function step(title, code, command, args, options = {}) {
  const began = Date.now()
  const seconds = () => Math.round((Date.now() - began) / 1000)
  say(`${title} ...`)
  const heartbeat = setInterval(() => say(`  ${seconds()} s`), HEARTBEAT_MS)
  const output = []
  let exit
  try {
    exit = await run(command, args, {
      ...options,
      stdio: ["ignore", "pipe", "pipe"],
      onOutput: (bytes) => output.push(bytes),
    })
  } catch (error) {
    throw new SetupError(code, `${command} cannot be started`, { given: error.message })
  } finally {
    clearInterval(heartbeat)
  }
  const text = Buffer.concat(output).toString("utf8")
  if (exit > 128) process.exit(exit)
  if (exit !== 0) {
    process.stderr.write(text)
    throw new SetupError(code, `${[command, ...args].join(" ")} failed`, {
      given: `exit code ${exit}`,
      required: "0",
    })
  }
  say(`  done in ${seconds()} s`)
  return text
}

/** Does `work` while no other shell does work under the same lock file. A lock whose process is gone is taken over. */
export async function locked(file, work) {
  mkdirSync(dirname(file), { recursive: true })
  let told = false
  while (!take(file)) {
    const holder = holderOf(file)
    if (holder === "gone") {
      rmSync(file, { force: true })
      continue
    }
    if (!told)
      say(`waiting for another shell that is installing or building (process ${holder}) ...`)
    told = true
    await new Promise((resolve) => setTimeout(resolve, LOCK_POLL_MS))
  }
  const release = () => rmSync(file, { force: true })
  process.once("exit", release)
  try {
    return await work()
  } finally {
    process.off("exit", release)
    release()
  }
}

function take(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: "wx" })
    return true
  } catch (error) {
    if (error.code === "EEXIST") return false
    throw error
  }
}

function holderOf(file) {
  try {
    const pid = Number(readFileSync(file, "utf8"))
    if (pid > 0) return isAlive(pid) ? pid : "gone"
    return Date.now() - statSync(file).mtimeMs < UNNAMED_LOCK_MS ? "unknown" : "gone"
  } catch {
    return "unknown"
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === "EPERM"
  }
}
