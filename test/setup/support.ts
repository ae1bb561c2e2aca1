// Folders that hold a copy of the set-up and nothing else of the project, and a stand-in for npm that keeps a record.
import { spawn } from "node:child_process"
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import type { TestContext } from "node:test"
import { fileURLToPath } from "node:url"

export const ROOT = fileURLToPath(new URL("../../", import.meta.url))

export type Ended = { code: number | null; signal: string | null; stdout: string; stderr: string }

/** A folder that goes when the test ends. */
export function temporary(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "allora-setup-"))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export function write(folder: string, files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
}

export const lockOf = (versions: Record<string, string>, more: object = {}) =>
  JSON.stringify({
    packages: {
      "": {},
      ...Object.fromEntries(
        Object.entries(versions).map(([name, version]) => [
          `node_modules/${name}`,
          { version, integrity: `sha512-${name}${version}`, ...more },
        ]),
      ),
    },
  })

/** What stands in for npm: notes how it was called, and writes what npm writes last. */
const NPM = `
const { appendFileSync, mkdirSync, copyFileSync } = require("node:fs")
appendFileSync(process.env.RECORD, "npm " + process.argv.slice(2).join(" ") + " on " + process.execPath + "\\n")
setTimeout(() => {
  if (process.env.NPM_FAILS) { console.error("registry unreachable"); process.exit(1) }
  mkdirSync("node_modules", { recursive: true })
  if (!process.env.NPM_FORGETS) copyFileSync("package-lock.json", "node_modules/.package-lock.json")
}, 200)
`

/** What stands in for Hardhat and for the generator: note how they were called. */
const noting = (name: string) => `
import { appendFileSync, mkdirSync } from "node:fs"
appendFileSync(process.env.RECORD, ["${name}", ...process.argv.slice(2)].join(" ") + "\\n")
if (process.env.FAILS === "${name}") { console.error("${name} says why"); process.exit(1) }
mkdirSync("artifacts", { recursive: true })
`

/** A project that is the set-up and the least it works on. Answers how to run it and what was called. */
export function project(context: TestContext) {
  const root = temporary(context)
  const record = join(root, "record")
  mkdirSync(join(root, ".setup"))
  for (const name of readdirSync(join(ROOT, ".setup"))) {
    if (name.endsWith(".mjs")) cpSync(join(ROOT, ".setup", name), join(root, ".setup", name))
  }
  write(root, {
    "package.json": JSON.stringify({ type: "module" }),
    "package-lock.json": lockOf({ one: "1.0.0" }),
    "hardhat.config.ts": "",
    "offchain/main.ts": "",
    "contracts/A.sol": "contract A {}",
    "contracts/deploy.ts": "",
    "contracts/generate.ts": noting("generate"),
    "test/contracts/A.t.sol": "contract ATest {}",
    "test/run.ts": "",
    "node_modules/hardhat/dist/src/cli.js": noting("hardhat"),
    "node_modules/hardhat/package.json": JSON.stringify({ type: "module" }),
    "bin/npm-cli.js": NPM,
    "bin/package.json": JSON.stringify({ type: "commonjs" }),
  })
  chmodSync(join(root, "bin/npm-cli.js"), 0o755)
  const env = (more: Record<string, string> = {}) => ({
    PATH: process.env.PATH ?? "",
    npm_execpath: join(root, "bin/npm-cli.js"),
    RECORD: record,
    ...more,
  })
  return {
    root,
    env,
    run: (args: readonly string[], more?: Record<string, string>) =>
      ended(start([join(root, ".setup/run.mjs"), ...args], { cwd: root, env: env(more) })),
    /** What was called since the last look, a line each. */
    calls(): string[] {
      const lines = existsSync(record) ? readFileSync(record, "utf8").trim().split("\n") : []
      rmSync(record, { force: true })
      return lines
    },
  }
}

export function start(args: readonly string[], options: { cwd: string; env: NodeJS.ProcessEnv }) {
  return spawn(process.execPath, [...args], { ...options, stdio: ["ignore", "pipe", "pipe"] })
}

export function ended(child: ReturnType<typeof start>): Promise<Ended> {
  let stdout = ""
  let stderr = ""
  child.stdout.on("data", (text) => {
    stdout += text
  })
  child.stderr.on("data", (text) => {
    stderr += text
  })
  return new Promise((resolve) =>
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr })),
  )
}
