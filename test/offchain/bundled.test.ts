// The bundled models as workers: their keys and owners, and the row of the series that an epoch asks for.
import assert from "node:assert/strict"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, describe, it } from "node:test"
import { NodeError } from "../../offchain/errors.ts"
import { bundledModels } from "../../offchain/models/bundled.ts"
import { topicNamed, topicTemplate } from "../../offchain/models/topics.ts"
import { newKeyFile } from "../../offchain/signer.ts"

const PARAMETERS = topicTemplate("sp500", { start: 0 })
const folder = mkdtempSync(join(tmpdir(), "bundled-"))
after(() => rmSync(folder, { recursive: true }))

describe("the bundled models as workers", () => {
  const sp500 = topicNamed("sp500")
  const code = (expected: string) => (error: unknown) =>
    error instanceof NodeError && error.code === expected

  it("take each key from its file, and the owner where one is named", async () => {
    const keys = mkdtempSync(join(folder, "keys-"))
    assert.throws(() => bundledModels({ topic: sp500, keys }), code("NoModel"))
    const addresses = ["patterns", "persistence"].map((name) =>
      newKeyFile(join(keys, `${name}.key`)),
    )
    writeFileSync(join(keys, "patterns.owner"), `0x${"AB".repeat(20)}\n`)
    const models = bundledModels({ topic: sp500, keys })
    assert.deepEqual(
      models.map(({ name, owner, signer }) => [name, owner, signer.address]),
      [
        ["persistence", addresses[1], addresses[1]],
        ["patterns", `0x${"ab".repeat(20)}`, addresses[0]],
      ],
    )
    // The close of 2001-01-02, the day before the second epoch's.
    assert.deepEqual(await models[0]?.predict(2, PARAMETERS), [128_327_002n * 10n ** 13n])
    assert.equal(bundledModels({ topic: sp500, keys, names: ["patterns", "patterns"] }).length, 1)
  })

  it("refuse a model, a key or an owner that is none", () => {
    const keys = mkdtempSync(join(folder, "keys-"))
    const given = (...names: string[]) => bundledModels({ topic: sp500, keys, names })
    assert.throws(() => given("oracle"), code("ModelUnknown"))
    assert.throws(() => given("smoothing"), code("KeyFileMissing"))
    newKeyFile(join(keys, "smoothing.key"))
    writeFileSync(join(keys, "smoothing.owner"), "alice")
    assert.throws(() => given("smoothing"), code("OwnerMalformed"))
  })
})
