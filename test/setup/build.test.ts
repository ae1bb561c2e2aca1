// When the contracts are compiled before a job, and for which.
import assert from "node:assert/strict"
import { rmSync } from "node:fs"
import { join } from "node:path"
import { describe, it } from "node:test"
import { ownWarnings } from "../../.setup/build.mjs"
import { project, write } from "./support.ts"

/** The calls but npm's. */
const builds = (calls: string[]) => calls.filter((call) => !call.startsWith("npm "))

describe("compiling before a job", () => {
  it("leaves the Solidity tests out for a deployment, and happens once", async (t) => {
    const { run, calls } = project(t)
    assert.match((await run(["deploy"])).stderr, /compiling the contracts \(/)
    assert.deepEqual(builds(calls()), ["hardhat build --no-tests", "generate --check"])
    assert.equal((await run(["deploy"])).stderr, "")
    assert.deepEqual(builds(calls()), [])
  })

  it("takes them in for the tests, after which a deployment needs nothing", async (t) => {
    const { run, calls } = project(t)
    await run(["test"])
    assert.deepEqual(builds(calls()), ["hardhat build", "generate --check"])
    await run(["deploy"])
    assert.deepEqual(builds(calls()), [])
  })

  it("happens again when a source has changed, and for the tests when one of theirs has", async (t) => {
    const { root, run, calls } = project(t)
    await run(["test"])
    calls()
    write(root, { "test/contracts/A.t.sol": "contract ATest { uint256 a; }" })
    await run(["deploy"])
    assert.deepEqual(builds(calls()), [])
    await run(["test"])
    assert.deepEqual(builds(calls()), ["hardhat build", "generate --check"])
    write(root, { "contracts/deep/B.sol": "contract B {}" })
    await run(["deploy"])
    assert.deepEqual(builds(calls()), ["hardhat build --no-tests", "generate --check"])
    await run(["test"])
    assert.deepEqual(builds(calls()), ["hardhat build", "generate --check"])
    rmSync(join(root, "artifacts"), { recursive: true })
    await run(["test"])
    assert.deepEqual(builds(calls()), ["hardhat build", "generate --check"])
  })

  it("is not done for a job that reads no artifact", async (t) => {
    const { run, calls } = project(t)
    await run(["node"])
    await run(["verify"])
    assert.deepEqual(builds(calls()), [])
  })

  it("writes the ABIs only for the job build, which always asks the compiler", async (t) => {
    const { run, calls } = project(t)
    for (const _ of [1, 2]) {
      assert.equal((await run(["build"])).code, 0)
      assert.deepEqual(builds(calls()), ["hardhat build", "generate"])
    }
  })

  for (const [name, code] of [
    ["hardhat", "BuildFailed"],
    ["generate", "GeneratedStale"],
  ] as const) {
    it(`stops the job with ${code} and the reason, and is tried again`, async (t) => {
      const { run, calls } = project(t)
      const failed = await run(["deploy"], { FAILS: name })
      assert.equal(failed.code, 1)
      assert.match(failed.stderr, new RegExp(`^${name} says why$`, "m"))
      assert.match(failed.stderr, new RegExp(`^${code}: `, "m"))
      calls()
      assert.equal((await run(["deploy"])).code, 0)
      assert.deepEqual(builds(calls()), ["hardhat build --no-tests", "generate --check"])
    })
  }
})

describe("the compiler's warnings", () => {
  it("are shown where they are about our files", () => {
    const theirs = "Warning: theirs\n   --> ./node_modules/solady/A.sol:1:1:\n    |\n1 | x\n\n"
    const ours = "Warning: ours\n   --> ./contracts/A.sol:1:1:\n    |\n1 | x\n"
    const end = "\nCompiled 2 Solidity files\n"
    assert.equal(ownWarnings(theirs + ours + end), ours.trim())
    assert.equal(ownWarnings(theirs + end), "")
  })
})
