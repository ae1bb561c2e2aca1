// A committee member as workers and reputers meet it: a real HTTP server on a port of its own that keeps what it is sent.
import { once } from "node:events"
import type { Server } from "node:http"
import type { AddressInfo } from "node:net"
import { serve } from "@hono/node-server"
import { Hono } from "hono"
import type { Path } from "../../offchain/memberclient.ts"

export type Reply = { readonly status: number; readonly body: unknown }

export const TAKEN: Reply = { status: 202, body: { hash: `0x${"00".repeat(32)}` } }
export const refused = (code: string): Reply => ({
  status: 422,
  body: { code, given: "1", required: "2" },
})

/** Answers each message with `reply`, which is told how many came so far; without an answer it stays silent. */
export async function recorder(
  reply: (count: number, body: string) => Reply | undefined = () => TAKEN,
  path: Path = "submissions",
) {
  const bodies: string[] = []
  const app = new Hono().post(`/${path}`, async (context) => {
    const body = await context.req.text()
    bodies.push(body)
    const answer = reply(bodies.length, body)
    if (!answer) return new Promise<Response>(() => undefined)
    const text = typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body)
    return new Response(text, { status: answer.status })
  })
  const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }) as Server
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    bodies,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
