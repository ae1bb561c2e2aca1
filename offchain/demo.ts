// `allora demo`: the whole path on this machine, on real data. It starts what a person would start, drives the
// chain's clock, and ends with the table, a consumer's reading and a verified epoch.
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { consumerAbi } from "../contracts/index.ts"
import { createChain } from "./chain.ts"
import { decimal } from "./decimal.ts"
import { runEpoch } from "./demo/epochs.ts"
import { type Network, startNetwork } from "./demo/network.ts"
import { createProcesses } from "./demo/processes.ts"
import { tableOf, tableText } from "./demo/table.ts"

export type DemoOptions = {
  readonly epochs: number
  /** End with the last epoch instead of staying up. */
  readonly once: boolean
  /** Which epoch `verify` recomputes at the end; drawn by chance if absent. */
  readonly verifyEpoch?: number
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
    const network = await startNetwork(folder, write, processes)
    write(`\nup after ${((performance.now() - began) / 1000).toFixed(0)} s\n`)
    await show(network, options)
    if (options.once) return
    write(whatToTry(network))
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

/** The epochs, the table, the consumer's reading, the verified epoch. */
async function show(network: Network, { epochs, verifyEpoch }: DemoOptions): Promise<void> {
  const chain = await createChain({ rpc: network.rpc, deployment: network.deploymentFile })
  await chain.follow()
  const times: number[] = []
  const firstEpoch = 1
  for (let epoch = firstEpoch; epoch < firstEpoch + epochs; epoch += 1) {
    times.push((await runEpoch(network, chain, epoch)).ms)
    progress(epoch - firstEpoch + 1, epochs, times)
  }
  write("")
  for (const topic of network.topics) write(`\n${tableText(await tableOf(network, chain, topic))}`)

  write("\nA contract of its own reads the first topic (contracts/examples/Consumer.sol):")
  const [topic] = network.topics
  if (!topic) return
  const consumer = await deployConsumer(network, topic.topicId)
  const [value] = await chain.read<[bigint, number]>({
    address: consumer,
    abi: consumerAbi,
    functionName: "latest",
    args: [],
  })
  write(`  Consumer(${consumer}).latest() = ${decimal(value)} ${topic.unit}`)

  const epoch = verifyEpoch ?? firstEpoch + Math.floor(Math.random() * epochs)
  write(`\nallora verify ${topic.topicId} ${epoch}`)
  const where = ["--rpc", network.rpc, "--deployment", network.deploymentFile]
  write(
    (
      await network.processes.run(["verify", String(topic.topicId), String(epoch), ...where])
    ).trimEnd(),
  )
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

function progress(done: number, of: number, times: readonly number[]) {
  const recent = times.slice(-10)
  const mean = recent.reduce((sum, ms) => sum + ms, 0) / recent.length / 1000
  const bar = "=".repeat(Math.round((done / of) * 30)).padEnd(30)
  const line = `epochs         [${bar}] ${done} of ${of}, ${mean.toFixed(2)} s each`
  if (process.stdout.isTTY) process.stdout.write(`\r${line}`)
  else if (done === of || done % 10 === 0) write(line)
}

function whatToTry(network: Network): string {
  const where = `--rpc ${network.rpc} --deployment ${network.deploymentFile}`
  return [
    "\nThe network stays up. In another shell, try:",
    `  npm run -s allora -- topic list ${where}`,
    `  npm run -s allora -- read 1 ${where}`,
    `  npm run -s allora -- verify 1 7 ${where}`,
    `  curl ${network.urls[0]}/status`,
    "Ctrl-C stops every process.",
  ].join("\n")
}
