// What logs say: each event of the deployment's contracts as the fact that the ledger keeps, and nothing of anybody else's.
import assert from "node:assert/strict"
import { describe, it } from "node:test"
import {
  type Abi,
  encodeAbiParameters,
  encodeEventTopics,
  getAddress,
  type Hex,
  type Log,
} from "viem"
import {
  committeeAbi,
  type Deployment,
  disputesAbi,
  reportsAbi,
  settlementsAbi,
  stakesAbi,
  topicsAbi,
} from "../../contracts/index.ts"
import { factsOf } from "../../offchain/facts.ts"
import type { Fact } from "../../offchain/ledger.ts"
import { parametersOf } from "../support/epochs.ts"

const address = (byte: string): Hex => `0x${byte.repeat(20)}`
const hash = (byte: string): Hex => `0x${byte.repeat(32)}`
/** With letters, which a chain's node gives in two cases. */
const deployment = {
  topics: address("A1"),
  stakes: address("a2"),
  committee: address("a3"),
  reports: address("a4"),
  settlements: address("a5"),
  disputes: address("a6"),
} as unknown as Deployment
const [ALICE, BOB] = [getAddress(address("cd")), getAddress(address("ef"))] as const
const lower = (text: Hex) => text.toLowerCase() as Hex

/** A log as a node gives it. */
function logOf(
  at: Hex,
  abi: Abi,
  eventName: string,
  args: Record<string, unknown>,
  block = 77n,
): Log {
  const event = abi.find((each) => each.type === "event" && each.name === eventName)
  assert.ok(event?.type === "event")
  const topics = encodeEventTopics({ abi, eventName, args } as Parameters<
    typeof encodeEventTopics
  >[0])
  const open = event.inputs.filter(({ indexed }) => !indexed)
  const data = encodeAbiParameters(
    open,
    open.map(({ name }) => args[name as string]),
  )
  return {
    address: at,
    topics,
    data,
    blockNumber: block,
    transactionHash: hash("77"),
  } as unknown as Log
}
const only = (log: Log): Fact | undefined => {
  const found = factsOf([log], deployment)
  assert.ok(found.length <= 1)
  return found[0]?.fact
}

describe("facts", () => {
  it("are registrations, with addresses in one case", () => {
    const args = {
      topicId: 4,
      owner: ALICE,
      signer: BOB,
      payee: BOB,
      roles: 5,
      registrations: hash("01"),
    }
    const { topics } = deployment
    const who = {
      name: "WorkerChanged",
      topicId: 4,
      roles: 5,
      owner: lower(ALICE),
      signer: lower(BOB),
    }
    assert.deepEqual(only(logOf(topics, topicsAbi, "WorkerRegistered", args)), {
      ...who,
      change: "joined",
    })
    assert.deepEqual(only(logOf(topics, topicsAbi, "WorkerLeft", args)), { ...who, change: "left" })
    const renewed = { ...args, previous: ALICE, current: BOB }
    assert.deepEqual(only(logOf(topics, topicsAbi, "SignerChanged", renewed)), {
      ...who,
      change: "signerChanged",
    })
  })

  it("are topics and their patches, with all parameters", () => {
    const parameters = parametersOf(3)
    const args = { topicId: 4, creator: ALICE, parametersHash: hash("01"), parameters }
    const { creator, ...kept } = args
    const created = only(logOf(deployment.topics, topicsAbi, "TopicCreated", args))
    assert.deepEqual(created, { name: "TopicCreated", creator, ...kept })
    const patch = { ...kept, fromEpoch: 12 }
    const patched = only(logOf(deployment.topics, topicsAbi, "ParametersPatched", patch))
    assert.deepEqual(patched, { name: "ParametersPatched", ...patch })
  })

  it("are stakes after each change", () => {
    const args = { topicId: 4, reputer: ALICE, stake: 5n, total: 9n }
    assert.deepEqual(only(logOf(deployment.stakes, stakesAbi, "StakeChanged", args)), {
      name: "StakeChanged",
      topicId: 4,
      reputer: lower(ALICE),
      stake: 5n,
    })
  })

  it("are settlements, with where they stand", () => {
    const args = {
      topicId: 4,
      epoch: 2 ** 32 - 1,
      leaf: hash("01"),
      generation: 3,
      parent: hash("02"),
      state: hash("03"),
      pot: 2n ** 255n,
      quality: hash("04"),
      context: hash("05"),
    }
    const log = logOf(deployment.settlements, settlementsAbi, "SettlementAccepted", args)
    const where = { block: 77, transaction: hash("77") }
    assert.deepEqual(only(log), { name: "SettlementAccepted", ...args, ...where })
  })

  it("are reports, with the epoch that their word holds", () => {
    // The layout of the word: value 128 | observedAt 32 | epoch 28 | lag 24 | postedAfter 16 | status 4 | sigma 24.
    const word = (1n << 128n) | (1_700_000_000n << 96n) | (4_001n << 68n) | (1n << 24n)
    const args = { topicId: 4, label: 2, word, context: hash("05") }
    assert.deepEqual(only(logOf(deployment.reports, reportsAbi, "ReportAccepted", args)), {
      name: "ReportAccepted",
      ...args,
      epoch: 4_001,
      block: 77,
      transaction: hash("77"),
    })
  })

  it("are disputes that moved something: marks, reports that fell, settlements taken back", () => {
    const word = (1n << 128n) | (4_001n << 68n) | (5n << 24n)
    const place = { topicId: 4, label: 2 }
    const marked = { ...place, word }
    assert.deepEqual(only(logOf(deployment.reports, reportsAbi, "WordMarked", marked)), {
      name: "WordMarked",
      ...marked,
      epoch: 4_001,
    })
    const takenBack = { topicId: 4, epoch: 9, leaf: hash("01"), generation: 2, head: hash("02") }
    const { settlements, disputes } = deployment
    assert.deepEqual(only(logOf(settlements, settlementsAbi, "SettlementTakenBack", takenBack)), {
      name: "SettlementTakenBack",
      ...takenBack,
    })
    const fallen = { ...place, epoch: 9, leaf: hash("01") }
    const by = { claim: 4, at: 0n, era: 1, signers: 7n }
    const cases = [
      ["ReportRefuted", { ...by, moved: true }, "Refuted"],
      ["ReportRefuted", { ...by, moved: false }, undefined],
      ["ReportLapsed", { ...by, moved: true }, "Void"],
      ["ReportLapsed", { ...by, moved: false }, undefined],
      ["ReportVoided", {}, "Void"],
      // A word that was marked says so itself.
      ["ReportProven", {}, undefined],
    ] as const
    for (const [name, more, status] of cases) {
      const fact = only(logOf(disputes, disputesAbi, name, { ...fallen, ...more }))
      assert.deepEqual(fact, status && { name: "ReportFell", ...fallen, status }, name)
    }
  })

  it("are eras and members", () => {
    const era = {
      era: 3,
      memberIds: [1, 2],
      signers: [ALICE, BOB],
      quorum: 2,
      coreId: hash("01"),
      verifier: address("00"),
      startsAt: 10,
      expiresAt: 20,
    }
    const { era: number, signers, ...rest } = era
    assert.deepEqual(only(logOf(deployment.committee, committeeAbi, "EraOpened", era)), {
      name: "EraOpened",
      number,
      members: signers.map(lower),
      ...rest,
    })
    const listed = { id: 1, owner: ALICE, signer: BOB, payee: ALICE, url: "http://Somewhere" }
    let named = 0
    for (const event of ["MemberAdded", "MemberUpdated"]) {
      const fact = only(logOf(deployment.committee, committeeAbi, event, listed))
      const { id, url } = listed
      assert.deepEqual(fact, { name: "MemberListed", id, signer: lower(BOB), url })
      named += 1
    }
    assert.equal(named, 2)
  })

  it("are in the order of the logs, each with its own", () => {
    const stake = (amount: bigint) =>
      logOf(deployment.stakes, stakesAbi, "StakeChanged", {
        ...{ topicId: 4, reputer: ALICE, stake: amount, total: 9n },
      })
    const logs = [stake(1n), stake(3n), stake(2n)]
    const found = factsOf(logs, deployment)
    assert.deepEqual(
      found.map(({ fact }) => fact.name === "StakeChanged" && fact.stake),
      [1n, 3n, 2n],
    )
    assert.deepEqual(
      found.map(({ log }) => log.data),
      logs.map(({ data }) => data),
    )
  })

  it("are not what other contracts say, nor what members have no use for", () => {
    const args = { topicId: 4, reputer: ALICE, stake: 5n, total: 9n }
    assert.equal(only(logOf(address("99"), stakesAbi, "StakeChanged", args)), undefined)
    const parties = { topicId: 4, previous: ALICE, current: BOB }
    const transferred = logOf(deployment.topics, topicsAbi, "TopicTransferred", parties)
    assert.equal(only(transferred), undefined)
    const unknown = { ...transferred, topics: [hash("12")] } as unknown as Log
    assert.equal(only(unknown), undefined)
  })
})
