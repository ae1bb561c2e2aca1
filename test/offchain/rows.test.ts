// The store of rows: by hash, through restarts, and never other bytes than were kept.
import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, describe, it } from "node:test"
import { keccak256 } from "viem"
import { NodeError } from "../../offchain/errors.ts"
import { openRows } from "../../offchain/rows.ts"

const folder = mkdtempSync(join(tmpdir(), "rows-"))
after(() => rmSync(folder, { recursive: true }))

const row = (byte: number, length = 100) => new Uint8Array(length).fill(byte)
const hasCode = (code: string) => (error: unknown) =>
  error instanceof NodeError && error.code === code

for (const [where, fileOf] of [
  ["in memory", () => undefined],
  ["in a file", (name: string) => join(folder, name, "rows.sqlite")],
] as const) {
  describe(`rows ${where}`, () => {
    it("gives back the bytes that hash to the key, and nothing for another", () => {
      const rows = openRows(fileOf("get"))
      rows.put([row(1), row(2, 16_384)], 100)
      assert.deepEqual(rows.get(keccak256(row(1))), row(1))
      assert.deepEqual(rows.get(keccak256(row(2, 16_384))), row(2, 16_384))
      assert.deepEqual(
        rows.get(keccak256(row(1)).replaceAll(/[a-f]/g, (c) => c.toUpperCase()) as `0x${string}`),
        row(1),
      )
      assert.equal(rows.get(keccak256(row(3))), undefined)
      rows.close()
    })

    it("forgets what is over, keeps the longer of two promises, and takes a row twice", () => {
      const rows = openRows(fileOf("prune"))
      rows.put([row(1), row(2)], 100)
      rows.put([row(2), row(3)], 50)
      rows.put([row(3)], 60)
      assert.equal(rows.prune(60), 0)
      assert.equal(rows.prune(61), 1)
      assert.equal(rows.get(keccak256(row(3))), undefined)
      assert.deepEqual(rows.get(keccak256(row(2))), row(2))
      assert.equal(rows.prune(101), 2)
      rows.close()
    })

    it("takes all of a call's rows or none", () => {
      const rows = openRows(fileOf("all"))
      assert.throws(() => rows.put([row(1), row(2, 16_385)], 100), hasCode("MalformedRow"))
      assert.throws(() => rows.put([row(1), new Uint8Array()], 100), hasCode("MalformedRow"))
      assert.equal(rows.get(keccak256(row(1))), undefined)
      rows.put([row(1)], 100)
      assert.deepEqual(rows.get(keccak256(row(1))), row(1))
      rows.close()
    })
  })
}

describe("rows in a file", () => {
  it("has them after a restart, also one without a close", () => {
    const file = join(folder, "restart.sqlite")
    const killed = openRows(file)
    killed.put([row(7)], 100)
    const rows = openRows(file)
    assert.deepEqual(rows.get(keccak256(row(7))), row(7))
    rows.close()
    killed.close()
  })

  it("never serves bytes that were changed on the disk, and says so", () => {
    const file = join(folder, "changed.sqlite")
    const rows = openRows(file)
    rows.put([row(7), row(8)], 100)
    const { DatabaseSync } = process.getBuiltinModule("node:sqlite")
    const database = new DatabaseSync(file)
    const changed = row(7)
    changed[50] = 6
    database.prepare("UPDATE row SET bytes = ? WHERE bytes = ?").run(changed, row(7))
    database.close()
    assert.throws(() => rows.get(keccak256(row(7))), hasCode("RowCorrupted"))
    assert.deepEqual(rows.get(keccak256(row(8))), row(8))
    rows.close()
  })

  it("names a file that is no store of rows", () => {
    const file = join(folder, "text.sqlite")
    writeFileSync(file, "these are not the rows you are looking for".repeat(100))
    assert.throws(() => openRows(file), hasCode("RowsUnreadable"))
  })

  it("keeps Node's word about SQLite from people, and no other warning", () => {
    const script = `
      import { openRows } from ${JSON.stringify(new URL("../../offchain/rows.ts", import.meta.url).href)}
      openRows().close()
      process.emitWarning("something else")
    `
    const { stderr, status } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
      encoding: "utf8",
    })
    assert.equal(status, 0, stderr)
    assert.doesNotMatch(stderr, /SQLite/)
    assert.match(stderr, /something else/)
  })
})
