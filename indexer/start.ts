// What `npm run index` runs: finds chain and deployment, claims port and database, and starts Ponder in this process, for
// this machine alone.
import { createHash } from "node:crypto"
import { globSync, readFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { parseArgs } from "node:util"
import { createPublicClient, type Hex, http } from "viem"
import { type Deployment, DeploymentError, deployment, deploymentFile } from "../contracts/index.ts"
import { NodeError } from "../offchain/errors.ts"
import { claimDatabase, claimFolder, requireFree } from "./claim.ts"

const HERE = fileURLToPath(new URL("./", import.meta.url))
const ROOT = fileURLToPath(new URL("../", import.meta.url))
const PONDER = join(ROOT, "node_modules", "ponder", "dist", "esm", "bin", "ponder.js")
const DEFAULT_PORT = 42_069
/** Chains of this machine have a block at any time, others every few seconds. */
const POLL_MS = { local: 100, public: 1_000 }
const LOCAL_CHAINS = [31337, 31338]
const MEMORY = "memory"
const ANSWER_POLL_MS = 50

const USAGE = `usage: npm run index -- [--rpc URL] [--deployment FILE] [--port N] [--data FOLDER | --data memory]

  --rpc         the chain (default: $ALLORA_RPC or http://127.0.0.1:8545)
  --deployment  the contracts (default: $ALLORA_DEPLOYMENT or contracts/deployments/<chain id>.json)
  --port        where to listen, on 127.0.0.1 (default: ${DEFAULT_PORT})
  --data        where the embedded database goes (default: .allora/index); "memory" keeps nothing
  --fresh       begin again with an empty embedded database

$DATABASE_URL, where it is set, names a PostgreSQL database to use instead of the embedded one.
`

type Chain = {
  readonly id: number
  /** The hash of the deployment's first block. */
  readonly startHash: Hex
  readonly contracts: Deployment
  readonly deploymentFile: string
}

function readFlags() {
  try {
    const { values } = parseArgs({
      options: {
        rpc: { type: "string", default: process.env.ALLORA_RPC ?? "http://127.0.0.1:8545" },
        deployment: { type: "string" },
        port: { type: "string", default: String(DEFAULT_PORT) },
        data: { type: "string", default: join(ROOT, ".allora", "index") },
        fresh: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    })
    if (!/^\d{1,5}$/.test(values.port)) throw new Error(`--port ${values.port} is not a port`)
    // Without the slash at the end Ponder takes a local chain for a public one and warns, once per copy of the address.
    return { ...values, rpc: new URL(values.rpc).href, port: Number(values.port) }
  } catch (cause) {
    const [line] = (cause as Error).message.split("\n")
    throw new NodeError("FlagUnknown", { sentence: `${line}; see --help`, remedy: "stop", cause })
  }
}

async function main(): Promise<void> {
  const flags = readFlags()
  if (flags.help) return void process.stdout.write(USAGE)
  const { rpc, port } = flags
  await requireFree(port)
  const chain = await chainAt(rpc, flags.deployment)
  const schema = schemaName(chain.contracts)
  say(`chain      ${chain.id} at ${rpc}, contracts since block ${chain.contracts.startBlock}`)
  Object.assign(process.env, {
    ALLORA_CHAIN_ID: String(chain.id),
    ALLORA_RPC: rpc,
    ALLORA_DEPLOYMENT: chain.deploymentFile,
    ALLORA_START_HASH: chain.startHash,
    ALLORA_INDEX_SCHEMA: schema,
    ALLORA_POLL_MS: String(LOCAL_CHAINS.includes(chain.id) ? POLL_MS.local : POLL_MS.public),
    PONDER_TELEMETRY_DISABLED: "true",
    // At "info" it has a line for every block.
    PONDER_LOG_LEVEL: process.env.PONDER_LOG_LEVEL ?? "warn",
  })
  say(`database   ${await claim(chain, flags, schema)}`)
  process.chdir(HERE)
  process.argv = [
    ...[process.argv[0] as string, PONDER, "start", "--schema", schema],
    ...["--port", String(port), "--hostname", "127.0.0.1"],
  ]
  await import(pathToFileURL(PONDER).href)
  await untilAnswers(port)
  say(`GraphQL    http://127.0.0.1:${port}/graphql`)
  say(`ready      http://127.0.0.1:${port}/`)
}

/** Takes the database for this chain alone; answers which it is. */
async function claim(
  chain: Chain,
  { data, fresh }: { readonly data: string; readonly fresh: boolean },
  schema: string,
): Promise<string> {
  const incarnation = createHash("sha256")
    .update(`${chain.id}/${chain.startHash}/${chain.contracts.reports}`)
    .digest("hex")
    .slice(0, 12)
  if (process.env.DATABASE_URL) {
    await claimDatabase(process.env.DATABASE_URL, incarnation)
    return `PostgreSQL, schema ${schema}`
  }
  if (data === MEMORY) {
    process.env.ALLORA_INDEX_DIRECTORY = "memory://"
    return "embedded, in memory"
  }
  const folder = resolve(data, `${chain.id}-${incarnation}`)
  claimFolder(folder, fresh)
  process.env.ALLORA_INDEX_DIRECTORY = folder
  return `embedded, ${folder}`
}

/** Ponder runs in this process and ends it if it cannot start. */
async function untilAnswers(port: number): Promise<void> {
  for (;;) {
    const response = await fetch(`http://127.0.0.1:${port}/health`).catch(() => undefined)
    if (response?.ok) return
    await new Promise((next) => setTimeout(next, ANSWER_POLL_MS))
  }
}

const say = (line: string) => void process.stdout.write(`${line}\n`)

/** The chain, and whether the contracts are on it. */
async function chainAt(rpc: string, given: string | undefined): Promise<Chain> {
  const client = createPublicClient({ transport: http(rpc, { retryCount: 0 }) })
  const id = await client.getChainId().catch((cause: unknown) => {
    throw new NodeError("NoChain", {
      sentence: `no chain answers at ${rpc}; start one or name another with --rpc`,
      remedy: "stop",
      cause,
    })
  })
  const file = resolve(deploymentFile(id, given))
  const contracts = deployment(id, file)
  const code = await client.getCode({ address: contracts.reports })
  if (!code)
    throw new NodeError("DeploymentMissing", {
      sentence: `the chain has no contract at ${contracts.reports}, where ${file} says Reports is; deploy, or name another file with --deployment`,
      remedy: "stop",
    })
  const { hash } = await client.getBlock({ blockNumber: BigInt(contracts.startBlock) })
  return { id, contracts, startHash: hash, deploymentFile: file }
}

/** Another version of the index, or another deployment, is another schema: Ponder refuses to mix them. */
function schemaName(contracts: Deployment): string {
  const hash = createHash("sha256").update(JSON.stringify(contracts))
  const files = [
    "ponder.config.ts",
    "ponder.schema.ts",
    "text.ts",
    ...globSync("src/*.ts", { cwd: HERE }),
  ]
  for (const file of files.sort()) hash.update(readFileSync(join(HERE, file)))
  hash.update(readFileSync(join(ROOT, "contracts", "generated", "abi.ts")))
  return `index_${hash.digest("hex").slice(0, 12)}`
}

try {
  await main()
} catch (error) {
  const isOurs = error instanceof NodeError
  const isNamed = isOurs || error instanceof DeploymentError
  const text = isOurs ? `${error.code}: ${error.message}` : (error as Error).message
  process.stderr.write(`${isNamed ? text : (error as Error).stack}\n`)
  process.exit(1)
}
