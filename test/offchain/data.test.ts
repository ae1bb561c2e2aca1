// What a member keeps on the disk: opened as it is while it can be read, and otherwise set aside whole, in words.
import assert from "node:assert/strict"
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, describe, it } from "node:test"
import { type Data, openData } from "../../offchain/data.ts"
import { createLog } from "../../offchain/log.ts"
import { rowHash } from "../../wasm/index.ts"

const root = mkdtempSync(join(tmpdir(), "allora-data-"))
after(() => rmSync(root, { recursive: true }))

const ERA = 7
const JOURNAL = "era-7.journal"
const ENTRIES = [
  { sort: "era", era: ERA, floor: 3 },
  { sort: "due", slot: 4, keys: ["1/1/5"] },
]
const ROWS = Array.from({ length: 400 }, (_, i) =>
  new Uint8Array(900).fill(i % 20).fill(i / 20, 450),
)

type Said = {
  readonly level: string
  readonly msg: string
  readonly code?: string
  readonly aside?: string
}

function open(folder: string) {
  const said: Said[] = []
  const log = createLog(
    { json: true },
    { write: (line: string) => void said.push(JSON.parse(line) as Said) },
  )
  return { data: openData({ folder, era: ERA }, log), said }
}

function close({ rows, journal }: Data) {
  rows.close()
  journal.close()
}

/** A member's folder after a day's work. */
function kept(name: string): string {
  const folder = join(root, name)
  const { data } = open(folder)
  data.journal.append(ENTRIES)
  data.rows.put(ROWS, 100)
  close(data)
  return folder
}

function overwrite(file: string, at: number, bytes: number) {
  const descriptor = openSync(file, "r+")
  writeSync(descriptor, Buffer.alloc(bytes, 0xa5), 0, bytes, at)
  closeSync(descriptor)
}

function holds(data: Data, count: number, entries: readonly object[]) {
  assert.equal(ROWS.filter((row) => data.rows.get(rowHash(row))).length, count)
  assert.deepEqual(data.journal.entries(), entries)
}

describe("a member's data", () => {
  it("is made where there is none, and opened as it is from then on", () => {
    const folder = kept("readable")
    const { data, said } = open(folder)
    holds(data, ROWS.length, ENTRIES)
    assert.deepEqual(said, [])
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith("unreadable")),
      [],
    )
    close(data)
  })

  it("is opened as it is after a crash, with what was in the database's log", () => {
    const running = join(root, "running")
    const { data } = open(running)
    data.journal.append(ENTRIES)
    data.rows.put(ROWS, 100)
    const folder = join(root, "crashed")
    mkdirSync(folder)
    for (const name of readdirSync(running)) copyFileSync(join(running, name), join(folder, name))
    close(data)
    assert.ok(statSync(join(folder, "rows.sqlite-wal")).size > 0)
    const again = open(folder)
    holds(again.data, ROWS.length, ENTRIES)
    assert.deepEqual(again.said, [])
    close(again.data)
  })

  const damages: Readonly<Record<string, { code: string; damage: (folder: string) => void }>> = {
    "rows with damaged pages behind a sound header": {
      code: "RowsUnreadable",
      damage: (folder) => overwrite(join(folder, "rows.sqlite"), 8_192, 64 * 1_024),
    },
    "rows that are no database at all": {
      code: "RowsUnreadable",
      damage: (folder) =>
        writeFileSync(join(folder, "rows.sqlite"), "not a row in sight ".repeat(500)),
    },
    "rows that were cut off": {
      code: "RowsUnreadable",
      damage: (folder) =>
        writeFileSync(
          join(folder, "rows.sqlite"),
          readFileSync(join(folder, "rows.sqlite")).subarray(0, 20_480),
        ),
    },
    "a journal with a damaged line": {
      code: "JournalCorrupt",
      damage: (folder) => overwrite(join(folder, JOURNAL), 3, 4),
    },
  }

  for (const [what, { code, damage }] of Object.entries(damages)) {
    it(`${what}: both are set aside, in words, and made anew`, () => {
      const folder = kept(what)
      damage(folder)
      const before = Object.fromEntries(
        ["rows.sqlite", JOURNAL].map((name) => [name, readFileSync(join(folder, name))]),
      )
      const { data, said } = open(folder)
      const aside = join(folder, "unreadable-1")
      assert.deepEqual(
        said.map((line) => [line.level, line.code, line.aside]),
        [["error", code, aside]],
      )
      assert.match(said[0]?.msg ?? "", /set aside in .*unreadable-1/)
      for (const [name, bytes] of Object.entries(before))
        assert.deepEqual(readFileSync(join(aside, name)), bytes)
      holds(data, 0, [])
      data.rows.put(ROWS.slice(0, 9), 100)
      data.journal.append(ENTRIES.slice(0, 1))
      close(data)

      // What is new is readable, and a second damage has a folder of its own.
      const again = open(folder)
      holds(again.data, 9, ENTRIES.slice(0, 1))
      assert.deepEqual(again.said, [])
      again.data.rows.put(ROWS, 100)
      close(again.data)
      damage(folder)
      const second = open(folder)
      assert.deepEqual(
        second.said.map((line) => line.aside),
        [join(folder, "unreadable-2")],
      )
      assert.deepEqual(readFileSync(join(aside, JOURNAL)), before[JOURNAL])
      holds(second.data, 0, [])
      close(second.data)
    })
  }

  it("leaves nothing open of what it sets aside: that would take the new database's log away", {
    skip: process.platform === "linux" ? false : "open files are asked for under /proc",
  }, () => {
    const folder = kept("held open")
    overwrite(join(folder, "rows.sqlite"), 8_192, 64 * 1_024)
    const { data } = open(folder)
    assert.ok(existsSync(join(folder, "unreadable-1", "rows.sqlite")))
    const openFiles = readdirSync("/proc/self/fd").flatMap((descriptor) => {
      try {
        return readlinkSync(join("/proc/self/fd", descriptor))
      } catch {
        return []
      }
    })
    assert.ok(openFiles.some((file) => file.startsWith(folder)))
    assert.deepEqual(
      openFiles.filter((file) => file.includes("unreadable")),
      [],
    )
    close(data)
  })

  it("has nothing of the old database's log in the new one", () => {
    const running = join(root, "running too")
    const { data } = open(running)
    data.journal.append(ENTRIES)
    data.rows.put(ROWS, 100)
    const folder = join(root, "crashed and damaged")
    mkdirSync(folder)
    for (const name of readdirSync(running)) copyFileSync(join(running, name), join(folder, name))
    close(data)
    overwrite(join(folder, JOURNAL), 3, 4)
    const again = open(folder)
    holds(again.data, 0, [])
    assert.ok(existsSync(join(folder, "unreadable-1", "rows.sqlite")))
    close(again.data)
  })

  it("stops at a fault that is none of the files' own, and touches nothing", () => {
    const folder = join(root, "a folder in the way")
    mkdirSync(join(folder, JOURNAL), { recursive: true })
    assert.throws(() => open(folder), /EISDIR/)
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith("unreadable")),
      [],
    )
  })
})
