// One mesh for three sorts of messages: each reaches those who asked for its sort, and no other.
import assert from "node:assert/strict"
import { describe, it } from "node:test"
import type { Transport } from "../../offchain/agreement.ts"
import { splitTransport } from "../../offchain/channels.ts"

const bytes = (...values: number[]) => Uint8Array.from(values)

function stage() {
  const sent: { to: number | "all"; bytes: readonly number[] }[] = []
  let deliver: (from: number, message: Uint8Array) => void = () => assert.fail("nobody listens")
  const transport: Transport = {
    self: 2,
    reachable: () => [0, 3],
    send: (to, message) => void sent.push({ to, bytes: [...message] }),
    broadcast: (message) => void sent.push({ to: "all", bytes: [...message] }),
    onMessage(take) {
      deliver = take
    },
  }
  const channels = splitTransport(transport)
  const taken: unknown[] = []
  channels.agreement.onMessage((from, message) => taken.push(["agreement", from, [...message]]))
  channels.submissions.onBody((body) => taken.push(["submission", [...body]]))
  channels.truths.onBody((body) => taken.push(["truth", [...body]]))
  return {
    channels,
    sent,
    taken,
    arrives: (from: number, message: Uint8Array) => deliver(from, message),
  }
}

describe("channels", () => {
  it("mark what goes out by its sort, and leave the rest as it is", () => {
    const { channels, sent } = stage()
    channels.agreement.send(3, bytes(7, 8))
    channels.agreement.broadcast(bytes(9))
    channels.submissions.passOn(bytes(7, 8))
    channels.truths.passOn(bytes())
    assert.deepEqual(sent, [
      { to: 3, bytes: [1, 7, 8] },
      { to: "all", bytes: [1, 9] },
      { to: "all", bytes: [2, 7, 8] },
      { to: "all", bytes: [3] },
    ])
    assert.equal(channels.agreement.self, 2)
    assert.deepEqual(channels.agreement.reachable(), [0, 3])
  })

  it("bring what comes in to its own taker, without the mark", () => {
    const { arrives, taken } = stage()
    arrives(0, bytes(1, 7, 8))
    arrives(3, bytes(2, 1, 3))
    arrives(3, bytes(3, 2))
    arrives(0, bytes(3))
    assert.deepEqual(taken, [
      ["agreement", 0, [7, 8]],
      ["submission", [1, 3]],
      ["truth", [2]],
      ["truth", []],
    ])
  })

  it("drop every other sort, and a message with nothing in it", () => {
    const { arrives, taken } = stage()
    arrives(0, bytes())
    for (let tag = 0; tag < 256; tag++) if (tag < 1 || tag > 3) arrives(0, bytes(tag, 1, 2))
    assert.deepEqual(taken, [])
  })
})
