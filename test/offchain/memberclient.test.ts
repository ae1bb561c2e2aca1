// What workers and reputers make of a member's answer, sound or not.
import assert from "node:assert/strict"
import { afterEach, describe, it } from "node:test"
import { createMemberClient } from "../../offchain/memberclient.ts"
import { type Reply, recorder, refused, TAKEN } from "../support/recorder.ts"

const ends: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

async function memberOf(reply: Parameters<typeof recorder>[0]) {
  const member = await recorder(reply)
  ends.push(member.close)
  return member
}

describe("a member's answer", () => {
  const { signal } = new AbortController()
  const client = createMemberClient({ timeoutMs: 2_000 })

  it("is a refusal only if it names a code", async () => {
    const answers: [Reply, string][] = [
      [refused("Unregistered"), "refused"],
      [{ status: 400, body: "no" }, "failed"],
      [{ status: 404, body: { code: "constructor" } }, "failed"],
      [{ status: 429, body: { code: "TooMany" } }, "failed"],
      [{ status: 500, body: { code: "Unregistered" } }, "failed"],
      [{ status: 422, body: { code: "Unregistered", given: "x".repeat(5_000) } }, "failed"],
      [TAKEN, "taken"],
    ]
    for (const [reply, outcome] of answers) {
      const { url } = await memberOf(() => reply)
      assert.equal(
        (await client.submit(`${url}/`, "{}", signal)).outcome,
        outcome,
        JSON.stringify(reply),
      )
    }
  })

  it("comes from the path that takes such messages, and from no other", async () => {
    const member = await recorder(() => TAKEN, "truths")
    ends.push(member.close)
    const truths = createMemberClient({ timeoutMs: 2_000, path: "truths" })
    assert.equal((await truths.submit(member.url, "a truth", signal)).outcome, "taken")
    assert.equal((await client.submit(member.url, "a submission", signal)).outcome, "failed")
    assert.deepEqual(member.bodies, ["a truth"])
  })

  it("is waited for so long and no longer", async () => {
    const { url } = await memberOf(() => undefined)
    const hasty = createMemberClient({ timeoutMs: 20 })
    const began = performance.now()
    assert.deepEqual(await hasty.submit(url, "{}", signal), {
      outcome: "failed",
      reason: "no answer in time",
    })
    assert.ok(performance.now() - began < 1_000)
  })
})
