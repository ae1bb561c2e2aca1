// Who is let in. Every kind of bad input is refused under its name, counted, and disturbs nothing: the next good
// submission is taken.
import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { encodeAbiParameters, type Hex, hashTypedData, keccak256, numberToHex } from "viem"
import { types } from "../../contracts/index.ts"
import { isRefusal, type Refusal, refusal } from "../../offchain/errors.ts"
import {
  type Admission,
  admit,
  createSubmissionIntake,
  createSubmissionPool,
  examine,
} from "../../offchain/inference.ts"
import type { Change } from "../../offchain/ledger.ts"
import { rosterOf } from "../../offchain/seats.ts"
import { createSigner } from "../../offchain/signer.ts"
import {
  encodeSubmission,
  parseSubmission,
  type Submission,
  submissionDigest,
  submissionHash,
} from "../../offchain/submission.ts"

const ONE = 10n ** 18n
const NONE: Hex = `0x${"00".repeat(32)}`
const DOMAIN = {
  name: "Allora",
  version: "1",
  chainId: 31337,
  verifyingContract: "0x00000000000000000000000000000000000000aa",
} as const
const TOPIC = 3
const EPOCH = 12
// Epoch 12 runs from 1120 to 1180, its window from 1130 to 1170.
const OPEN = 1150
const CLOSE = 1170
const schedule = {
  start: 1000,
  firstEpoch: 10,
  length: 60,
  windowOpens: 10,
  windowLength: 40,
  lag: 100,
  truthWindow: 10,
  deadline: 20,
}

const person = (n: number) => ({
  owner: numberToHex(n, { size: 20 }),
  signer: createSigner(numberToHex(1000 + n, { size: 32 })),
})
const [ALICE, BOB, CAROL, LATECOMER, STRANGER] = [1, 2, 3, 4, 5].map(person) as [
  Person,
  Person,
  Person,
  Person,
  Person,
]
type Person = ReturnType<typeof person>
const joined = ({ owner, signer }: Person, roles: number): Change => ({
  change: "joined",
  roles,
  owner,
  signer: signer.address,
})
// Two inferers' seats and one forecaster's: Alice sits as both, Bob as inferer, Carol as nobody's forecaster.
const roster = rosterOf(
  [joined(ALICE, 3), joined(BOB, 1), joined(CAROL, 2), joined(LATECOMER, 1)],
  {
    seated: [
      { seat: 0, owner: ALICE.owner },
      { seat: 1, owner: BOB.owner },
      { seat: 0x80, owner: ALICE.owner },
    ],
  },
)

const admission = (
  changes: Partial<Admission> = {},
  arithmetic = {},
  labels = ["y"],
): Admission => ({
  domain: DOMAIN,
  parameters: {
    labels,
    schedule,
    arithmetic: {
      ...Object.fromEntries(
        ["pNorm", "cNorm", "alphaRegret", "alphaScore", "alphaError", "epsilon", "lossFloor"].map(
          (name) => [name, ONE],
        ),
      ),
      minimum: -100n * ONE,
      maximum: 100n * ONE,
      requireUnity: false,
      unityTolerance: 0n,
      ...arithmetic,
    } as Admission["parameters"]["arithmetic"],
  },
  roster,
  chainTime: OPEN,
  ...changes,
})

type Draft = Partial<Omit<Submission, "signature">>
function signed(person: Person, draft: Draft = { inference: [5n * ONE] }): Submission {
  const unsigned = { topicId: TOPIC, epoch: EPOCH, worker: person.owner, extra: NONE, ...draft }
  // Whoever has no seat still signs something: as if on the seats 9 and 0x89.
  const known = roster.workers.get(person.owner)
  const seats = {
    ...known,
    infererSeat: known?.infererSeat ?? 9,
    forecasterSeat: known?.forecasterSeat ?? 0x89,
  }
  const worker = { owner: person.owner, signer: person.signer.address, roles: 3, ...seats }
  return { ...unsigned, signature: person.signer.sign(submissionDigest(DOMAIN, unsigned, worker)) }
}
const codeOf = (result: unknown) => (isRefusal(result) ? result.code : "taken")

describe("submission", () => {
  it("is signed over the entries as they stand in the rows, as viem hashes the struct", () => {
    const submission = signed(ALICE, { inference: [5n, -6n], forecast: [{ seat: 1, loss: -2n }] })
    // Seat 0, then a Wad of 16 bytes, per label; the forecaster's seat 0x80, a count of 1, seat 1 and its loss.
    const inference = keccak256(`0x00${"00".repeat(15)}0500${"ff".repeat(15)}fa`)
    const forecast = keccak256(`0x80000101${"ff".repeat(15)}fe`)
    const digest = hashTypedData({
      domain: DOMAIN,
      types: { Submission: types.Submission },
      primaryType: "Submission",
      message: { topicId: TOPIC, epoch: EPOCH, inference, forecast, extra: NONE },
    })
    const worker = roster.workers.get(ALICE.owner)
    assert.ok(worker)
    assert.equal(submissionDigest(DOMAIN, submission, worker), digest)
    assert.equal(ALICE.signer.sign(digest), submission.signature)
  })

  it("has a zero hash for the part that is missing", () => {
    const worker = roster.workers.get(ALICE.owner)
    assert.ok(worker)
    const { signature: _, ...submission } = signed(ALICE, { inference: [1n] })
    const typeHash = keccak256(
      Buffer.from(
        "Submission(uint32 topicId,uint32 epoch,bytes32 inference,bytes32 forecast,bytes32 extra)",
      ),
    )
    const words = ["bytes32", "uint32", "uint32", "bytes32", "bytes32", "bytes32"].map((type) => ({
      type,
    }))
    const inference = keccak256(`0x00${"00".repeat(15)}01`)
    const struct = keccak256(
      encodeAbiParameters(words, [typeHash, TOPIC, EPOCH, inference, NONE, NONE]),
    )
    assert.equal(submissionHash(submission, worker), struct)
  })

  it("survives JSON", () => {
    for (const submission of [
      signed(ALICE, { inference: [-(2n ** 127n), 2n ** 127n - 1n, 0n] }),
      signed(ALICE, { forecast: [{ seat: 0, loss: -1n }] }),
    ]) {
      assert.deepEqual(parseSubmission(encodeSubmission(submission)), submission)
      assert.deepEqual(parseSubmission(Buffer.from(encodeSubmission(submission))), submission)
    }
  })

  it("takes addresses in either case and keeps them in lower case", () => {
    const submission = signed(ALICE)
    const shouting = {
      ...submission,
      worker: `0x${submission.worker.slice(2).toUpperCase()}` as Hex,
    }
    assert.deepEqual(parseSubmission(encodeSubmission(shouting)), submission)
  })

  it("refuses any other JSON and says where", () => {
    const good = JSON.parse(
      encodeSubmission(signed(ALICE, { inference: [5n], forecast: [{ seat: 1, loss: 0n }] })),
    )
    const wrong: [unknown, string][] = [
      [null, "the object"],
      [[], "the object"],
      [{ ...good, more: 1 }, "the object"],
      [{ ...good, topicId: -1 }, "topicId"],
      [{ ...good, topicId: "3" }, "topicId"],
      [{ ...good, epoch: 1.5 }, "epoch"],
      [{ ...good, worker: "0x12" }, "worker"],
      [{ ...good, inference: [] }, "inference"],
      [{ ...good, inference: [5] }, "inference.0"],
      [{ ...good, inference: ["5.0"] }, "inference.0"],
      [{ ...good, inference: ["05"] }, "inference.0"],
      [{ ...good, inference: ["-0"] }, "inference.0"],
      [{ ...good, inference: ["1e3"] }, "inference.0"],
      [{ ...good, inference: [String(2n ** 127n)] }, "inference.0"],
      [{ ...good, inference: null }, "inference"],
      [{ ...good, inference: Array(65).fill("1") }, "inference"],
      [{ ...good, forecast: [] }, "forecast"],
      [{ ...good, forecast: [{ seat: 128, loss: "0" }] }, "forecast.0.seat"],
      [{ ...good, forecast: [{ seat: 1, loss: "0", more: 1 }] }, "forecast.0"],
      [{ ...good, signature: `${good.signature}1b` }, "signature"],
      [{ ...good, extra: undefined }, "extra"],
    ]
    for (const [value, given] of wrong) {
      const result = parseSubmission(JSON.stringify(value)) as Refusal
      assert.deepEqual(
        [result.code, result.given],
        ["MalformedSubmission", given],
        JSON.stringify(value),
      )
      assert.ok(result.required)
    }
    for (const text of ["", "{", "\ufffe", "undefined"]) {
      assert.equal(codeOf(parseSubmission(text)), "MalformedSubmission")
    }
  })

  it("does not even parse what is too long", () => {
    assert.deepEqual(parseSubmission(" ".repeat(65_537)), {
      code: "OversizedSubmission",
      given: "more than 65536 bytes",
      required: "at most 65536 bytes",
    })
    assert.equal(codeOf(parseSubmission(" ".repeat(65_536))), "MalformedSubmission")
  })
})

describe("admission", () => {
  it("takes an inference, a forecast, or both from who sits there, under the struct's hash", () => {
    const both = signed(ALICE, { inference: [ONE], forecast: [{ seat: 0, loss: -ONE }] })
    const worker = roster.workers.get(ALICE.owner)
    assert.ok(worker)
    assert.deepEqual(admit(both, admission()), { hash: submissionHash(both, worker) })
    assert.equal(codeOf(admit(signed(BOB), admission())), "taken")
    assert.equal(
      codeOf(admit(signed(ALICE, { forecast: [{ seat: 1, loss: 0n }] }), admission())),
      "taken",
    )
  })

  it("takes the range's and the window's very ends", () => {
    for (const value of [-100n * ONE, 100n * ONE]) {
      assert.equal(codeOf(admit(signed(ALICE, { inference: [value] }), admission())), "taken")
    }
    for (const loss of [-1000n * ONE, 1000n * ONE]) {
      const submission = signed(ALICE, { forecast: [{ seat: 1, loss }] })
      assert.equal(codeOf(admit(submission, admission())), "taken")
    }
    for (const chainTime of [1130, CLOSE - 1]) {
      assert.equal(codeOf(admit(signed(ALICE), admission({ chainTime }))), "taken")
    }
  })

  const far = 100n * ONE + 1n
  const farLoss = 1000n * ONE + 1n
  const unity = { requireUnity: true, unityTolerance: 10n }
  const forecast = (...entries: [number, bigint][]) =>
    signed(ALICE, { forecast: entries.map(([seat, loss]) => ({ seat, loss })) })
  const cases: [string, string, Submission, Admission, string?, string?][] = [
    ["nobody registered", "Unregistered", signed(STRANGER), admission(), STRANGER.owner],
    ["an inferer beyond the seats", "NotSeated", signed(LATECOMER), admission(), "an inference"],
    [
      "a forecaster beyond the seats",
      "NotSeated",
      signed(CAROL, { forecast: [{ seat: 0, loss: 0n }] }),
      admission(),
      "a forecast",
    ],
    [
      "a role that the worker has not",
      "NotSeated",
      signed(BOB, { forecast: [{ seat: 0, loss: 0n }] }),
      admission(),
      "a forecast",
    ],
    ["neither inference nor forecast", "MalformedSubmission", signed(ALICE, {}), admission()],
    [
      "an epoch to come",
      "WrongEpoch",
      signed(ALICE, { inference: [ONE], epoch: 13 }),
      admission(),
      "13",
      "the running epoch, 12",
    ],
    [
      "an epoch before the first",
      "WrongEpoch",
      signed(ALICE, { inference: [ONE], epoch: 9 }),
      admission(),
      "9",
    ],
    [
      "an epoch beyond 28 bits",
      "WrongEpoch",
      signed(ALICE, { inference: [ONE], epoch: 2 ** 28 }),
      admission(),
    ],
    [
      "an epoch that is over",
      "InferenceExpired",
      signed(ALICE, { inference: [ONE], epoch: 11 }),
      admission(),
      "1150",
      "before 1110",
    ],
    [
      "the very close",
      "InferenceExpired",
      signed(ALICE),
      admission({ chainTime: CLOSE }),
      "1170",
      "before 1170",
    ],
    [
      "the time before the window",
      "WindowNotOpen",
      signed(ALICE),
      admission({ chainTime: 1129 }),
      "1129",
      "1130 or later",
    ],
    [
      "a topic that has not begun",
      "WrongEpoch",
      signed(ALICE),
      admission({ chainTime: 500 }),
      "12",
      "the running epoch, none",
    ],
    [
      "too many labels",
      "WrongLabels",
      signed(ALICE, { inference: [1n, 2n] }),
      admission(),
      "2 values",
      "1, one per label",
    ],
    [
      "too few labels",
      "WrongLabels",
      signed(ALICE),
      admission({}, {}, ["a", "b"]),
      "1 values",
      "2, one per label",
    ],
    ["a value above", "OutOfRange", signed(ALICE, { inference: [far] }), admission(), String(far)],
    [
      "a value below",
      "OutOfRange",
      signed(ALICE, { inference: [-far] }),
      admission(),
      String(-far),
    ],
    [
      "a sum past one",
      "NotUnity",
      signed(ALICE, { inference: [ONE, 11n] }),
      admission({}, unity, ["a", "b"]),
      String(ONE + 11n),
    ],
    [
      "a sum short of one",
      "NotUnity",
      signed(ALICE, { inference: [ONE, -11n] }),
      admission({}, unity, ["a", "b"]),
    ],
    [
      "a loss beyond all sense",
      "LossOutOfRange",
      forecast([0, farLoss]),
      admission(),
      String(farLoss),
    ],
    ["a loss below all sense", "LossOutOfRange", forecast([0, -farLoss]), admission()],
    [
      "a forecast of an empty seat",
      "UnknownSeat",
      forecast([2, 0n]),
      admission(),
      "2",
      "a seat that is taken",
    ],
    [
      "a forecast that names a seat twice",
      "MalformedSubmission",
      forecast([1, 0n], [1, 0n]),
      admission(),
    ],
    [
      "a forecast in descending order",
      "MalformedSubmission",
      forecast([1, 0n], [0, 0n]),
      admission(),
    ],
    [
      "another's signature",
      "BadSignature",
      { ...signed(ALICE), signature: signed(BOB).signature },
      admission(),
    ],
    [
      "a signature for another value",
      "BadSignature",
      { ...signed(ALICE), inference: [6n * ONE] },
      admission(),
    ],
    [
      "a signature for another chain",
      "BadSignature",
      signed(ALICE),
      admission({ domain: { ...DOMAIN, chainId: 1 } }),
    ],
    [
      "no signature",
      "BadSignature",
      { ...signed(ALICE), signature: `0x${"00".repeat(64)}` },
      admission(),
      "no signature",
    ],
  ]
  for (const [what, code, submission, context, given, required] of cases) {
    it(`refuses ${what}: ${code}`, () => {
      const result = admit(submission, context) as Refusal
      assert.equal(result.code, code)
      assert.ok(result.given && result.required, "both values are said")
      if (given) assert.equal(result.given, given)
      if (required) assert.equal(result.required, required)
    })
  }

  it("takes a sum within the tolerance", () => {
    const context = admission({}, unity, ["a", "b"])
    assert.equal(codeOf(admit(signed(ALICE, { inference: [ONE, 10n] }), context)), "taken")
  })

  it("takes a forecast of whoever sits, also behind a seat that somebody left", () => {
    const seated = [
      { seat: 1, owner: BOB.owner },
      { seat: 2, owner: LATECOMER.owner },
      { seat: 0x80, owner: ALICE.owner },
    ]
    const left = rosterOf([joined(ALICE, 2), joined(BOB, 1), joined(LATECOMER, 1)], { seated })
    const of = (seat: number) => codeOf(admit(forecast([seat, 0n]), admission({ roster: left })))
    assert.deepEqual([0, 1, 2, 3].map(of), ["UnknownSeat", "taken", "taken", "UnknownSeat"])
  })

  it("examines what was passed on after the close by every rule but the time", () => {
    const late = admission({ chainTime: CLOSE + 1000 })
    assert.equal(codeOf(examine(signed(ALICE), late)), "taken")
    assert.equal(codeOf(examine(signed(STRANGER), late)), "Unregistered")
    assert.equal(codeOf(examine(signed(ALICE, { inference: [far] }), late)), "OutOfRange")
    assert.equal(codeOf(examine({ ...signed(ALICE), inference: [1n] }, late)), "BadSignature")
  })
})

describe("intake", () => {
  it("refuses each bad body under its name, counts it, and goes on to take a good one", async () => {
    const pool = createSubmissionPool()
    let chainTime = OPEN
    const intake = createSubmissionIntake(pool, async (topicId) =>
      topicId === TOPIC
        ? admission({ chainTime })
        : refusal("UnknownTopic", topicId, "a topic that exists"),
    )
    const good = signed(BOB)
    assert.equal(codeOf(await intake.take(encodeSubmission(good))), "taken")

    const send = async (code: string, body: string, at = OPEN) => {
      chainTime = at
      assert.equal(codeOf(await intake.take(body)), code)
      chainTime = OPEN
      assert.deepEqual(
        pool.held(TOPIC, EPOCH).map(({ message }) => message),
        [good],
      )
    }
    await send("Unregistered", encodeSubmission(signed(STRANGER)))
    await send("WrongEpoch", encodeSubmission(signed(ALICE, { inference: [ONE], epoch: 13 })))
    await send("InferenceExpired", encodeSubmission(signed(ALICE)), CLOSE)
    await send("DuplicateInference", encodeSubmission(signed(BOB, { inference: [ONE] })))
    await send("OutOfRange", encodeSubmission(signed(ALICE, { inference: [200n * ONE] })))
    await send("MalformedSubmission", "not JSON")
    await send("MalformedSubmission", "{}")
    await send("OversizedSubmission", " ".repeat(70_000))
    await send("UnknownTopic", encodeSubmission(signed(ALICE, { inference: [ONE], topicId: 99 })))
    assert.deepEqual(intake.refusals(), {
      Unregistered: 1,
      WrongEpoch: 1,
      InferenceExpired: 1,
      DuplicateInference: 1,
      OutOfRange: 1,
      MalformedSubmission: 2,
      OversizedSubmission: 1,
      UnknownTopic: 1,
    })

    assert.equal(codeOf(await intake.take(encodeSubmission(signed(ALICE)))), "taken")
    assert.equal(pool.held(TOPIC, EPOCH).length, 2)
  })
})
