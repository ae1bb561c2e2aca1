// The demo's indexer, a process as `npm run index` starts it with a database of its own, and a question to it.
import { join } from "node:path"
import { type Network, until } from "./network.ts"
import { freePorts } from "./processes.ts"

/** How long it may take to have read the chain, and to have fetched every row, once all epochs are over. */
const LIMIT_MS = 120_000
/** How good each worker of the first topic was, and what the newest value is. */
const QUERY = `{ labels(where: { topicId: 1 }) { items { epoch value sigma aboutAt } } leaderboards(where: { topicId: 1 }, orderBy: "meanLoss", limit: 3) { items { worker epochs scored meanLoss } } }`
const PENDING =
  "{ epochs(where: { OR: [{ isPending: true }, { isSettlementPending: true }] }) { totalCount } }"

/** Starts the indexer and answers where it serves; it need not be up yet. */
export async function startIndexer(
  { processes, folder, rpc, deploymentFile }: Network,
  say: (text: string) => void,
): Promise<string> {
  const [port] = (await freePorts(1)) as [number]
  const url = `http://127.0.0.1:${port}`
  say(`indexer        npm run index, ${url}`)
  processes.index([
    ...["--rpc", rpc, "--deployment", deploymentFile],
    ...["--port", String(port), "--data", join(folder, "index")],
  ])
  return url
}

/** Waits until the index has come as far as the chain, then asks it; answers with what a person would type and see. */
export async function askedText({ processes }: Network, url: string): Promise<string> {
  await until(
    "the indexer to have everything",
    async () => {
      processes.requireAll()
      return (await isComplete(url).catch(() => false)) ? true : undefined
    },
    LIMIT_MS,
  )
  const body = JSON.stringify({ query: QUERY })
  const answer = JSON.stringify(await ask(url, QUERY), null, 2)
  return [
    `curl -s ${url}/graphql -H 'content-type: application/json' -d '${body}'`,
    answer,
    `Pages to look at: ${url}/`,
  ].join("\n")
}

async function isComplete(url: string): Promise<boolean> {
  const lag = (await (await fetch(`${url}/lag`)).json()) as Lag
  const isAtHead = lag.chain !== null && lag.chain.block === lag.index?.block
  if (lag.state !== "follows" || !isAtHead) return false
  const { epochs } = (await ask(url, PENDING)) as { epochs: { totalCount: number } }
  return epochs.totalCount === 0
}

type Lag = {
  readonly state: string
  readonly chain: { readonly block: number } | null
  readonly index: { readonly block: number } | null
}

async function ask(url: string, query: string): Promise<unknown> {
  const headers = { "content-type": "application/json" }
  const body = JSON.stringify({ query })
  const response = await fetch(`${url}/graphql`, { method: "POST", headers, body })
  const { data, errors } = (await response.json()) as {
    data: unknown
    errors?: { message: string }[]
  }
  if (errors?.[0]) throw new Error(errors[0].message)
  return data
}
