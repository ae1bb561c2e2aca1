// A chain that does not answer, that is undone in part, or whose messages nobody has whole: nothing is lost by it.
import assert from "node:assert/strict"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { after, before, describe, it } from "node:test"
import type { Hex } from "viem"
import { batchRoot, type Report, reportHash } from "../../../offchain/report.ts"
import { load } from "../../../wasm/index.ts"
import { type Disputed, disputedTopic } from "../../support/disputed.ts"
import { KEY, type Watched, watchedChain } from "../../support/watched.ts"

const UNFINISHED = "a look could not be finished"

describe("a watcher whose chain fails it", () => {
  let topic: Disputed
  const opened: Watched[] = []
  before(async () => {
    await load()
    topic = disputedTopic(2)
  })
  after(() => {
    for (const each of opened) each.end()
  })

  const reportOf = (epoch: number): Report => topic.reported.get(epoch)?.reports[0] as Report
  const wrong = (epoch = 1): Report => ({
    ...reportOf(epoch),
    value: reportOf(epoch).value + 1n,
  })

  function opening(): Watched {
    const watched = watchedChain()
    opened.push(watched)
    watched.serve(topic.rows.values())
    return watched
  }

  for (const what of [
    "logs",
    "transaction",
    "simulate refuteReport",
    "write refuteReport",
    "bondsOf",
  ])
    it(`finishes later what it began when the chain did not answer: ${what}`, async () => {
      const watched = opening()
      watched.post([wrong()], wrong().observedAt + 4)
      const { look, said, counts, memory } = watched.watcher(what, {}, KEY)
      watched.answersUnless((asked) => asked === what)
      await look()
      await look()
      assert.equal(said(UNFINISHED).length, 2)
      assert.equal(said(UNFINISHED)[0]?.code, "NoChain")
      // Not before all up to there was looked at.
      assert.equal(memory.block(), -1)
      watched.answersUnless(() => false)
      await look()
      assert.equal(watched.sent.length, 1)
      const { looked, wrong: found, refuted } = counts()
      assert.deepEqual({ looked, found, refuted }, { looked: 1, found: 1, refuted: 1 })
      assert.equal(memory.block(), watched.ledger.head()?.number)
    })

  it("goes on after a restart with what it could not finish", async () => {
    const watched = opening()
    watched.post([wrong()], wrong().observedAt + 4)
    const first = watched.watcher("ended", {}, KEY)
    watched.answersUnless((asked) => asked.startsWith("write"))
    await first.look()
    watched.answersUnless(() => false)
    const second = watched.watcher("ended", {}, KEY)
    await second.look()
    assert.equal(watched.sent.length, 1)
  })

  it("judges what comes in the place of blocks that were undone, however long the new chain is", async () => {
    const watched = opening()
    const { observedAt } = wrong()
    watched.at(observedAt + 1)
    const common = watched.ledger.head()?.number ?? 0
    watched.at(observedAt + 2)
    watched.at(observedAt + 3)
    const { blockSeen } = watched.watcher("undone", {}, KEY)
    await blockSeen()
    watched.ledger.rewind(common)
    watched.post([wrong()], observedAt + 4)
    for (const later of [5, 6, 7, 8]) watched.at(observedAt + later)
    await blockSeen({ undone: 2 })
    assert.equal(watched.sent.length, 1)
  })

  // -- Messages that are not in a plain call --

  /** A member that keeps the attestation of one context's reports. */
  async function keeper(reports: readonly Report[], change: (body: object) => object = (b) => b) {
    const { topicId, epoch, observedAt } = reports[0] as Report
    const batch = { era: 1, slot: observedAt, view: 0, root: batchRoot(reports.map(reportHash)) }
    const plain = reports.map((each) => ({ ...each, value: String(each.value) }))
    const body = change({ batch, attestation: "0x", reports: plain, settlements: [] })
    const asked: string[] = []
    const server = createServer((request, response) => {
      asked.push(request.url ?? "")
      const isIt = request.url === `/attestations/${topicId}/${epoch}`
      response.writeHead(isIt ? 200 : 404).end(JSON.stringify(body))
    })
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    const { port } = server.address() as AddressInfo
    return { url: `http://127.0.0.1:${port}`, asked, close: () => void server.close() }
  }

  /** The chain lists that member in an era that is in force. */
  function listed(watched: Watched, url: string): void {
    const signer: Hex = KEY.address
    const hashes = { coreId: `0x${"00".repeat(32)}`, verifier: signer } as const
    const span = { quorum: 1, startsAt: 0, expiresAt: 2 ** 40 }
    watched.at(
      50,
      { name: "MemberListed", id: 1, signer, url },
      { name: "EraOpened", number: 1, memberIds: [1], members: [signer], ...hashes, ...span },
    )
  }

  it("takes from a member what another contract posted, and keeps nobody else waiting for what no member has", async () => {
    const watched = opening()
    const member = await keeper([wrong(2)])
    try {
      listed(watched, member.url)
      // Of epoch 1 no member has the attestation.
      watched.post([wrong(1)], wrong(1).observedAt + 4, { isPlain: false })
      watched.post([wrong(2)], wrong(2).observedAt + 4, { isPlain: false })
      const { look, said, alarms, memory } = watched.watcher("kept", {}, KEY)
      await look()
      await look()
      assert.deepEqual(
        alarms().map(({ epoch }) => epoch),
        [2],
      )
      assert.equal(watched.sent.length, 1)
      const waiting = said("a message could not be dealt with")
      assert.deepEqual(
        waiting.map(({ epoch, error }) => [epoch, (error as { code: string }).code]),
        [[1, "NoMessage"]],
      )
      assert.equal(memory.waitingCount(), 1)
      assert.ok(member.asked.includes("/attestations/7/1"))
      assert.ok(member.asked.includes("/attestations/7/2"))
    } finally {
      member.close()
    }
  })

  it("does not take from a member what is not under the root", async () => {
    const watched = opening()
    const member = await keeper([wrong(1)], (body) => ({
      ...body,
      batch: { era: 1, slot: 0, view: 0, root: `0x${"12".repeat(32)}` },
    }))
    try {
      listed(watched, member.url)
      watched.post([wrong(1)], wrong(1).observedAt + 4, { isPlain: false })
      const { look, alarms, memory } = watched.watcher("lied to", {}, KEY)
      await look()
      assert.deepEqual([...alarms(), ...watched.sent], [])
      assert.equal(memory.waitingCount(), 1)
    } finally {
      member.close()
    }
  })
})
