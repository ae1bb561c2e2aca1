// HTTP of a member over a real socket: what is answered, what is refused and under which name.
import assert from "node:assert/strict"
import { request } from "node:http"
import { connect } from "node:net"
import { after, before, describe, it } from "node:test"
import { type Hex, keccak256 } from "viem"
import { NodeError, refusal } from "../../offchain/errors.ts"
import { createLog } from "../../offchain/log.ts"
import { createServer, type Server } from "../../offchain/server.ts"
import { parseSubmission } from "../../offchain/submission.ts"
import { parseTruth } from "../../offchain/truth.ts"

const ROW = Uint8Array.from([0x21, 0, 1])
const HASH = keccak256(ROW)
const CORRUPTED = keccak256("0x02")
const lines: string[] = []
const log = createLog({}, { write: (line: string) => void lines.push(line) })
const bodies: string[] = []
const truths: string[] = []

const answers = {
  admit: async (body: Uint8Array) => {
    bodies.push(Buffer.from(body).toString())
    const submission = parseSubmission(body)
    if (bodies.at(-1) === "good") return { hash: HASH }
    if (bodies.at(-1) === "late") return refusal("InferenceExpired", 12, "before 11")
    if (bodies.at(-1) === "fault") throw new Error("the disk is full")
    return submission as { code: string }
  },
  admitTruth: async (body: Uint8Array) => {
    truths.push(Buffer.from(body).toString())
    if (truths.at(-1) === "good") return { hash: HASH }
    if (truths.at(-1) === "late") return refusal("TruthExpired", 12, "before 11")
    return parseTruth(body) as { code: string }
  },
  row(hash: Hex) {
    if (hash === CORRUPTED)
      throw new NodeError("RowCorrupted", { sentence: "other bytes", remedy: "stop" })
    return hash === HASH ? ROW : undefined
  },
  attestation: (topicId: number, epoch: number) =>
    topicId === 1 && epoch === 7 ? { value: 5n } : undefined,
  status: () => ({ member: 2, block: 12n, refusals: { OutOfRange: 1 } }),
  log,
}

describe("server", () => {
  let server: Server
  let url: string
  before(async () => {
    server = await createServer({ port: 0 }, answers)
    url = `http://127.0.0.1:${server.port}`
  })
  after(() => server.close())

  const get = async (path: string) => {
    const response = await fetch(url + path)
    return { status: response.status, body: await response.text() }
  }
  const post = async (body: string, path = "submissions") => {
    const response = await fetch(`${url}/${path}`, { method: "POST", body })
    return { status: response.status, body: JSON.parse(await response.text()) }
  }

  it("takes a submission with 202 and its hash", async () => {
    assert.deepEqual(await post("good"), { status: 202, body: { hash: HASH } })
    assert.equal(bodies.at(-1), "good")
  })

  it("says why it refuses one: code, given, required", async () => {
    const late = { code: "InferenceExpired", given: "12", required: "before 11" }
    assert.deepEqual(await post("late"), { status: 422, body: late })
    const { status, body } = await post("{}")
    assert.deepEqual([status, body.code], [400, "MalformedSubmission"])
  })

  it("stops reading where a submission cannot end any more, and goes on serving", async () => {
    const { status, body } = await post("x".repeat(300_000))
    assert.deepEqual([status, body.code], [413, "OversizedSubmission"])
    assert.ok((bodies.at(-1) as string).length < 300_000)
    // Without a length said beforehand.
    const chunked = await new Promise<number | undefined>((resolve, reject) => {
      const sent = request(`${url}/submissions`, { method: "POST" }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
      sent.on("error", reject)
      for (let i = 0; i < 20; i++) sent.write("x".repeat(10_000))
      sent.end()
    })
    assert.equal(chunked, 413)
    assert.equal((await post("good")).status, 202)
  })

  it("takes truths at a path of their own, by the same manners", async () => {
    const before = bodies.length
    assert.deepEqual(await post("good", "truths"), { status: 202, body: { hash: HASH } })
    const late = { code: "TruthExpired", given: "12", required: "before 11" }
    assert.deepEqual(await post("late", "truths"), { status: 422, body: late })
    const malformed = await post("{}", "truths")
    assert.deepEqual([malformed.status, malformed.body.code], [400, "MalformedTruth"])
    const long = await post("x".repeat(300_000), "truths")
    assert.deepEqual([long.status, long.body.code], [413, "OversizedTruth"])
    assert.deepEqual([truths.length, bodies.length], [4, before])
    assert.ok((truths.at(-1) as string).length < 300_000)
  })

  it("serves a row's bytes by its hash", async () => {
    const response = await fetch(`${url}/rows/${HASH}`)
    assert.equal(response.status, 200)
    assert.deepEqual(new Uint8Array(await response.arrayBuffer()), ROW)
    const unknown = keccak256("0x01")
    const missing = await get(`/rows/${unknown}`)
    assert.equal(missing.status, 404)
    assert.equal(JSON.parse(missing.body).code, "RowUnknown")
    assert.equal(JSON.parse(missing.body).given, unknown)
    const malformed = await get("/rows/0x12")
    assert.deepEqual([malformed.status, JSON.parse(malformed.body).code], [400, "MalformedHash"])
  })

  it("serves attestations and the status as JSON, bigints as text", async () => {
    assert.deepEqual(await get("/attestations/1/7"), { status: 200, body: '{"value":"5"}\n' })
    const unknown = await get("/attestations/1/8")
    assert.deepEqual([unknown.status, JSON.parse(unknown.body).code], [404, "AttestationUnknown"])
    const malformed = await get("/attestations/1/-8")
    assert.deepEqual([malformed.status, JSON.parse(malformed.body).code], [400, "MalformedKey"])
    assert.deepEqual(await get("/status"), {
      status: 200,
      body: '{"member":2,"block":"12","refusals":{"OutOfRange":1}}\n',
    })
  })

  it("names what it does not know, and hides its own faults but for the log", async () => {
    const unknown = await get("/nothing")
    assert.deepEqual([unknown.status, JSON.parse(unknown.body).code], [404, "PathUnknown"])
    assert.deepEqual(await post("fault"), { status: 500, body: { code: "Fault" } })
    assert.match(lines.join(""), /the disk is full/)
    assert.deepEqual(await get(`/rows/${CORRUPTED}`), {
      status: 500,
      body: '{"code":"RowCorrupted"}\n',
    })
    assert.match(lines.join(""), /other bytes/)
  })

  it("hands an upgrade to the path's owner and refuses the others", async () => {
    const upgrade = (path: string) =>
      new Promise<string>((resolve) => {
        const socket = connect(server.port, "127.0.0.1")
        socket.on("data", (data) => {
          socket.destroy()
          resolve(String(data).split("\r\n")[0] as string)
        })
        socket.write(
          `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n`,
        )
      })
    const release = server.onUpgrade("/mesh", (_request, socket) =>
      socket.end("HTTP/1.1 418 Mine\r\n\r\n"),
    )
    assert.equal(await upgrade("/mesh"), "HTTP/1.1 418 Mine")
    assert.equal(await upgrade("/other"), "HTTP/1.1 404 Not Found")
    release()
    assert.equal(await upgrade("/mesh"), "HTTP/1.1 404 Not Found")
  })

  it("names a port that is taken", async () => {
    await assert.rejects(
      () => createServer({ port: server.port }, answers),
      (error) =>
        error instanceof NodeError && error.code === "PortInUse" && !error.message.includes("\n"),
    )
  })
})
