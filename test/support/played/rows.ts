// Serves rows by hash, as a member does, while it is told to.
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { rowHash } from "../../../wasm/index.ts"

export type RowServer = Awaited<ReturnType<typeof serveRows>>

export async function serveRows() {
  const rows = new Map<string, Uint8Array>()
  const state = { isUp: true, asked: 0 }
  const server = createServer((request, response) => {
    state.asked += 1
    if (!state.isUp) return void request.socket.destroy()
    const row = rows.get((request.url ?? "").replace("/rows/", ""))
    if (!row) return void response.writeHead(404).end()
    response.writeHead(200, { "content-type": "application/octet-stream" }).end(row)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  return {
    state,
    url: `http://127.0.0.1:${port}`,
    keep(list: readonly Uint8Array[]) {
      for (const row of list) rows.set(rowHash(row), row)
    },
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
