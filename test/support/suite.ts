// Runs the files of one suite in a process of its own and sends the counts to the parent: `suite.ts <kind> <parallel>
// <file>...`. What the runner prints goes to the terminal as it comes; it is never parsed.
import { availableParallelism } from "node:os"
import { run } from "node:test"
import { spec } from "node:test/reporters"
import type Mocha from "mocha"
import type { Kind } from "./suites.ts"
import {
  countNode,
  countSolidity,
  emptyTally,
  fail,
  type NodeEvent,
  pass,
  type Tally,
} from "./tally.ts"

/** A file that takes longer than this hangs. */
const FILE_TIMEOUT_MS = 15 * 60_000

async function runNode(files: readonly string[], parallel: boolean): Promise<Tally> {
  const tally = emptyTally()
  const stream = run({
    files: [...files],
    concurrency: parallel ? availableParallelism() : 1,
    timeout: FILE_TIMEOUT_MS,
  })
  stream.on("test:pass", (event) => countNode(tally, "pass", event as NodeEvent))
  stream.on("test:fail", (event) => countNode(tally, "fail", event as NodeEvent))
  for await (const text of stream.compose(new spec())) process.stdout.write(text)
  return tally
}

async function runSolidity(files: readonly string[]): Promise<Tally> {
  // The chain's own hardfork, not Hardhat's newest.
  process.env.HARDHAT_NETWORK = "home"
  const { default: hre } = await import("hardhat")
  const tally = emptyTally()
  const task = hre.tasks.getTask(["test", "solidity"])
  const result = await task.run({ testFiles: [...files] })
  const answer = result.success ? result.value : result.error
  countSolidity(tally, result.success, answer.suiteResults)
  return tally
}

async function runMocha(files: readonly string[]): Promise<Tally> {
  const { default: hre } = await import("hardhat")
  const { default: mocha } = await import("mocha")
  const tally = emptyTally()
  // Mocha calls its reporter with `new`, so it has to be a function.
  function Counting(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    new mocha.reporters.Spec(runner, options)
    runner.on("pass", () => pass(tally))
    runner.on("fail", () => fail(tally))
    runner.on("pending", (test) => fail(tally, `skipped: ${test.fullTitle()}`))
  }
  const settings = hre.config.test.mocha
  settings.reporter = Counting as unknown as Mocha.ReporterConstructor
  settings.forbidOnly = true
  const result = await hre.tasks
    .getTask(["test", "mocha"])
    .run({ testFiles: [...files], noCompile: true })
  if (!result.success && tally.failed === 0) fail(tally, "the runner failed, and no test says why")
  return tally
}

const [kind, parallel, ...files] = process.argv.slice(2) as [Kind, string, ...string[]]
process.env.HH_TEST = "true"
process.env.NODE_ENV ??= "test"
const runners = {
  node: () => runNode(files, parallel === "true"),
  solidity: () => runSolidity(files),
  mocha: () => runMocha(files),
}
const tally = await runners[kind]()
if (!process.send) throw new Error("suite.ts is started by run.ts, over an IPC channel")
// A network that a test left open must not keep the run from ending.
process.send(tally, undefined, undefined, () => process.exit(0))
