// Compiles the contracts when they are not what was compiled last. Only the job `build` writes the committed ABIs; every
// other one compares them, so that a test run changes nothing that git sees.
import { createHash } from "node:crypto"
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { locked, say, step } from "./step.mjs"

const STAMP = ["artifacts", ".sources.json"]

/**
 * Makes the artifacts those of the sources. `scope`: "contracts", or "all" with the Solidity tests. `abis`: "write",
 * "compare" or "leave".
 */
export async function build(root, node, env, { scope, abis, always = false }) {
  const isFresh = () => {
    const wanted = sources(root)
    const built = readStamp(root)
    return (
      built.contracts === wanted.contracts &&
      (scope === "contracts" || built.tests === wanted.tests)
    )
  }
  if (!always && isFresh()) return
  await locked(join(root, ".setup", "lock"), async () => {
    if (!always && isFresh()) return
    const wanted = sources(root)
    const built = readStamp(root)
    const hardhat = join(root, "node_modules", "hardhat", "dist", "src", "cli.js")
    const output = await step(
      scope === "all"
        ? "compiling the contracts and their tests (three minutes the first time, less when little changed)"
        : "compiling the contracts (half a minute)",
      "BuildFailed",
      node,
      [hardhat, "build", ...(scope === "contracts" ? ["--no-tests"] : [])],
      { cwd: root, env },
    )
    const warnings = ownWarnings(output)
    if (warnings) process.stderr.write(`${warnings}\n`)
    if (abis !== "leave") {
      const generate = [
        join(root, "contracts", "generate.ts"),
        ...(abis === "compare" ? ["--check"] : []),
      ]
      const verb = abis === "write" ? "writing" : "comparing"
      await step(`${verb} contracts/generated/abi.ts`, "GeneratedStale", node, generate, {
        cwd: root,
        env,
      })
    }
    const tests =
      scope === "all" ? wanted.tests : built.contracts === wanted.contracts && built.tests
    writeFileSync(
      join(root, ...STAMP),
      JSON.stringify({ contracts: wanted.contracts, tests: tests || "" }),
    )
  })
}

/** What the compiler reads: our sources, its settings, and (by the lock) itself and the libraries. */
export function sources(root) {
  const shared = ["hardhat.config.ts", "package-lock.json"]
  return {
    contracts: hashOf(root, [...shared, ...solidity(root, "contracts")]),
    tests: hashOf(root, [...shared, ...solidity(root, "contracts"), ...solidity(root, "test")]),
  }
}

function solidity(root, folder) {
  if (!existsSync(join(root, folder))) return []
  const files = readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return solidity(root, path)
    return path.endsWith(".sol") ? [path] : []
  })
  return files.sort()
}

function hashOf(root, files) {
  const hash = createHash("sha256")
  for (const file of files)
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update("\0")
  return hash.digest("hex")
}

function readStamp(root) {
  try {
    return JSON.parse(readFileSync(join(root, ...STAMP), "utf8"))
  } catch {
    return {}
  }
}

/** The compiler's warnings about our own files; those about a library's are nobody's to mend here. */
export function ownWarnings(output) {
  const blocks = output.split(/\n(?=Warning: |Compiled |No contracts)/)
  return blocks
    .filter(
      (block) => block.startsWith("Warning: ") && !/--> (\.\/)?(node_modules|npm)\//.test(block),
    )
    .join("\n")
    .trim()
}

/** The job `build`. */
export async function buildAll(root, node, env) {
  await build(root, node, env, { scope: "all", abis: "write", always: true })
  say("the contracts are compiled and contracts/generated/abi.ts is theirs")
}
