// The indexer beside bare Ponder on the same events: 100,000 accepted reports in 2,000 blocks, half of the time with no
// member that serves rows. Bare Ponder is an app with one table and one insert an event. Then the time from a block to
// the answer of GraphQL, at the head.
import { type ChildProcess, spawn } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { type Hex, keccak256, numberToHex } from "viem"
import { topicsAbi } from "../../contracts/index.ts"
import { until } from "../../offchain/demo/network.ts"
import { freePorts, ROOT } from "../../offchain/demo/processes.ts"
import {
  encodeForecast,
  encodeImplied,
  encodeInferences,
  encodeParameters,
  encodeRegistrations,
  encodeReportContext,
  encodeSignatures,
  encodeValue,
  encodeWeights,
  genesis,
  KIND,
  listRow,
  rowHash,
  settle,
} from "../../wasm/index.ts"
import { parametersOf, WAD } from "../support/epochs.ts"
import { type Indexer, spawnIndexer, startIndexer } from "../support/indexer.ts"
import { type Played, startPlayed } from "../support/played.ts"
import { type Postgres, startPostgres } from "../support/postgres.ts"
import type { Figure } from "./main.ts"

const POSTS = 2_000
const TOPICS = 50
const INFERERS = 8
const SIGNERS = [0, 1, 2]
const EPOCH_SECONDS = 12
/** Members answer for so long, then do not for as long. */
const TURN_MS = 1_000
/** Of each kind of run the fastest counts: whatever else the machine does only slows. */
const ROUNDS = 3
const LATENCIES = 30
const ASK_MS = 10
const LIMIT_MS = 900_000

const say = (text: string) => void process.stderr.write(`${text}\n`)
const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** The rows of one epoch as a busy topic has them: of a plausible shape, no two alike. */
function epochRows(topicId: number, epoch: number): { context: Hex; rows: Uint8Array[] } {
  const noise = BigInt(keccak256(numberToHex(topicId * 2 ** 28 + epoch)))
  const value = (seat: number) => 1_000n * WAD + ((noise >> BigInt(8 * seat)) & 0xffffffffn)
  const seats = Array.from({ length: INFERERS }, (_, seat) => seat)
  const parameters = encodeParameters(PARAMETERS)
  const signed = { extra: ZERO, signature: `0x${"11".repeat(64)}` as Hex }
  const inputs = [
    parameters,
    encodeInferences({ label: 0, entries: seats.map((seat) => ({ seat, value: value(seat) })) }),
    encodeForecast({ seat: 0x80, entries: seats.map((seat) => ({ seat, loss: value(seat) })) }),
    encodeSignatures([...seats, 0x80].map((seat) => ({ seat, ...signed }))),
  ]
  const level = value(0)
  const outputs = [
    encodeValue({
      label: 0,
      combined: level,
      naive: level,
      sigma: WAD,
      p2: level,
      p16: level,
      p50: level,
      p84: level,
      p98: level,
    }),
    encodeWeights(seats.map((seat) => ({ seat, weight: WAD }))),
    encodeImplied({ label: 0, entries: [{ seat: 0x80, value: level }] }),
  ]
  const lists = [
    listRow(KIND.inputs, inputs),
    listRow(KIND.state, STATE.rows),
    listRow(KIND.outputs, outputs),
  ] as const
  const context = encodeReportContext({
    parametersHash: rowHash(parameters),
    settledEpoch: 1,
    settledLeaf: rowHash(lists[1]),
    inputsHash: rowHash(lists[0]),
    stateHash: rowHash(lists[1]),
    outputsHash: rowHash(lists[2]),
  })
  return {
    context: rowHash(context),
    rows: [context, ...lists, ...inputs, ...STATE.rows, ...outputs],
  }
}

const ZERO: Hex = `0x${"00".repeat(32)}`
const PARAMETERS = parametersOf(1)
const STATE: { rows: Uint8Array[] } = { rows: [] }

/** A state in which all inferers and a forecaster have their seats. */
function seatedState(): Uint8Array[] {
  const parameters = encodeParameters(PARAMETERS)
  const entries = Array.from({ length: INFERERS + 1 }, (_, index) => {
    const owner = numberToHex(0xb0b0 + index, { size: 20 })
    return { change: "joined" as const, roles: index < INFERERS ? 1 : 2, owner, signer: owner }
  })
  const registrations = encodeRegistrations({ number: 0, entries })
  return settle([parameters, registrations], genesis(parameters)).state
}

/** Posts one report for each topic. Rows are kept where members serve them. */
async function postEpoch(
  played: Played,
  epoch: number,
  start: number,
  topics = TOPICS,
): Promise<void> {
  const observedAt = start + epoch * EPOCH_SECONDS
  const reports = Array.from({ length: topics }, (_, index) => {
    const topicId = index + 1
    const { context, rows } = epochRows(topicId, epoch)
    played.rows.keep(rows)
    const value = 1_000n * WAD + BigInt(epoch)
    return {
      topicId,
      label: 0,
      epoch,
      observedAt,
      lag: 60,
      history: 0,
      value,
      sigma: 0xabcd2c,
      context,
    }
  })
  await played.dev.request("evm_setNextBlockTimestamp", [observedAt])
  await played.post(reports, observedAt, SIGNERS)
}

// -- Runs --

/** Seconds from the first answer of /health until the index is at the chain's head. */
async function toHead(port: number, child: ChildProcess, target: number): Promise<number> {
  const url = `http://127.0.0.1:${port}`
  const wait = (what: string, test: () => Promise<boolean>) =>
    until(
      what,
      async () => {
        if (child.exitCode !== null) throw new Error(`${what}: the indexer has ended`)
        return (await test().catch(() => false)) ? true : undefined
      },
      LIMIT_MS,
    )
  await wait("/health", async () => (await fetch(`${url}/health`)).ok)
  const began = performance.now()
  await wait("the head", async () => {
    const status = (await (await fetch(`${url}/status`)).json()) as Record<
      string,
      { block: { number: number } }
    >
    return (status.home?.block.number ?? 0) >= target
  })
  return (performance.now() - began) / 1_000
}

/** A run that did not index everything measures nothing. */
async function requireAll(port: number, table: string): Promise<void> {
  const body = JSON.stringify({ query: `{ ${table}(limit: 1) { totalCount } }` })
  const headers = { "content-type": "application/json" }
  const url = `http://127.0.0.1:${port}/graphql`
  const { data } = (await (await fetch(url, { method: "POST", headers, body })).json()) as {
    data: Record<string, { totalCount: number }>
  }
  const given = data[table]?.totalCount
  if (given !== POSTS * TOPICS)
    throw new Error(`${table}: given ${given}, required ${POSTS * TOPICS}`)
}

async function ended(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once("exit", resolve))
  child.kill("SIGTERM")
  await gone
}

/** One run of the indexer, with members that come and go. */
async function ourRun(played: Played, target: number, databaseUrl?: string): Promise<number> {
  const [port] = (await freePorts(1)) as [number]
  const { child } = spawnIndexer(played, { port, ...(databaseUrl ? { databaseUrl } : {}) })
  const turns = setInterval(() => {
    played.rows.state.isUp = !played.rows.state.isUp
  }, TURN_MS)
  const seconds = await toHead(port, child, target)
  clearInterval(turns)
  played.rows.state.isUp = true
  await requireAll(port, "reports")
  await ended(child)
  return seconds
}

/** One run of bare Ponder. */
async function bareRun(played: Played, target: number, databaseUrl?: string): Promise<number> {
  mkdirSync(join(ROOT, ".allora"), { recursive: true })
  const folder = mkdtempSync(join(ROOT, ".allora", "bare-"))
  for (const [file, text] of Object.entries(BARE)) {
    mkdirSync(join(folder, file, ".."), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
  const [port] = (await freePorts(1)) as [number]
  const ponder = join(ROOT, "node_modules", "ponder", "dist", "esm", "bin", "ponder.js")
  const flags = ["--schema", "bare", "--port", String(port), "--hostname", "127.0.0.1"]
  const { DATABASE_URL: _, ...env } = process.env
  const child = spawn(process.execPath, [ponder, "start", ...flags], {
    cwd: folder,
    env: {
      ...env,
      ...(databaseUrl ? { DATABASE_URL: databaseUrl } : {}),
      PONDER_LOG_LEVEL: "warn",
      BARE_RPC: played.rpc,
      BARE_REPORTS: played.deployment.reports,
    },
    stdio: "ignore",
  })
  const seconds = await toHead(port, child, target)
  await requireAll(port, "accepteds")
  await ended(child)
  rmSync(folder, { recursive: true, force: true })
  return seconds
}

const BARE: Readonly<Record<string, string>> = {
  "ponder.config.ts": `import { createConfig } from "ponder"
import { reportsAbi } from "../../contracts/index.ts"
export default createConfig({
  database: process.env.DATABASE_URL
    ? { kind: "postgres", connectionString: process.env.DATABASE_URL }
    : { kind: "pglite", directory: "memory://" },
  chains: { home: { id: 31337, rpc: Array<string>(50).fill(process.env.BARE_RPC!), pollingInterval: 100 } },
  contracts: { Reports: { chain: "home", startBlock: 1, abi: reportsAbi, address: process.env.BARE_REPORTS as \`0x\${string}\` } },
})
`,
  "ponder.schema.ts": `import { onchainTable } from "ponder"
export const accepted = onchainTable("accepted", (t) => ({
  id: t.text().primaryKey(),
  topicId: t.integer().notNull(),
  label: t.integer().notNull(),
  word: t.bigint().notNull(),
  context: t.hex().notNull(),
  block: t.bigint().notNull(),
  transaction: t.hex().notNull(),
}))
`,
  "src/index.ts": `import { ponder } from "ponder:registry"
import { accepted } from "ponder:schema"
ponder.on("Reports:ReportAccepted", async ({ event, context }) => {
  await context.db.insert(accepted).values({
    id: event.id, ...event.args, block: event.block.number, transaction: event.transaction.hash,
  })
})
`,
  "src/api/index.ts": `import { db } from "ponder:api"
import schema from "ponder:schema"
import { Hono } from "hono"
import { graphql } from "ponder"
const app = new Hono()
app.use("/graphql", graphql({ db, schema }))
export default app
`,
}

/** Milliseconds from a mined block until GraphQL has its report, one after another. */
async function latencies(
  played: Played,
  indexer: Indexer,
  first: number,
  start: number,
): Promise<number[]> {
  const measured: number[] = []
  for (let epoch = first; epoch < first + LATENCIES; epoch += 1) {
    await postEpoch(played, epoch, start, 1)
    const began = performance.now()
    const query = `{ reports(where: { topicId: 1, epoch: ${epoch} }) { items { value } } }`
    for (;;) {
      const { reports } = await indexer.ask<{ reports: { items: unknown[] } }>(query)
      if (reports.items.length > 0) break
      // Asking all the time would take the time that it measures.
      await sleep(ASK_MS)
    }
    measured.push(performance.now() - began)
    // Not in step with the polling of the chain.
    await sleep(37 + (epoch % 10) * 13)
  }
  return measured
}

export async function measureIndexer(): Promise<Figure[]> {
  const postgres = await startPostgres()
  const played = await startPlayed()
  try {
    return await measure(played, postgres)
  } finally {
    await played.end()
    await postgres.stop()
  }
}

async function measure(played: Played, postgres: Postgres): Promise<Figure[]> {
  const { dev } = played
  STATE.rows = seatedState()
  const start = await dev.time()
  const { call, owner, deployment, parameters } = played
  for (let topic = 3; topic <= TOPICS; topic += 1)
    await call(owner, deployment.topics, topicsAbi, "create", [parameters])
  say(`${POSTS} posts of ${TOPICS} reports ...`)
  for (let epoch = 1; epoch <= POSTS; epoch += 1) await postEpoch(played, epoch, start)
  const target = Number(await dev.request<Hex>("eth_blockNumber"))
  const perSecond = (seconds: number) => Math.round((POSTS * TOPICS) / seconds)

  const rounds = async (
    kind: string,
    database: () => Promise<string | undefined>,
    count: number,
  ) => {
    const bare: number[] = []
    const ours: number[] = []
    for (let round = 0; round < count; round += 1) {
      bare.push(await bareRun(played, target, await database()))
      ours.push(await ourRun(played, target, await database()))
      say(
        `${kind}: bare ${perSecond(bare[round] as number)}, ours ${perSecond(ours[round] as number)} events/s`,
      )
    }
    return Math.round((Math.min(...bare) / Math.min(...ours)) * 1_000) / 1_000
  }
  const onPostgres = await rounds("PostgreSQL", () => postgres.database(), ROUNDS)
  const embedded = await rounds("PGlite", async () => undefined, 1)

  const indexer = await startIndexer(played, { databaseUrl: await postgres.database() })
  await indexer.caughtUp()
  const lag = median(await latencies(played, indexer, POSTS + 1, start))
  await indexer.stop()
  return [
    {
      key: "indexer.postgres",
      value: onPostgres,
      unit: "of bare Ponder",
      goal: 0.9,
      isLeast: true,
      peer: "1 Ponder",
    },
    {
      key: "indexer.pglite",
      value: embedded,
      unit: "of bare Ponder",
      goal: 0.9,
      isLeast: true,
      peer: "1 Ponder",
    },
    { key: "indexer.lag.p50", value: Math.round(lag), unit: "ms", goal: 150, peer: "74 Ponder" },
  ]
}
