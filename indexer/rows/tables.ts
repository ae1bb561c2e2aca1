// Where what the rows say is kept: beside Ponder's tables and not among them. Everything is keyed by the context that names
// it by hash, so it is right for good; a reorganisation, a restart or a new version of the index takes nothing of it
// back. What the chain shows at the moment is the join in views.ts.
import { createHash } from "node:crypto"

const wad = "numeric(78)"

/** Each table: its columns with their types, and its key. */
const TABLES = {
  context: { columns: { hash: "text", kind: "text", isReadable: "boolean" }, key: ["hash"] },
  value: {
    columns: {
      context: "text",
      label: "integer",
      combined: wad,
      naive: wad,
      sigma: wad,
      p2: wad,
      p16: wad,
      p50: wad,
      p84: wad,
      p98: wad,
    },
    key: ["context", "label"],
  },
  inference: {
    columns: { context: "text", label: "integer", seat: "integer", worker: "text", value: wad },
    key: ["context", "label", "seat"],
  },
  weight: {
    columns: { context: "text", seat: "integer", weight: wad },
    key: ["context", "seat"],
  },
  forecast: {
    columns: {
      context: "text",
      seat: "integer",
      worker: "text",
      infererSeat: "integer",
      inferer: "text",
      loss: wad,
    },
    key: ["context", "seat", "infererSeat"],
  },
  implied: {
    columns: { context: "text", label: "integer", seat: "integer", worker: "text", value: wad },
    key: ["context", "label", "seat"],
  },
  truth: {
    columns: { context: "text", label: "integer", reputer: "text", value: wad, stake: wad },
    key: ["context", "label", "reputer"],
  },
  settled: {
    columns: { context: "text", label: "integer", value: wad },
    key: ["context", "label"],
  },
  score: { columns: { context: "text", combined: wad, naive: wad }, key: ["context"] },
  loss: {
    columns: { context: "text", seat: "integer", worker: "text", loss: wad },
    key: ["context", "seat"],
  },
  counterfactual: {
    columns: {
      context: "text",
      label: "integer",
      kind: "text",
      seat: "integer",
      worker: "text",
      value: wad,
    },
    key: ["context", "label", "kind", "seat"],
  },
  impliedWithout: {
    columns: {
      context: "text",
      label: "integer",
      seat: "integer",
      worker: "text",
      infererSeat: "integer",
      inferer: "text",
      value: wad,
    },
    key: ["context", "label", "seat", "infererSeat"],
  },
  counterfactualLoss: {
    columns: { context: "text", kind: "text", seat: "integer", loss: wad },
    key: ["context", "kind", "seat"],
  },
  impliedWithoutLoss: {
    columns: { context: "text", seat: "integer", infererSeat: "integer", loss: wad },
    key: ["context", "seat", "infererSeat"],
  },
} as const

type Name = keyof typeof TABLES
const NAMES = Object.keys(TABLES) as Name[]

type Cell = string | number | bigint | boolean | null
/** What one context brings: rows by table. */
export type Records = { readonly [N in Name]: Record<keyof (typeof TABLES)[N]["columns"], Cell>[] }

export function nothing(): Records {
  return Object.fromEntries(NAMES.map((name) => [name, []])) as unknown as Records
}

/** Another shape of the tables is another schema, so that no version finds what it does not understand. */
export const ROWS_SCHEMA = `rows_${createHash("sha256").update(JSON.stringify(TABLES)).digest("hex").slice(0, 8)}`

const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
const columnsOf = (name: Name) =>
  Object.entries(TABLES[name].columns).map(([column, type]) => `${snake(column)} ${type}`)

export function createStatements(): string {
  const tables = NAMES.map((name) => {
    const key = TABLES[name].key.map(snake).join(", ")
    return `CREATE TABLE IF NOT EXISTS ${ROWS_SCHEMA}.${snake(name)} (${columnsOf(name).join(", ")}, PRIMARY KEY (${key}));`
  })
  return [
    `CREATE SCHEMA IF NOT EXISTS ${ROWS_SCHEMA};`,
    ...tables,
    `CREATE INDEX IF NOT EXISTS inference_worker ON ${ROWS_SCHEMA}.inference (worker);`,
  ].join("\n")
}

/** One statement, hence one transaction: a context is there with all its rows or not at all. */
export const INSERT = `WITH ${NAMES.map(
  (name, index) =>
    `new_${snake(name)} AS (INSERT INTO ${ROWS_SCHEMA}.${snake(name)} SELECT * FROM jsonb_to_recordset($${index + 1}::jsonb) AS given(${columnsOf(name).join(", ")}) ON CONFLICT DO NOTHING)`,
).join(", ")} SELECT 1`

/** The arguments of `INSERT`. */
export function insertArguments(records: Records): string[] {
  return NAMES.map((name) =>
    JSON.stringify(
      records[name].map((row) =>
        Object.fromEntries(
          Object.entries(row).map(([column, cell]) => [
            snake(column),
            typeof cell === "bigint" ? cell.toString() : cell,
          ]),
        ),
      ),
    ),
  )
}
