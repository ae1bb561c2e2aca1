// The mesh carries three sorts of messages: the agreement's, and the submissions and truths that members pass on. Their
// first byte tells them apart.
import type { Transport } from "./agreement.ts"

const AGREEMENT = 1
const SUBMISSION = 2
const TRUTH = 3

function tagged(tag: number, bytes: Uint8Array): Uint8Array {
  const message = new Uint8Array(bytes.length + 1)
  message[0] = tag
  message.set(bytes, 1)
  return message
}

/** What anyone sent to one member, on its way to all. */
export type Passing = {
  readonly passOn: (body: Uint8Array) => void
  readonly onBody: (take: (body: Uint8Array) => void) => void
}

export type Channels = {
  readonly agreement: Transport
  readonly submissions: Passing
  readonly truths: Passing
}

/** Splits a transport in three; a message with any other first byte is dropped. */
export function splitTransport(transport: Transport): Channels {
  const takers = new Map<number, (from: number, bytes: Uint8Array) => void>()
  transport.onMessage((from, bytes) => takers.get(bytes[0] as number)?.(from, bytes.subarray(1)))

  const passing = (tag: number): Passing => ({
    passOn: (body) => transport.broadcast(tagged(tag, body)),
    onBody: (take) => void takers.set(tag, (_, body) => take(body)),
  })

  return {
    agreement: {
      self: transport.self,
      reachable: transport.reachable,
      send: (to, bytes) => transport.send(to, tagged(AGREEMENT, bytes)),
      broadcast: (bytes) => transport.broadcast(tagged(AGREEMENT, bytes)),
      onMessage: (take) => void takers.set(AGREEMENT, take),
    },
    submissions: passing(SUBMISSION),
    truths: passing(TRUTH),
  }
}
