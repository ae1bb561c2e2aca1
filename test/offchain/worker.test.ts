// The worker against a chain moved by hand and members that are real HTTP servers and keep what they get.
import assert from "node:assert/strict"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, afterEach, describe, it } from "node:test"
import {
  compactSignatureToSignature,
  encodePacked,
  type Hex,
  hashTypedData,
  keccak256,
  parseCompactSignature,
  recoverAddress,
  serializeSignature,
} from "viem"
import { types } from "../../contracts/index.ts"
import { createAnswers } from "../../offchain/answers.ts"
import type { Clock } from "../../offchain/clock.ts"
import { isRefusal, NodeError } from "../../offchain/errors.ts"
import { admit } from "../../offchain/inference.ts"
import { createLedger } from "../../offchain/ledger.ts"
import { createMemberClient } from "../../offchain/memberclient.ts"
import { topicTemplate } from "../../offchain/models/topics.ts"
import { createSigner } from "../../offchain/signer.ts"
import { parseSubmission } from "../../offchain/submission.ts"
import { termsOf } from "../../offchain/terms.ts"
import { createWorker, type Worker, type WorkerModel } from "../../offchain/worker.ts"
import { recorder, refused, TAKEN } from "../support/recorder.ts"

const TOPIC = 7
const EPOCH_START = 1_000_000
const DAY = 86_400
const HOUR = 3_600
const DELAY_SECONDS = HOUR
const ONE = 10n ** 18n
const ZERO: Hex = `0x${"00".repeat(32)}`
const DOMAIN = {
  name: "Allora",
  version: "1",
  chainId: 31_337,
  verifyingContract: "0x00000000000000000000000000000000000000aa",
} as const
const TEMPLATE = topicTemplate("sp500", { start: EPOCH_START })
/** The window lies inside the epoch. */
const PARAMETERS = { ...TEMPLATE, schedule: { ...TEMPLATE.schedule, windowOpens: 2 * HOUR } }
const OPENS = EPOCH_START + 2 * HOUR
const ALICE = createSigner(`0x${"11".repeat(32)}`)
const BOB = createSigner(`0x${"22".repeat(32)}`)
const OUTSIDER = createSigner(`0x${"33".repeat(32)}`)

const folder = mkdtempSync(join(tmpdir(), "worker-"))
let files = 0
const freshFile = () => join(folder, `${++files}.answers`)
const ends: (() => Promise<void> | void)[] = []

afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})
after(() => rmSync(folder, { recursive: true }))

async function memberOf(reply?: Parameters<typeof recorder>[0]) {
  const member = await recorder(reply)
  ends.push(member.close)
  return member
}

/** A chain with the topic and registrations well before the first epoch; `at` moves its newest block. */
function chainOf(urls: readonly string[], joined = OPENS - 2 * HOUR) {
  const ledger = createLedger()
  const block = (number: number, time: number) =>
    ({ number, hash: `0x${number}`, parentHash: `0x${number - 1}`, time }) as const
  const worker = (owner: Hex, signer: Hex, roles: number, time: number) => ({
    block: 1,
    time,
    fact: {
      name: "WorkerChanged",
      topicId: TOPIC,
      change: "joined",
      roles,
      owner,
      signer,
    } as const,
  })
  ledger.apply(block(1, joined), [
    {
      block: 1,
      time: 1,
      fact: {
        name: "TopicCreated",
        topicId: TOPIC,
        parametersHash: `0x${"ab".repeat(32)}`,
        parameters: PARAMETERS,
      },
    },
    // Another worker sits first, so that ours do not sit on seat 0.
    worker(`0x${"0c".repeat(20)}`, `0x${"0d".repeat(20)}`, 1, 1),
    worker(ALICE.address, ALICE.address, 1, joined),
    worker(BOB.address, BOB.address, 3, joined),
    worker(`0x${"0f".repeat(20)}`, OUTSIDER.address, 2, joined),
  ])
  return {
    ledger,
    at: (time: number) => ledger.apply(block((ledger.head()?.number ?? 0) + 1, time), []),
    time: () => ledger.head()?.time,
    schedule: (topicId: number) => ledger.terms(topicId, 0)?.parameters.schedule,
    terms: (topicId: number, epoch: number) =>
      termsOf(ledger, { delaySeconds: DELAY_SECONDS }, { topicId, epoch }),
    members: () => urls,
  }
}

/** Timers that run at the next turn; it keeps how long each would have been. */
function hastyClock(limit = Number.POSITIVE_INFINITY) {
  const waits: number[] = []
  const clock: Clock = {
    now: () => 0,
    after(ms, run) {
      waits.push(ms)
      if (waits.length > limit) return () => undefined
      const timer = setImmediate(run)
      return () => clearImmediate(timer)
    },
  }
  return { clock, waits }
}

const model = (name: string, signer = ALICE, value = 1_234n * ONE): WorkerModel => ({
  name,
  owner: signer.address,
  signer,
  predict: (epoch) => [value + BigInt(epoch)],
})

function start(
  chain: ReturnType<typeof chainOf>,
  {
    models = [model("one"), model("two", BOB, 5n * ONE)],
    clock = hastyClock().clock,
    file = freshFile(),
  } = {},
): Worker & { readonly move: (time: number) => void } {
  const answers = createAnswers(file)
  const log = {
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: () => undefined,
  }
  const members = createMemberClient({ timeoutMs: 2_000 })
  const worker = createWorker(
    { topicId: TOPIC, domain: DOMAIN, models },
    { chain, members, answers, clock, log },
  )
  ends.unshift(() => {
    worker.stop()
    answers.close()
  })
  const move = (time: number) => {
    chain.at(time)
    worker.blockSeen()
  }
  return { ...worker, move }
}

/** Lets sockets do their work until `test` holds. */
async function until(test: () => boolean) {
  const end = performance.now() + 5_000
  while (!test()) {
    assert.ok(performance.now() < end, "waited for 5 s")
    await new Promise(setImmediate)
  }
}

/** Long enough for a send that must not happen. */
async function idle() {
  for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate)
}

describe("a worker", () => {
  it("sends one signed submission a model and epoch to every member", async () => {
    const members = await Promise.all([memberOf(), memberOf(), memberOf()])
    const worker = start(chainOf(members.map(({ url }) => url)))
    worker.move(OPENS - 1)
    await idle()
    assert.deepEqual(worker.counts().signed, 0)
    for (const time of [OPENS, OPENS + 1, OPENS + HOUR - 1]) worker.move(time)
    await until(() => worker.counts().taken === 6)
    for (const time of [OPENS + HOUR, OPENS + DAY - 1]) worker.move(time)
    await idle()
    assert.deepEqual(
      members.map(({ bodies }) => bodies.length),
      [2, 2, 2],
    )
    assert.deepEqual(new Set(members[1]?.bodies), new Set(members[0]?.bodies))
    worker.move(OPENS + DAY)
    await until(() => worker.counts().taken === 12)
    assert.deepEqual(
      members.map(({ bodies }) => bodies.length),
      [4, 4, 4],
    )
    assert.deepEqual(worker.counts(), { signed: 4, taken: 12, failed: 0, missed: 0, refusals: {} })
  })

  it("signs what another EIP-712 library says, and members admit it", async () => {
    const member = await memberOf()
    const chain = chainOf([member.url])
    const worker = start(chain)
    worker.move(OPENS)
    await until(() => worker.counts().taken === 2)
    const signed = { [ALICE.address]: [1_234n * ONE, 1], [BOB.address]: [5n * ONE, 2] } as const
    for (const body of member.bodies) {
      const { topicId, epoch, worker: owner, inference, extra, signature } = JSON.parse(body)
      const [value, seat] = signed[owner] as readonly [bigint, number]
      assert.deepEqual([topicId, epoch, inference, extra], [TOPIC, 1, [String(value + 1n)], ZERO])
      const hash = hashTypedData({
        domain: DOMAIN,
        types,
        primaryType: "Submission",
        message: {
          topicId,
          epoch,
          inference: keccak256(encodePacked(["uint8", "int128"], [seat, value + 1n])),
          forecast: ZERO,
          extra,
        },
      })
      const full = serializeSignature(compactSignatureToSignature(parseCompactSignature(signature)))
      assert.equal((await recoverAddress({ hash, signature: full })).toLowerCase(), owner)
      const submission = parseSubmission(body)
      assert.ok(!isRefusal(submission))
      const terms = chain.terms(TOPIC, 1)
      assert.ok(terms)
      const { parameters, roster } = terms
      const verdict = admit(submission, { domain: DOMAIN, parameters, roster, chainTime: OPENS })
      assert.ok(!isRefusal(verdict), JSON.stringify(verdict))
    }
  })

  it("counts a refusal by its code and does not send again", async () => {
    const strict = await memberOf(() => refused("OutOfRange"))
    const lenient = await memberOf()
    const worker = start(chainOf([strict.url, lenient.url]))
    worker.move(OPENS)
    await until(() => worker.counts().taken === 2)
    await until(() => worker.counts().refusals.OutOfRange === 2)
    worker.move(OPENS + 1)
    await idle()
    assert.equal(strict.bodies.length, 2)
    assert.deepEqual(worker.counts().refusals, { OutOfRange: 2 })
  })

  it("sends again, the same bytes, to a member whose newest block is older or that is busy", async () => {
    const member = await memberOf(
      (count) =>
        [refused("WindowNotOpen"), refused("WrongEpoch"), { status: 503, body: "" }][count - 1] ??
        TAKEN,
    )
    const worker = start(chainOf([member.url]), { models: [model("one")] })
    worker.move(OPENS)
    await until(() => worker.counts().taken === 1)
    assert.equal(member.bodies.length, 4)
    assert.equal(new Set(member.bodies).size, 1)
    assert.deepEqual(worker.counts().refusals, { WindowNotOpen: 1, WrongEpoch: 1 })
    assert.equal(worker.counts().failed, 1)
  })

  it("reaches the others while one is down, and tries that one with longer waits until the close", async () => {
    const [up, down] = [await memberOf(), await memberOf()]
    await down.close()
    const { clock, waits } = hastyClock(8)
    const worker = start(chainOf([down.url, up.url]), { models: [model("one")], clock })
    worker.move(OPENS)
    await until(() => waits.length === 9)
    assert.equal(up.bodies.length, 1)
    assert.deepEqual(waits, [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000])
    worker.move(OPENS + HOUR)
    await until(() => worker.counts().missed === 1)
    await idle()
    assert.deepEqual(worker.counts(), { signed: 1, taken: 1, failed: 9, missed: 1, refusals: {} })
  })

  it("re-sends the same bytes after a restart, whatever the model says now", async () => {
    const member = await memberOf()
    const file = freshFile()
    let asked = 0
    const fickle: WorkerModel = { ...model("one"), predict: () => [BigInt(++asked) * ONE] }
    const chain = chainOf([member.url])
    const before = start(chain, { models: [fickle], file })
    before.move(OPENS)
    await until(() => before.counts().taken === 1)
    before.stop()
    const restarted = start(chain, { models: [fickle], file })
    restarted.move(OPENS + 1)
    await until(() => restarted.counts().taken === 1)
    assert.equal(member.bodies.length, 2)
    assert.equal(member.bodies[1], member.bodies[0])
    assert.equal(asked, 1)
    assert.equal(readFileSync(file, "utf8").trimEnd().split("\n").length, 1)
    restarted.move(OPENS + DAY)
    await until(() => restarted.counts().taken === 2)
    assert.equal(asked, 2)
  })

  it("has its answer on the disk before any member has it", async () => {
    const file = freshFile()
    const found: boolean[] = []
    const member = await memberOf((_, body) => {
      const [value] = JSON.parse(body).inference
      found.push(readFileSync(file, "utf8").includes(`"values":["${value}"]}\n`))
      return TAKEN
    })
    const worker = start(chainOf([member.url]), { file })
    worker.move(OPENS)
    await until(() => found.length === 2)
    assert.deepEqual(found, [true, true])
  })

  it("says the same again where a reorganisation opens the window twice", async () => {
    const member = await memberOf()
    let asked = 0
    const fickle: WorkerModel = {
      ...model("one"),
      predict: async () => {
        asked += 1
        const value = BigInt(asked) * ONE
        await new Promise(setImmediate)
        return [value]
      },
    }
    const worker = start(chainOf([member.url]), { models: [fickle] })
    // The first run still waits for its model when the window closes and opens again.
    for (const time of [OPENS, OPENS - 5, OPENS, OPENS - 5, OPENS + 1]) worker.move(time)
    await until(() => member.bodies.length >= 1)
    worker.move(OPENS - 5)
    worker.move(OPENS + 2)
    await until(() => member.bodies.length >= 2)
    await idle()
    assert.equal(new Set(member.bodies).size, 1)
  })

  it("loses an epoch for the model that fails, and for no other", async () => {
    const member = await memberOf()
    const failing: WorkerModel = {
      ...model("two", BOB),
      predict: () => {
        throw new NodeError("PredictionNotFinite", { sentence: "no number", remedy: "refuse" })
      },
    }
    const worker = start(chainOf([member.url]), { models: [failing, model("one")] })
    worker.move(OPENS)
    await until(() => worker.counts().taken === 1)
    assert.deepEqual(worker.counts().refusals, { PredictionNotFinite: 1 })
  })

  it("does not send what its model says after the close", async () => {
    const member = await memberOf()
    let answer: (values: readonly bigint[]) => void = () => undefined
    const slow: WorkerModel = {
      ...model("one"),
      predict: () =>
        new Promise((resolve) => {
          answer = resolve
        }),
    }
    const worker = start(chainOf([member.url]), { models: [slow] })
    worker.move(OPENS)
    worker.move(OPENS + HOUR)
    answer([ONE])
    await until(() => worker.counts().refusals.InferenceExpired === 1)
    assert.deepEqual([worker.counts().signed, member.bodies.length], [0, 0])
  })

  it("refuses by itself what the registrations do not allow", async () => {
    const member = await memberOf()
    const models: WorkerModel[] = [
      model("stranger", OUTSIDER),
      { ...model("lent", ALICE), signer: BOB },
      { ...model("forecaster", OUTSIDER), owner: `0x${"0f".repeat(20)}` },
    ]
    const worker = start(chainOf([member.url]), { models })
    worker.move(OPENS)
    await idle()
    assert.deepEqual(worker.counts().refusals, { Unregistered: 1, WrongSigner: 1, NotSeated: 1 })
    assert.equal(member.bodies.length, 0)
  })

  it("counts registrations from D seconds before the window opens, no later ones", async () => {
    const member = await memberOf()
    const late = start(chainOf([member.url], OPENS - DELAY_SECONDS + 1))
    late.move(OPENS)
    assert.deepEqual(late.counts().refusals, { Unregistered: 2 })
    const inTime = start(chainOf([member.url], OPENS - DELAY_SECONDS))
    inTime.move(OPENS)
    await until(() => inTime.counts().taken === 2)
  })

  it("says that there is nobody to send to", async () => {
    const worker = start(chainOf([]), { models: [model("one")] })
    worker.move(OPENS)
    await until(() => worker.counts().refusals.NoMembers === 1)
  })

  it("sends nothing after it was stopped", async () => {
    const member = await memberOf()
    const worker = start(chainOf([member.url]))
    worker.stop()
    worker.move(OPENS)
    await idle()
    assert.deepEqual([worker.counts().signed, member.bodies.length], [0, 0])
  })
})
