// `allora demo`: the whole path on this machine, on real data. It starts what a person would start, drives the chain's
// clock, and ends with the tables, a consumer's reading, an answer of the index and a verified epoch.
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { consumerAbi } from "../contracts/index.ts"
import { load } from "../wasm/index.ts"
import { type Chain, createChain } from "./chain.ts"
import { decimal } from "./decimal.ts"
import type { BrokenWorker } from "./demo/actors.ts"
import { askedText, startIndexer } from "./demo/asking.ts"
import { collect } from "./demo/collect.ts"
import { type EpochTimes, runEpoch } from "./demo/epochs.ts"
import { type Network, startNetwork } from "./demo/network.ts"
import { createProcesses } from "./demo/processes.ts"
import { tableText, weightPlot } from "./demo/table.ts"
import { NodeError } from "./errors.ts"
import { rowOf } from "./models/topics.ts"

export type DemoOptions = {
  readonly epochs: number
  /** End with the last epoch instead of staying up. */
  readonly once: boolean
  /** Which epoch `verify` recomputes at the end; drawn by chance if absent. */
  readonly verifyEpoch?: number
  /** A worker that answers wrongly on purpose for some epochs. */
  readonly broken?: BrokenWorker
}

const write = (text: string) => process.stdout.write(`${text}\n`)

export async function runDemo(options: DemoOptions): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "allora-demo-"))
  const processes = createProcesses(folder)
  const { ended, isEnded } = untilToldToEnd()
  let succeeded = false
  let running: Promise<void> | undefined
  try {
    write(`Logs, keys and data are in ${folder}\n`)
    running = run()
    await Promise.race([running, ended])
    succeeded = options.once
  } catch (error) {
    // Ctrl-C at a terminal reaches the processes too, and what then fails is no fault.
    if (!isEnded()) throw error
  } finally {
    write("\nstopping every process")
    await processes.endAll()
    // What was under way fails now that nothing answers any more.
    await running?.catch(() => undefined)
    // Kept where something went wrong: the logs say what.
    if (succeeded || isEnded()) rmSync(folder, { recursive: true, force: true })
  }

  async function run() {
    const began = performance.now()
    const network = await startNetwork(folder, write, { processes, broken: options.broken })
    const index = await startIndexer(network, write)
    write(`\nup after ${((performance.now() - began) / 1000).toFixed(0)} s\n`)
    await show(network, index, options)
    if (options.once) return
    write(whatToTry(network, index))
    await ended
  }
}

/** Resolves at Ctrl-C, when told to end, and when nobody is left to read what is printed. */
function untilToldToEnd() {
  let isEnded = false
  const ended = new Promise<void>((resolve) => {
    const end = () => {
      isEnded = true
      resolve()
    }
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, end)
    process.stdout.on("error", end)
  })
  return { ended, isEnded: () => isEnded }
}

/** The epochs, the tables, the consumer's reading, the index's answer, the verified epoch. */
async function show(network: Network, index: string, options: DemoOptions): Promise<void> {
  const { epochs, verifyEpoch, broken } = options
  await load()
  const chain = await createChain({ rpc: network.rpc, deployment: network.deploymentFile })
  await chain.follow()
  const times: EpochTimes[] = []
  const firstEpoch = 1
  for (let epoch = firstEpoch; epoch < firstEpoch + epochs; epoch += 1) {
    times.push(await runEpoch(network, chain, epoch))
    progress(epoch - firstEpoch + 1, epochs, times)
  }
  write(`\n${timesText(times)}`)
  for (const topic of network.topics) {
    const told = await collect(network, chain, topic)
    const dates = (epoch: number) => topic.series().dates[rowOf(topic, epoch)] ?? "?"
    write(`\n${tableText({ ...topic, dates }, told)}`)
    if (broken?.topic === topic.name) write(`\n${weightPlot(told, broken)}`)
  }
  const [topic] = network.topics
  if (!topic) return
  write("\nA contract of its own reads the first topic (contracts/examples/Consumer.sol):")
  write(`  ${await reading(network, chain, topic)}`)

  write("\nThe index answers questions about all of it (docs/queries.md):")
  write(await askedText(network, index))

  const epoch = verifyEpoch ?? firstEpoch + Math.floor(Math.random() * epochs)
  write(`\nallora verify ${topic.topicId} ${epoch}`)
  const where = ["--rpc", network.rpc, "--deployment", network.deploymentFile]
  const verify = ["verify", String(topic.topicId), String(epoch), ...where]
  write((await network.processes.run(verify)).trimEnd())
}

/** What the consumer's function answers, or the name under which it refuses. */
async function reading(
  network: Network,
  chain: Chain,
  { topicId, unit }: Network["topics"][number],
): Promise<string> {
  const address = await deployConsumer(network, topicId)
  const call = { address, abi: consumerAbi, functionName: "latest", args: [] }
  try {
    const [value] = await chain.read<[bigint, number]>(call)
    return `Consumer(${address}).latest() = ${decimal(value)} ${unit}`
  } catch (error) {
    // Such as TooUncertain, shortly after a worker was broken.
    if (!(error instanceof NodeError) || error.remedy !== "refuse") throw error
    return `Consumer(${address}).latest(): ${error.message}`
  }
}

async function deployConsumer(network: Network, topicId: number): Promise<`0x${string}`> {
  const day = 86_400
  // Refuses what is older than two days, or more uncertain than 1,000 of the topic's units.
  const args = [
    network.deployment.reports,
    topicId,
    2 * day,
    (1_000n * 10n ** 18n).toString(),
    false,
  ]
  const printed = await network.processes.deploy([
    "--rpc",
    network.rpc,
    "--contract",
    "Consumer",
    "--args",
    JSON.stringify(args),
  ])
  return /0x[0-9a-fA-F]{40}/.exec(printed)?.[0] as `0x${string}`
}

const meanOf = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length

function progress(done: number, of: number, times: readonly EpochTimes[]) {
  const seconds = meanOf(times.slice(-10).map(({ ms }) => ms)) / 1000
  const bar = "=".repeat(Math.round((done / of) * 30)).padEnd(30)
  const line = `epochs         [${bar}] ${done} of ${of}, ${seconds.toFixed(2)} s each`
  if (process.stdout.isTTY) process.stdout.write(`\r${line}`)
  else if (done === of || done % 10 === 0) write(line)
}

/** What an epoch of all topics took of our time, and where it went. */
function timesText(times: readonly EpochTimes[]): string {
  const mean = (pick: (each: EpochTimes) => number) => `${meanOf(times.map(pick)).toFixed(0)} ms`
  return [
    `an epoch took ${mean(({ ms }) => ms)} in the mean: submissions ${mean(({ submissionsMs }) => submissionsMs)}`,
    `reports ${mean(({ reportsMs }) => reportsMs)}`,
    `truths ${mean(({ truthsMs }) => truthsMs)}`,
    `settlements ${mean(({ settlementsMs }) => settlementsMs)}`,
  ].join(", ")
}

function whatToTry(network: Network, index: string): string {
  const where = `--rpc ${network.rpc} --deployment ${network.deploymentFile}`
  return [
    "\nThe network stays up. In another shell, try:",
    `  npm run -s allora -- topic list ${where}`,
    `  npm run -s allora -- read 1 ${where}`,
    `  npm run -s allora -- verify 1 7 ${where}`,
    `  curl ${network.urls[0]}/status`,
    `  ${index}/ in a browser`,
    "Ctrl-C stops every process.",
  ].join("\n")
}
