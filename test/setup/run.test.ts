// The script that everybody meets first: which jobs there are, what it brings before one, and how a job ends.
import assert from "node:assert/strict"
import { once } from "node:events"
import { rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, it } from "node:test"
import { ended, lockOf, project, start, write } from "./support.ts"

describe("jobs", () => {
  it("refuses an unknown one with the list of those there are", async (t) => {
    const { run, calls } = project(t)
    const { code, stderr } = await run(["frobnicate"])
    assert.equal(code, 1)
    assert.match(stderr, /^UnknownJob: there is no job "frobnicate"\n/)
    for (const job of "build wasm test bench check format vectors deploy node verify demo".split(
      " ",
    )) {
      assert.match(stderr, new RegExp(`^ {2}${job} `, "m"))
    }
    assert.deepEqual(calls(), [], "and installs nothing for it")
  })

  it("lists them for --help, and calls that no failure", async (t) => {
    const { code, stdout } = await project(t).run(["--help"])
    assert.equal(code, 0)
    assert.match(stdout, /^ {2}demo /m)
  })

  it("are given the arguments, the way to Node and the exit code is passed on", async (t) => {
    const { root, run } = project(t)
    write(root, {
      "offchain/main.ts": `
        console.log(JSON.stringify([process.argv.slice(2), process.env.PATH, process.env.HARDHAT_DISABLE_TELEMETRY]))
        process.exit(7)`,
    })
    const { code, stdout } = await run(["verify", "3", "--epoch", "-1"])
    const [args, path, telemetry] = JSON.parse(stdout)
    assert.equal(code, 7)
    assert.deepEqual(args, ["verify", "3", "--epoch", "-1"])
    assert.equal(path.split(":")[0], join(process.execPath, ".."))
    assert.equal(path.split(":")[1], join(root, "node_modules/.bin"))
    assert.equal(telemetry, "true")
  })

  for (const [signal, exit] of [
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const) {
    it(`end on ${signal}, and so does what they started`, async (t) => {
      const { root, env } = project(t)
      write(root, {
        "offchain/main.ts": `console.log(process.pid); setInterval(() => {}, 1_000)`,
      })
      const child = start([join(root, ".setup/run.mjs"), "allora"], { cwd: root, env: env() })
      const end = ended(child)
      const [pid] = await once(child.stdout, "data")
      child.kill(signal)
      const { code } = await end
      assert.equal(code, exit)
      assert.throws(() => process.kill(Number(pid), 0), { code: "ESRCH" })
    })
  }
})

describe("dependencies", () => {
  it("are installed by the chosen Node's npm if missing, once, and said to be", async (t) => {
    const { run, calls } = project(t)
    const first = await run(["allora"])
    assert.equal(first.code, 0)
    assert.match(first.stderr, /installing the locked dependencies with npm ci \(.*minute/)
    assert.equal(first.stdout, "", "the job's own output stays clean")
    const [call, ...more] = calls()
    assert.match(call ?? "", /^npm ci .*--include=dev --include=optional on /)
    assert.ok(call?.endsWith(` on ${process.execPath}`))
    assert.deepEqual(more, [])
    assert.equal((await run(["allora"])).stderr, "")
    assert.deepEqual(calls(), [])
  })

  it("are installed again when the lock has changed", async (t) => {
    const { root, run, calls } = project(t)
    await run(["allora"])
    write(root, { "package-lock.json": lockOf({ one: "1.0.1" }) })
    calls()
    assert.match((await run(["allora"])).stderr, /one is not as locked/)
    assert.equal(calls().length, 1)
  })

  it("are installed again after an install that was cut off", async (t) => {
    const { root, run, calls } = project(t)
    await run(["allora"])
    rmSync(join(root, "node_modules/.package-lock.json"))
    calls()
    await run(["allora"])
    assert.equal(calls().length, 1)
  })

  it("of another system are not waited for, those of this one are", async (t) => {
    const { root, run, calls } = project(t)
    const here = { version: "1.0.0", optional: true, os: [process.platform] }
    const there = { version: "1.0.0", optional: true, os: ["aix"] }
    write(root, {
      "package-lock.json": JSON.stringify({
        packages: { "node_modules/here": here, "node_modules/there": there },
      }),
      "node_modules/.package-lock.json": JSON.stringify({
        packages: { "node_modules/here": here },
      }),
    })
    await run(["allora"])
    assert.deepEqual(calls(), [])
    write(root, { "node_modules/.package-lock.json": JSON.stringify({ packages: {} }) })
    await run(["allora"])
    assert.equal(calls().length, 1)
  })

  it("that npm left out stop the job by name", async (t) => {
    const { run } = project(t)
    const { code, stderr } = await run(["allora"], { NPM_FORGETS: "1" })
    assert.equal(code, 1)
    assert.match(stderr, /^InstallIncomplete: .*\n {2}given: +no one\n {2}required: /m)
  })

  it("that cannot be had stop the job with what npm said", async (t) => {
    const { run } = project(t)
    const { code, stderr } = await run(["allora"], { NPM_FAILS: "1" })
    assert.equal(code, 1)
    assert.match(stderr, /registry unreachable/)
    assert.match(stderr, /^InstallFailed: /m)
  })

  it("are installed once if two shells start together", async (t) => {
    const { run, calls } = project(t)
    const both = await Promise.all([run(["allora"]), run(["allora"])])
    assert.deepEqual(
      both.map(({ code }) => code),
      [0, 0],
    )
    assert.equal(calls().length, 1)
  })

  it("are installed though a shell that was killed left its lock", async (t) => {
    const { root, run, calls } = project(t)
    const gone = start(["-e", ""], { cwd: root, env: {} })
    await ended(gone)
    writeFileSync(join(root, ".setup/lock"), String(gone.pid))
    assert.equal((await run(["allora"])).code, 0)
    assert.equal(calls().length, 1)
  })
})
