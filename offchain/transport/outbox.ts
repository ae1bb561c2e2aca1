// What waits to be sent to one member of the mesh: bounded, the oldest dropped first, kept over a reconnection.
import type { Link } from "./link.ts"

const LIMIT = 1_024
const LIMIT_BYTES = 16 * 1024 * 1024
/** Bytes given to a socket before it has sent them. */
const IN_FLIGHT_BYTES = 1024 * 1024

export type Outbox = ReturnType<typeof createOutbox>

export function createOutbox() {
  let queue: Uint8Array[] = []
  let bytes = 0
  let dropped = 0
  let link: Link | undefined

  function pump() {
    let sent = 0
    for (const message of queue) {
      if (!link || link.waiting() >= IN_FLIGHT_BYTES) break
      link.send(message, pump)
      bytes -= message.length
      sent++
    }
    if (sent > 0) queue = queue.slice(sent)
  }

  return {
    put(message: Uint8Array) {
      queue.push(message)
      bytes += message.length
      pump()
      while (queue.length > LIMIT || bytes > LIMIT_BYTES) {
        bytes -= (queue.shift() as Uint8Array).length
        dropped++
      }
    },
    /** Sends over that link from now on, and what has waited first. Answers the link before. */
    attach(next: Link): Link | undefined {
      const previous = link
      link = next
      pump()
      return previous
    },
    /** Forgets that link, if it is the one in use. */
    detach(ended: Link): boolean {
      if (link !== ended) return false
      link = undefined
      return true
    },
    link: () => link,
    dropped: () => dropped,
  }
}
