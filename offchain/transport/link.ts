// One WebSocket between two members: greeting first, then messages; a ping tells a dead one, and who sends faster than
// the limit is read no faster.
import type { RawData, WebSocket } from "ws"
import type { Clock } from "../clock.ts"
import { isRefusal, type Refusal, refusal } from "../errors.ts"
import { type Hello, NONCE_BYTES } from "./hello.ts"

export type Limits = {
  /** The longest message, in bytes. */
  readonly maxBytes: number
  /** How long a greeting may take, and how long a silent peer is taken for alive. */
  readonly patienceMs: number
  /** Messages a second from one peer; 4 kB count as one more. */
  readonly rate: number
}

export type LinkEvents = {
  readonly up: (peer: number) => void
  readonly message: (peer: number, bytes: Uint8Array) => void
  /** Comes once, whatever happened; with a refusal if the other side broke a rule. */
  readonly down: (refused: Refusal | undefined) => void
}

export type Link = {
  readonly send: (bytes: Uint8Array, sent: () => void) => void
  /** Bytes that wait in this process. */
  readonly waiting: () => number
  readonly close: () => void
}

const REFUSED = 4000
const BYTES_PER_TOKEN = 4096

/** `dialled` is whom we called; undefined if it was the other side that called, which then may be any above us. */
export function createLink(
  socket: WebSocket,
  { hello, dialled, limits }: { hello: Hello; dialled: number | undefined; limits: Limits },
  { clock, events }: { clock: Clock; events: LinkEvents },
): Link {
  const nonce = hello.nonce()
  let theirNonce: Uint8Array | undefined
  let peer: number | undefined
  let refused: Refusal | undefined
  let heard = true
  let tokens = limits.rate
  let countedAt = clock.now()
  const timers = new Map<string, () => void>()

  const start = (name: string, ms: number, run: () => void) => {
    timers.get(name)?.()
    timers.set(name, clock.after(ms, run))
  }
  const refuse = (why: Refusal) => {
    refused ??= why
    socket.close(REFUSED, why.code)
    // One that does not answer the close is cut off.
    start("close", limits.patienceMs, () => socket.terminate())
  }

  function greet(bytes: Uint8Array) {
    if (!theirNonce) {
      if (bytes.length !== NONCE_BYTES) {
        return refuse(
          refusal("MalformedHello", `${bytes.length} bytes`, `a nonce of ${NONCE_BYTES}`),
        )
      }
      theirNonce = bytes
      // The one that dialled says first who it is; nothing is signed for one that does not.
      if (dialled !== undefined) socket.send(hello.write(dialled, theirNonce))
      return
    }
    const from = hello.read(bytes, nonce)
    if (isRefusal(from)) return refuse(from)
    const isExpected = dialled === undefined ? from > hello.self : from === dialled
    if (!isExpected) {
      return refuse(refusal("UnknownMember", from, dialled ?? `a member above ${hello.self}`))
    }
    if (dialled === undefined) socket.send(hello.write(from, theirNonce))
    peer = from
    timers.get("hello")?.()
    start("ping", limits.patienceMs / 2, ping)
    events.up(from)
  }

  function ping() {
    if (!heard && !socket.isPaused) return socket.terminate()
    heard = false
    socket.ping()
    start("ping", limits.patienceMs / 2, ping)
  }

  /** A token bucket: an empty one stops the reading until it is filled again, which holds up the sender. */
  function spend(cost: number) {
    const now = clock.now()
    tokens = Math.min(limits.rate, tokens + ((now - countedAt) * limits.rate) / 1000) - cost
    countedAt = now
    if (tokens >= 0 || socket.isPaused) return
    socket.pause()
    waitForTokens()
  }

  // What the socket had read already still comes after the pause, and is paid for by a longer one.
  function waitForTokens() {
    start("resume", Math.ceil((-tokens * 1000) / limits.rate), () => {
      heard = true
      spend(0)
      if (tokens < 0) waitForTokens()
      else socket.resume()
    })
  }

  socket.on("message", (data: RawData, isBinary: boolean) => {
    heard = true
    const bytes = data as Buffer
    if (refused) return
    if (!isBinary) return refuse(refusal("MalformedHello", "text", "bytes"))
    if (peer === undefined) return greet(bytes)
    spend(1 + bytes.length / BYTES_PER_TOKEN)
    events.message(peer, bytes)
  })
  socket.on("pong", () => {
    heard = true
  })
  // What went wrong comes again as the close; only a message that was too long is worth a name.
  socket.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH") return
    refused ??= refusal("MessageTooLong", "more", `at most ${limits.maxBytes} bytes`)
  })
  socket.on("close", () => {
    for (const cancel of timers.values()) cancel()
    events.down(refused)
  })
  const open = () => {
    socket.send(nonce)
    start("hello", limits.patienceMs, () =>
      refuse(refusal("HelloMissing", "silence", "a signed nonce")),
    )
  }
  if (socket.readyState === socket.OPEN) open()
  else socket.on("open", open)

  return {
    send: (bytes, sent) => socket.send(bytes, sent),
    waiting: () => socket.bufferedAmount,
    close: () => socket.terminate(),
  }
}
