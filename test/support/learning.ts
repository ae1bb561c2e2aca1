// A committee that settles: real members in this process, on a real chain with a clock that the test drives. Workers and
// reputers are the test's own keys, so it says what each of them answers and which members hear it.
import assert from "node:assert/strict"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Abi, encodeFunctionData, type Hex } from "viem"
import {
  alloAbi,
  type Deployment,
  domain,
  type Parameters,
  stakesAbi,
  topicsAbi,
} from "../../contracts/index.ts"
import { createChain } from "../../offchain/chain.ts"
import { until } from "../../offchain/demo/network.ts"
import { createProcesses, freePorts, type Processes } from "../../offchain/demo/processes.ts"
import { createDevChain } from "../../offchain/devchain.ts"
import { createLog } from "../../offchain/log.ts"
import { createLife, type RunningNode, startNode } from "../../offchain/node.ts"
import { fetchRow } from "../../offchain/rowclient.ts"
import { truthTimes, windowOf } from "../../offchain/schedule.ts"
import { createSigner, newKeyFile, readKey, type Signer } from "../../offchain/signer.ts"
import { encodeSubmission, type Submission, submissionDigest } from "../../offchain/submission.ts"
import { fetchTerms } from "../../offchain/terms.ts"
import { encodeTruth, type Truth, truthDigest } from "../../offchain/truth.ts"
import { load } from "../../wasm/index.ts"
import { parametersOf, WAD } from "./epochs.ts"

const MEMBERS = 4
const DELAY_SECONDS = 5
const ERA_SECONDS = 10 * 365 * 86_400
const EXTRA: Hex = `0x${"00".repeat(32)}`
const ALLO = 10n ** 18n
const LIMIT_MS = 30_000

/** Epochs of 100 s: the window late in it, the truth of the epoch before it told and settled by then. */
const SCHEDULE = {
  length: 100,
  windowOpens: 60,
  windowLength: 20,
  lag: 50,
  truthWindow: 10,
  deadline: 15,
}

export type LearningOptions = {
  /** Each topic's parameters but its schedule. */
  readonly topics?: readonly Parameters[]
  /** How many workers each topic has; all are inferers. */
  readonly workers?: number
  /** Stakes in ALLO, one a reputer; the same in each topic. */
  readonly stakes?: readonly bigint[]
  /** No member is started: the test does that. */
  readonly isEmpty?: boolean
}

export type Learning = Awaited<ReturnType<typeof startLearning>>

export type MemberStatus = {
  readonly chainTime: number
  readonly held: Readonly<Record<string, number>>
  readonly truths: Readonly<Record<string, number>>
  readonly settled: Readonly<Record<string, { epoch: number; state: Hex; isHere: boolean }>>
  readonly slots: readonly { readonly slot: number; readonly takesPart: boolean }[]
  readonly twin?: {
    readonly confirmed: number
    readonly denied: number
    readonly unanswered: number
  }
  readonly alarms: readonly { readonly code: string; readonly epoch: string }[]
}

export async function startLearning(options: LearningOptions = {}) {
  const folder = mkdtempSync(join(tmpdir(), "allora-learning-"))
  const processes = createProcesses(folder)
  try {
    return await learningIn(folder, processes, options)
  } catch (error) {
    // A chain that is left running would keep the test from ending.
    await processes.endAll()
    throw error
  }
}

async function learningIn(folder: string, processes: Processes, options: LearningOptions) {
  const { topics = [parametersOf(1)], workers: workerCount = 3, stakes = [40n, 35n, 25n] } = options
  await load()
  const [chainPort, ...ports] = (await freePorts(MEMBERS + 1)) as [number, ...number[]]
  const rpc = `http://127.0.0.1:${chainPort}/`
  const deploymentFile = join(folder, "deployment.json")
  processes.chain(chainPort)
  const dev = createDevChain(rpc)
  await until("the chain to answer", () => dev.time().catch(() => undefined))
  await dev.request("hardhat_setLoggingEnabled", [false])

  const signerOf = (name: string): Signer => {
    newKeyFile(join(folder, `${name}.key`))
    return createSigner(readKey(join(folder, `${name}.key`)))
  }
  const members = ports.map((port, index) => {
    const { address } = signerOf(`member${index}`)
    return { owner: address, signer: address, payee: address, url: `http://127.0.0.1:${port}` }
  })
  const membersFile = join(folder, "members.json")
  writeFileSync(membersFile, JSON.stringify(members))
  const onChain = ["--rpc", rpc, "--deployment", deploymentFile]
  const terms = ["--delay", String(DELAY_SECONDS), "--expiry", String(ERA_SECONDS)]
  await processes.deploy([...onChain, "--members", membersFile, ...terms])
  const deployment = JSON.parse(readFileSync(deploymentFile, "utf8")) as Deployment
  const chain = await createChain({ rpc, deployment: deploymentFile })

  const creator = signerOf("creator")
  const workers = Array.from({ length: workerCount }, (_, index) => signerOf(`worker${index}`))
  const reputers = stakes.map((_, index) => signerOf(`reputer${index}`))
  await fund()
  const start = (await dev.time()) + 200
  const parameters = topics.map((topic) => ({
    ...topic,
    schedule: { ...SCHEDULE, start, firstEpoch: 1 },
  }))
  await create()
  await dev.mineAt((await dev.time()) + 30)
  const nodes = new Map<number, { node: RunningNode; said: string[] }>()
  if (!options.isEmpty) for (const index of members.keys()) await startMember(index)
  await chain.follow()

  async function fund() {
    const [bank] = (await dev.accounts()) as [Hex]
    const plenty = `0x${(10n ** 21n).toString(16)}`
    for (const { address } of [creator, ...workers, ...reputers]) {
      await dev.request("hardhat_setBalance", [address, plenty])
      const args = [address, 10_000n * ALLO] as const
      const data = encodeFunctionData({ abi: alloAbi, functionName: "transfer", args })
      await dev.send({ from: bank, to: deployment.allo, data })
    }
    for (const { signer } of members) await dev.request("hardhat_setBalance", [signer, plenty])
  }

  async function create() {
    const call = (
      signer: Signer,
      address: Hex,
      abi: unknown,
      functionName: string,
      args: readonly unknown[],
    ) => chain.write(signer, { address, abi: abi as Abi, functionName, args })
    const allow = (signer: Signer, spender: Hex) =>
      call(signer, deployment.allo, alloAbi, "approve", [spender, 10_000n * ALLO])
    for (const each of [creator, ...workers, ...reputers]) await allow(each, deployment.topics)
    for (const each of reputers) await allow(each, deployment.stakes)
    for (const [index, each] of parameters.entries()) {
      const topicId = index + 1
      await call(creator, deployment.topics, topicsAbi, "create", [each])
      const join = (signer: Signer, roles: number) =>
        call(signer, deployment.topics, topicsAbi, "register", [
          topicId,
          signer.address,
          signer.address,
          roles,
        ])
      for (const worker of workers) await join(worker, 1)
      for (const [place, reputer] of reputers.entries()) {
        await join(reputer, 4)
        const stake = (stakes[place] as bigint) * ALLO
        await call(reputer, deployment.stakes, stakesAbi, "deposit", [
          topicId,
          reputer.address,
          stake,
        ])
      }
    }
  }

  async function startMember(
    index: number,
    { isNew = false, folder: data = `data${index}`, rpc: through = rpc } = {},
  ): Promise<void> {
    const said: string[] = []
    const log = createLog({ json: true }, { write: (line: string) => void said.push(line) })
    const node = await startNode(
      {
        rpc: through,
        deployment: deploymentFile,
        keyFile: join(folder, `member${index}.key`),
        data: join(folder, data),
        host: "127.0.0.1",
        keepSeconds: 365 * 86_400,
        pollMs: 20,
        staggerMs: 300,
        timeoutMs: 1_000,
        isNew,
      },
      log,
      createLife(),
    )
    nodes.set(index, { node, said })
  }

  const urls = members.map(({ url }) => url)
  const running = () => [...nodes.keys()].sort((a, b) => a - b)
  const row = (hash: Hex, what: string) =>
    fetchRow(
      hash,
      what,
      running().map((index) => urls[index] as string),
    )

  async function post(path: string, body: string, to: readonly number[]): Promise<void> {
    for (const index of to) {
      const answer = await fetch(`${urls[index]}/${path}`, { method: "POST", body })
      assert.equal(answer.status, 202, await answer.text())
    }
  }

  /** What the workers say, in their order or by the places given. */
  async function submit(
    topicId: number,
    epoch: number,
    values: readonly (readonly bigint[])[],
    places: readonly number[] = [...values.keys()],
  ) {
    const known = await fetchTerms(chain.ledger, deployment, { topicId, epoch }, row)
    for (const [at, inference] of values.entries()) {
      const index = places[at] as number
      const signer = workers[index] as Signer
      const worker = known?.roster.workers.get(signer.address)
      if (!worker) throw new Error(`worker ${index} is not registered`)
      const unsigned = { topicId, epoch, worker: signer.address, inference, extra: EXTRA }
      const signature = signer.sign(submissionDigest(domain(deployment), unsigned, worker))
      const submission: Submission = { ...unsigned, signature }
      await post("submissions", encodeSubmission(submission), running())
    }
  }

  /** What a reputer says and signs. */
  function truthOf(
    topicId: number,
    epoch: number,
    place: number,
    values: readonly bigint[],
  ): Truth {
    const signer = reputers[place] as Signer
    const unsigned = { topicId, epoch, reputer: signer.address, values, extra: EXTRA }
    return { ...unsigned, signature: signer.sign(truthDigest(domain(deployment), unsigned)) }
  }

  /** What each reputer says, by its place; one that says nothing has no entry. */
  async function tell(
    topicId: number,
    epoch: number,
    said: Readonly<Record<number, readonly bigint[]>>,
  ) {
    for (const [place, values] of Object.entries(said)) {
      const truth = truthOf(topicId, epoch, Number(place), values)
      await post("truths", encodeTruth(truth), running())
    }
  }

  async function status(index: number): Promise<MemberStatus> {
    return (await (await fetch(`${urls[index]}/status`)).json()) as MemberStatus
  }

  /** Moves the clock, and waits until every member has seen it. */
  async function mineFor(time: number): Promise<void> {
    await dev.mineAt(time)
    await chain.follow()
    await until("the members to see a block", async () => {
      const all = await Promise.all(running().map(status))
      return all.every(({ chainTime }) => chainTime >= time) ? true : undefined
    })
  }

  const schedule = { ...SCHEDULE, start, firstEpoch: 1 }
  const following = <T>(what: string, test: () => T | undefined | Promise<T | undefined>) =>
    until(
      what,
      async () => {
        await chain.follow()
        return test()
      },
      LIMIT_MS,
    )

  return {
    folder,
    rpc,
    dev,
    chain,
    deployment,
    deploymentFile,
    workers,
    reputers,
    urls,
    row,
    running,
    submit,
    truthOf,
    tell,
    startMember,
    topicIds: parameters.map((_, index) => index + 1),
    parameters,
    following,

    openWindow: (epoch: number) => mineFor(windowOf(schedule, epoch).opensAt),
    closeWindow: (epoch: number) => dev.mineAt(windowOf(schedule, epoch).closesAt),
    reported: (topicId: number, epoch: number) =>
      following(`the report of epoch ${epoch}`, () => chain.ledger.report(topicId, 0, epoch)),
    openTruths: (epoch: number) => mineFor(truthTimes(schedule, epoch).aboutAt),
    closeTruths: (epoch: number) => dev.mineAt(truthTimes(schedule, epoch).closesAt),
    passDeadline: (epoch: number) => dev.mineAt(truthTimes(schedule, epoch).deadlineAt),
    settled: (topicId: number, epoch: number) =>
      following(`the settlement of epoch ${epoch}`, () => chain.ledger.settlement(topicId, epoch)),

    leaveCall: (topicId: number) => ({
      address: deployment.topics,
      abi: topicsAbi as Abi,
      functionName: "leave",
      args: [topicId],
    }),

    memberSigner: (index: number): Signer =>
      createSigner(readKey(join(folder, `member${index}.key`))),

    /** What a member has logged, line by line. */
    said: (index: number): readonly string[] => nodes.get(index)?.said ?? [],
    status,
    async stopMember(index: number): Promise<void> {
      await nodes.get(index)?.node.stop()
      nodes.delete(index)
    },
    async end(): Promise<void> {
      for (const { node } of nodes.values()) await node.stop()
      await processes.endAll()
      rmSync(folder, { recursive: true })
    },
  }
}

export const wad = (value: number): bigint => BigInt(Math.round(value * 1e6)) * (WAD / 1_000_000n)
