// Servers that stand where a member should: one that changes rows on their way, one with rows that no member has.
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import type { Hex } from "viem"
import { rowHash } from "../../wasm/index.ts"

/** A server in front of a member: below /change/<hash> the row with that hash is another, below /clean none is. */
export async function startProxy(member: string) {
  const changed = new Map<string, Uint8Array>()
  const served = new Map<string, number>()
  const server: Server = createServer(async (request, response) => {
    const [, target, hash] = /^\/([\w]+)\/rows\/(0x[0-9a-f]{64})$/.exec(request.url ?? "") ?? []
    const upstream = await fetch(`${member}/rows/${hash}`)
    const other = target === hash ? changed.get(hash ?? "") : undefined
    if (other) served.set(hash as string, (served.get(hash as string) ?? 0) + 1)
    response.writeHead(upstream.status).end(other ?? new Uint8Array(await upstream.arrayBuffer()))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  return {
    /** Where the row with that hash is served as `bytes`. */
    changing(hash: Hex, bytes: Uint8Array): string {
      changed.set(hash, bytes)
      return `http://127.0.0.1:${port}/${hash}`
    },
    clean: `http://127.0.0.1:${port}/clean`,
    served: (hash: Hex) => served.get(hash) ?? 0,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** Serves rows that no honest member has. */
export async function startRowServer() {
  const rows = new Map<string, Uint8Array>()
  const server = createServer((request, response) => {
    const row = rows.get((request.url ?? "").replace("/rows/", ""))
    response.writeHead(row ? 200 : 404).end(row)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    serve(all: readonly Uint8Array[]) {
      for (const row of all) rows.set(rowHash(row), row)
    },
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
