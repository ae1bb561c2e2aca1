// A member that follows a settled topic with nothing of its own: its states, what it asked others for, what it said.
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import type { Hex } from "viem"
import { NodeError } from "../../offchain/errors.ts"
import type { Ledger } from "../../offchain/ledger.ts"
import { createLog } from "../../offchain/log.ts"
import type { FetchRow } from "../../offchain/replay.ts"
import { openRows, type Rows } from "../../offchain/rows.ts"
import { createStates } from "../../offchain/states.ts"
import { DELAY_SECONDS } from "./reputers.ts"

type Said = { readonly level: string; readonly msg: string; readonly [fact: string]: unknown }

export function follower(
  ledger: Ledger,
  /** What others have, or how to ask them. */
  others: ReadonlyMap<Hex, Uint8Array> | FetchRow,
  rows: Rows = openRows(),
) {
  const asked: Hex[] = []
  const said: Said[] = []
  const fetchRow: FetchRow = async (hash, what) => {
    asked.push(hash)
    if (typeof others === "function") return others(hash, what)
    const row = others.get(hash)
    if (row) return row
    throw new NodeError("RowMissing", { sentence: `nobody has the ${what} row`, remedy: "retry" })
  }
  const log = createLog(
    { json: true },
    { write: (line: string) => void said.push(JSON.parse(line) as Said) },
  )
  const states = createStates({
    ledger,
    delaySeconds: DELAY_SECONDS,
    rows,
    keep: (made) => rows.put(made, 2 ** 40),
    fetchRow,
    log,
  })
  return {
    states,
    rows,
    asked,
    said: (what: string) => said.filter(({ msg }) => msg.includes(what)),
    sayings: () => said.length,
  }
}

/** Serves rows by hash over HTTP as a member does, some of them with one byte changed. */
export async function rowServer(rows: ReadonlyMap<Hex, Uint8Array>) {
  const changed = new Map<string, number>()
  const server = createServer((request, response) => {
    const hash = (request.url ?? "").replace("/rows/", "") as Hex
    const row = rows.get(hash)?.slice()
    const at = changed.get(hash)
    if (row && at !== undefined) row[at % row.length] = (row[at % row.length] as number) ^ 1
    response.writeHead(row ? 200 : 404).end(row)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** From now on the row with that hash has another byte there; no other row is changed. */
    change(hash: Hex, at: number) {
      changed.clear()
      changed.set(hash, at)
    },
    changeNothing: () => changed.clear(),
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
