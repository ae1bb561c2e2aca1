// Brings what the project needs and the machine lacks: Node 22 (it runs TypeScript as it stands), then the locked
// dependencies. npm itself must run on Node 22: on an older one it leaves out the EVM's binary without a word.
import { existsSync, readFileSync, realpathSync } from "node:fs"
import { delimiter, dirname, join } from "node:path"
import { locked, run, SetupError, step } from "./step.mjs"

const REQUIRED = [22, 18]

/** Whether a Node of this version runs TypeScript without a flag: 22.18, and all from 23.6 on. */
export function isRecent(version) {
  const [major, minor] = version.replace(/^v/, "").split(".").map(Number)
  if (major === 23) return minor >= 6
  return major > REQUIRED[0] || (major === REQUIRED[0] && minor >= REQUIRED[1])
}

/**
 * The path of a Node that runs the project: the running one, else the locked Node 22, installed if it is missing.
 * @param {string} root
 * @param {Pick<NodeJS.Process, "version" | "execPath" | "platform" | "arch">} system
 */
export async function findNode(root, { version, execPath, platform, arch } = process) {
  if (isRecent(version)) return execPath
  const folder = join(root, ".setup", "node22")
  const system = platform === "win32" ? "win" : platform
  const name = `node-${system}-${arch}`
  const node = join(folder, "node_modules", name, "bin", platform === "win32" ? "node.exe" : "node")
  const wanted = readJson(join(folder, "package-lock.json"))?.packages?.[`node_modules/${name}`]
  if (!wanted) throw noNode(version, `npm has no locked Node 22 for ${platform}-${arch}`)
  const isThere = () =>
    existsSync(node) &&
    readJson(join(folder, "node_modules", name, "package.json"))?.version === wanted.version
  if (!isThere())
    await locked(join(root, ".setup", "lock"), async () => {
      if (isThere()) return
      const npm = npmCommand(execPath, process.env)
      await step(
        `Node ${version.replace(/^v/, "")} is too old here; installing Node ${wanted.version} into .setup/node22 (some 10 seconds)`,
        "InstallFailed",
        npm.command,
        [...npm.args, "ci", "--prefix", folder, "--no-audit", "--no-fund", "--include=optional"],
        { cwd: folder, shell: npm.shell },
      )
    })
  if (!isThere()) throw noNode(version, `npm installed no ${name}`)
  const exit = await run(node, ["--version"], { stdio: "ignore" }).catch(() => 1)
  if (exit !== 0) throw noNode(version, `${node} does not run on this system`)
  return node
}

function noNode(version, reason) {
  return new SetupError(
    "NodeTooOld",
    `${reason}; install Node 22 yourself (nodejs.org, nvm, brew install node@22)`,
    {
      given: version,
      required: "22.18 or newer, not 23.0 to 23.5",
    },
  )
}

/** Installs the locked dependencies under `node` unless they are there just as package-lock.json names them. */
export async function installDependencies(root, node, env) {
  if (!firstMissing(root)) return
  await locked(join(root, ".setup", "lock"), async () => {
    const missing = firstMissing(root)
    if (!missing) return
    const why = existsSync(join(root, "node_modules"))
      ? `${missing} is not as locked`
      : "node_modules is missing"
    const npm = npmCommand(node, env)
    await step(
      `${why}; installing the locked dependencies with npm ci (600 MB, half a minute to two minutes)`,
      "InstallFailed",
      npm.command,
      [...npm.args, "ci", "--no-audit", "--no-fund", "--include=dev", "--include=optional"],
      { cwd: root, env, shell: npm.shell },
    )
    const still = firstMissing(root)
    if (still) {
      throw new SetupError("InstallIncomplete", "npm ci left a package out", {
        given: `no ${still}`,
        required: "every package of package-lock.json that this system can have",
      })
    }
  })
}

/**
 * The first package that is not installed as locked, if any. npm writes node_modules/.package-lock.json when everything
 * else is in place, so an install that was cut off counts as none.
 */
export function firstMissing(root, system = process) {
  const wanted = readJson(join(root, "package-lock.json"))?.packages
  if (!wanted) {
    throw new SetupError("LockMissing", "package-lock.json cannot be read", {
      given: root,
      required: "a checked-out tree",
    })
  }
  const found = readJson(join(root, "node_modules", ".package-lock.json"))?.packages ?? {}
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === "") continue
    const there = found[path]
    if (
      there
        ? there.version !== entry.version || there.integrity !== entry.integrity
        : isDue(entry, system)
    ) {
      return path.replace(/^node_modules\//, "")
    }
  }
  return undefined
}

/** Whether npm has to install an entry here. An optional one only where system, processor and C library fit. */
function isDue(entry, { platform, arch }) {
  if (!entry.optional) return true
  const fits = (list, value) =>
    !list || list.includes(value) || (list[0]?.startsWith("!") && !list.includes(`!${value}`))
  if (!fits(entry.os, platform) || !fits(entry.cpu, arch)) return false
  return !entry.libc || platform !== "linux" || entry.libc.includes(cLibrary())
}

function cLibrary() {
  return process.report?.getReport().header.glibcVersionRuntime ? "glibc" : "musl"
}

/** How to start npm on a given Node: by its own file where that is known, since its first line asks for any `node`. */
export function npmCommand(node, env) {
  const candidates = [
    env.npm_execpath,
    ...(env.PATH ?? "").split(delimiter).map((folder) => join(folder, "npm")),
  ]
  for (const candidate of candidates) {
    if (!candidate || !existsSync(candidate)) continue
    const file = realpathSync(candidate)
    if (/npm-cli\.c?js$/.test(file)) return { command: node, args: [file], shell: false }
  }
  return { command: "npm", args: [], shell: process.platform === "win32" }
}

/** The environment of every job: the chosen Node first, then the project's own commands. */
export function environment(root, node, env = process.env) {
  const path = Object.keys(env).find((key) => key.toUpperCase() === "PATH") ?? "PATH"
  const folders = [dirname(node), join(root, "node_modules", ".bin"), env[path]]
  return {
    ...env,
    [path]: folders.filter(Boolean).join(delimiter),
    HARDHAT_DISABLE_TELEMETRY: "true",
    DO_NOT_TRACK: "1",
  }
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"))
  } catch {
    return undefined
  }
}
