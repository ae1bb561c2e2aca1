// Anybody's model: programs and servers that answer, fail, hang or say too much, asked by a worker whose members are real
// HTTP servers. The page docs/models.md is run as it stands.
import assert from "node:assert/strict"
import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, afterEach, describe, it } from "node:test"
import { createAnswers, type Prediction } from "../../offchain/answers.ts"
import { type Clock, createClock } from "../../offchain/clock.ts"
import { freePorts, ROOT } from "../../offchain/demo/processes.ts"
import { isRefusal, type Refusal } from "../../offchain/errors.ts"
import { createMemberClient } from "../../offchain/memberclient.ts"
import { type Ask, createAsked } from "../../offchain/models/asked.ts"
import { createProgram } from "../../offchain/models/program.ts"
import { createService } from "../../offchain/models/service.ts"
import { topicTemplate } from "../../offchain/models/topics.ts"
import { parseSubmission } from "../../offchain/submission.ts"
import type { EpochTerms } from "../../offchain/terms.ts"
import { createWorker } from "../../offchain/worker.ts"
import { manualClock } from "../support/clock.ts"
import { recorder } from "../support/recorder.ts"
import {
  ALICE,
  chainOf,
  DOMAIN,
  EPOCH_START,
  HOUR,
  OPENS,
  TOPIC,
  until,
} from "../support/worker.ts"

const ONE = 10n ** 18n
const folder = mkdtempSync(join(tmpdir(), "asked-"))
const fileOf = (name: string) => join(folder, name)
const ends: (() => Promise<unknown> | unknown)[] = []

afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})
after(() => rmSync(folder, { recursive: true }))

/** A program of Node's, as a command. */
const node = (source: string) => `"${process.execPath}" -e '${source}'`
const answering = (answer: object) => node(`console.log(${JSON.stringify(JSON.stringify(answer))})`)

const TERMS = chainOf([]).terms(TOPIC, 1) as EpochTerms
const OPEN = new AbortController().signal

function asked(ask: Ask, { limitMs = 30_000, clock = createClock() as Clock } = {}) {
  return createAsked({ name: "mine", owner: ALICE.address, signer: ALICE, limitMs, ask }, { clock })
}

const answerOf = async (
  ask: Ask,
  options?: Parameters<typeof asked>[1],
  { seconds = HOUR, signal = OPEN } = {},
): Promise<Prediction | Refusal> => asked(ask, options).predict(TERMS, { seconds, signal })

async function refusalOf(...given: Parameters<typeof answerOf>): Promise<Refusal> {
  const said = await answerOf(...given)
  assert.ok(
    isRefusal(said),
    JSON.stringify(said, (_, value) => String(value)),
  )
  return said
}

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe("a program", () => {
  it("gets the question on stdin and answers on stdout", async () => {
    const file = fileOf("question.json")
    const source = `const text = require("fs").readFileSync(0, "utf8"); require("fs").writeFileSync("${file}", text); console.log(JSON.stringify({ value: JSON.parse(text).epoch + 0.5 }))`
    assert.deepEqual(await answerOf(createProgram(node(source))), {
      inference: [(3n * ONE) / 2n],
    })
    const question = JSON.parse(readFileSync(file, "utf8"))
    assert.deepEqual([question.topicId, question.owner], [TOPIC, ALICE.address])
  })

  it("need not read the question", async () => {
    assert.deepEqual(await answerOf(createProgram('echo \'{"value": "7"}\'')), {
      inference: [7n * ONE],
    })
  })

  it("sees nothing of the worker's environment that may be a secret", async () => {
    process.env.ALLORA_TEST_SECRET = "hidden"
    process.env.DATABASE_URL = "postgres://hidden"
    ends.push(() => {
      delete process.env.ALLORA_TEST_SECRET
      delete process.env.DATABASE_URL
    })
    const file = fileOf("environment.json")
    const source = `require("fs").writeFileSync("${file}", JSON.stringify(process.env)); console.log(JSON.stringify({ value: 1 }))`
    await answerOf(createProgram(node(source)))
    const seen = readFileSync(file, "utf8")
    assert.equal(seen.includes("hidden"), false)
    assert.equal(JSON.parse(seen).PATH, process.env.PATH)
  })

  it("fails with its exit code and the last line of its stderr", async () => {
    const failing = node('console.error("Traceback\\nValueError: no data"); process.exit(3)')
    assert.deepEqual(await refusalOf(createProgram(failing)), {
      code: "ProgramFailed",
      given: 'exit code 3, "ValueError: no data"',
      required: "exit code 0",
    })
    const missing = await refusalOf(createProgram("no-such-program-anywhere"))
    assert.match(missing.given as string, /^exit code 127, .*no-such-program-anywhere/)
    const killed = await refusalOf(createProgram(node("process.kill(process.pid, 9)")))
    assert.equal(killed.code, "ProgramFailed")
    // An answer before the failure is none.
    const both = await refusalOf(createProgram(`${answering({ value: 1 })} && exit 1`))
    assert.equal(both.code, "ProgramFailed")
  })

  it("is cut off when it says too much", async () => {
    const endless = node('for (;;) require("fs").writeSync(1, "x".repeat(10000))')
    const said = await refusalOf(createProgram(endless))
    assert.deepEqual([said.code, said.given], ["AnswerTooLong", "more than 65536 bytes"])
  })

  it("is killed at its limit with all that it started, and is late", async () => {
    const clock = manualClock()
    const file = fileOf("pids")
    const command = `sleep 600 & echo $! $$ > ${file}; sleep 600; echo '{"value": 1}'`
    const late = refusalOf(createProgram(command), { clock, limitMs: 1_000 })
    await until(() => existsSync(file) && readFileSync(file, "utf8").endsWith("\n"))
    const pids = readFileSync(file, "utf8").trim().split(" ").map(Number)
    assert.equal(pids.length, 2)
    clock.advance(999)
    await new Promise(setImmediate)
    assert.ok(pids.every(isAlive))
    clock.advance(1)
    assert.deepEqual(await late, {
      code: "AnswerLate",
      given: "none after 1000 ms",
      required: "an answer within 1000 ms",
    })
    await until(() => !pids.some(isAlive))
  })

  it("is late at the limit also if something that left its group holds its stdout", async () => {
    const clock = manualClock()
    const file = fileOf("escaped")
    const source = `const { pid } = require("child_process").spawn("sleep", ["600"], { detached: true, stdio: "inherit" }); require("fs").writeFileSync("${file}", pid + "\\n"); process.exit(0)`
    const late = refusalOf(createProgram(node(source)), { clock, limitMs: 1_000 })
    await until(() => existsSync(file) && readFileSync(file, "utf8").endsWith("\n"))
    ends.push(() => process.kill(Number(readFileSync(file, "utf8")), "SIGKILL"))
    clock.advance(1_000)
    assert.equal((await late).code, "AnswerLate")
  })

  it("leaves nothing behind that it started and did not wait for", async () => {
    const file = fileOf("left")
    const command = `sleep 600 & echo $! > ${file}; echo '{"value": 1}'`
    assert.deepEqual(await answerOf(createProgram(command)), { inference: [ONE] })
    await until(() => !isAlive(Number(readFileSync(file, "utf8"))))
  })

  it("has three quarters of what is left of the window at most, and ends with the window", async () => {
    const clock = manualClock()
    const short = refusalOf(createProgram("sleep 600"), { clock }, { seconds: 4 })
    assert.equal(clock.nextIn(), 3_000)
    clock.advance(3_000)
    assert.equal((await short).given, "none after 3000 ms")
    const window = new AbortController()
    const closed = refusalOf(createProgram("sleep 600"), {}, { signal: window.signal })
    window.abort()
    const said = await closed
    assert.deepEqual([said.code, said.given], ["AnswerLate", "the window closed first"])
    const never = await refusalOf(createProgram("touch ran"), {}, { signal: window.signal })
    assert.equal(never.code, "AnswerLate")
    assert.equal(existsSync("ran"), false)
  })
})

describe("a server", () => {
  type Replies = (body: string) => { status?: number; body?: string; location?: string } | undefined

  async function serverOf(reply: Replies) {
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const answer = reply(Buffer.concat(chunks).toString())
      if (!answer) return
      if (answer.location) response.setHeader("location", answer.location)
      response.writeHead(answer.status ?? 200).end(answer.body)
    })
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    ends.push(() => {
      server.closeAllConnections()
      server.close()
    })
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/ask`
  }

  it("gets the question as a body and answers with one", async () => {
    const url = await serverOf((body) => ({ body: `{"value": "${JSON.parse(body).epoch}.25"}` }))
    assert.deepEqual(await answerOf(createService(url)), { inference: [(5n * ONE) / 4n] })
  })

  it("fails by its status, by silence, by too much, and by sending elsewhere", async () => {
    const failing = await refusalOf(
      createService(await serverOf(() => ({ status: 500, body: "no data" }))),
    )
    assert.deepEqual(failing, {
      code: "ServiceFailed",
      given: 'HTTP 500, "no data"',
      required: "HTTP 200",
    })
    const much = await serverOf(() => ({ body: " ".repeat(65_537) }))
    assert.equal((await refusalOf(createService(much))).code, "AnswerTooLong")
    const elsewhere = await serverOf(() => ({ status: 307, location: "http://127.0.0.1:1/" }))
    assert.equal((await refusalOf(createService(elsewhere))).code, "ServiceFailed")
    const clock = manualClock()
    const silent = refusalOf(
      createService(
        await serverOf(() => {
          clock.advance(1_000)
          return undefined
        }),
      ),
      { clock, limitMs: 1_000 },
    )
    assert.equal((await silent).code, "AnswerLate")
    const [port] = await freePorts(1)
    const gone = await refusalOf(createService(`http://127.0.0.1:${port}/`))
    assert.deepEqual([gone.code, gone.given], ["ServiceFailed", "ECONNREFUSED"])
  })
})

/** A worker that asks, at a member that keeps what it is sent. */
async function workerOf(ask: Ask, topic = "sp500", file = fileOf(`${Math.random()}.answers`)) {
  const member = await recorder()
  const parameters = topicTemplate(topic, { start: EPOCH_START })
  const chain = chainOf([member.url], { parameters })
  const answers = createAnswers(file)
  const clock = createClock()
  const ignore = () => undefined
  const worker = createWorker(
    { topicId: TOPIC, domain: DOMAIN, models: [asked(ask)] },
    {
      chain,
      members: createMemberClient({ timeoutMs: 2_000 }),
      answers,
      clock,
      log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    },
  )
  ends.push(async () => {
    worker.stop()
    answers.close()
    await member.close()
  })
  const move = (time: number) => {
    chain.at(time)
    worker.blockSeen()
  }
  const sent = () =>
    member.bodies.map((body) => {
      const submission = parseSubmission(body)
      assert.ok(!isRefusal(submission))
      return submission.inference
    })
  return { ...worker, move, sent, bodies: member.bodies }
}

describe("a worker in command mode", () => {
  it("sends what its program says", async () => {
    const worker = await workerOf(createProgram(answering({ value: "1320.5" })))
    worker.move(OPENS)
    await until(() => worker.counts().taken === 1)
    assert.deepEqual(worker.sent(), [[(26_410n * ONE) / 20n]])
  })

  it("asks once an epoch, and sends the same again after a restart", async () => {
    const runs = fileOf("runs")
    const answers = fileOf("kept.answers")
    const program = createProgram(
      `echo run >> ${runs}; wc -l < ${runs} | xargs printf '{"value": %s}'`,
    )
    const [first, second] = [
      await workerOf(program, "sp500", answers),
      () => workerOf(program, "sp500", answers),
    ]
    first.move(OPENS)
    first.move(OPENS + 1)
    await until(() => first.counts().taken === 1)
    first.stop()
    const restarted = await second()
    restarted.move(OPENS + 2)
    await until(() => restarted.counts().taken === 1)
    assert.deepEqual([first.sent(), restarted.sent()], [[[ONE]], [[ONE]]])
    assert.equal(restarted.bodies[0], first.bodies[0])
    assert.equal(readFileSync(runs, "utf8"), "run\n")
  })

  it("skips and counts an epoch without a usable answer, and goes on with the next", async () => {
    const source = `const { epoch } = JSON.parse(require("fs").readFileSync(0)); const said = { 1: "nothing", 2: JSON.stringify({ value: 200000 }) }; console.log(said[epoch] ?? JSON.stringify({ value: epoch }))`
    const worker = await workerOf(createProgram(node(source)))
    worker.move(OPENS)
    await until(() => worker.counts().refusals.AnswerMalformed === 1)
    worker.move(OPENS + 24 * HOUR)
    await until(() => worker.counts().refusals.OutOfRange === 1)
    worker.move(OPENS + 48 * HOUR)
    await until(() => worker.counts().taken === 1)
    assert.deepEqual(worker.sent(), [[3n * ONE]])
  })
})

describe("docs/models.md", () => {
  const page = readFileSync(join(ROOT, "docs", "models.md"), "utf8")
  const blockOf = (name: string) => {
    const block = new RegExp(`\`\`\`python ${name}\\n([\\s\\S]*?)\`\`\``).exec(page)?.[1]
    assert.ok(block, `the page has no block ${name}`)
    const file = fileOf(name)
    writeFileSync(file, block)
    return { file, lines: block.trimEnd().split("\n").length }
  }

  it("has python3 to run its models with", () => {
    let version = "none: install python3, these tests need it"
    try {
      version = execFileSync("python3", ["--version"], { encoding: "utf8" })
    } catch {
      // Said by the assertion.
    }
    assert.match(version, /^Python 3/)
  })

  it("has a program of at most ten lines whose answer reaches a member", async () => {
    const { file, lines } = blockOf("model.py")
    assert.ok(lines <= 10, `${lines} lines`)
    const worker = await workerOf(createProgram(`cd "${ROOT}" && python3 "${file}"`))
    worker.move(OPENS)
    await until(() => worker.counts().taken === 1, 30_000)
    // The last three closes of 2000, 1328.920044, 1334.219971 and 1320.280029, have the mean 1327.806681 and a third;
    // Python writes the float next to it as 1327.8066813333332.
    assert.deepEqual(worker.sent(), [[1_327_806_681_333_333_200_000n]])
  })

  it("has a server whose answer reaches a member", async () => {
    const { file } = blockOf("server.py")
    const [port] = await freePorts(1)
    const server: ChildProcess = spawn("python3", [file, String(port)], { stdio: "ignore" })
    ends.push(() => server.kill("SIGKILL"))
    const url = `http://127.0.0.1:${port}`
    let up = false
    while (!up) {
      assert.equal(server.exitCode, null, "the server ended")
      const body = '{"labels": ["rain", "sun"]}'
      const response = await fetch(url, { method: "POST", body }).catch(() => undefined)
      up = response?.ok === true
      if (up) assert.deepEqual(await response?.json(), { values: { rain: 0.5, sun: 0.5 } })
    }
    const worker = await workerOf(createService(url), "seattle-weather")
    worker.move(OPENS)
    await until(() => worker.counts().taken === 1, 30_000)
    assert.deepEqual(worker.sent(), [new Array(5).fill(ONE / 5n)])
  })
})
