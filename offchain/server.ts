// HTTP of a member, one port: workers post submissions and reputers truths; anyone gets rows by hash, attestations and the
// status. The members' mesh shares the port through `onUpgrade`.
import type { Server as HttpServer, IncomingMessage } from "node:http"
import type { AddressInfo } from "node:net"
import type { Duplex } from "node:stream"
import { createAdaptorServer } from "@hono/node-server"
import { type Context, Hono } from "hono"
import type { Hex } from "viem"
import { BODY_LIMIT_BYTES } from "./body.ts"
import { isRefusal, NodeError, type Refusal, refusal } from "./errors.ts"
import type { Log } from "./log.ts"

export type Answers = {
  /** Takes a submission's JSON in, or says why not. */
  readonly admit: (body: Uint8Array) => Promise<{ readonly hash: Hex } | Refusal>
  /** The same of a truth's. */
  readonly admitTruth: (body: Uint8Array) => Promise<{ readonly hash: Hex } | Refusal>
  readonly row: (hash: Hex) => Uint8Array | undefined
  /** What attests to an epoch's reports, or undefined; bigints become text. */
  readonly attestation: (topicId: number, epoch: number) => unknown
  readonly status: () => unknown
  readonly log: Log
}

export type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

export type Server = {
  readonly host: string
  readonly port: number
  /** Hands WebSocket upgrades at a path to `handle`; the answer takes that back. */
  readonly onUpgrade: (path: string, handle: Upgrade) => () => void
  readonly close: () => Promise<void>
}

const MAX_CONNECTIONS = 1024
const REQUEST_TIMEOUT_MS = 10_000

/** Listens, on this machine alone unless told otherwise; port 0 takes a free one. */
export async function createServer(
  { host = "127.0.0.1", port }: { readonly host?: string; readonly port: number },
  answers: Answers,
): Promise<Server> {
  const server = createAdaptorServer({
    fetch: routes(answers).fetch,
    // The global Request and Response stay the platform's own.
    overrideGlobalObjects: false,
    serverOptions: { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS },
  }) as HttpServer
  server.maxConnections = MAX_CONNECTIONS
  const upgrades = new Map<string, Upgrade>()
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // A peer that resets here must not end the program.
    socket.on("error", () => socket.destroy())
    const handle = upgrades.get((request.url ?? "").split("?")[0] as string)
    if (handle) handle(request, socket, head)
    else socket.end("HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n")
  })
  await listen(server, host, port)
  return {
    host,
    port: (server.address() as AddressInfo).port,
    onUpgrade(path, handle) {
      upgrades.set(path, handle)
      return () => void upgrades.delete(path)
    },
    close() {
      return new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
    },
  }
}

function routes({ admit, admitTruth, row, attestation, status, log }: Answers): Hono {
  const app = new Hono()
  const takesIn = (take: Answers["admit"]) => async (context: Context) => {
    const taken = await take(await bodyOf(context.req.raw))
    // The unread rest of a body that is too long leaves the connection unfit for another request.
    if (isRefusal(taken) && STATUS_OF[taken.code] === 413) context.header("connection", "close")
    return isRefusal(taken) ? refuse(context, taken) : json(context, taken, 202)
  }
  app.post("/submissions", takesIn(admit))
  app.post("/truths", takesIn(admitTruth))
  app.get("/rows/:hash", (context) => {
    const hash = context.req.param("hash").toLowerCase() as Hex
    if (!/^0x[0-9a-f]{64}$/.test(hash)) {
      return refuse(context, refusal("MalformedHash", hash.slice(0, 80), "0x and 64 hex digits"))
    }
    const bytes = row(hash)
    if (!bytes)
      return refuse(context, refusal("RowUnknown", hash, "the hash of a row that is kept here"))
    context.header("content-type", "application/octet-stream")
    // The name is the hash of the content.
    context.header("cache-control", "public, max-age=31536000, immutable")
    return context.body(Uint8Array.from(bytes))
  })
  app.get("/attestations/:topicId/:epoch", (context) => {
    const { topicId, epoch } = context.req.param()
    const numbers = [topicId, epoch].map((text) =>
      /^\d{1,10}$/.test(text) ? Number(text) : undefined,
    )
    const [topic, at] = numbers
    if (topic === undefined || at === undefined) {
      return refuse(
        context,
        refusal("MalformedKey", `${topicId}/${epoch}`.slice(0, 80), "two whole numbers"),
      )
    }
    const found = attestation(topic, at)
    if (found !== undefined) return json(context, found, 200)
    return refuse(
      context,
      refusal("AttestationUnknown", `${topic}/${at}`, "an epoch attested with this member"),
    )
  })
  app.get("/status", (context) => json(context, status(), 200))
  app.notFound((context) =>
    refuse(context, refusal("PathUnknown", context.req.path.slice(0, 80), PATHS)),
  )
  app.onError((error, context) => {
    log.error({ error, path: context.req.path }, "a request failed")
    return json(context, { code: error instanceof NodeError ? error.code : "Fault" }, 500)
  })
  return app
}

const PATHS =
  "POST /submissions, POST /truths, GET /rows/<hash>, GET /attestations/<topicId>/<epoch>, GET /status"

const STATUS_OF: Readonly<Record<string, 400 | 404 | 413>> = {
  MalformedSubmission: 400,
  MalformedTruth: 400,
  MalformedHash: 400,
  MalformedKey: 400,
  OversizedSubmission: 413,
  OversizedTruth: 413,
  RowUnknown: 404,
  AttestationUnknown: 404,
  PathUnknown: 404,
  UnknownTopic: 404,
}

// What is understood but breaks a rule is 422.
function refuse(context: Context, why: Refusal): Response {
  return json(context, why, STATUS_OF[why.code] ?? 422)
}

function json(
  context: Context,
  value: unknown,
  status: 200 | 202 | 400 | 404 | 413 | 422 | 500,
): Response {
  const text = JSON.stringify(value, (_, part) =>
    typeof part === "bigint" ? part.toString() : part,
  )
  return context.body(`${text}\n`, status, { "content-type": "application/json" })
}

/** The body, or its first bytes if it is too long to be admitted: the rest is not even read. */
async function bodyOf(request: Request): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let size = 0
  if (request.body) {
    for await (const part of request.body) {
      parts.push(part)
      size += part.length
      if (size > BODY_LIMIT_BYTES) break
    }
  }
  return Buffer.concat(parts)
}

function listen(server: HttpServer, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      reject(
        cause.code === "EADDRINUSE"
          ? new NodeError("PortInUse", {
              sentence: `another program listens on ${host}:${port}; stop it or choose another port`,
              remedy: "stop",
              facts: { host, port },
              cause,
            })
          : new NodeError("CannotListen", {
              sentence: `this machine does not let a server listen on ${host}:${port} (${cause.code})`,
              remedy: "stop",
              facts: { host, port },
              cause,
            }),
      )
    })
    server.listen(port, host, () => {
      server.removeAllListeners("error")
      resolve()
    })
  })
}
