// What a watcher remembers over restarts.
import assert from "node:assert/strict"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, describe, it } from "node:test"
import type { Hex } from "viem"
import { openMemory } from "../../../offchain/dispute/memory.ts"

const NETWORK = { chainId: 31_337, disputes: `0x${"11".repeat(20)}` }
const LEAF: Hex = `0x${"ab".repeat(32)}`
const DEMAND = { topicId: 1, epoch: 2, leaf: LEAF, kind: 0x30, index: 4, publishBefore: 99 }

describe("what a watcher remembers", () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "allora-memory-"))
  })
  after(() => rmSync(folder, { recursive: true }))

  it("is there after a restart: the block, what was done, what waits, what is demanded", () => {
    const file = join(folder, "sub", "memory.json")
    const first = openMemory(NETWORK, file)
    assert.equal(first.block(), -1)
    first.lookedTo(12)
    first.didThat("refuted", LEAF)
    first.waits("report/1/0/2", true)
    first.demanded(DEMAND)
    const second = openMemory(NETWORK, file)
    assert.equal(second.block(), 12)
    assert.equal(second.hasDone("refuted", LEAF), true)
    assert.equal(second.hasDone("struck", LEAF), false)
    assert.equal(second.isWaiting("report/1/0/2"), true)
    assert.deepEqual(second.demands(), [DEMAND])
    second.waits("report/1/0/2", false)
    second.closed(DEMAND)
    const third = openMemory(NETWORK, file)
    assert.equal(third.waitingCount(), 0)
    assert.deepEqual(third.demands(), [])
  })

  it("is refused where it is of another network, or cannot be read", () => {
    const file = join(folder, "other.json")
    openMemory(NETWORK, file).lookedTo(1)
    assert.throws(() => openMemory({ ...NETWORK, chainId: 1 }, file), { code: "MemoryOfAnother" })
    writeFileSync(file, '{"chainId":')
    assert.throws(() => openMemory(NETWORK, file), { code: "MemoryUnreadable" })
  })
})
