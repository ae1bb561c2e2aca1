// Brings up a whole network on this machine out of the ordinary commands: a chain, the contracts, members, topics,
// workers, reputers. Answers where everything is.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Deployment } from "../../contracts/index.ts"
import { createDevChain } from "../devchain.ts"
import { NodeError } from "../errors.ts"
import type { SeriesName } from "../models/series.ts"
import { newKeyFile } from "../signer.ts"
import { type BrokenWorker, castOf, type DemoTopic, found, POLL_MS, startActors } from "./actors.ts"
import { createProcesses, freePorts, type Processes } from "./processes.ts"

const MEMBERS = 4
/** D of the demo's deployment: an hour, as everywhere; the clock is driven, so it costs nothing. */
const DELAY_SECONDS = 3_600
const ERA_STARTS_WITHIN_SECONDS = 60
/** The committee's era outlasts every day of the series: epochs are days on the chain's driven clock. */
const ERA_SECONDS = 20 * 365 * 86_400
/** Far more than a start takes, also on a machine with more to do. */
const READY_MS = 120_000

export type Say = (text: string) => void
export type Network = Awaited<ReturnType<typeof startNetwork>>

/** Waits until `test` answers something, asking every 50 ms; says what was waited for when it gives up. */
export async function until<T>(
  what: string,
  test: () => Promise<T | undefined>,
  limitMs = READY_MS,
): Promise<T> {
  const end = performance.now() + limitMs
  for (;;) {
    const answer = await test()
    if (answer !== undefined) return answer
    if (performance.now() > end)
      throw new NodeError("TookTooLong", {
        sentence: `waited for ${what}`,
        remedy: "stop",
        given: `${limitMs / 1000} s`,
      })
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

export type NetworkOptions = {
  /** Given by who wants to be able to end them while the network is still starting. */
  readonly processes?: Processes
  readonly broken?: BrokenWorker | undefined
  /** Which of the demo's topics; default: all. */
  readonly only?: readonly SeriesName[] | undefined
}

export async function startNetwork(
  folder: string,
  say: Say,
  { processes = createProcesses(folder), broken, only }: NetworkOptions = {},
) {
  const keys = join(folder, "keys")
  mkdirSync(keys, { recursive: true })
  try {
    const [chainPort, ...memberPorts] = (await freePorts(MEMBERS + 1)) as [number, ...number[]]
    const rpc = `http://127.0.0.1:${chainPort}/`
    const deploymentFile = join(folder, "deployment.json")
    const onChain = ["--rpc", rpc, "--deployment", deploymentFile]
    const place = { folder, onChain }

    say(`chain          npx hardhat node --network home --hostname 127.0.0.1 --port ${chainPort}`)
    processes.chain(chainPort)
    const dev = createDevChain(rpc)
    await until("the chain to answer", async () => {
      processes.requireAll()
      return dev.time().catch(() => undefined)
    })
    // Its log of every call would cost a fifth of the machine.
    await dev.request("hardhat_setLoggingEnabled", [false])

    say("contracts      npm run deploy -- --members members.json")
    const urls = memberPorts.map((port) => `http://127.0.0.1:${port}`)
    const memberKeys = urls.map((_, index) => join(keys, `member${index}.key`))
    const members = memberKeys.map((file, index) => {
      const address = newKeyFile(file)
      return { owner: address, signer: address, payee: address, url: urls[index] }
    })
    const membersFile = join(folder, "members.json")
    writeFileSync(membersFile, JSON.stringify(members, null, 2))
    await processes.deploy([
      ...onChain,
      "--members",
      membersFile,
      "--delay",
      String(DELAY_SECONDS),
      "--expiry",
      String(ERA_SECONDS),
    ])
    const deployment = JSON.parse(readFileSync(deploymentFile, "utf8")) as Deployment

    say("topics         allora topic create, allora register, allora stake deposit")
    const topics = castOf(keys, only)
    // The first window opens late enough that every registration has stood for D seconds.
    const start = (Math.floor(((await dev.time()) + 2 * DELAY_SECONDS) / 86_400) + 1) * 86_400
    const signers = members.map(({ signer }) => signer)
    await processes.run(["faucet", ...signers, "--allo", "0", ...onChain])
    await found(topics, start, processes, place)

    // The era starts a few seconds after it was opened; blocks come with transactions alone.
    await dev.mineAt((await dev.time()) + ERA_STARTS_WITHIN_SECONDS)

    say(`committee      ${MEMBERS} x allora node`)
    const startMember = (index: number) =>
      processes.allora(`member${index}`, [
        "node",
        ...onChain,
        "--key-file",
        memberKeys[index] as string,
        "--data",
        join(folder, `member${index}`),
        "--poll",
        POLL_MS,
        "--stagger",
        "400",
        "--timeout",
        "1000",
      ])
    for (let index = 0; index < MEMBERS; index += 1) startMember(index)
    /** Each member's status, in their order; undefined for one that does not answer. */
    const statuses = () =>
      Promise.all(
        urls.map(async (url) => {
          const response = await fetch(`${url}/status`).catch(() => undefined)
          return response?.ok ? ((await response.json()) as Status) : undefined
        }),
      )
    await until("the members to find each other", async () => {
      processes.requireAll()
      const all = await statuses()
      return all.every((status) => status?.reachable.length === MEMBERS - 1) ? true : undefined
    })

    const counts = (of: (topic: DemoTopic) => number) => topics.map(of).join(" + ")
    say(
      `workers        ${topics.length} x allora worker, ${counts(({ models }) => models.length)} models`,
    )
    say(`forecasters    ${topics.length} x allora worker --models forecaster`)
    say(`reputers       ${counts(({ reputers }) => reputers.length)} x allora reputer`)
    startActors(topics, processes, place, broken)
    return {
      processes,
      folder,
      rpc,
      deployment,
      deploymentFile,
      dev,
      urls,
      topics,
      start,
      statuses,
      /** The members whose process runs, by index. */
      runningMembers: () =>
        [...urls.keys()].filter((index) => processes.isRunning(`member${index}`)),
      startMember,
    }
  } catch (error) {
    await processes.endAll()
    throw error
  }
}

/** What the demo reads of a member's GET /status. */
export type Status = {
  readonly reachable: readonly number[]
  /** How many submissions the member holds, by "topic/epoch". */
  readonly held: Readonly<Record<string, number>>
  /** How many truths, in the same way. */
  readonly truths: Readonly<Record<string, number>>
  readonly block: number
}
