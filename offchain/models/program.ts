// Anybody's model as a program: it gets the question on stdin and answers on stdout, once an epoch. It runs in a process
// group of its own, without this process' environment, and is killed with all that it started when its time is over.
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { type Refusal, refusal } from "../errors.ts"
import type { Ask } from "./asked.ts"
import { collect, shown, tooLong } from "./question.ts"

/** What a program needs to be found and to run. Anything else of the environment may be a secret. */
const PASSED: readonly string[] = [
  "PATH",
  "HOME",
  "LANG",
  "LC_ALL",
  "TZ",
  "TMPDIR",
  "TEMP",
  "TMP",
  "PATHEXT",
  "COMSPEC",
  "SYSTEMROOT",
  "USERPROFILE",
]
const isWindows = process.platform === "win32"
const TAIL_LENGTH = 2_000

/** How to ask a program. `command` goes to the shell. */
export function createProgram(command: string): Ask {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => PASSED.includes(name.toUpperCase())),
  )
  return async (question, { signal, late }) => {
    if (signal.aborted) return late()
    const child = spawn(command, { shell: true, detached: !isWindows, env, stdio: "pipe" })
    const kill = () => {
      endGroup(child)
      // Somebody that left the group may still hold the other end.
      child.stdout.destroy()
    }
    process.once("exit", kill)
    signal.addEventListener("abort", kill)
    try {
      const ended = endOf(child)
      const tail = tailOf(child)
      // A program may answer without reading the question, and the pipe then breaks.
      child.stdin.on("error", () => undefined).end(`${question}\n`)
      // A stream that was destroyed says so by an error; why it was follows below.
      const answer = await collect(child.stdout).catch(() => "")
      if (signal.aborted) return late()
      if (answer === undefined) {
        kill()
        return tooLong()
      }
      const failure = await ended
      if (signal.aborted) return late()
      return failure ? { ...failure, given: `${failure.given}${tail()}` } : answer
    } finally {
      signal.removeEventListener("abort", kill)
      process.off("exit", kill)
    }
  }
}

/** Why it did not end well, or undefined if it did. */
function endOf(child: ChildProcess): Promise<Refusal | undefined> {
  return new Promise((resolve) => {
    const failed = (given: string) => resolve(refusal("ProgramFailed", given, "exit code 0"))
    child.once("error", (error) => failed(error.message))
    child.once("exit", (code, signal) => {
      // What it left behind would hold its stdout open, and go on.
      endGroup(child)
      if (code === 0) resolve(undefined)
      else failed(signal ?? `exit code ${code}`)
    })
  })
}

/** The last line of what it says on stderr, for whoever has to mend it. */
function tailOf({ stderr }: ChildProcess): () => string {
  let text = ""
  stderr?.setEncoding("utf8").on("data", (more: string) => {
    text = (text + more).slice(-TAIL_LENGTH)
  })
  return () => {
    const line = text.trimEnd().split("\n").at(-1)
    return line ? `, ${shown(line)}` : ""
  }
}

function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return
  if (isWindows) {
    spawnSync("taskkill", ["/pid", String(pid), "/t", "/f"])
    return
  }
  try {
    process.kill(-pid, "SIGKILL")
  } catch {
    // Nobody of the group is left; some systems say that it is not ours.
  }
}
