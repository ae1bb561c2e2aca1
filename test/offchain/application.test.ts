// What the agreement asks of a member about a report's key. What is computed is compared with what the chain of the test has.
import assert from "node:assert/strict"
import { before, describe, it } from "node:test"
import type { Hex } from "viem"
import type { Submission as Held } from "../../offchain/agreement.ts"
import { agreementKey, dueOf } from "../../offchain/application.ts"
import { isRefusal, NodeError } from "../../offchain/errors.ts"
import type { Settled } from "../../offchain/ledger.ts"
import { createLog } from "../../offchain/log.ts"
import { parseReport, type Report, reportBody, reportHash } from "../../offchain/report.ts"
import { settlementBody } from "../../offchain/settlement.ts"
import { encodeSubmission, type Submission, submissionHash } from "../../offchain/submission.ts"
import { type AskTwin, createTwin } from "../../offchain/twin.ts"
import {
  decodeInferences,
  decodeList,
  decodeReportContext,
  load,
  rowHash,
} from "../../wasm/index.ts"
import { applicant, asInputs, KEPT_SECONDS, reportKey } from "../support/applicant.ts"
import { person, TOPIC } from "../support/reputers.ts"
import { FORECASTER, type SettledTopic, settledTopic, submissionsOf } from "../support/settled.ts"

const EPOCHS = 6
let topic: SettledTopic
before(async () => {
  await load()
  topic = settledTopic(EPOCHS)
})

describe("keys of the agreement", () => {
  it("name kind, topic and epoch, a settlement's its generation too, and are read again", () => {
    for (const [kind, generation, key] of [
      ["report", 0, "1/7/5"],
      ["settlement", 0, "2/7/5/0"],
      ["settlement", 3, "2/7/5/3"],
    ] as const) {
      assert.equal(agreementKey({ kind, topicId: 7, epoch: 5, generation }), key)
      assert.deepEqual(dueOf(key), { kind, topicId: 7, epoch: 5, generation })
    }
  })
})

describe("a report's key", () => {
  it("is ready with the state that it builds on, and never mandatory", async () => {
    const { application } = await applicant(topic)
    assert.equal(application.ready(reportKey(EPOCHS)), true)
    assert.equal(application.mandatory(reportKey(EPOCHS)), false)
    const away = await applicant(topic, { hasStates: false })
    // The first three epochs build on no settlement.
    assert.equal(away.application.ready(reportKey(3)), true)
    assert.equal(away.application.ready(reportKey(4)), false)
    assert.equal(away.application.ready(`1/${TOPIC + 1}/1`), false)
  })

  it("is computed to the report that the chain has, and its rows are kept", async () => {
    const { application, hold, rosterOf, kept } = await applicant(topic)
    for (const epoch of [1, EPOCHS]) {
      for (const each of submissionsOf(epoch, rosterOf(epoch))) hold.submission(each)
      const held = application.held(reportKey(epoch))
      assert.equal(held.length, 4)
      const leaves = (await application.compute(reportKey(epoch), asInputs(held))) ?? []
      const contexts = leaves.map(({ body }) => (JSON.parse(body) as { context: string }).context)
      assert.deepEqual(
        contexts,
        [0, 1].map((label) => topic.ledger.report(TOPIC, label, epoch)?.context),
      )
      for (const leaf of leaves) assert.deepEqual(application.leaf(1, leaf.body), leaf)
      const [last] = kept.slice(-1)
      // The window closes at 89,150 + 1,000 n.
      assert.equal(last?.until, 89_150 + 1_000 * epoch + KEPT_SECONDS)
      assert.ok(last.rows.some((row) => rowHash(row) === contexts[0]))
    }
  })

  it("takes what another member passes on by the rules of admission, whenever that is", async () => {
    const { application, rosterOf } = await applicant(topic)
    const [first] = submissionsOf(1, rosterOf(1)) as [Submission]
    const worker = rosterOf(1).workers.get(first.worker)
    assert.ok(worker)
    const check = (submission: Submission, epoch = 1) =>
      application.check(reportKey(epoch), encodeSubmission(submission))
    assert.deepEqual(check(first), {
      hash: submissionHash(first, worker),
      worker: first.worker,
      bytes: encodeSubmission(first),
    })
    const codes = [
      application.check(reportKey(1), "{}"),
      check(first, 2),
      check({ ...first, worker: person(77).owner }),
      check({ ...first, extra: `0x${"01".repeat(32)}` }),
      check({ ...first, inference: [1n] }),
    ].map((answer) => (isRefusal(answer) ? answer.code : "taken"))
    assert.deepEqual(codes, [
      "MalformedSubmission",
      "WrongEpoch",
      "Unregistered",
      "BadSignature",
      "WrongLabels",
    ])
    const away = await applicant(topic, { hasStates: false })
    const unknown = away.application.check(reportKey(5), encodeSubmission({ ...first, epoch: 5 }))
    assert.equal(isRefusal(unknown) && unknown.code, "StateUnknown")
  })

  it("has no report where only forecasts came, or where an input cannot be read", async () => {
    const { application, rosterOf } = await applicant(topic)
    const check = (submission: Submission) =>
      application.check(reportKey(1), encodeSubmission(submission)) as Held
    const all = submissionsOf(1, rosterOf(1))
    const forecasts = all.filter(({ worker }) => worker === person(FORECASTER).owner).map(check)
    assert.equal(forecasts.length, 1)
    assert.equal(await application.compute(reportKey(1), forecasts), undefined)
    const spoilt = all.map(check).map((each, i) => (i === 2 ? { ...each, bytes: "?" } : each))
    assert.equal(await application.compute(reportKey(1), spoilt), undefined)
  })
})

describe("the twin on the chain", () => {
  /** A report computed by a member that asks a twin, and what it says of it. */
  async function computed(ask: AskTwin) {
    const { application, hold, rosterOf } = await applicant(topic, { ask })
    const key = reportKey(EPOCHS)
    for (const each of submissionsOf(EPOCHS, rosterOf(EPOCHS))) hold.submission(each)
    const inputs = asInputs(application.held(key))
    const compute = async () => (await application.compute(key, inputs)) ?? []
    const leaves = await compute()
    assert.equal(leaves.length, 2)
    return { leaves, compute, confirm: () => application.confirm(key, leaves) }
  }

  it("is asked about each label, with rows that have the hashes that were signed", async () => {
    const asked: Parameters<AskTwin>[] = []
    const { confirm } = await computed(async (...question) => {
      asked.push(question)
      return true
    })
    assert.equal(await confirm(), "confirmed")
    assert.deepEqual(
      asked.map(([{ label }]) => label),
      [0, 1],
    )
    const bytes = (hex: Hex) => new Uint8Array(Buffer.from(hex.slice(2), "hex"))
    for (const [{ label, context }, evidence] of asked) {
      assert.equal(rowHash(bytes(evidence.context)), context)
      const said = decodeReportContext(bytes(evidence.context))
      assert.equal(rowHash(bytes(evidence.inputs)), said.inputsHash)
      assert.equal(rowHash(bytes(evidence.beforehand)), said.stateHash)
      assert.deepEqual([evidence.outputs, evidence.afterwards, evidence.origin], ["0x", "0x", []])
      // 0x11, the label's 0x12, 0x23, 0x24, all 0x13: one forecaster sits.
      assert.deepEqual(
        evidence.rows.map((row) => row.slice(0, 4)),
        ["0x11", "0x12", "0x23", "0x24", "0x13"],
      )
      assert.equal(decodeInferences(bytes(evidence.rows[1] as Hex)).label, label)
      const listed = [said.inputsHash, said.stateHash].map(
        (_, i) => decodeList(bytes(i === 0 ? evidence.inputs : evidence.beforehand)).hashes,
      )
      const [inputs, state] = listed as [readonly Hex[], readonly Hex[]]
      const hashes = evidence.rows.map((row) => rowHash(bytes(row)))
      for (const place of [0, 1, 4]) assert.ok(inputs.includes(hashes[place] as Hex))
      assert.deepEqual(hashes.slice(2, 4), [state[2], state[3]])
    }
  })

  it("is asked once about the same rows, and again where it gave no answer", async () => {
    let asked = 0
    const { compute, confirm } = await computed(async () => {
      asked += 1
      if (asked === 2) throw new NodeError("NoChain", { sentence: "away", remedy: "retry" })
      return true
    })
    assert.equal(await confirm(), undefined)
    assert.equal(asked, 2)
    assert.equal(await confirm(), "confirmed")
    assert.equal(asked, 3)
    await compute()
    assert.equal(await confirm(), "confirmed")
    assert.equal(asked, 3)
  })

  it("denies by its answer or by a revert that has a name", async () => {
    const denied = await computed(async ({ label }) => label === 0)
    const refused = await denied.confirm()
    assert.equal(isRefusal(refused) && refused.code, "TwinDiffers")
    const reverts = await computed(async () => {
      throw new NodeError("HashMismatch", { sentence: "no", remedy: "refuse" })
    })
    const reverted = await reverts.confirm()
    assert.deepEqual(isRefusal(reverted) && [reverted.code, reverted.given], [
      "TwinDiffers",
      "HashMismatch",
    ])
  })

  it("answers for many topics at once, so many questions at a time", async () => {
    const open: (() => void)[] = []
    const { confirms, made } = createTwin({
      ask: () => new Promise((resolve) => open.push(() => resolve(true))),
      log: createLog({ level: "silent" }),
    })
    const { leaves } = await computed(async () => true)
    const [report] = leaves.map(({ body }) => parseReport(body)) as [Report]
    const rows = [0, 1, 2].map(() => new Uint8Array([1]))
    const reports = Array.from({ length: 40 }, (_, topicId) => ({ ...report, topicId }))
    made({ reports, rows, inputs: [], outputs: [] }, [])
    const answer = confirms(reports.map(reportHash))
    const counts: number[] = []
    let answered: unknown
    void answer.then((given) => {
      answered = given
    })
    while (answered === undefined) {
      await new Promise((resolve) => setImmediate(resolve))
      if (open.length > 0) counts.push(open.length)
      for (const resolve of open.splice(0)) resolve()
    }
    assert.equal(answered, "confirmed")
    assert.deepEqual(counts, [16, 16, 8])
  })

  it("is not there in an era that names none: our core's word is enough", async () => {
    const { application } = await applicant(topic)
    assert.equal(await application.confirm(reportKey(1), []), "confirmed")
    assert.equal(await application.confirm("2/7/1/0", []), "confirmed")
  })
})

describe("a leaf", () => {
  it("is read by its kind, and from no text of another", async () => {
    const { application } = await applicant(topic, { settled: 0 })
    const {
      leaf: _,
      acceptedAt,
      block,
      transaction,
      ...settlement
    } = topic.settlements[0] as Settled
    const body = settlementBody(settlement)
    assert.equal(application.leaf(2, body)?.hash, topic.settlements[0]?.leaf)
    assert.equal(application.leaf(1, body), undefined)
    assert.equal(application.leaf(3, body), undefined)
    const report = reportBody({
      ...{ topicId: TOPIC, label: 1, epoch: 5, observedAt: 6, lag: 7, history: 0 },
      ...{ value: -8n, sigma: 9, context: settlement.context },
    })
    const { kind, topicId, label, epoch } = application.leaf(1, report) ?? {}
    assert.deepEqual([kind, topicId, label, epoch], [1, TOPIC, 1, 5])
    assert.equal(application.leaf(2, report), undefined)
  })
})
