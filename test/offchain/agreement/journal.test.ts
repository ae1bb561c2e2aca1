// The journal on a real disk: what was appended is there again, a torn end is dropped, damage is named.
import assert from "node:assert/strict"
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, describe, it } from "node:test"
import { createAgreement } from "../../../offchain/agreement.ts"
import { NodeError } from "../../../offchain/errors.ts"
import { createJournal } from "../../../offchain/journal.ts"
import { KEY, reaches, stage } from "../../support/agreement/stage.ts"
import { TIMEOUT_MS } from "../../support/agreement/world.ts"

const folder = mkdtempSync(join(tmpdir(), "allora-journal-"))
after(() => rmSync(folder, { recursive: true }))

const ERA = { sort: "era", era: 7, floor: 3 }
const DUE = { sort: "due", slot: 4, keys: ["1/1/5"] }
const SENT = { sort: "sent", slot: 4, view: 0, type: "PREPARE" }

function file(name: string): string {
  return join(folder, name, "journal.jsonl")
}

function hasCode(code: string) {
  return (error: unknown) => error instanceof NodeError && error.code === code
}

describe("journal", () => {
  it("gives back what was appended, in order, one line each", () => {
    const path = file("order")
    const journal = createJournal(path)
    journal.append([ERA])
    journal.append([DUE, SENT])
    journal.close()
    assert.deepEqual(createJournal(path).entries(), [ERA, DUE, SENT])
    assert.equal(readFileSync(path, "utf8").split("\n").length, 4)
  })

  it("drops a last line that was cut off, and goes on behind the line before", () => {
    const path = file("torn")
    createJournal(path).append([ERA, DUE])
    const whole = statSync(path).size
    for (const torn of ['{"sort":"sent","slot":4', "\0\0\0\0\0", '{"sort":"sent"}']) {
      appendFileSync(path, torn)
      const journal = createJournal(path)
      assert.deepEqual(journal.entries(), [ERA, DUE])
      assert.equal(statSync(path).size, whole)
      journal.close()
    }
    const journal = createJournal(path)
    journal.append([SENT])
    assert.deepEqual(createJournal(path).entries(), [ERA, DUE, SENT])
  })

  it("stops at a damaged line and names it", () => {
    for (const damaged of ["{", "[]", "null", '{"sort":7}']) {
      const path = file("damaged")
      createJournal(path).rewrite([ERA])
      appendFileSync(path, `${damaged}\n${JSON.stringify(DUE)}\n`)
      assert.throws(
        () => createJournal(path),
        (error) => {
          assert(hasCode("JournalCorrupt")(error))
          assert.equal((error as NodeError).facts.line, 2)
          assert.equal((error as NodeError).remedy, "stop")
          return true
        },
      )
      rmSync(path)
    }
  })

  it("puts other entries in the place of all, and appends behind them", () => {
    const path = file("rewrite")
    const journal = createJournal(path)
    journal.append([ERA, DUE, SENT])
    journal.rewrite([ERA])
    journal.append([SENT])
    assert.deepEqual(journal.entries(), [ERA, SENT])
    assert.deepEqual(createJournal(path).entries(), [ERA, SENT])
  })

  it("promises nothing more after a write has failed", () => {
    const path = file("failed")
    const journal = createJournal(path)
    journal.close()
    for (let attempt = 0; attempt < 2; attempt++) {
      assert.throws(() => journal.append([ERA]), hasCode("JournalUnwritable"))
    }
    assert.deepEqual(createJournal(path).entries(), [])
  })
})

describe("agreement and its journal", () => {
  it("refuses the journal of another era", () => {
    const world = stage(createAgreement)
    world.crash(2)
    world.memberAt(2).journal.rewrite([{ ...ERA, era: 6 }])
    assert.throws(() => world.start(2), hasCode("JournalOfAnotherEra"))
  })

  it("refuses a lock that is not what it wrote", async () => {
    const world = stage(createAgreement)
    world.crash(2)
    const lock = { sort: "lock", slot: 4, key: KEY, view: 0, leaves: [], prepares: [{}] }
    world.memberAt(2).journal.rewrite([ERA, DUE, lock])
    assert.throws(() => world.start(2), hasCode("JournalUnreadable"))
  })

  it("stays small: ended slots leave it, open ones and the memory of their end stay", async () => {
    const world = stage(createAgreement)
    const epochs = 300
    for (let epoch = 0; epoch < epochs; epoch++) {
      const key = `1/1/${epoch}`
      world.submit(key, "alice", world.all)
      world.due(world.slot + epoch, [key])
      assert(await world.time.run(TIMEOUT_MS, () => world.attested(key)))
      for (const { agreement } of world.members.values()) agreement?.accepted(key)
    }
    const entries = world.memberAt(1).journal.entries()
    assert(entries.length < 1000 + epochs, `${entries.length} entries`)
    assert(entries.filter(({ sort }) => sort === "end").length >= epochs - 1)
    world.crash(1)
    world.start(1)
    world.due(world.slot, [KEY], [1])
    assert.deepEqual(world.memberAt(1).agreement?.status().slots, [])
    await reaches(world, { keys: [`1/1/${epochs - 1}`] })
  })

  it("is compacted without losing an open slot's votes", async () => {
    const world = stage(createAgreement)
    const open = world.slot + 5000
    const held = "1/9/9"
    world.submit(held, "alice", world.all)
    world.due(open, [held])
    assert(await world.time.run(TIMEOUT_MS, () => world.attested(held)))
    for (let epoch = 0; epoch < 300; epoch++) {
      const key = `1/1/${epoch}`
      world.submit(key, "alice", world.all)
      world.due(open + 1 + epoch, [key])
      assert(await world.time.run(TIMEOUT_MS, () => world.attested(key)))
      for (const { agreement } of world.members.values()) agreement?.accepted(key)
    }
    world.crash(2)
    world.start(2)
    await world.time.run(10)
    const [slot] = world.memberAt(2).agreement?.status().slots ?? []
    assert.deepEqual(slot, { slot: open, view: 0, takesPart: true, keys: { [held]: "locked" } })
    const sent = world
      .memberAt(2)
      .journal.entries()
      .filter((entry) => entry.slot === open)
    assert.deepEqual(
      new Set(sent.map(({ sort }) => sort)),
      new Set(["due", "view", "sent", "lock"]),
    )
  })
})
