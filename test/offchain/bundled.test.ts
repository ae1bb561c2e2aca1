// The bundled models as workers: their keys and owners, and the row of the series that an epoch asks for.
import assert from "node:assert/strict"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, describe, it } from "node:test"
import { NodeError } from "../../offchain/errors.ts"
import { createLedger } from "../../offchain/ledger.ts"
import { bundledModels, identityOf } from "../../offchain/models/bundled.ts"
import { topicNamed, topicTemplate } from "../../offchain/models/topics.ts"
import { newKeyFile } from "../../offchain/signer.ts"
import { type EpochTerms, termsOf } from "../../offchain/terms.ts"
import { load } from "../../wasm/index.ts"

const LIMITS = { seconds: 3_600, signal: new AbortController().signal }

function termsAt(epoch: number, name = "sp500"): EpochTerms {
  const ledger = createLedger()
  const parameters = topicTemplate(name, { start: 0 })
  const fact = { name: "TopicCreated", topicId: 1, parametersHash: "0x00", parameters } as const
  ledger.apply({ number: 1, hash: "0x1", parentHash: "0x0", time: 1 }, [
    { block: 1, time: 1, fact },
  ])
  return termsOf(ledger, { delaySeconds: 0 }, { topicId: 1, epoch }, () => undefined) as EpochTerms
}

before(() => load())

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
    assert.deepEqual(await models[0]?.predict(termsAt(2), LIMITS), {
      inference: [128_327_002n * 10n ** 13n],
    })
    assert.equal(bundledModels({ topic: sp500, keys, names: ["patterns", "patterns"] }).length, 1)
  })

  it("say a probability a label where the topic has classes", async () => {
    const keys = mkdtempSync(join(folder, "keys-"))
    newKeyFile(join(keys, "persistence.key"))
    const [persistence] = bundledModels({ topic: topicNamed("seattle-weather"), keys })
    const said = await persistence?.predict(termsAt(1, "seattle-weather"), LIMITS)
    assert.ok(said && "inference" in said)
    // The last day of 2012 was one of drizzle; of 366 days 225 were as the day before: 0.001 and 0.995 times 226 / 367
    // is 613,724.80 millionths, the rest 96,568.80 each; the four left over go to the greater remainders.
    assert.deepEqual(
      said.inference,
      [613_724n, 96_569n, 96_569n, 96_569n, 96_569n].map((n) => n * 10n ** 12n),
    )
  })

  it("leave the forecaster out unless it is asked for by itself", () => {
    const keys = mkdtempSync(join(folder, "keys-"))
    const address = newKeyFile(join(keys, "forecaster.key"))
    assert.throws(() => bundledModels({ topic: sp500, keys }), code("NoModel"))
    assert.equal(identityOf(keys, "forecaster").owner, address)
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
