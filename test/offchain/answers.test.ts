// What a worker keeps of its answers: read back whole, never past a line that it cannot read.
import assert from "node:assert/strict"
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, describe, it } from "node:test"
import { createAnswers } from "../../offchain/answers.ts"
import { NodeError } from "../../offchain/errors.ts"

const folder = mkdtempSync(join(tmpdir(), "answers-"))
let files = 0
const freshFile = () => join(folder, `${++files}.answers`)
after(() => rmSync(folder, { recursive: true }))

describe("what was answered", () => {
  it("forgets a line that a crash cut off, and goes on behind it", () => {
    const file = freshFile()
    const first = createAnswers(file)
    first.keep("a", [1n, -2n])
    first.close()
    appendFileSync(file, '{"answer":"b","val')
    const second = createAnswers(file)
    assert.deepEqual([second.of("a"), second.of("b")], [[1n, -2n], undefined])
    assert.deepEqual(second.keep("b", [3n]), [3n])
    assert.deepEqual(second.of("b"), [3n])
    second.close()
    const third = createAnswers(file)
    assert.deepEqual([third.of("a"), third.of("b")], [[1n, -2n], [3n]])
    third.close()
  })

  it("stops at a whole line that is none, by file and line", () => {
    for (const line of [
      "{}",
      "nonsense",
      '{"answer":"a","values":["1.5"]}',
      '{"answer":"a","values":[1]}',
    ]) {
      const file = freshFile()
      writeFileSync(file, `{"answer":"a","values":["1"]}\n${line}\n`)
      assert.throws(
        () => createAnswers(file),
        (error) =>
          error instanceof NodeError && error.code === "AnswersMalformed" && error.facts.line === 2,
      )
    }
  })
})
