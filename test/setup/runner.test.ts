// What `npm test` counts as passed and as failed, on small suites of its own.
import assert from "node:assert/strict"
import { join } from "node:path"
import { describe, it, type TestContext } from "node:test"
import { SelectionError, SUITES, select } from "../support/suites.ts"
import { countSolidity, emptyTally } from "../support/tally.ts"
import { ended, ROOT, start, temporary, write } from "./support.ts"

const IT = `import { describe, it, before } from "node:test"\n`

/** Runs the suite of these files and answers how it ended and its last line. */
async function runner(t: TestContext, files: Record<string, string>, pattern = "offchain") {
  const root = temporary(t)
  write(root, files)
  // Set, it would make the runner think that it runs inside this test's file.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const args = [join(ROOT, "test/run.ts"), "--root", root, pattern]
  const { code, stdout, stderr } = await ended(start(args, { cwd: ROOT, env }))
  return { code, stdout, stderr, last: stdout.trimEnd().split("\n").at(-1) }
}

describe("the test runner", () => {
  it("counts what passed, alone on the last line, and each test once", async (t) => {
    const { code, last, stdout } = await runner(t, {
      "test/offchain/a.test.ts": `${IT}describe("a", () => { it("one", () => {}); it("two", () => {}) })`,
      "test/offchain/deep/b.test.ts": `${IT}it("three", () => {})`,
    })
    assert.equal(last, "3 passed, 0 failed")
    assert.equal(code, 0)
    assert.match(stdout, /^offchain +3 +0 +\d/m)
  })

  const wrong: [string, string, string, RegExp][] = [
    [
      "a failing test once, whose error it shows",
      `describe("y", () => { it("x", () => { throw new Error("why") }) })`,
      "1 passed, 1 failed",
      /why/,
    ],
    [
      "a skipped test",
      `it.skip("x", () => {})`,
      "1 passed, 1 failed",
      /counted as failed, skipped: x/,
    ],
    [
      "a test still to do",
      `it.todo("x")`,
      "1 passed, 1 failed",
      /counted as failed, still to do: x/,
    ],
    [
      "a failing hook",
      `describe("y", () => { before(() => { throw new Error("why") }); it("x", () => {}) })`,
      "1 passed, 2 failed",
      /why/,
    ],
    [
      "a file that fails after its tests",
      `process.on("exit", () => { process.exitCode = 3 })`,
      "1 passed, 1 failed",
      /counted as failed, .*a\.test\.ts ended with exit code 3/,
    ],
  ]
  for (const [what, text, counts, output] of wrong) {
    it(`counts ${what}, as a failure`, async (t) => {
      const found = await runner(t, {
        "test/offchain/a.test.ts": `${IT}it("ok", () => {})\n${text}`,
      })
      assert.equal(found.last, counts)
      assert.equal(found.code, 1)
      assert.match(found.stdout, output)
    })
  }

  it("counts a file without tests and one that does not load as failures", async (t) => {
    const { code, last, stdout } = await runner(t, {
      "test/offchain/empty.test.ts": "export {}",
      "test/offchain/broken.test.ts": `import "./nowhere.ts"`,
    })
    assert.equal(last, "0 passed, 2 failed")
    assert.equal(code, 1)
    assert.match(stdout, /counted as failed, no test in .*empty\.test\.ts/)
    assert.match(stdout, /nowhere\.ts/)
  })

  it("counts a suite without files as a failure", async (t) => {
    const { code, last, stdout } = await runner(t, {})
    assert.equal(last, "0 passed, 1 failed")
    assert.equal(code, 1)
    assert.match(stdout, /counted as failed, no test file in test\/offchain/)
  })

  it("counts Mocha's skipped and failing tests as failures", async (t) => {
    const { code, last } = await runner(
      t,
      {
        "test/ethers/a.test.ts": `it("ok", () => {}); it.skip("x", () => {}); it("y", () => { throw new Error("why") })`,
      },
      "ethers",
    )
    assert.equal(last, "1 passed, 2 failed")
    assert.equal(code, 1)
  })

  it("counts a runner that ends before it gave its counts as a failure", async (t) => {
    const { code, last, stdout } = await runner(
      t,
      { "test/ethers/a.test.ts": `it("ok", () => {}); it("x", () => process.exit(0))` },
      "ethers",
    )
    assert.equal(last, "0 passed, 1 failed")
    assert.equal(code, 1)
    assert.match(stdout, /the runner ended \(exit code 0\) before it gave its counts/)
  })

  it("counts Solidity's failures, and a runner that fails without one", () => {
    const suites = [
      {
        id: { name: "A" },
        testResults: ["Success", "Success", "Failure", "Skipped"].map((status, i) => ({
          name: `t${i}`,
          status,
        })),
      },
    ]
    const tally = emptyTally()
    countSolidity(tally, false, suites)
    assert.deepEqual(tally, { passed: 2, failed: 2, findings: ["skipped: A.t3"] })
    const silent = emptyTally()
    countSolidity(silent, false, [])
    assert.equal(silent.failed, 1)
  })
})

describe("selection", () => {
  const files = {
    "test/offchain/signer.test.ts": "",
    "test/offchain/deep/clock.test.ts": "",
    "test/contracts/Tree.t.sol": "",
    "test/contracts/support/Test.sol": "",
  }
  const names = (root: string, patterns: string[]) =>
    select(root, patterns).map(({ suite, files }) => [
      suite.name,
      files.map((file) => file.slice(root.length + 6)),
    ])

  it("is everything in order without a pattern, empty suites too", (t) => {
    const root = temporary(t)
    write(root, files)
    const all = select(root, [])
    assert.deepEqual(
      all.map(({ suite }) => suite.name),
      SUITES.map(({ name }) => name),
    )
    assert.equal(all.flatMap((selection) => selection.files).length, 3)
  })

  it("takes a suite by its name and files by a part of their path", (t) => {
    const root = temporary(t)
    write(root, files)
    assert.deepEqual(names(root, ["solidity"]), [["solidity", ["contracts/Tree.t.sol"]]])
    assert.deepEqual(names(root, ["clock", "Tree"]), [
      ["solidity", ["contracts/Tree.t.sol"]],
      ["offchain", ["offchain/deep/clock.test.ts"]],
    ])
  })

  it("refuses a pattern that nothing fits, and a test that no suite runs", async (t) => {
    const root = temporary(t)
    write(root, files)
    assert.throws(() => select(root, ["nothing"]), SelectionError)
    const { code, stderr } = await runner(t, files, "nothing")
    assert.equal(code, 1)
    assert.match(stderr, /^NoSuchTest: /)
    write(root, { "test/elsewhere/x.test.ts": "" })
    assert.throws(() => select(root, []), /TestOutsideSuites: .*\n.*test\/elsewhere\/x\.test\.ts/)
  })
})
