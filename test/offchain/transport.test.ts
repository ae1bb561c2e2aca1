// The mesh over real sockets on loopback: four members in one process, restarts, strangers, and bad frames.
import assert from "node:assert/strict"
import { once } from "node:events"
import { afterEach, describe, it } from "node:test"
import { hashStruct, numberToHex } from "viem"
import { WebSocket } from "ws"
import { createClock } from "../../offchain/clock.ts"
import { NodeError } from "../../offchain/errors.ts"
import { createLog } from "../../offchain/log.ts"
import { createServer, type Server } from "../../offchain/server.ts"
import { createSigner } from "../../offchain/signer.ts"
import { createHello, helloHash } from "../../offchain/transport/hello.ts"
import { createTransport, type Transport } from "../../offchain/transport.ts"

const COUNT = 4
const ERA = 1
const DOMAIN = {
  name: "Allora",
  version: "1",
  chainId: 31337,
  verifyingContract: "0x00000000000000000000000000000000000000aa",
} as const
const LIMITS = { maxBytes: 10_000, patienceMs: 2_000 }
const log = createLog({ level: "silent" })
const clock = createClock()
const signers = Array.from({ length: COUNT + 1 }, (_, i) =>
  createSigner(numberToHex(i + 1, { size: 32 })),
)
const signerOf = (index: number) => signers[index] as (typeof signers)[0]
const OUTSIDER = signerOf(COUNT)

const answers = {
  admit: async () => ({ code: "Unregistered" }),
  admitTruth: async () => ({ code: "NotAnElector" }),
  row: () => undefined,
  attestation: () => undefined,
  status: () => ({}),
  log,
}

type Member = { server: Server; transport: Transport; got: [number, string][] }
type Mesh = {
  urls: string[]
  members: Member[]
  start: (index: number, signer?: ReturnType<typeof createSigner>) => Promise<Member>
  stop: (index: number) => Promise<void>
}

/** Waits for a condition that the sockets bring about; the deadline is only there to fail. */
async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!holds()) {
    if (Date.now() > deadline) assert.fail(`never: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

const running: Mesh[] = []
afterEach(async () => {
  for (const mesh of running.splice(0))
    await Promise.all(mesh.members.map((_, index) => mesh.stop(index)))
})

async function meshOf(limits = LIMITS): Promise<Mesh> {
  const ports = await Promise.all(
    Array.from({ length: COUNT }, async () => {
      const server = await createServer({ port: 0 }, answers)
      await server.close()
      return server.port
    }),
  )
  const urls = ports.map((port) => `http://127.0.0.1:${port}`)
  const members: Member[] = []
  const mesh: Mesh = {
    urls,
    members,
    async start(index, signer = signerOf(index)) {
      const server = await createServer({ port: ports[index] as number }, answers)
      const transport = createTransport(
        {
          era: ERA,
          self: index,
          members: urls.map((url, i) => ({ address: signerOf(i).address, url })),
          domain: DOMAIN,
          limits,
        },
        { server, signer, clock, log },
      )
      const got: [number, string][] = []
      transport.onMessage((from, bytes) => got.push([from, Buffer.from(bytes).toString()]))
      const member = { server, transport, got }
      members[index] = member
      return member
    },
    async stop(index) {
      members[index]?.transport.close()
      await members[index]?.server.close()
    },
  }
  running.push(mesh)
  return mesh
}

async function wholeMesh(limits = LIMITS): Promise<Mesh> {
  const mesh = await meshOf(limits)
  await Promise.all(Array.from({ length: COUNT }, (_, i) => mesh.start(i)))
  await until("everyone reaches everyone", () =>
    mesh.members.every((m) => m.transport.reachable().length === COUNT - 1),
  )
  return mesh
}

/** A hand-driven client at a member's mesh: frames as they come, and how it ended. */
async function client(url: string) {
  const socket = new WebSocket(`${url.replace("http", "ws")}/mesh`)
  const frames: Buffer[] = []
  let closed: { code: number; reason: string } | undefined
  socket.on("message", (data) => frames.push(data as Buffer))
  socket.on("close", (code, reason) => {
    closed = { code, reason: String(reason) }
  })
  socket.on("error", () => {})
  await once(socket, "open")
  const frame = async (index: number) => {
    await until(`frame ${index}`, () => frames.length > index)
    return frames[index] as Buffer
  }
  const end = async () => {
    await until("the close", () => closed !== undefined)
    return closed as { code: number; reason: string }
  }
  return { socket, frame, end }
}
const helloOf = (self: number, signer = signerOf(self), changes = {}) =>
  createHello(
    {
      era: ERA,
      self,
      members: signers.slice(0, COUNT).map(({ address }) => address),
      domain: DOMAIN,
      ...changes,
    },
    signer,
  )

describe("hello", () => {
  it("is an EIP-712 struct of its own, as viem hashes it", () => {
    const message = { era: 7, from: 2, to: 0, nonce: `0x${"5a".repeat(32)}` } as const
    const Hello = [
      { name: "era", type: "uint32" },
      { name: "from", type: "uint8" },
      { name: "to", type: "uint8" },
      { name: "nonce", type: "bytes32" },
    ] as const
    assert.equal(
      helloHash(message),
      hashStruct({ data: message, primaryType: "Hello", types: { Hello } }),
    )
  })
})

describe("transport", () => {
  it("carries messages from each member to each other, in order", async () => {
    const mesh = await wholeMesh()
    for (const { transport } of mesh.members) {
      for (const [to] of mesh.members.entries()) transport.send(to, Buffer.from(`to ${to}`))
      transport.broadcast(Buffer.from("to all"))
    }
    await until("all is there", () =>
      mesh.members.every(({ got }) => got.length === 2 * (COUNT - 1)),
    )
    for (const [index, { got }] of mesh.members.entries()) {
      for (let from = 0; from < COUNT; from++) {
        const texts = got.filter(([sender]) => sender === from).map(([, text]) => text)
        assert.deepEqual(texts, from === index ? [] : [`to ${index}`, "to all"])
      }
    }
  })

  it("comes together again when a member restarts, whichever side it dials from", async () => {
    const mesh = await wholeMesh()
    for (const index of [0, COUNT - 1, 1]) {
      await mesh.stop(index)
      const others = mesh.members.filter((_, i) => i !== index)
      await until("the others notice", () =>
        others.every((m) => !m.transport.reachable().includes(index)),
      )
      // What is said meanwhile waits for it.
      for (const { transport } of others) transport.send(index, Buffer.from("while you were away"))
      const back = await mesh.start(index)
      await until("it hears them all", () => back.got.length === COUNT - 1)
      assert.deepEqual(
        back.got.map(([from, text]) => [from, text]).sort(),
        others.map(({ transport }) => [transport.self, "while you were away"]),
      )
      await until("all are there", () =>
        mesh.members.every((m) => m.transport.reachable().length === COUNT - 1),
      )
    }
  })

  it("keeps what waits for an absent member within bounds, the newest, and counts the rest", async () => {
    const mesh = await meshOf()
    const first = await mesh.start(0)
    for (let i = 0; i < 1030; i++) first.transport.send(2, Buffer.from(String(i)))
    assert.deepEqual(first.transport.counts().dropped, [0, 0, 6, 0])
    const { got } = await mesh.start(2)
    await until("the rest arrives", () => got.length === 1024)
    assert.deepEqual(
      [got[0], got.at(-1)],
      [
        [0, "6"],
        [0, "1029"],
      ],
    )
  })

  it("refuses a stranger: a key that is no member's", async () => {
    const mesh = await meshOf()
    const first = await mesh.start(0)
    const imposter = await mesh.start(2, OUTSIDER)
    await until("it is refused", () => (first.transport.counts().refused.BadSignature ?? 0) > 0)
    assert.deepEqual([first.transport.reachable(), imposter.transport.reachable()], [[], []])
  })

  it("refuses whom it dials if another answers there", async () => {
    const mesh = await meshOf()
    await mesh.start(0, OUTSIDER)
    const second = await mesh.start(2)
    await until("it is refused", () => (second.transport.counts().refused.BadSignature ?? 0) > 0)
    assert.deepEqual(second.transport.reachable(), [])
  })

  it("refuses a hello that was recorded, for another member, or of another era", async () => {
    const mesh = await meshOf()
    const [zero, one] = [await mesh.start(0), await mesh.start(1)]
    // A true greeting of member 2 with member 0, as somebody on the wire sees it.
    const real = await client(mesh.urls[0] as string)
    real.socket.send(Buffer.alloc(32, 1))
    const recorded = helloOf(2).write(0, await real.frame(0))
    real.socket.send(recorded)
    await until("member 2 is up", () => zero.transport.reachable().includes(2))

    const greet = async (url: string, answer: (nonce: Buffer) => Uint8Array) => {
      const wrong = await client(url)
      wrong.socket.send(Buffer.alloc(32, 1))
      wrong.socket.send(answer(await wrong.frame(0)))
      return wrong.end()
    }
    const refused = { code: 4000, reason: "BadSignature" }
    const [first, second] = mesh.urls as [string, string]
    assert.deepEqual(await greet(first, () => recorded), refused)
    // What member 2 signs for member 1 does not serve at member 0, and the other way round.
    assert.deepEqual(await greet(first, (nonce) => helloOf(2).write(1, nonce)), refused)
    assert.deepEqual(await greet(second, (nonce) => helloOf(2).write(0, nonce)), refused)
    assert.deepEqual(
      await greet(first, (nonce) => helloOf(2, signerOf(2), { era: ERA + 1 }).write(0, nonce)),
      refused,
    )
    assert.deepEqual(
      await greet(first, (nonce) => helloOf(2, signerOf(3)).write(0, nonce)),
      refused,
    )
    assert.ok(zero.transport.reachable().includes(2), "the true one stays")
    real.socket.terminate()
    assert.equal(one.transport.counts().refused.BadSignature, 1)
  })

  it("refuses frames that are no greeting, by name", async () => {
    const mesh = await meshOf()
    const { transport } = await mesh.start(1)
    const url = mesh.urls[1] as string
    const send = async (...frames: (Uint8Array | string | ((nonce: Buffer) => Uint8Array))[]) => {
      const wrong = await client(url)
      const nonce = await wrong.frame(0)
      for (const frame of frames)
        wrong.socket.send(typeof frame === "function" ? frame(nonce) : frame)
      return (await wrong.end()).reason
    }
    const nonce = Buffer.alloc(32, 1)
    assert.equal(await send("hello"), "MalformedHello")
    assert.equal(await send(Buffer.alloc(31)), "MalformedHello")
    assert.equal(await send(nonce, Buffer.alloc(64)), "MalformedHello")
    assert.equal(await send(nonce, Buffer.alloc(65, 200)), "UnknownMember")
    // Member 0 is dialled by member 1 and does not dial; oneself does not either.
    assert.equal(await send(nonce, (theirs) => helloOf(0).write(1, theirs)), "UnknownMember")
    assert.equal(await send(nonce, (theirs) => helloOf(1).write(1, theirs)), "UnknownMember")
    assert.deepEqual(transport.counts().refused, { MalformedHello: 3, UnknownMember: 3 })
    assert.deepEqual(transport.reachable(), [])
  })

  it("cuts off who sends too long a message, and the others go on", async () => {
    const mesh = await meshOf()
    const [zero, one] = [await mesh.start(0), await mesh.start(1)]
    await until("both are up", () => zero.transport.reachable().length === 1)
    const liar = await client(mesh.urls[0] as string)
    liar.socket.send(Buffer.alloc(32, 1))
    liar.socket.send(helloOf(2).write(0, await liar.frame(0)))
    await until("it is up", () => zero.transport.reachable().includes(2))
    liar.socket.send(Buffer.alloc(LIMITS.maxBytes))
    await until("the longest is taken", () => zero.got.length === 1)
    liar.socket.send(Buffer.alloc(LIMITS.maxBytes + 1))
    assert.equal((await liar.end()).code, 1009)
    assert.deepEqual(zero.transport.counts().refused, { MessageTooLong: 1 })
    one.transport.send(0, Buffer.from("still here"))
    await until("the others go on", () => zero.got.at(-1)?.[1] === "still here")
  })

  it("does not send what the others would not take", async () => {
    const mesh = await meshOf()
    const { transport } = await mesh.start(0)
    const tooLong = (error: unknown) =>
      error instanceof NodeError && error.code === "MessageTooLong"
    assert.throws(() => transport.send(1, Buffer.alloc(LIMITS.maxBytes + 1)), tooLong)
    assert.throws(() => transport.broadcast(Buffer.alloc(LIMITS.maxBytes + 1)), tooLong)
  })

  it("reads no faster than the rate from one peer, and loses nothing", async () => {
    const mesh = await meshOf({ ...LIMITS, rate: 50 } as typeof LIMITS)
    const [zero, one] = [await mesh.start(0), await mesh.start(1)]
    await until("both are up", () => one.transport.reachable().length === 1)
    const begun = performance.now()
    for (let i = 0; i < 80; i++) one.transport.send(0, Buffer.from(String(i)))
    await until("all are read", () => zero.got.length === 80)
    assert.deepEqual(
      zero.got.map(([, text]) => Number(text)),
      [...Array(80).keys()],
    )
    one.transport.send(0, Buffer.from("last"))
    await until("one more", () => zero.got.length === 81)
    // 50 at once, 31 more at 50 a second.
    assert.ok(performance.now() - begun > 500, "the reading was held up")
  })

  it("notices a peer that has gone silent without closing", async () => {
    const mesh = await meshOf({ ...LIMITS, patienceMs: 300 })
    const zero = await mesh.start(0)
    const silent = await client(mesh.urls[0] as string)
    silent.socket.send(Buffer.alloc(32, 1))
    silent.socket.send(helloOf(2).write(0, await silent.frame(0)))
    await until("it is up", () => zero.transport.reachable().includes(2))
    // Paused, it answers no ping.
    silent.socket.pause()
    await until("it is given up", () => zero.transport.reachable().length === 0)
    silent.socket.terminate()
  })

  it("lets a newer connection of a member take the place of the older", async () => {
    const mesh = await meshOf()
    const zero = await mesh.start(0)
    const connect = async () => {
      const one = await client(mesh.urls[0] as string)
      one.socket.send(Buffer.alloc(32, 1))
      one.socket.send(helloOf(2).write(0, await one.frame(0)))
      return one
    }
    const older = await connect()
    await until("it is up", () => zero.transport.reachable().includes(2))
    const newer = await connect()
    await older.end()
    assert.deepEqual(zero.transport.reachable(), [2])
    zero.transport.send(2, Buffer.from("to the newer"))
    // Frame 1 is the member's own hello.
    assert.equal(String(await newer.frame(2)), "to the newer")
    newer.socket.terminate()
    await until("it is gone", () => zero.transport.reachable().length === 0)
  })

  it("gives up on who does not greet", async () => {
    const mesh = await meshOf({ ...LIMITS, patienceMs: 200 })
    const zero = await mesh.start(0)
    const silent = await client(mesh.urls[0] as string)
    assert.deepEqual(await silent.end(), { code: 4000, reason: "HelloMissing" })
    assert.deepEqual(zero.transport.counts().refused, { HelloMissing: 1 })
  })

  it("does without a member whose address on chain is none", async () => {
    const server = await createServer({ port: 0 }, answers)
    const members = ["no url", "ftp://x", "http://127.0.0.1:1"].map((url, i) => ({
      address: signerOf(i).address,
      url,
    }))
    const transport = createTransport(
      { era: ERA, self: 2, members, domain: DOMAIN },
      { server, signer: signerOf(2), clock, log },
    )
    transport.broadcast(Buffer.from("anyone?"))
    assert.deepEqual(transport.reachable(), [])
    transport.close()
    await server.close()
  })

  it("keeps a fault in the taker away from the mesh", async () => {
    const mesh = await meshOf()
    const [zero, one] = [await mesh.start(0), await mesh.start(1)]
    const got: string[] = []
    zero.transport.onMessage((_, bytes) => {
      got.push(Buffer.from(bytes).toString())
      if (got.length === 1) throw new Error("a fault")
    })
    one.transport.send(0, Buffer.from("a"))
    one.transport.send(0, Buffer.from("b"))
    await until("both are taken", () => got.length === 2)
    assert.deepEqual(got, ["a", "b"])
  })
})
