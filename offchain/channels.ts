// The mesh carries two sorts of messages: the agreement's, and submissions that members pass on. Their first byte
// tells them apart.
import type { Transport } from "./agreement.ts"

const AGREEMENT = 1
const SUBMISSION = 2

function tagged(tag: number, bytes: Uint8Array): Uint8Array {
  const message = new Uint8Array(bytes.length + 1)
  message[0] = tag
  message.set(bytes, 1)
  return message
}

export type Channels = {
  readonly agreement: Transport
  readonly submissions: {
    readonly passOn: (body: Uint8Array) => void
    readonly onSubmission: (take: (body: Uint8Array) => void) => void
  }
}

/** Splits a transport in two; a message with any other first byte is dropped. */
export function splitTransport(transport: Transport): Channels {
  let takeMessage: (from: number, bytes: Uint8Array) => void = () => {}
  let takeSubmission: (body: Uint8Array) => void = () => {}
  transport.onMessage((from, bytes) => {
    if (bytes[0] === AGREEMENT) takeMessage(from, bytes.subarray(1))
    if (bytes[0] === SUBMISSION) takeSubmission(bytes.subarray(1))
  })
  return {
    agreement: {
      self: transport.self,
      reachable: transport.reachable,
      send: (to, bytes) => transport.send(to, tagged(AGREEMENT, bytes)),
      broadcast: (bytes) => transport.broadcast(tagged(AGREEMENT, bytes)),
      onMessage(take) {
        takeMessage = take
      },
    },
    submissions: {
      passOn: (body) => transport.broadcast(tagged(SUBMISSION, body)),
      onSubmission(take) {
        takeSubmission = take
      },
    },
  }
}
