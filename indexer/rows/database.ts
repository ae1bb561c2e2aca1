// The one door to the database besides Ponder's own: PostgreSQL by a few connections, PGlite through Ponder's instance,
// since one process may have it open.
import pg from "pg"

export type Database = {
  /** One statement; numbers too large for JavaScript come as text. */
  readonly query: <Row>(text: string, values?: readonly unknown[]) => Promise<Row[]>
  /** Several statements without arguments, all or none. */
  readonly execute: (text: string) => Promise<void>
}

const CONNECTIONS = 3

/** The part of PGlite that is used. */
export type Embedded = {
  readonly query: (text: string, values: unknown[]) => Promise<{ readonly rows: unknown[] }>
  readonly transaction: (
    run: (tx: { readonly exec: (text: string) => Promise<unknown> }) => Promise<void>,
  ) => Promise<void>
}

export function openPostgres(connectionString: string): Database {
  const pool = new pg.Pool({ connectionString, max: CONNECTIONS, application_name: "allora_rows" })
  // An idle connection that the server ends is replaced at the next query; unheard it would end the program.
  pool.on("error", () => undefined)
  return {
    query: async <Row>(text: string, values: readonly unknown[] = []) =>
      (await pool.query(text, [...values])).rows as Row[],
    // Statements sent together are one transaction.
    execute: async (text) => void (await pool.query(text)),
  }
}

export function openEmbedded(instance: Embedded): Database {
  return {
    query: async <Row>(text: string, values: readonly unknown[] = []) =>
      (await instance.query(text, [...values])).rows as Row[],
    execute: (text) =>
      instance.transaction(async (tx) => {
        await tx.exec(text)
      }),
  }
}
