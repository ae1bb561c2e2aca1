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
    first.keep("a", { inference: [1n, -2n] })
    first.close()
    appendFileSync(file, '{"answer":"b","val')
    const second = createAnswers(file)
    assert.deepEqual([second.of("a"), second.of("b")], [{ inference: [1n, -2n] }, undefined])
    const both = { inference: [3n], forecast: [{ seat: 5, loss: -7n }] }
    assert.deepEqual(second.keep("b", both), both)
    assert.deepEqual(second.of("b"), both)
    const forecast = { forecast: [{ seat: 0, loss: 2n ** 126n }] }
    second.keep("c", forecast)
    second.close()
    const third = createAnswers(file)
    assert.deepEqual(["a", "b", "c"].map(third.of), [{ inference: [1n, -2n] }, both, forecast])
    third.close()
  })

  it("stops at a whole line that is none, by file and line", () => {
    for (const line of [
      "{}",
      "nonsense",
      '{"answer":"a","values":["1.5"]}',
      '{"answer":"a","values":[1]}',
      '{"answer":"a"}',
      '{"answer":"a","forecast":[{"seat":0}]}',
      '{"answer":"a","forecast":[{"seat":0,"loss":"1","more":1}]}',
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
