// Evidence on the disk: each wrong once, also across restarts.
import assert from "node:assert/strict"
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, it } from "node:test"
import type { Evidence } from "../../../offchain/agreement.ts"
import { openEvidence } from "../../../offchain/evidence.ts"

function evidence(view: number, member = 2): Evidence {
  const signed = { type: "SIGN", era: 1, slot: 9, view, signature: `0x${"33".repeat(64)}` } as const
  const [first, second] = [`0x${"11".repeat(32)}`, `0x${"22".repeat(32)}`] as const
  return {
    kind: "TwoBatches",
    member,
    first: { ...signed, content: first },
    second: { ...signed, content: second },
  }
}

describe("evidence", () => {
  it("is written once for each wrong, and is known after a restart, also behind a line cut off by a crash", () => {
    const folder = mkdtempSync(join(tmpdir(), "allora-evidence-"))
    const file = join(folder, "members", "evidence.jsonl")
    try {
      const first = openEvidence(file)
      assert.deepEqual([evidence(0), evidence(0), evidence(1), evidence(1, 3)].map(first.record), [
        true,
        false,
        true,
        true,
      ])
      appendFileSync(file, '{"kind":"TwoBa')
      const second = openEvidence(file)
      assert.equal(second.count(), 3)
      assert.equal(second.record(evidence(1)), false)
      assert.equal(second.record(evidence(2)), true)
      const lines = readFileSync(file, "utf8").trimEnd().split("\n")
      assert.deepEqual(JSON.parse(lines[0] ?? ""), evidence(0))
      assert.deepEqual(JSON.parse(lines.at(-1) ?? ""), evidence(2))
      assert.equal(openEvidence(file).count(), 4)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
