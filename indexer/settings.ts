// What start.ts hands to Ponder and to the pages, by the environment: where the chain and the database are.

export type Database =
  | { readonly kind: "postgres"; readonly connectionString: string }
  | { readonly kind: "pglite"; readonly directory: string }

export type Settings = {
  readonly chainId: number
  readonly rpc: string
  /** How often the chain's head is asked for. */
  readonly pollMs: number
  readonly database: Database
  /** The hash of the deployment's first block: another one is another chain, whatever its id. */
  readonly startHash: string
  /** The database's schema that holds Ponder's tables. */
  readonly schema: string
}

/** Reads the environment; throws if start.ts has not set it. */
export function settings(env: NodeJS.ProcessEnv = process.env): Settings {
  const wanted = (name: string): string => {
    const value = env[name]
    if (value) return value
    throw new Error(`SettingMissing: $${name} is not set; start the indexer by \`npm run index\``)
  }
  return {
    chainId: Number(wanted("ALLORA_CHAIN_ID")),
    rpc: wanted("ALLORA_RPC"),
    pollMs: Number(wanted("ALLORA_POLL_MS")),
    startHash: wanted("ALLORA_START_HASH"),
    schema: wanted("ALLORA_INDEX_SCHEMA"),
    database: env.DATABASE_URL
      ? { kind: "postgres", connectionString: env.DATABASE_URL }
      : { kind: "pglite", directory: wanted("ALLORA_INDEX_DIRECTORY") },
  }
}
