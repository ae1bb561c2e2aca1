// What the indexer answers: GraphQL, how far behind the chain it is, and pages to look at. Reads only.
import { db } from "ponder:api"
import tables from "ponder:schema"
import { Hono } from "hono"
import { graphql } from "ponder"
import type { Hex } from "viem"
import { load } from "../../../wasm/index.ts"
import { explorer } from "../../explorer/pages.ts"
import { createLag, isReady, requireSameChain } from "../../lag.ts"
import { type Embedded, openEmbedded, openPostgres } from "../../rows/database.ts"
import { startFill } from "../../rows/fill.ts"
import { createSource, orPublished } from "../../rows/source.ts"
import { createStatements } from "../../rows/tables.ts"
import { viewStatements, views } from "../../rows/views.ts"
import { settings } from "../../settings.ts"

const { schema, rpc, database: where } = settings()
const database =
  where.kind === "postgres"
    ? openPostgres(where.connectionString)
    : openEmbedded((db as unknown as { $client: Embedded }).$client)
await requireSameChain(database, rpc)
// What it is read by must be there first: a row that the core refuses is given up for good.
await load()
await database.execute(`${createStatements()}\n${viewStatements.join("\n")}`)

const reported = new Set<string>()

const members = () =>
  database.query<{ url: string }>(`SELECT url FROM "${schema}".member ORDER BY id`)
async function published(hash: Hex): Promise<Hex | undefined> {
  const rows = await database.query<{ bytes: Hex }>(
    `SELECT bytes FROM "${schema}".published_row WHERE hash = $1`,
    [hash],
  )
  return rows[0]?.bytes
}
const fill = startFill({
  database,
  schema,
  get: orPublished(
    createSource(async () => (await members()).map(({ url }) => url)),
    published,
  ),
  isReady: () => isReady(database, schema),
  failed: report,
})
const lag = createLag(database, fill.pending)

/** Each sort of failure once: a member that is down for a night is one line. */
function report(error: unknown): void {
  const [line = ""] = String((error as Error).message).split("\n")
  if (reported.has(line)) return
  reported.add(line)
  console.warn(`rows: ${line}`)
}

const app = new Hono()
app.post("/graphql", graphql({ db, schema: { ...tables, ...views } }))
app.get("/lag", async (context) => {
  const answer = await lag()
  return context.json(answer, answer.state === "follows" ? 200 : 503)
})
app.route("/", explorer(database, lag))

export default app
