// A played chain indexed twice side by side: in the embedded database and in PostgreSQL.
import assert from "node:assert/strict"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Indexer, startIndexer } from "./indexer.ts"
import { type Played, startPlayed } from "./played.ts"
import { startPostgres } from "./postgres.ts"

export type Indexes = Awaited<ReturnType<typeof startIndexes>>

/** Starts a chain, lets `play` do there what the indexes will find, and starts them. */
export async function startIndexes(play: (played: Played) => Promise<void>) {
  const postgres = await startPostgres()
  const played = await startPlayed()
  const data = mkdtempSync(join(tmpdir(), "allora-index-"))
  const databaseUrl = await postgres.database()
  const start = async () => {
    const [embedded, served] = await Promise.all([
      startIndexer(played, { data }),
      startIndexer(played, { databaseUrl }),
    ])
    return { embedded, served }
  }
  await play(played)
  const indexes = {
    played,
    data,
    databaseUrl,
    ...(await start()),
    both: (): readonly Indexer[] => [indexes.embedded, indexes.served],

    /** All that both hold when each has everything; it must be the same. */
    async same(): Promise<Record<string, string[]>> {
      await Promise.all(indexes.both().map((each) => each.complete()))
      const [one, other] = await Promise.all(indexes.both().map((each) => each.dump()))
      assert.deepEqual(one, other)
      return one as Record<string, string[]>
    },

    /** Starts both again on what they have kept. */
    async restart(): Promise<void> {
      Object.assign(indexes, await start())
    },

    async end(): Promise<void> {
      await Promise.all(indexes.both().map((each) => each.stop()))
      await played.end()
      await postgres.stop()
      rmSync(data, { recursive: true, force: true })
    },
  }
  return indexes
}
