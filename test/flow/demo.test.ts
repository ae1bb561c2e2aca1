// `allora demo` as a process: what it prints, and that nothing of it is left however it ends.
import assert from "node:assert/strict"
import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, describe, it } from "node:test"
import { until } from "../../offchain/demo/network.ts"
import { ROOT } from "../../offchain/demo/processes.ts"

/** Far more than some twenty processes take to start and to run ten epochs, also on a machine with more to do. */
const LIMIT_MS = 300_000
/** How long all of it has to be gone after it is told to end. */
const END_MS = 15_000
/** The chain, four members, the indexer; for each of three topics a worker, a forecaster and three reputers. */
const PROCESSES = 1 + 4 + 1 + 3 * 5

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

  it("ends with three tables, the consumer's reading, the index's answer, and a verified epoch", async () => {
    const broken = ["--break", "--break-at", "2", "--repair-at", "4"]
    const running = demo(["--once", "--epochs", "4", ...broken])
    const code = await running.closed
    const output = running.output()
    assert.equal(code, 0, output)
    const rows = output.match(/^ {2}[\w-]+( [\w ()]+)? +\d+\.\d{3} +[34] +\S.* #+$/gm) ?? []
    // The network, the plain mean, the naive value, the forecaster and seven models, three times.
    assert.equal(rows.length, 3 * 11, output)
    for (const name of ["network", "plain mean", "naive value", "forecaster"])
      assert.equal(rows.filter((row) => row.startsWith(`  ${name} `)).length, 3, name)
    for (const place of ["(best worker)", "(worst worker)"])
      assert.equal(rows.filter((row) => row.includes(place)).length, 3, place)
    // It answered 100,000 twice of four times, when the index stood at about 1,300.
    assert.match(output, /^ {2}persistence \(worst worker\) +69\d{3}\.\d{3} +4 /m)
    assert.match(
      output,
      /broken from epoch 2, it fell below 1 % of the best at epoch 4 \(2 after\)/,
    )
    // A quarter is an epoch.
    assert.equal(output.match(/network \/ plain mean \d+\.\d{3}$/gm)?.length, 3 * 4)
    assert.equal(output.match(/^ {2}calibration/gm)?.length, 3)
    assert.match(output, /^ {2}Consumer\(0x[0-9a-f]{40}\)\.latest\(\)/m)
    const answer = /^curl -s http:\S+\/graphql .*\n(\{\n[\s\S]*?\n\})$/m.exec(output)?.[1] ?? output
    const { labels, leaderboards } = JSON.parse(answer)
    assert.equal(labels.items[0].epoch, 4)
    assert.deepEqual(
      leaderboards.items.map(({ scored }: { scored: number }) => scored <= 4 && scored > 0),
      [true, true, true],
    )
    assert.match(output, /^verified topic 1 epoch [1234]: \d+\.\d+$/m)
    assert.equal(existsSync(running.folder()), false)
  })

  it("ends everything at Ctrl-C while it stays up", async () => {
    const running = demo(["--epochs", "1"])
    await says(running, "Ctrl-C stops every process.")
    await endsAll(running, PROCESSES, () => running.child.kill("SIGINT"))
  })

  it("ends everything at Ctrl-C while epochs run", async () => {
    const running = demo(["--epochs", "1000"])
    await says(running, "10 of 1000")
    // A terminal sends it to all of them at once.
    await endsAll(running, PROCESSES, () => process.kill(-(running.child.pid as number), "SIGINT"))
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
