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
import { createAnswers, type Prediction } from "../../offchain/answers.ts"
import { isRefusal, NodeError } from "../../offchain/errors.ts"
import { admit } from "../../offchain/inference.ts"
import { createMemberClient } from "../../offchain/memberclient.ts"
import { parseSubmission } from "../../offchain/submission.ts"
import {
  createWorker,
  type Worker,
  type WorkerChain,
  type WorkerModel,
} from "../../offchain/worker.ts"
import { recorder, refused, TAKEN } from "../support/recorder.ts"
import {
  ALICE,
  BOB,
  chainOf,
  DAY,
  DELAY_SECONDS,
  DOMAIN,
  FORECASTING_OWNER,
  HOUR,
  hastyClock,
  idle,
  OPENS,
  OUTSIDER,
  TOPIC,
  until,
} from "../support/worker.ts"

const ONE = 10n ** 18n
const ZERO: Hex = `0x${"00".repeat(32)}`

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

const model = (name: string, signer = ALICE, value = 1_234n * ONE): WorkerModel => ({
  name,
  owner: signer.address,
  signer,
  predict: ({ epoch }) => ({ inference: [value + BigInt(epoch)] }),
})

function start(
  chain: WorkerChain & Pick<ReturnType<typeof chainOf>, "at">,
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
    const fickle: WorkerModel = {
      ...model("one"),
      predict: () => ({ inference: [BigInt(++asked) * ONE] }),
    }
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
        return { inference: [value] }
      },
    }
    const worker = start(chainOf([member.url]), { models: [fickle] })
    // The first run still waits for its model when the window closes and opens again.
    for (const time of [OPENS, OPENS - 5, OPENS, OPENS - 5, OPENS + 1]) {
      worker.move(time)
      await Promise.resolve()
      await Promise.resolve()
    }
    assert.equal(asked, 3)
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
    let answer: (said: Prediction) => void = () => undefined
    const slow: WorkerModel = {
      ...model("one"),
      predict: () =>
        new Promise((resolve) => {
          answer = resolve
        }),
    }
    const worker = start(chainOf([member.url]), { models: [slow] })
    worker.move(OPENS)
    await idle()
    worker.move(OPENS + HOUR)
    answer({ inference: [ONE] })
    await until(() => worker.counts().refusals.InferenceExpired === 1)
    assert.deepEqual([worker.counts().signed, member.bodies.length], [0, 0])
  })

  it("refuses by itself what the registrations do not allow", async () => {
    const member = await memberOf()
    const models: WorkerModel[] = [
      model("stranger", OUTSIDER),
      { ...model("lent", ALICE), signer: BOB },
      { ...model("forecaster", OUTSIDER), owner: FORECASTING_OWNER },
    ]
    const worker = start(chainOf([member.url]), { models })
    worker.move(OPENS)
    await idle()
    assert.deepEqual(worker.counts().refusals, { Unregistered: 1, WrongSigner: 1, NotSeated: 1 })
    assert.equal(member.bodies.length, 0)
  })

  it("counts registrations from D seconds before the window opens, no later ones", async () => {
    const member = await memberOf()
    const late = start(chainOf([member.url], { joined: OPENS - DELAY_SECONDS + 1 }))
    late.move(OPENS)
    await idle()
    assert.deepEqual(late.counts().refusals, { Unregistered: 2 })
    const inTime = start(chainOf([member.url], { joined: OPENS - DELAY_SECONDS }))
    inTime.move(OPENS)
    await until(() => inTime.counts().taken === 2)
  })

  const FORECAST = [
    { seat: 0, loss: -ONE },
    { seat: 2, loss: ONE / 3n },
  ]

  it("sends a forecast alone, or with an inference, under one signature that members admit", async () => {
    const member = await memberOf()
    const forecaster = { ...model("lent", OUTSIDER), owner: FORECASTING_OWNER }
    const both = { inference: [3n * ONE], forecast: FORECAST }
    const chain = chainOf([member.url])
    const worker = start(chain, {
      models: [
        { ...forecaster, predict: () => ({ forecast: FORECAST }) },
        { ...model("both", BOB), predict: () => both },
      ],
    })
    worker.move(OPENS)
    await until(() => worker.counts().taken === 2)
    const parts = new Map<string, unknown>()
    for (const body of member.bodies) {
      const submission = parseSubmission(body)
      assert.ok(!isRefusal(submission))
      const terms = chain.terms(TOPIC, 1)
      assert.ok(terms)
      const verdict = admit(submission, { domain: DOMAIN, ...terms, chainTime: OPENS })
      assert.ok(!isRefusal(verdict), JSON.stringify(verdict))
      const { worker: owner, inference, forecast } = submission
      parts.set(owner, { ...(inference && { inference }), ...(forecast && { forecast }) })
    }
    assert.deepEqual(parts.get(FORECASTING_OWNER), { forecast: FORECAST })
    assert.deepEqual(parts.get(BOB.address), both)
  })

  it("says the same forecast again after a restart", async () => {
    const member = await memberOf()
    const file = freshFile()
    let asked = 0
    const fickle: WorkerModel = {
      ...model("both", BOB),
      predict: () => ({ inference: [ONE], forecast: [{ seat: 1, loss: BigInt(++asked) }] }),
    }
    const chain = chainOf([member.url])
    for (const count of [1, 2]) {
      const worker = start(chain, { models: [fickle], file })
      worker.move(OPENS)
      await until(() => member.bodies.length === count)
      worker.stop()
    }
    assert.equal(member.bodies[1], member.bodies[0])
    assert.equal(asked, 1)
  })

  it("leaves out the part that it has no seat for, and sends the other", async () => {
    const member = await memberOf()
    const worker = start(chainOf([member.url]), {
      models: [{ ...model("one"), predict: () => ({ inference: [ONE], forecast: FORECAST }) }],
    })
    worker.move(OPENS)
    await until(() => worker.counts().taken === 1)
    assert.deepEqual(worker.counts().refusals, { NotSeated: 1 })
    assert.deepEqual(
      Object.keys(JSON.parse(member.bodies[0] as string)).includes("forecast"),
      false,
    )
  })

  it("neither sends nor keeps what no member would take", async () => {
    const member = await memberOf()
    const file = freshFile()
    const saying = (name: string, said: Prediction): WorkerModel => ({
      ...model(name, BOB),
      predict: () => said,
    })
    const worker = start(chainOf([member.url]), {
      file,
      models: [
        saying("far", { inference: [100_001n * ONE] }),
        saying("two", { inference: [ONE, ONE] }),
        saying("wild", { forecast: [{ seat: 0, loss: 1_001n * ONE }] }),
        saying("stranger", { forecast: [{ seat: 3, loss: 0n }] }),
        saying("nothing", {}),
        { ...model("shy", BOB), predict: () => ({ code: "NoPastLosses", given: "none" }) },
      ],
    })
    worker.move(OPENS)
    await idle()
    assert.deepEqual(worker.counts().refusals, {
      OutOfRange: 1,
      WrongLabels: 1,
      LossOutOfRange: 1,
      UnknownSeat: 1,
      NoPastLosses: 1,
    })
    assert.deepEqual([worker.counts().signed, member.bodies.length], [0, 0])
    assert.equal(readFileSync(file, "utf8"), "")
  })

  it("asks for an epoch's terms again at the next block while they are not known", async () => {
    const member = await memberOf()
    const chain = chainOf([member.url])
    let asked = 0
    const terms = async (topicId: number, epoch: number) => {
      asked += 1
      if (asked === 1) throw new NodeError("RowMissing", { sentence: "not yet", remedy: "retry" })
      return asked === 2 ? undefined : chain.terms(topicId, epoch)
    }
    const worker = start({ ...chain, terms }, { models: [model("one")] })
    for (const time of [OPENS, OPENS + 1, OPENS + 2, OPENS + 3]) {
      worker.move(time)
      await idle()
    }
    await until(() => worker.counts().taken === 1)
    assert.equal(asked, 3)
    assert.equal(worker.counts().signed, 1)
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
