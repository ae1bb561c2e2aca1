// The reputer against a chain moved by hand and members that are real HTTP servers and keep what they get.
import assert from "node:assert/strict"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, afterEach, describe, it } from "node:test"
import { createAnswers } from "../../offchain/answers.ts"
import { truthTermsOf } from "../../offchain/electorate.ts"
import { isRefusal, NodeError } from "../../offchain/errors.ts"
import { createMemberClient } from "../../offchain/memberclient.ts"
import { topicNamed } from "../../offchain/models/topics.ts"
import { createReputer } from "../../offchain/reputer.ts"
import { admitTruth, parseTruth } from "../../offchain/truth.ts"
import { manualClock } from "../support/clock.ts"
import { type Reply, recorder, refused, TAKEN } from "../support/recorder.ts"
import {
  aboutAt,
  CLASSES,
  chainOfReputers,
  DELAY_SECONDS,
  DOMAIN,
  NUMBER,
  ONE,
  type Person,
  person,
  TOPIC,
} from "../support/reputers.ts"
import { idle, until } from "../support/worker.ts"

const [ALICE, BOB, CAROL] = [1, 2, 3].map(person) as [Person, Person, Person]
const RESEND_MS = 30_000
const DEADLINE = 500

const folder = mkdtempSync(join(tmpdir(), "reputer-"))
let files = 0
const freshFile = () => join(folder, `${++files}.answers`)
const ends: (() => Promise<void> | void)[] = []

afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})
after(() => rmSync(folder, { recursive: true }))

async function memberOf(reply?: (count: number, body: string) => Reply | undefined) {
  const member = await recorder(reply, "truths")
  ends.push(member.close)
  return member
}

/** Alice has one ALLO and Bob two; both are registered from the start. */
function chainWith(parameters = NUMBER) {
  const chain = chainOfReputers(parameters)
  const stakes = [chain.staked(ALICE, ONE), chain.staked(BOB, 2n * ONE)]
  chain.at(2, chain.joined(ALICE), chain.joined(BOB), ...stakes)
  return chain
}

type Setting = {
  readonly reputers?: readonly Person[]
  readonly truth?: (epoch: number) => readonly bigint[]
  readonly file?: string
  readonly members?: () => readonly string[]
}

function start(
  chain: ReturnType<typeof chainOfReputers>,
  urls: readonly string[],
  {
    reputers = [ALICE],
    truth = (epoch) => [BigInt(epoch) * ONE],
    file = freshFile(),
    members = () => urls,
  }: Setting = {},
) {
  const answers = createAnswers(file)
  const clock = manualClock()
  const lines: [fields: Record<string, unknown>, text: string][] = []
  const quiet = () => undefined
  const warn = (fields: unknown, text?: string) =>
    void lines.push([{ ...Object(fields) }, text ?? ""])
  const reputer = createReputer(
    {
      topicId: TOPIC,
      domain: DOMAIN,
      reputers: reputers.map((each) => ({ ...each, answers })),
      truth,
      resendMs: RESEND_MS,
    },
    {
      chain: { ledger: chain.ledger, delaySeconds: DELAY_SECONDS, members },
      members: createMemberClient({ timeoutMs: 2_000, path: "truths" }),
      clock,
      log: { debug: quiet, info: quiet, warn },
    },
  )
  ends.unshift(() => {
    reputer.stop()
    answers.close()
  })
  return {
    ...reputer,
    clock,
    lines,
    move(time: number, ...facts: Parameters<typeof chain.at>[1][]) {
      chain.at(time, ...facts)
      reputer.blockSeen()
    },
  }
}
const QUIET = { signed: 0, taken: 0, repeated: 0, failed: 0, missed: 0, refusals: {} }

describe("a reputer", () => {
  it("tells every member what happened once it can be known, and members admit it", async () => {
    const members = await Promise.all([memberOf(), memberOf()])
    const chain = chainWith()
    const urls = members.map(({ url }) => url)
    const reputer = start(chain, urls, { reputers: [ALICE, BOB] })
    reputer.move(aboutAt(1) - 1)
    await idle()
    assert.deepEqual(reputer.counts(), QUIET)
    for (const time of [0, 1, 2]) reputer.move(aboutAt(1) + time)
    await until(() => reputer.counts().taken === 4)
    await idle()
    assert.deepEqual(reputer.counts(), { ...QUIET, signed: 2, taken: 4 })
    const [first, second] = members.map(({ bodies }) => new Set(bodies))
    assert.deepEqual([first?.size, second], [2, first])
    const question = { topicId: TOPIC, epoch: 1 }
    const terms = truthTermsOf(chain.ledger, { delaySeconds: DELAY_SECONDS }, question)
    assert.ok(terms)
    const owners = [...(first as Set<string>)].map((body) => {
      const truth = parseTruth(body)
      assert.ok(!isRefusal(truth))
      assert.deepEqual([truth.topicId, truth.epoch, truth.values], [TOPIC, 1, [ONE]])
      const verdict = admitTruth(truth, { domain: DOMAIN, terms, chainTime: aboutAt(1) })
      assert.ok(!isRefusal(verdict), JSON.stringify(verdict))
      return truth.reputer
    })
    assert.deepEqual(owners.sort(), [ALICE.owner, BOB.owner])
  })

  it("sends the same bytes again at intervals until the epoch is settled", async () => {
    const member = await memberOf()
    const chain = chainWith()
    const reputer = start(chain, [member.url])
    reputer.move(aboutAt(1))
    await until(() => reputer.counts().taken === 1)
    for (const repeated of [1, 2]) {
      await until(() => reputer.clock.nextIn() === RESEND_MS)
      reputer.clock.advance(RESEND_MS - 1)
      await idle()
      assert.equal(member.bodies.length, repeated)
      reputer.clock.advance(1)
      await until(() => reputer.counts().repeated === repeated)
    }
    assert.equal(new Set(member.bodies).size, 1)
    await until(() => reputer.clock.nextIn() === RESEND_MS)
    reputer.move(aboutAt(1) + 310, chain.settled(1))
    assert.equal(reputer.clock.nextIn(), undefined)
    reputer.clock.advance(10 * RESEND_MS)
    reputer.move(aboutAt(1) + 311)
    await idle()
    assert.equal(member.bodies.length, 3)
    assert.deepEqual(reputer.counts(), { ...QUIET, signed: 1, taken: 1, repeated: 2 })
  })

  it("gives up at the deadline, and says which members never had it", async () => {
    const [up, down] = [await memberOf(), await memberOf()]
    await down.close()
    const reputer = start(chainWith(), [up.url, down.url])
    reputer.move(aboutAt(1) + DEADLINE - 1)
    await until(() => reputer.counts().taken === 1 && reputer.counts().failed === 1)
    assert.equal(reputer.counts().missed, 0)
    reputer.move(aboutAt(1) + DEADLINE)
    await until(() => reputer.counts().missed === 1)
    const [fields, text] = reputer.lines.at(-1) as [Record<string, unknown>, string]
    assert.deepEqual([fields.url, text], [down.url, "a member never took the truth"])
    reputer.clock.advance(10 * RESEND_MS)
    await idle()
    assert.equal(up.bodies.length, 1)
  })

  it("speaks about every epoch that is open, old ones too when it starts late, and no settled one", async () => {
    const member = await memberOf()
    const long = {
      ...NUMBER,
      schedule: { ...NUMBER.schedule, truthWindow: 3_000, deadline: 3_500 },
    }
    const chain = chainWith(long)
    chain.at(aboutAt(2), chain.settled(2))
    const reputer = start(chain, [member.url])
    // By then the first's deadline has passed, the second is settled, and the sixth cannot be known.
    reputer.move(aboutAt(6) - 1)
    await until(() => reputer.counts().taken === 3)
    await idle()
    const epochs = member.bodies.map((body) => JSON.parse(body).epoch)
    assert.deepEqual(epochs.sort(), [3, 4, 5])
  })

  it("does not begin before the first epoch that the topic settles", async () => {
    const member = await memberOf()
    // Created 1,000 s late: D later the windows of the first two epochs have opened.
    const schedule = { ...NUMBER.schedule, start: 1 - 1_000, deadline: 5_000 }
    const chain = chainWith({ ...NUMBER, schedule })
    const reputer = start(chain, [member.url])
    reputer.move(4_999)
    await until(() => reputer.counts().taken >= 2)
    await idle()
    const epochs = member.bodies.map((body) => JSON.parse(body).epoch)
    // The third one's window opens at 1,101, more than 600 s after the topic was created.
    assert.deepEqual(Math.min(...epochs), 3)
  })

  it("says the same again after a restart, whatever its source says now", async () => {
    const member = await memberOf()
    const file = freshFile()
    let asked = 0
    const truth = () => [BigInt(++asked) * ONE]
    const chain = chainWith()
    const before = start(chain, [member.url], { truth, file })
    before.move(aboutAt(1))
    await until(() => before.counts().taken === 1)
    before.stop()
    const restarted = start(chain, [member.url], { truth, file })
    restarted.move(aboutAt(1) + 1)
    await until(() => restarted.counts().taken === 1)
    assert.equal(member.bodies.length, 2)
    assert.equal(member.bodies[1], member.bodies[0])
    assert.equal(asked, 1)
    assert.equal(readFileSync(file, "utf8").trimEnd().split("\n").length, 1)
    assert.equal(before.counts().missed, 0)
  })

  it("has its word on the disk before any member has it", async () => {
    const file = freshFile()
    const found: boolean[] = []
    const member = await memberOf((_, body) => {
      const [value] = JSON.parse(body).values
      found.push(readFileSync(file, "utf8").includes(`"values":["${value}"]}\n`))
      return TAKEN
    })
    const reputer = start(chainWith(), [member.url], { file })
    reputer.move(aboutAt(1))
    await until(() => found.length === 1)
    assert.deepEqual(found, [true])
  })

  it("counts what is not known yet once, asks again at each block, and tells it when it is", async () => {
    const member = await memberOf()
    const { truth: rows } = topicNamed("sp500")
    let isKnown = false
    const truth = (epoch: number) => rows(isKnown ? epoch : 1_000_000)
    const reputer = start(chainWith(), [member.url], { truth, reputers: [ALICE, BOB] })
    for (const time of [0, 1, 2]) reputer.move(aboutAt(1) + time)
    await idle()
    assert.deepEqual(reputer.counts(), { ...QUIET, refusals: { SeriesExhausted: 2 } })
    isKnown = true
    reputer.move(aboutAt(1) + 3)
    await until(() => reputer.counts().taken === 2)
    // The close of 2001-01-02, the first epoch's row of the series.
    const said = member.bodies.map((body) => JSON.parse(body).values)
    assert.deepEqual(said, [["1283270020000000000000"], ["1283270020000000000000"]])
  })

  it("goes on with the others where one source or answer fails", async () => {
    const member = await memberOf()
    const truth = (epoch: number) => {
      if (epoch === 1) throw new Error("the source is broken")
      if (epoch === 2) throw new NodeError("NoSource", { sentence: "down", remedy: "retry" })
      return [BigInt(epoch) * ONE]
    }
    const schedule = { ...NUMBER.schedule, truthWindow: 3_000, deadline: 4_000 }
    const chain = chainWith({ ...NUMBER, schedule })
    const reputer = start(chain, [member.url], { truth })
    reputer.move(aboutAt(3))
    await until(() => reputer.counts().taken === 1)
    assert.deepEqual(reputer.counts().refusals, { TruthFailed: 1, NoSource: 1 })
    assert.equal(JSON.parse(member.bodies[0] as string).epoch, 3)
  })

  it("neither sends nor keeps what no member would take", async () => {
    const member = await memberOf()
    const file = freshFile()
    let said: readonly bigint[] = [ONE, ONE]
    const chain = chainWith(CLASSES)
    const reputer = start(chain, [member.url], { file, truth: () => said })
    reputer.move(aboutAt(1))
    said = CLASSES.labels.map(() => ONE)
    reputer.move(aboutAt(1) + 1)
    said = CLASSES.labels.map(() => 10n ** 33n + 1n)
    reputer.move(aboutAt(1) + 2)
    await idle()
    const refusals = { WrongLabels: 1, NotOneClass: 1, OutOfRange: 1 }
    assert.deepEqual(reputer.counts(), { ...QUIET, refusals })
    assert.equal(readFileSync(file, "utf8"), "")
    said = CLASSES.labels.map((_, i) => (i === 0 ? ONE : 0n))
    reputer.move(aboutAt(1) + 3)
    await until(() => reputer.counts().taken === 1)
    assert.equal(member.bodies.length, 1)
  })

  it("counts a member's refusals by code, warns of each once, and tries again at the interval", async () => {
    const member = await memberOf((count) => (count < 3 ? refused("NotAnElector") : TAKEN))
    const reputer = start(chainWith(), [member.url])
    reputer.move(aboutAt(1))
    for (const count of [1, 2]) {
      await until(() => reputer.counts().refusals.NotAnElector === count)
      await until(() => reputer.clock.nextIn() === RESEND_MS)
      reputer.clock.advance(RESEND_MS)
    }
    await until(() => reputer.counts().taken === 1)
    assert.equal(new Set(member.bodies).size, 1)
    assert.deepEqual(
      reputer.lines.map(([{ code }]) => code),
      ["NotAnElector"],
    )
  })

  it("tries a member whose newest block is older again at once", async () => {
    const member = await memberOf((count) => (count < 3 ? refused("TruthTooEarly") : TAKEN))
    const reputer = start(chainWith(), [member.url])
    reputer.move(aboutAt(1))
    for (const wait of [100, 200]) {
      await until(() => reputer.clock.nextIn() === wait)
      reputer.clock.advance(wait)
    }
    await until(() => reputer.counts().taken === 1)
    assert.equal(member.bodies.length, 3)
  })

  it("tells the members of a new era too, and says when there are none", async () => {
    const [old, added] = [await memberOf(), await memberOf()]
    let urls: readonly string[] = []
    const reputer = start(chainWith(), [], { members: () => urls })
    reputer.move(aboutAt(1))
    reputer.move(aboutAt(1) + 1)
    assert.deepEqual(reputer.counts().refusals, { NoMembers: 1 })
    urls = [old.url]
    reputer.move(aboutAt(1) + 2)
    await until(() => reputer.counts().taken === 1)
    urls = [old.url, added.url]
    reputer.move(aboutAt(1) + 3)
    await until(() => reputer.counts().taken === 2)
    assert.deepEqual([old.bodies.length, added.bodies], [1, old.bodies])
    assert.equal(reputer.counts().signed, 1)
  })

  it("sends nothing after it was stopped, and counts nobody as missed", async () => {
    const [member, busy] = [await memberOf(), await memberOf(() => refused("NotAnElector"))]
    const reputer = start(chainWith(), [member.url, busy.url])
    reputer.move(aboutAt(1))
    await until(() => reputer.counts().taken + (reputer.counts().refusals.NotAnElector ?? 0) === 2)
    await until(() => reputer.clock.nextIn() === RESEND_MS)
    await idle()
    reputer.stop()
    assert.equal(reputer.clock.nextIn(), undefined)
    reputer.move(aboutAt(2))
    await idle()
    assert.deepEqual([member.bodies.length, busy.bodies.length], [1, 1])
    assert.equal(reputer.counts().missed, 0)
  })
})

describe("a reputer without a say", () => {
  const LEAST = 10n * ONE
  const strict = { ...NUMBER, money: { ...NUMBER.money, reputerMinimum: LEAST } }

  /** What it says of the first epoch, at two blocks. */
  async function complaintsOf(chain: ReturnType<typeof chainOfReputers>, who = CAROL) {
    const member = await memberOf()
    const reputer = start(chain, [member.url], { reputers: [who] })
    reputer.move(aboutAt(1))
    reputer.move(aboutAt(1) + 1)
    await idle()
    assert.deepEqual([reputer.counts().signed, member.bodies.length], [0, 0])
    return reputer.lines.map(([{ code, given, required, epoch, reputer: owner }]) => {
      assert.deepEqual([epoch, owner], [1, who.owner])
      return [code, given, required]
    })
  }
  // Truths about the first epoch close at 92,300, and D is 600 s.
  const by = "at 91700 or before: `allora"

  it("says once an epoch that it is not registered, and how it would be", async () => {
    assert.deepEqual(await complaintsOf(chainWith()), [
      ["NotAnElector", "not registered", `registered ${by} register --topic 7 --role reputer\``],
    ])
  })

  it("says that its registration is another's role", async () => {
    const chain = chainWith()
    chain.at(3, chain.joined(CAROL, 3), chain.staked(CAROL, ONE))
    const [[code, given, required] = []] = await complaintsOf(chain)
    assert.deepEqual([code, given], ["NotAnElector", "registered with roles 3"])
    assert.match(String(required), /register --topic 7 --role reputer/)
  })

  it("says that it has no stake, or less than the topic asks for", async () => {
    const chain = chainWith()
    chain.at(3, chain.joined(CAROL))
    assert.deepEqual(await complaintsOf(chain), [
      ["NotAnElector", "0 ALLO of stake", `more than 0 ALLO, ${by} stake deposit --topic 7\``],
    ])
    const rich = chainOfReputers(strict)
    rich.at(3, rich.joined(CAROL), rich.staked(CAROL, LEAST - ONE / 2n))
    assert.deepEqual(await complaintsOf(rich), [
      ["NotAnElector", "9.5 ALLO of stake", `10 ALLO or more, ${by} stake deposit --topic 7\``],
    ])
  })

  it("says that 32 others have more", async () => {
    const money = { ...NUMBER.money, reputerMinimum: ONE }
    const chain = chainOfReputers({ ...NUMBER, money })
    const others = Array.from({ length: 32 }, (_, i) => person(i + 10))
    for (const each of others)
      chain.at(3, chain.joined(each), chain.staked(each, BigInt(Number(each.owner)) * ONE))
    chain.at(4, chain.joined(CAROL), chain.staked(CAROL, ONE))
    assert.deepEqual(await complaintsOf(chain), [
      [
        "NotAnElector",
        "1 ALLO of stake",
        `more than 10 ALLO, the least of the 32 greatest, ${by} stake deposit --topic 7\``,
      ],
    ])
  })

  it("says that the registered signer is another", async () => {
    const lent = { owner: ALICE.owner, signer: BOB.signer }
    assert.deepEqual(await complaintsOf(chainWith(), lent), [
      ["WrongSigner", BOB.signer.address, ALICE.signer.address],
    ])
  })

  it("speaks as soon as it has one", async () => {
    const member = await memberOf()
    const late = { ...NUMBER, schedule: { ...NUMBER.schedule, truthWindow: 900, deadline: 950 } }
    const chain = chainWith(late)
    const reputer = start(chain, [member.url], { reputers: [CAROL] })
    reputer.move(aboutAt(1))
    reputer.move(aboutAt(1) + 1, chain.joined(CAROL))
    reputer.move(aboutAt(1) + 2, chain.staked(CAROL, ONE))
    await until(() => reputer.counts().taken === 1)
    assert.deepEqual(reputer.counts(), {
      ...QUIET,
      signed: 1,
      taken: 1,
      refusals: { NotAnElector: 1 },
    })
  })
})
