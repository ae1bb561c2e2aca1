// `allora worker` as it is typed: what does not fit together is said before the chain is asked for anything.
import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, describe, it } from "node:test"
import { ROOT } from "../../offchain/demo/processes.ts"
import { newKeyFile } from "../../offchain/signer.ts"

const folder = mkdtempSync(join(tmpdir(), "workercli-"))
const key = join(folder, "mine.key")
newKeyFile(key)
/** The keys of one bundled model. */
const bundle = join(folder, "bundle")
mkdirSync(bundle)
newKeyFile(join(bundle, "persistence.key"))
after(() => rmSync(folder, { recursive: true }))

/** Nobody listens there, so what comes as far as the chain says NoChain. */
const NOWHERE = ["--rpc", "http://127.0.0.1:1/"]

function worker(...flags: string[]) {
  const args = [join(ROOT, "offchain/main.ts"), "worker", "--topic", "1", ...NOWHERE, ...flags]
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" })
  return { status, stderr }
}

describe("allora worker", () => {
  const faults: readonly [string, readonly string[], RegExp][] = [
    ["no model", [], /^NoModel: .*\n {2}required {2}--series and --keys/],
    ["a program without a key", ["--command", "true"], /^NoModel: /],
    ["a server and a program", ["--command", "true", "--url", "http://x"], /cannot be used with/],
    ["a program and a series", ["--command", "true", "--series", "sp500"], /cannot be used with/],
    ["an owner that is none", ["--owner", "alice"], /required 0x and 40 hex digits/],
    [
      "a break that never ends",
      ["--series", "sp500", "--keys", folder, "--break", "mine:130:100"],
      /required such as persistence:100:130/,
    ],
    [
      "a break of a model that does not run",
      ["--series", "sp500", "--keys", bundle, "--break", "holt:100:130"],
      /^ModelUnknown: .*\n {2}given {5}holt\n {2}required {2}persistence/,
    ],
    [
      "an unknown series",
      ["--series", "gold", "--keys", folder],
      /^SeriesUnknown: [\s\S]*seattle-weather/,
    ],
    [
      "a forecaster without a key",
      ["--series", "sp500", "--keys", folder, "--models", "forecaster"],
      /^KeyFileMissing: /,
    ],
  ]
  for (const [name, flags, said] of faults) {
    it(`refuses ${name}`, () => {
      const { status, stderr } = worker(...flags)
      assert.equal(status, 1)
      assert.match(stderr, said)
    })
  }

  it("goes on to the chain with a program, or with a server, and a key", () => {
    for (const model of [
      ["--command", "true"],
      ["--url", "http://127.0.0.1:1/"],
    ])
      assert.match(worker(...model, "--key-file", key).stderr, /^NoChain: /)
  })
})
