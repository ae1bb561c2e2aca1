// Members whose chain's node holds the twin's answers back, or gives wrong ones: what they cannot have confirmed they do not
// accept, and say so.
import assert from "node:assert/strict"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import { after, before, describe, it } from "node:test"
import { until } from "../../offchain/demo/network.ts"
import { type Learning, startLearning, wad } from "../support/learning.ts"

const TOPIC = 1
const MEMBERS = [0, 1, 2, 3]
const VALUES = [[wad(10)], [wad(11)], [wad(15)]]
const NO = `0x${"00".repeat(32)}`

describe("members that ask the twin on the chain", () => {
  let net: Learning
  let proxy: Server
  let mode: "passing on" | "holding back" | "denying" = "passing on"
  let questions = 0
  const held: (() => void)[] = []

  before(async () => {
    net = await startLearning({ isEmpty: true })
    proxy = createServer(async (request, response) => {
      const body = await text(request)
      const { id, method, params } = JSON.parse(body)
      const isQuestion =
        method === "eth_call" && params[0].to.toLowerCase() === net.deployment.verifier
      if (isQuestion) questions += 1
      if (isQuestion && mode === "holding back")
        await new Promise<void>((resolve) => held.push(resolve))
      const headers = { "content-type": "application/json" }
      const denied = JSON.stringify({ jsonrpc: "2.0", id, result: NO })
      const passed = () => fetch(net.rpc, { method: "POST", headers, body })
      if (isQuestion && mode === "denying") response.end(denied)
      // At the end the chain is gone before the last who asks it.
      else
        response.end(
          await passed().then(
            (answer) => answer.text(),
            () => "{}",
          ),
        )
    })
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve))
    const rpc = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/`
    for (const index of MEMBERS) await net.startMember(index, { rpc })
  })
  after(async () => {
    await net?.end()
    proxy?.closeAllConnections()
    proxy?.close()
  })

  async function close(epoch: number) {
    await net.openWindow(epoch)
    await net.submit(TOPIC, epoch, VALUES)
    await net.closeWindow(epoch)
  }

  const said = (what: string) =>
    MEMBERS.filter((index) => net.said(index).some((line) => line.includes(what)))

  it("ask once each about the same rows, and report what it confirms", async () => {
    await close(1)
    await net.reported(TOPIC, 1)
    const all = await Promise.all(MEMBERS.map(net.status))
    const confirmed = all.map(({ twin }) => twin?.confirmed ?? 0)
    assert.ok(confirmed.every((count) => count <= 1))
    assert.equal(
      confirmed.reduce((sum, count) => sum + count, 0),
      questions,
    )
    assert.ok(questions >= 3, `${questions} questions`)
  })

  it("accept nothing while it does not answer, say so, and go on in a later view when it does", async () => {
    mode = "holding back"
    await close(2)
    await until("the members to give up waiting", async () =>
      said("no answer from the twin").length === MEMBERS.length ? true : undefined,
    )
    await net.chain.follow()
    assert.equal(net.chain.ledger.report(TOPIC, 0, 2), undefined)
    mode = "passing on"
    for (const resolve of held.splice(0)) resolve()
    await net.reported(TOPIC, 2)
    const all = await Promise.all(MEMBERS.map(net.status))
    assert.ok(all.every(({ alarms }) => alarms.length === 0))
  })

  it("refuse what it denies: an alarm in log and status, no report; the next epoch goes on", async () => {
    mode = "denying"
    await close(3)
    await until("every member to raise the alarm", async () =>
      said("ALARM TwinDiffers").length === MEMBERS.length ? true : undefined,
    )
    for (const index of MEMBERS) {
      const { alarms, twin } = await net.status(index)
      assert.deepEqual(
        alarms.map(({ code, epoch }) => [code, epoch]),
        [["TwinDiffers", `1/${TOPIC}/3`]],
      )
      assert.equal(twin?.denied, 1)
    }
    mode = "passing on"
    await close(4)
    await net.reported(TOPIC, 4)
    assert.equal(net.chain.ledger.report(TOPIC, 0, 3), undefined)
  })
})
