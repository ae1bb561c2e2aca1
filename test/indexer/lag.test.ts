// What the index says of itself, from what is seen of it and of the chain.
import assert from "node:assert/strict"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { after, before, describe, it } from "node:test"
import { requireSameChain, type Seen, stateOf } from "../../indexer/lag.ts"
import type { Database } from "../../indexer/rows/database.ts"

const at = (block: number) => ({ block, time: 1_000 + block })
const SEEN: Seen = { isReady: true, chain: at(50), isSameChain: true, index: at(50), quietMs: 0 }

describe("the lag", () => {
  it("follows at the head, however long nothing happens there", () => {
    assert.equal(stateOf({ ...SEEN, quietMs: 10 ** 9 }), "follows")
  })
  it("follows while it moves", () => {
    assert.equal(stateOf({ ...SEEN, index: at(10), quietMs: 29_000 }), "follows")
  })
  it("is stuck when it has not moved for half a minute and the chain has", () => {
    assert.equal(stateOf({ ...SEEN, index: at(49), quietMs: 30_000 }), "stuck")
  })
  it("is stuck, too, ahead of a chain that went back further than it can", () => {
    assert.equal(stateOf({ ...SEEN, index: at(99), quietMs: 30_000 }), "stuck")
  })
  it("is of a chain that was replaced, wherever the heads are", () => {
    assert.equal(stateOf({ ...SEEN, isSameChain: false }), "replaced")
  })
  it("reads the history until Ponder says that it has", () => {
    assert.equal(stateOf({ ...SEEN, isReady: false, index: null, quietMs: 10 ** 9 }), "reads")
  })
  it("hears no chain", () => {
    assert.equal(stateOf({ ...SEEN, chain: null, isSameChain: false }), "silent")
  })
})

/** A chain of which only block 5 is known, by its hash. */
function chainWith(hash: string) {
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part)
    const { id, params } = JSON.parse(Buffer.concat(parts).toString())
    const result = params[0] === "0x5" ? { number: "0x5", hash, transactions: [] } : null
    response.end(JSON.stringify({ jsonrpc: "2.0", id, result }))
  })
  return server
}

describe("a database that was made before", () => {
  const ours = "0x0a"
  const others = "0x0b"
  const server = chainWith(ours)
  let rpc: string
  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    rpc = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  after(() => server.close())
  const keeping = (...rows: { number: string; hash: string }[]): Database => ({
    query: async <Row>() => rows as Row[],
    execute: async () => undefined,
  })

  it("serves where it is empty, or its newest final block is the chain's", async () => {
    await requireSameChain(keeping(), rpc)
    await requireSameChain(keeping({ number: "5", hash: ours }), rpc)
  })
  it("is refused where the chain has another block there, or none", async () => {
    const refused = { code: "ChainReplaced" }
    await assert.rejects(requireSameChain(keeping({ number: "5", hash: others }), rpc), refused)
    await assert.rejects(requireSameChain(keeping({ number: "6", hash: ours }), rpc), refused)
  })
  it("is not blamed for a chain that does not answer", async () => {
    await requireSameChain(keeping({ number: "5", hash: others }), "http://127.0.0.1:1")
  })
})
