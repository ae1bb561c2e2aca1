// Runs one of the project's jobs on any machine that has Node 18 or newer and npm: brings Node 22, the locked
// dependencies and the compiled contracts first, if they are missing, and says so. `npm run <job>` ends here.
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { build, buildAll } from "./build.mjs"
import { environment, findNode, installDependencies } from "./install.mjs"
import { run, SetupError } from "./step.mjs"

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const ALLORA = "offchain/main.ts"

/** Each job: what it does, the command (after `node`, or by `program`), and which artifacts it needs first. */
const JOBS = {
  allora: { does: "the allora command: node, worker, verify, ...; see --help", args: [ALLORA] },
  bench: { does: "figures beside the peers'", args: ["test/bench/main.ts"], needs: "all" },
  build: { does: "compile contracts, generate ABIs", args: [] },
  check: {
    does: "format, types, lints, generated files, gas, locks; changes nothing",
    args: [".setup/check.mjs"],
    needs: "all",
  },
  demo: {
    does: "the whole path on this machine in a minute",
    args: [ALLORA, "demo"],
    needs: "contracts",
  },
  deploy: {
    does: "put the contracts on a chain and record where",
    args: ["contracts/deploy.ts"],
    needs: "contracts",
  },
  format: { does: "make it so", args: [".setup/check.mjs", "--write"] },
  index: { does: "run the indexer: GraphQL and pages; see --help", args: ["indexer/start.ts"] },
  node: { does: "run a committee member", args: [ALLORA, "node"] },
  test: {
    does: "all tests, or those whose suite or path is named",
    args: ["test/run.ts"],
    needs: "all",
  },
  vectors: {
    does: "write test/vectors from the Rust reference (needs Rust)",
    args: ["run", "--release", "--locked", "--example", "vectors", "--"],
    program: "cargo",
    folder: "wasm",
  },
  verify: { does: "recompute one report from public data", args: [ALLORA, "verify"] },
  wasm: {
    does: "rebuild wasm/pkg (needs Rust; nobody else does)",
    args: ["wasm/build.mjs"],
  },
}

function usage() {
  const lines = Object.entries(JOBS).map(([name, { does }]) => `  ${name.padEnd(8)} ${does}`)
  return `usage: npm run <job> -- [arguments]\n\n${lines.join("\n")}\n`
}

async function main([name, ...rest]) {
  if (name === undefined || name === "--help" || name === "-h") {
    process.stdout.write(usage())
    return 0
  }
  if (!Object.hasOwn(JOBS, name)) {
    process.stderr.write(`UnknownJob: there is no job "${name}"\n\n${usage()}`)
    return 1
  }
  const job = JOBS[name]
  const node = await findNode(ROOT)
  const env = environment(ROOT, node)
  await installDependencies(ROOT, node, env)
  if (name === "build") {
    await buildAll(ROOT, node, env)
    return 0
  }
  // `check` looks at the ABIs itself; a stale one is among its findings, not a reason to stop before the others.
  if (job.needs)
    await build(ROOT, node, env, { scope: job.needs, abis: name === "check" ? "leave" : "compare" })
  const cwd = job.program ? join(ROOT, job.folder ?? "") : process.cwd()
  const [first, ...others] = job.args
  const args = job.program ? job.args : [join(ROOT, first), ...others]
  return run(job.program ?? node, [...args, ...rest], { cwd, env }).catch((error) => {
    throw new SetupError("ProgramMissing", `the job "${name}" needs ${job.program ?? node}`, {
      given: error.message,
    })
  })
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(error instanceof SetupError ? `${error.message}\n` : `${error.stack}\n`)
  process.exitCode = 1
}
