// Keys and signatures: held to viem's (noble's secp256k1), and the key files' refusals.
import assert from "node:assert/strict"
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, describe, it } from "node:test"
import fc from "fast-check"
import {
  type Hex,
  parseSignature,
  serializeCompactSignature,
  serializeSignature,
  signatureToCompactSignature,
} from "viem"
import { privateKeyToAccount, sign as viemSign } from "viem/accounts"
import { NodeError } from "../../offchain/errors.ts"
import { createSigner, newKeyFile, readKey, recover } from "../../offchain/signer.ts"

const KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
const ADDRESS = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266"
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
const bytes32 = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((b) => `0x${Buffer.from(b).toString("hex")}` as Hex)

const hasCode = (code: string) => (error: unknown) =>
  error instanceof NodeError && error.code === code

describe("signer", () => {
  it("has the address that everyone knows for the first development key", () => {
    assert.equal(createSigner(KEY).address, ADDRESS)
  })

  it("signs byte for byte as viem does, and recovers itself", async () => {
    await fc.assert(
      fc.asyncProperty(bytes32, bytes32, async (key, digest) => {
        fc.pre(BigInt(key) > 0n && BigInt(key) < ORDER)
        const signer = createSigner(key)
        const theirs = await viemSign({ hash: digest, privateKey: key })
        const compact = serializeCompactSignature(signatureToCompactSignature(theirs))
        assert.equal(signer.sign(digest), compact)
        assert.equal(recover(digest, compact), privateKeyToAccount(key).address.toLowerCase())
      }),
      { numRuns: 40 },
    )
  })

  it("recovers another address for another digest", () => {
    const signature = createSigner(KEY).sign(`0x${"11".repeat(32)}`)
    assert.notEqual(recover(`0x${"12".repeat(32)}`, signature), ADDRESS)
  })

  it("refuses the second form of a signature, with s above half the order", async () => {
    // With a high s below 2^255 the form still fits 64 bytes; such an s is built from a nonce-less choice.
    const digest: Hex = `0x${"22".repeat(32)}`
    const high = ORDER / 2n + 1n
    const r = createSigner(KEY).sign(digest).slice(2, 66)
    assert.ok(high < 2n ** 255n)
    assert.equal(recover(digest, `0x${r}${high.toString(16).padStart(64, "0")}`), undefined)
    // The same r with the greatest low s is a signature of somebody.
    assert.notEqual(
      recover(digest, `0x${r}${(high - 1n).toString(16).padStart(64, "0")}`),
      undefined,
    )
  })

  it("answers undefined for what is no signature", () => {
    const digest: Hex = `0x${"33".repeat(32)}`
    const good = createSigner(KEY).sign(digest)
    const long = serializeSignature({ ...parseSignature(`${good}1b`), v: 27n })
    const bad: Hex[] = [
      "0x",
      `0x${"00".repeat(64)}`,
      `0x${"ff".repeat(64)}`,
      good.slice(0, -2) as Hex,
      long,
      `${good.slice(0, -2)}zz` as Hex,
    ]
    for (const signature of bad) assert.equal(recover(digest, signature), undefined, signature)
    assert.equal(recover("0x22", good), undefined)
  })

  it("answers the same from memory", () => {
    const digest: Hex = `0x${"44".repeat(32)}`
    const signature = createSigner(KEY).sign(digest)
    assert.equal(recover(digest, signature), ADDRESS)
    assert.equal(recover(digest, signature), ADDRESS)
    assert.notEqual(
      recover(`0x${"45".repeat(32)}`, signature),
      ADDRESS,
      "of another digest it is another's",
    )
  })

  it("refuses a key that is no scalar, without showing it", () => {
    const zero: Hex = `0x${"00".repeat(32)}`
    assert.throws(() => createSigner(zero), hasCode("KeyMalformed"))
    assert.throws(() => createSigner(`0x${ORDER.toString(16)}`), hasCode("KeyMalformed"))
    assert.throws(
      () => createSigner("0x1234abcd"),
      (error: Error) => hasCode("KeyMalformed")(error) && !error.message.includes("1234abcd"),
    )
  })
})

describe("key files", () => {
  const folder = mkdtempSync(join(tmpdir(), "keys-"))
  after(() => rmSync(folder, { recursive: true }))

  it("makes a file for its owner alone, which reads back as the key of that address", () => {
    const file = join(folder, "deep", "member.key")
    const address = newKeyFile(file)
    assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.equal(createSigner(readKey(file)).address, address)
  })

  it("never writes over a file", () => {
    const file = join(folder, "once.key")
    newKeyFile(file)
    const before = readFileSync(file, "utf8")
    assert.throws(() => newKeyFile(file), hasCode("KeyFileExists"))
    assert.equal(readFileSync(file, "utf8"), before)
  })

  it("refuses a file that others may read, and says the cure", {
    skip: process.platform === "win32",
  }, () => {
    const file = join(folder, "open.key")
    newKeyFile(file)
    chmodSync(file, 0o640)
    assert.throws(
      () => readKey(file),
      (error: Error) =>
        hasCode("KeyFileExposed")(error) && error.message.includes(`chmod 600 ${file}`),
    )
  })

  it("names a missing file and one that holds no key, and shows nothing of it", () => {
    assert.throws(() => readKey(join(folder, "none.key")), hasCode("KeyFileMissing"))
    const file = join(folder, "wrong.key")
    for (const text of ["secret words", `${KEY}00`, `0x${"00".repeat(32)}`, ""]) {
      writeFileSync(file, text, { mode: 0o600 })
      assert.throws(
        () => readKey(file),
        (error: Error) =>
          hasCode("KeyFileMalformed")(error) &&
          (text === "" || !JSON.stringify([error.message, error]).includes(text)),
        text,
      )
    }
  })
})
