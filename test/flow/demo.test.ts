// `allora demo` as a process: what it prints, and that nothing of it is left however it ends.
import assert from "node:assert/strict"
import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, describe, it } from "node:test"
import { until } from "../../offchain/demo/network.ts"
import { ROOT } from "../../offchain/demo/processes.ts"
import { LIMIT_MS } from "./support.ts"

/** How long all of it has to be gone after it is told to end. */
const END_MS = 15_000

const living = new Set<ChildProcess>()

type Demo = {
  readonly child: ChildProcess
  readonly output: () => string
  /** The folder it works in. */
  readonly folder: () => string
  readonly closed: Promise<number | null>
}

function demo(args: readonly string[]): Demo {
  const child = spawn(process.execPath, [join(ROOT, "offchain/main.ts"), "demo", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own, as a terminal gives it.
    detached: true,
  })
  living.add(child)
  let output = ""
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text
    })
  // "exit", not "close": a process of its own that is left over would hold the pipes.
  const closed = new Promise<number | null>((resolve) =>
    child.once("exit", (code) => {
      living.delete(child)
      resolve(code)
    }),
  )
  const folder = () => /\S*allora-demo-\w+/.exec(output)?.[0] ?? assert.fail(output)
  return { child, output: () => output, folder, closed }
}

type Process = { readonly pid: number; readonly parent: number; readonly args: string }

/** All processes of this machine: from /proc where there is one, since not every Linux has a `ps`. */
function processes(): Process[] {
  if (process.platform !== "linux")
    return execFileSync("ps", ["-axo", "pid=,ppid=,args="], { encoding: "utf8" })
      .split("\n")
      .map((line) => /^ *(\d+) +(\d+) (.*)$/.exec(line))
      .flatMap((fields) =>
        fields
          ? [{ pid: Number(fields[1]), parent: Number(fields[2]), args: String(fields[3]) }]
          : [],
      )
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      // pid (name) state parent ...; the name may hold anything, so the fields are taken from behind it.
      const stat = tryRead(`/proc/${name}/stat`)
      const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1])
      const args = tryRead(`/proc/${name}/cmdline`)
      return args === "" ? [] : [{ pid: Number(name), parent, args }]
    })
}

function tryRead(path: string): string {
  try {
    return readFileSync(path, "utf8")
  } catch {
    // It ended between the listing and now.
    return ""
  }
}

/** All that have this one as parent, or as a parent's parent, ... */
function descendants(pid: number): Process[] {
  const all = processes()
  const found: Process[] = []
  for (let parents = [pid]; parents.length > 0; ) {
    const children = all.filter(({ parent }) => parents.includes(parent))
    found.push(...children)
    parents = children.map((child) => child.pid)
  }
  return found
}

/** A number that was given again would have other arguments. */
function stillRunning(some: readonly Process[]): Process[] {
  const now = new Map(processes().map(({ pid, args }) => [pid, args]))
  return some.filter(({ pid, args }) => now.get(pid) === args)
}

async function says(running: Demo, text: string) {
  await until(
    `the demo to say "${text}"; it said:\n${running.output()}`,
    async () => {
      assert.equal(running.child.exitCode, null, running.output())
      return running.output().includes(text) ? true : undefined
    },
    LIMIT_MS,
  )
}

/** Ends it by `end` and holds it to its promise: all gone, in time, with an exit code of one that was told to. */
async function endsAll(running: Demo, atLeast: number, end: () => void) {
  const { child, closed } = running
  const started = descendants(child.pid as number)
  assert.ok(started.length >= atLeast, `${started.length} processes, ${atLeast} were expected`)
  const began = performance.now()
  end()
  const code = await closed
  const seconds = (performance.now() - began) / 1000
  assert.ok(seconds * 1000 < END_MS, `it took ${seconds} s`)
  assert.ok(code === 0 || code === 130, `exit code ${code}:\n${running.output()}`)
  assert.deepEqual(stillRunning(started), [])
  assert.equal(existsSync(running.folder()), false)
}

describe("allora demo", () => {
  afterEach(() => {
    for (const child of living) {
      const started = descendants(child.pid as number)
      child.kill("SIGKILL")
      for (const { pid } of stillRunning(started)) process.kill(pid, "SIGKILL")
    }
  })

  it("ends with two tables, the consumer's reading, and a verified epoch", async () => {
    const running = demo(["--once", "--epochs", "3"])
    const code = await running.closed
    const output = running.output()
    assert.equal(code, 0, output)
    const rows = output.match(/^ {2}[\w-]+ +\d+\.\d{3} +3 {2}#+$/gm) ?? []
    // The network and four models, twice.
    assert.equal(rows.length, 2 * 5, output)
    assert.equal(rows.filter((row) => row.startsWith("  network ")).length, 2)
    assert.match(output, /^ {2}Consumer\(0x[0-9a-f]{40}\)\.latest\(\) = \d+\.\d+ index points$/m)
    assert.match(output, /^verified topic 1 epoch [123]: \d+\.\d+$/m)
    assert.equal(existsSync(running.folder()), false)
  })

  it("ends everything at Ctrl-C while it stays up", async () => {
    const running = demo(["--epochs", "1"])
    await says(running, "Ctrl-C stops every process.")
    // The chain, four members, two workers.
    await endsAll(running, 7, () => running.child.kill("SIGINT"))
  })

  it("ends everything at Ctrl-C while epochs run", async () => {
    const running = demo(["--epochs", "1000"])
    await says(running, "10 of 1000")
    // A terminal sends it to all of them at once.
    await endsAll(running, 7, () => process.kill(-(running.child.pid as number), "SIGINT"))
  })

  it("ends everything when told to while it is starting", async () => {
    const running = demo([])
    await says(running, "contracts ")
    await endsAll(running, 1, () => running.child.kill("SIGTERM"))
  })

  it("ends everything when nobody reads what it prints any more", async () => {
    const running = demo([])
    await says(running, "contracts ")
    await endsAll(running, 1, () => running.child.stdout?.destroy())
  })
})
