// What the agreement asks of a member about a report's key. What is computed is compared with what the chain of the test has.
import assert from "node:assert/strict"
import { before, describe, it } from "node:test"
import type { Submission as Held } from "../../offchain/agreement.ts"
import { agreementKey, dueOf } from "../../offchain/application.ts"
import { isRefusal } from "../../offchain/errors.ts"
import type { Settled } from "../../offchain/ledger.ts"
import { reportBody } from "../../offchain/report.ts"
import { settlementBody } from "../../offchain/settlement.ts"
import { encodeSubmission, type Submission, submissionHash } from "../../offchain/submission.ts"
import { load, rowHash } from "../../wasm/index.ts"
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
  it("name kind, topic and epoch, and are read again", () => {
    for (const [kind, key] of [
      ["report", "1/7/5"],
      ["settlement", "2/7/5"],
    ] as const) {
      assert.equal(agreementKey({ kind, topicId: 7, epoch: 5 }), key)
      assert.deepEqual(dueOf(key), { kind, topicId: 7, epoch: 5 })
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
