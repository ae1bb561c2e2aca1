// What `npm run check` does: every check runs, also after one has failed, and nothing is changed. With `--write`
// (`npm run format`) it does those that can mend what they find. Runs under Node 22, after run.mjs.
import { spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { missingPlatforms } from "./platforms.mjs"

const ROOT = fileURLToPath(new URL("../", import.meta.url))
const bin = (name) => join("node_modules", ".bin", name)
const SOLIDITY = ["contracts/**/*.sol", "test/contracts/**/*.sol"]

/** Each check: a command that exits 0 if all is well, or a function that answers its findings. `write` mends. */
const CHECKS = [
  {
    name: "biome",
    says: "format and lint",
    check: [bin("biome"), "check", "."],
    write: [bin("biome"), "check", "--write", "."],
  },
  {
    name: "prettier",
    says: "Solidity's format",
    check: [bin("prettier"), "--check", ...SOLIDITY],
    write: [bin("prettier"), "--write", ...SOLIDITY],
  },
  {
    name: "solhint",
    says: "Solidity's lint",
    check: [bin("solhint"), "--disc", "--noPoster", "--max-warnings", "0", ...SOLIDITY],
  },
  { name: "types", says: "TypeScript", check: [bin("tsc"), "--noEmit"] },
  {
    name: "abis",
    says: "contracts/generated is the contracts'",
    check: [process.execPath, "contracts/generate.ts", "--check"],
  },
  {
    name: "gas",
    says: "the gas snapshot is unchanged",
    check: [process.execPath, "test/bench/main.ts", "gas", "--check"],
  },
  { name: "platforms", says: "the locks serve every system", check: platforms },
]

function platforms() {
  return ["package-lock.json", ".setup/node22/package-lock.json"].flatMap((file) =>
    missingPlatforms(JSON.parse(readFileSync(join(ROOT, file), "utf8"))).map(
      (finding) => `${file}: ${finding}`,
    ),
  )
}

/** Runs one check; answers what it printed if it failed. */
async function findings(action) {
  if (typeof action === "function") {
    const found = action()
    return found.length === 0 ? undefined : found.join("\n")
  }
  const [command, ...args] = action
  const child = spawn(command, args, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] })
  const output = []
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (bytes) => output.push(bytes))
  return new Promise((resolve) => {
    child.on("error", (error) => resolve(`${command}: ${error.message}`))
    child.on("close", (code) =>
      resolve(
        code === 0
          ? undefined
          : Buffer.concat(output).toString("utf8").trim() || `exit code ${code}`,
      ),
    )
  })
}

const isWriting = process.argv.includes("--write")
const actions = CHECKS.map(({ name, says, check, write }) => ({
  name,
  says,
  action: isWriting ? write : check,
}))
let failed = 0
for (const { name, says, action } of actions) {
  if (!action) continue
  const began = performance.now()
  process.stdout.write(`${name.padEnd(10)} ${says} ... `)
  const found = await findings(action)
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  if (found === undefined) {
    process.stdout.write(`ok (${seconds} s)\n`)
  } else {
    failed++
    process.stdout.write(`FAILED (${seconds} s)\n\n${found}\n\n`)
  }
}
process.stdout.write(failed === 0 ? "all checks passed\n" : `${failed} of the checks failed\n`)
process.exitCode = failed === 0 ? 0 : 1
