// Calls one member of the mesh, again and again with growing pauses, until told to stop.
import { WebSocket } from "ws"
import type { Clock } from "../clock.ts"
import type { Limits, Link } from "./link.ts"

const [FIRST_PAUSE_MS, LONGEST_PAUSE_MS] = [100, 2_000]

export type Dialer = ReturnType<typeof createDialer>

/** `connect` makes a link of the socket; it tells of the link's end by `ended`. */
export function createDialer(
  { url, limits }: { url: URL; limits: Limits },
  { clock, connect }: { clock: Clock; connect: (socket: WebSocket) => Link },
) {
  let link: Link | undefined
  let cancel: (() => void) | undefined
  let calledAt = 0
  let failures = 0
  let isStopped = false

  function call() {
    calledAt = clock.now()
    const socket = new WebSocket(url, {
      perMessageDeflate: false,
      maxPayload: limits.maxBytes,
      handshakeTimeout: limits.patienceMs,
    })
    link = connect(socket)
  }

  return {
    call,
    ended() {
      if (isStopped) return
      // What held longer than a greeting may take was a good connection.
      failures = clock.now() - calledAt > limits.patienceMs ? 0 : failures + 1
      const pause = FIRST_PAUSE_MS * 2 ** Math.min(failures, 10)
      cancel = clock.after(Math.min(LONGEST_PAUSE_MS, pause), call)
    },
    stop() {
      isStopped = true
      cancel?.()
      link?.close()
    },
  }
}
