// The indexer as a process, as `npm run index` starts it, and what it answers.
import { type ChildProcess, spawn } from "node:child_process"
import { join } from "node:path"
import { until } from "../../offchain/demo/network.ts"
import { freePorts, ROOT } from "../../offchain/demo/processes.ts"

/** Far beyond what anything here takes, also on a machine with more to do. */
const LIMIT_MS = 120_000

export type Lag = {
  readonly state: string
  readonly chain: { readonly block: number } | null
  readonly index: { readonly block: number } | null
  readonly pendingContexts: number
}

export type Indexer = {
  readonly url: string
  /** Answers the data of a query; throws its first error. */
  readonly ask: <T>(query: string, variables?: Record<string, unknown>) => Promise<T>
  readonly lag: () => Promise<Lag>
  /** Until the index is at the chain's head. */
  readonly caughtUp: () => Promise<void>
  /** Until it is, and no row is missing. */
  readonly complete: () => Promise<void>
  /** Everything that can be asked for, by table, in an order of its own. */
  readonly dump: () => Promise<Record<string, string[]>>
  readonly log: () => string
  readonly stop: (signal?: NodeJS.Signals) => Promise<void>
}

type Where = { readonly rpc: string; readonly deploymentFile: string }
export type IndexerOptions = {
  /** A PostgreSQL database; without one it is embedded. */
  readonly databaseUrl?: string
  /** A folder for the embedded one; without it nothing is kept. */
  readonly data?: string
  /** What lies in that folder is thrown away first. */
  readonly isFresh?: boolean
}

/** Starts it and waits until it answers. */
export async function startIndexer(where: Where, options: IndexerOptions = {}): Promise<Indexer> {
  const [port] = (await freePorts(1)) as [number]
  const { child, log } = spawnIndexer(where, { ...options, port })
  const url = `http://127.0.0.1:${port}`
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()))
  const kill = () => void child.kill("SIGKILL")
  process.once("exit", kill)

  const ask = async <T>(query: string, variables?: Record<string, unknown>): Promise<T> => {
    const headers = { "content-type": "application/json" }
    const body = JSON.stringify({ query, variables })
    const response = await fetch(`${url}/graphql`, { method: "POST", headers, body })
    const { data, errors } = (await response.json()) as { data: T; errors?: { message: string }[] }
    if (errors?.[0]) throw new Error(errors[0].message)
    return data
  }
  const lag = async () => (await (await fetch(`${url}/lag`)).json()) as Lag
  const follow = (what: string, test: (seen: Lag) => boolean) =>
    until(
      what,
      async () => {
        if (child.exitCode !== null) throw new Error(`the indexer has ended:\n${log()}`)
        const seen = await lag().catch(() => undefined)
        return seen && test(seen) ? true : undefined
      },
      LIMIT_MS,
    ).catch((cause: unknown) => {
      throw new Error(`${(cause as Error).message}\n${log().split("\n").slice(-20).join("\n")}`)
    })
  const isAtHead = ({ state, chain, index }: Lag) =>
    state === "follows" && chain?.block !== undefined && chain.block === index?.block

  const indexer: Indexer = {
    url,
    ask,
    lag,
    caughtUp: async () => void (await follow("the index to be at the head", isAtHead)),
    async complete() {
      await indexer.caughtUp()
      await until("all rows", async () => ((await missing(ask)) === 0 ? true : undefined), LIMIT_MS)
    },
    dump: () => dump(ask),
    log,
    async stop(signal = "SIGTERM") {
      process.off("exit", kill)
      child.kill(signal)
      await exited
    },
  }
  await until(
    "the indexer to answer",
    async () => {
      if (child.exitCode !== null) throw new Error(`the indexer has ended:\n${log()}`)
      return (await fetch(`${url}/health`).catch(() => undefined))?.ok ? true : undefined
    },
    LIMIT_MS,
  )
  return indexer
}

/** Only starts it. */
export function spawnIndexer(
  { rpc, deploymentFile }: Where,
  {
    databaseUrl,
    data = "memory",
    isFresh = false,
    port,
  }: IndexerOptions & { readonly port: number },
): { child: ChildProcess; log: () => string } {
  const args = [
    ...["--rpc", rpc, "--deployment", deploymentFile, "--port", String(port), "--data", data],
    ...(isFresh ? ["--fresh"] : []),
  ]
  const { DATABASE_URL: _, ...env } = process.env
  const child = spawn(process.execPath, [join(ROOT, "indexer", "start.ts"), ...args], {
    cwd: ROOT,
    env: databaseUrl ? { ...env, DATABASE_URL: databaseUrl } : env,
    stdio: ["ignore", "pipe", "pipe"],
  })
  let text = ""
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (part: string) => {
      text += part
    })
  return { child, log: () => text }
}

/** Epochs whose rows are still to come. */
async function missing(ask: Indexer["ask"]): Promise<number> {
  const { epochs } = await ask<{ epochs: { totalCount: number } }>(
    "{ epochs(where: { OR: [{ isPending: true }, { isSettlementPending: true }] }) { totalCount } }",
  )
  return epochs.totalCount
}

type Introspected = {
  readonly __schema: {
    readonly queryType: {
      readonly fields: readonly { name: string; type: { ofType: { name: string } | null } }[]
    }
    readonly types: readonly {
      name: string
      fields: readonly { name: string; type: Kind }[] | null
    }[]
  }
}
type Kind = { readonly kind: string; readonly ofType: Kind | null }

const SCHEMA = `{ __schema { queryType { fields { name type { ofType { name } } } }
  types { name fields { name type { kind ofType { kind ofType { kind ofType { kind } } } } } } } }`

async function dump(ask: Indexer["ask"]): Promise<Record<string, string[]>> {
  const { __schema: schema } = await ask<Introspected>(SCHEMA)
  const columnsOf = (page: string) =>
    (schema.types.find(({ name }) => name === page.replace(/Page$/, ""))?.fields ?? [])
      .filter(({ type }) => leaf(type) !== "OBJECT")
      .map(({ name }) => name)
  const all: Record<string, string[]> = {}
  for (const { name, type } of schema.queryType.fields) {
    const page = type.ofType?.name
    if (!page?.endsWith("Page")) continue
    const query = `{ ${name}(limit: 1000) { items { ${columnsOf(page).join(" ")} } } }`
    const answer = await ask<Record<string, { items: unknown[] }>>(query)
    all[name] = (answer[name]?.items ?? []).map((item) => JSON.stringify(item)).sort()
  }
  return all
}

const leaf = (type: Kind): string => (type.ofType ? leaf(type.ofType) : type.kind)
