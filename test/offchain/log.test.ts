// The lines a program writes: readable by people or machines, and never a key.
import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { createLog, type LogOptions } from "../../offchain/log.ts"

const SECRET = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"

function recorded(options: LogOptions) {
  const lines: string[] = []
  return { lines, log: createLog(options, { write: (line: string) => void lines.push(line) }) }
}

describe("log", () => {
  it("writes one line for people: time, who, level, what, facts", () => {
    const { lines, log } = recorded({ name: "member 2" })
    log.warn(
      { slot: 1200, gas: 21_000n, reason: "two words", id: "0x12", list: [1, 2] },
      "posting failed",
    )
    assert.match(
      lines.join(""),
      /^\d\d:\d\d:\d\d member 2 warn {2}posting failed slot=1200 gas=21000 reason="two words" id=0x12 list=\[1,2\]\n$/,
    )
  })

  it("writes JSON for machines", () => {
    const { lines, log } = recorded({ json: true, name: "member 2" })
    log.info({ slot: 1200, value: 5n }, "posted")
    const { time, ...rest } = JSON.parse(lines[0] as string)
    assert.ok(!Number.isNaN(Date.parse(time)))
    assert.deepEqual(rest, {
      level: "info",
      name: "member 2",
      slot: 1200,
      value: "5",
      msg: "posted",
    })
  })

  it("keeps quiet below its level", () => {
    const { lines, log } = recorded({ level: "warn" })
    log.info("not this")
    log.error("this")
    assert.equal(lines.length, 1)
  })

  it("keeps an error on one line, with its code or its place", () => {
    const { lines, log } = recorded({})
    log.error({ error: new Error("lost\nits way") }, "failed")
    log.error({ error: Object.assign(new Error("gone"), { code: "NoChain" }) }, "failed")
    assert.equal(lines.length, 2)
    assert.ok(lines.every((line) => line.indexOf("\n") === line.length - 1))
    assert.match(lines[0] as string, /log\.test\.ts/)
    assert.match(lines[1] as string, /"code":"NoChain","message":"gone"/)
  })

  it("keeps a sentence of several lines on one", () => {
    const { lines, log } = recorded({})
    log.error("the port is taken\n  given     80\n  required  a free port")
    assert.match(lines.join(""), /error the port is taken; given {5}80; required {2}a free port\n$/)
  })

  it("never writes a key, at any depth it is passed in", () => {
    for (const json of [true, false]) {
      const { lines, log } = recorded({ json })
      log.info(
        { privateKey: SECRET, signer: { key: SECRET }, config: { signer: { seed: SECRET } } },
        "started",
      )
      assert.ok(!lines.join("").includes(SECRET))
      assert.match(lines.join(""), /\[hidden\]/)
    }
  })
})
