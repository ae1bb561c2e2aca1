// The mesh: one WebSocket between any two members of an era, on the port of the member's HTTP. Of two members the one
// with the higher index dials, again and again with growing pauses; the other accepts, and a newer connection of the same
// member takes the place of the older, so either may restart at any time. Delivery is not promised: agreement repeats.
import type { Hex } from "viem"
import { type WebSocket, WebSocketServer } from "ws"
import type { Clock } from "./clock.ts"
import { NodeError } from "./errors.ts"
import type { Log } from "./log.ts"
import type { Domain } from "./message.ts"
import type { Server } from "./server.ts"
import type { Signer } from "./signer.ts"
import { createDialer, type Dialer } from "./transport/dialer.ts"
import { createHello } from "./transport/hello.ts"
import { createLink, type Limits, type Link } from "./transport/link.ts"
import { createOutbox, type Outbox } from "./transport/outbox.ts"

export type TransportOptions = {
  readonly era: number
  readonly self: number
  /** In member order: the signer, and where the member's HTTP is, such as http://127.0.0.1:9000. */
  readonly members: readonly { readonly address: Hex; readonly url: string }[]
  readonly domain: Domain
  readonly limits?: Partial<Limits>
}

export type Transport = {
  readonly self: number
  readonly send: (to: number, bytes: Uint8Array) => void
  /** To all others. */
  readonly broadcast: (bytes: Uint8Array) => void
  readonly onMessage: (take: (from: number, bytes: Uint8Array) => void) => void
  /** The other members that are connected now. */
  readonly reachable: () => readonly number[]
  /** Messages dropped for want of room, by member; greetings refused, by code. */
  readonly counts: () => {
    readonly dropped: readonly number[]
    readonly refused: Readonly<Record<string, number>>
  }
  readonly close: () => void
}

type Peer = {
  readonly outbox: Outbox
  /** For a member below us. */
  readonly dialer: Dialer | undefined
}

const LIMITS: Limits = { maxBytes: 4 * 1024 * 1024, patienceMs: 10_000, rate: 5_000 }
const MAX_STRANGERS = 64
const PATH = "/mesh"

export function createTransport(
  { era, self, members, domain, limits: given }: TransportOptions,
  {
    server,
    signer,
    clock,
    log,
  }: { server: Pick<Server, "onUpgrade">; signer: Signer; clock: Clock; log: Log },
): Transport {
  const limits = { ...LIMITS, ...given }
  const hello = createHello(
    { era, self, members: members.map(({ address }) => address), domain },
    signer,
  )
  const refused = new Map<string, number>()
  const strangers = new Set<Link>()
  let take: (from: number, bytes: Uint8Array) => void = () => {}
  let isClosed = false
  const webSockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: limits.maxBytes,
  })
  const peers = members.map(
    ({ url }, index): Peer => ({ outbox: createOutbox(), dialer: dialerOf(index, url) }),
  )

  function dialerOf(index: number, url: string): Dialer | undefined {
    if (index >= self) return undefined
    const mesh = meshUrl(url)
    // Another member's address on chain is no fault of ours.
    if (!mesh) log.warn({ member: index, url }, "no address to dial")
    return (
      mesh &&
      createDialer({ url: mesh, limits }, { clock, connect: (socket) => connect(socket, index) })
    )
  }

  function connect(socket: WebSocket, dialled: number | undefined): Link {
    let peer: number | undefined
    const link = createLink(
      socket,
      { hello, dialled, limits },
      {
        clock,
        events: {
          up(from) {
            peer = from
            strangers.delete(link)
            attach(from, link)
          },
          message: deliver,
          down(why) {
            strangers.delete(link)
            if (why) count(why.code)
            if (peer !== undefined) detach(peer, link)
            if (dialled !== undefined) peers[dialled]?.dialer?.ended()
          },
        },
      },
    )
    return link
  }

  function deliver(from: number, bytes: Uint8Array) {
    if (isClosed) return
    try {
      take(from, bytes)
    } catch (error) {
      // A fault of ours on one message must not silence the member.
      log.error({ from, error }, "a message was not handled")
    }
  }

  function attach(index: number, link: Link) {
    peers[index]?.outbox.attach(link)?.close()
    log.info({ member: index }, "connected")
  }

  function detach(index: number, link: Link) {
    if (peers[index]?.outbox.detach(link) && !isClosed) log.info({ member: index }, "disconnected")
  }

  function count(code: string) {
    refused.set(code, (refused.get(code) ?? 0) + 1)
  }

  function requireLength(bytes: Uint8Array) {
    if (bytes.length <= limits.maxBytes) return
    throw new NodeError("MessageTooLong", {
      sentence: "a message for the other members is too long to be taken by them",
      remedy: "refuse",
      given: `${bytes.length} bytes`,
      required: `at most ${limits.maxBytes} bytes`,
    })
  }

  const release = server.onUpgrade(PATH, (request, socket, head) => {
    // Strangers hold no more than a few connections at a time, each for no longer than a greeting; the oldest makes room.
    if (isClosed) {
      socket.destroy()
      return
    }
    const [oldest] = strangers
    if (oldest && strangers.size >= MAX_STRANGERS) {
      strangers.delete(oldest)
      oldest.close()
    }
    webSockets.handleUpgrade(request, socket, head, (accepted) => {
      strangers.add(connect(accepted, undefined))
    })
  })
  for (const { dialer } of peers) dialer?.call()

  return {
    self,
    send(to, bytes) {
      requireLength(bytes)
      const peer = peers[to]
      if (peer && to !== self && !isClosed) peer.outbox.put(bytes)
    },
    broadcast(bytes) {
      requireLength(bytes)
      if (!isClosed)
        for (const [index, peer] of peers.entries()) if (index !== self) peer.outbox.put(bytes)
    },
    onMessage(listener) {
      take = listener
    },
    reachable: () => [...peers.keys()].filter((index) => peers[index]?.outbox.link()),
    counts: () => ({
      dropped: peers.map(({ outbox }) => outbox.dropped()),
      refused: Object.fromEntries(refused),
    }),
    close() {
      isClosed = true
      release()
      for (const link of strangers) link.close()
      for (const { dialer, outbox } of peers) {
        dialer?.stop()
        outbox.link()?.close()
      }
    },
  }
}

/** Where a member's mesh is, below the address of its HTTP. */
function meshUrl(base: string): URL | undefined {
  if (!URL.canParse(base)) return undefined
  const url = new URL(base)
  url.protocol = url.protocol === "https:" || url.protocol === "wss:" ? "wss:" : "ws:"
  url.pathname = url.pathname.replace(/\/$/, "") + PATH
  // A WebSocket's address has no fragment; another member's address on chain must not end this program.
  url.hash = ""
  return /^wss?:$/.test(url.protocol) ? url : undefined
}
