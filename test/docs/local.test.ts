// docs/local.md as it stands, command by command, in a copy of the tree: ```sh runs to its end, ```sh stays NAME is a
// shell of its own, ```sh until is tried again until it succeeds.
import assert from "node:assert/strict"
import { type ChildProcess, spawn } from "node:child_process"
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { delimiter, join, relative } from "node:path"
import { after, before, describe, it } from "node:test"
import { fileURLToPath } from "node:url"

const ROOT = fileURLToPath(new URL("../../", import.meta.url))
const PAGE = join(ROOT, "docs", "local.md")
/** The page's own: the chain's, and the members'. */
const PORTS = [8545, 4100, 4101, 4102, 4103]
const UNTIL_LIMIT_MS = 120_000
const BLOCK_LIMIT_MS = 300_000
const GRACE_MS = 15_000
const PAUSE_MS = 500
/** Heavy, and no command of the page writes there: node_modules are linked, artifacts and cache are copied. */
const LEFT_OUT = ["node_modules", ".git", ".allora", "target", "deployments"]

type Block = {
  readonly kind: "ends" | "stays" | "until"
  readonly name: string
  readonly text: string
}
type Ended = { readonly code: number | null; readonly output: string }

function blocksOf(page: string): Block[] {
  return [...page.matchAll(/^```sh(?: (stays|until))?(?: (\w+))?\n([\s\S]*?)^```$/gm)].map(
    ([, kind = "ends", name = "", text]) => ({
      kind: kind as Block["kind"],
      name,
      text: text as string,
    }),
  )
}

function copyOfTree(): string {
  const copy = realpathSync(mkdtempSync(join(tmpdir(), "allora-docs-")))
  cpSync(ROOT, copy, {
    recursive: true,
    filter: (path) =>
      !relative(ROOT, path)
        .split("/")
        .some((part) => LEFT_OUT.includes(part)),
  })
  for (const folder of ["node_modules", ".setup/node22/node_modules"])
    if (existsSync(join(ROOT, folder))) symlinkSync(join(ROOT, folder), join(copy, folder))
  // The compiler's cache names files by their whole paths; without it everything would be compiled once more.
  const cache = join(copy, "cache", "compile-cache.json")
  if (existsSync(cache))
    writeFileSync(cache, readFileSync(cache, "utf8").replaceAll(ROOT, `${copy}/`))
  return copy
}

/** The environment of somebody's shell: nothing of this project on the PATH, nothing that npm or the test runner set. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const foreign = /^(npm_|ALLORA_|HH_|HARDHAT_|NODE_|INIT_CWD$)/i
  const kept = Object.entries(process.env).filter(([name]) => !foreign.test(name))
  const path = (process.env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => !folder.startsWith(ROOT) && !folder.includes("node_modules"))
    .join(delimiter)
  return { ...Object.fromEntries(kept), PATH: path }
}

const isTaken = (port: number) =>
  new Promise<boolean>((resolve) => {
    const server = createServer()
    server.once("error", () => resolve(true))
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(false)))
  })

describe("docs/local.md", () => {
  const copy = copyOfTree()
  const staying = new Map<string, { child: ChildProcess; output: () => string }>()

  // A group of its own: what ends a block ends also what npm has started for it.
  function shell(text: string) {
    const child = spawn("bash", ["-e", "-c", text], {
      cwd: copy,
      env: plainEnvironment(),
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    })
    let output = ""
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (part: string) => {
        output += part
      })
    return { child, output: () => output }
  }

  function signal(child: ChildProcess, name: NodeJS.Signals) {
    try {
      process.kill(-(child.pid as number), name)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error
    }
  }

  function runToEnd(text: string, limitMs: number): Promise<Ended> {
    const { child, output } = shell(text)
    const timer = setTimeout(() => signal(child, "SIGKILL"), limitMs)
    return new Promise((resolve) =>
      child.on("close", (code) => {
        clearTimeout(timer)
        resolve({ code, output: output() })
      }),
    )
  }

  function requireStaying() {
    for (const [name, { child, output }] of staying)
      assert.equal(child.exitCode, null, `${name} ended on its own:\n${output()}`)
  }

  async function runUntil(text: string): Promise<Ended> {
    const end = performance.now() + UNTIL_LIMIT_MS
    for (;;) {
      requireStaying()
      const ended = await runToEnd(text, UNTIL_LIMIT_MS)
      if (ended.code === 0 || performance.now() > end) return ended
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
  }

  before(async () => {
    for (const port of PORTS)
      assert.equal(
        await isTaken(port),
        false,
        `PortInUse: docs/local.md uses port ${port}, and another program listens there; stop it`,
      )
  })

  after(async () => {
    const ends = [...staying.values()].map(
      ({ child }) =>
        new Promise<void>((resolve) => {
          if (child.exitCode !== null || child.signalCode !== null) return resolve()
          child.once("close", () => resolve())
          signal(child, "SIGINT")
          setTimeout(() => signal(child, "SIGKILL"), GRACE_MS).unref()
        }),
    )
    await Promise.all(ends)
    rmSync(copy, { recursive: true })
  })

  const blocks = blocksOf(readFileSync(PAGE, "utf8"))
  const outputs: string[] = []
  const cleanUp = blocks.at(-1) as Block

  for (const [index, { kind, name, text }] of blocks.slice(0, -1).entries()) {
    const title = text.split("\n")[0] as string
    it(kind === "stays" ? `${title} (stays)` : title, async () => {
      requireStaying()
      if (kind === "stays") {
        staying.set(name, shell(text))
        return
      }
      const { code, output } = await (kind === "until"
        ? runUntil(text)
        : runToEnd(text, BLOCK_LIMIT_MS))
      outputs[index] = output
      assert.equal(code, 0, `exit code ${code}:\n${output}`)
    })
  }

  /** What the block printed that has this in it. */
  const printedBy = (part: string) => outputs[blocks.findIndex(({ text }) => text.includes(part))]

  it("has started a chain, four members, a worker, reputers and a watcher, which all still run", () => {
    requireStaying()
    assert.deepEqual(
      [...staying.keys()],
      ["chain", "member0", "member1", "member2", "member3", "worker", "reputers", "watcher"],
    )
  })

  it("shows who has which part of the stake", () => {
    const shares = (printedBy("allora -- stake show") ?? "").match(/ \d+\.\d{2} +yes /g)
    assert.deepEqual(shares?.map((share) => Number.parseFloat(share)).sort(), [25, 35, 40])
  })

  it("ends its verifying with a line that begins with verified", () => {
    assert.match(printedBy("allora -- verify") ?? "", /^verified topic 1 epoch \d+: \d+\.\d+$/m)
  })

  it("reads a number through a contract of one's own", () => {
    const price = (printedBy("allora -- call") ?? "").trim().split("\n").at(-1) ?? ""
    assert.match(price, /^\d{19,}$/)
    // The S&P 500 stood between 600 and 4000 points in the years of the series.
    const points = BigInt(price) / 10n ** 18n
    assert.ok(points > 600n && points < 4_000n, price)
  })

  it("ends every process at Ctrl-C and leaves nothing behind", async () => {
    for (const [name, { child, output }] of staying) {
      const closed = new Promise((resolve) => child.once("close", resolve))
      const timer = setTimeout(() => signal(child, "SIGKILL"), GRACE_MS)
      signal(child, "SIGINT")
      await closed
      clearTimeout(timer)
      assert.notEqual(child.signalCode, "SIGKILL", `${name} had to be killed:\n${output()}`)
    }
    for (const port of PORTS) assert.equal(await isTaken(port), false, `port ${port}`)
    assert.equal((await runToEnd(cleanUp.text, BLOCK_LIMIT_MS)).code, 0)
    for (const path of [".allora", "contracts/Mine.sol", "contracts/deployments/31337.json"])
      assert.equal(existsSync(join(copy, path)), false, path)
  })
})
