// The door to the core: loading, the core id, sigma's float, refusals as errors, and its speed and size.
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { describe, it } from "node:test"
import { keccak256 } from "viem"
import {
  CoreError,
  coreId,
  explain,
  infer,
  load,
  packSigma,
  quality,
  resistant,
  settle,
  unpackSigma,
  values,
  wad,
} from "../../wasm/index.ts"

const MODULE = new URL("../../wasm/pkg/allora_core_bg.wasm", import.meta.url)

describe("core", () => {
  it("refuses every call before it is loaded, then loads once", async () => {
    const refused = { name: "CoreError", code: "NotLoaded" }
    const calls = [infer, values, settle, quality, resistant, explain].map(
      (call) => () => call([], [], 0),
    )
    for (const call of [coreId, ...calls, () => wad.exp(0n), () => packSigma(1n)]) {
      assert.throws(call, refused)
    }
    await Promise.all([load(), load()])
    await load()
    assert.equal(wad.exp(0n), 10n ** 18n)
  })

  it("has the hash of the module's file as its id", async () => {
    await load()
    assert.equal(coreId(), keccak256(readFileSync(MODULE)))
  })

  it("has a module of less than 250 kB", () => {
    assert.ok(readFileSync(MODULE).length < 250_000)
  })

  it("packs sigma up and unpacks it exactly", async () => {
    await load()
    // 1e18 = 56,843.4 · 2^44.
    assert.equal(packSigma(10n ** 18n), (56_844 << 8) | 44)
    assert.equal(unpackSigma((56_844 << 8) | 44), 56_844n << 44n)
    assert.deepEqual([packSigma(0n), packSigma(1n), packSigma(undefined)], [0, 0x800000, 0xffffff])
    assert.deepEqual([unpackSigma(0), unpackSigma(0xffffff)], [0n, undefined])
  })

  it("refuses a sigma without a float, and a float of none of the forms", async () => {
    await load()
    const refused = { name: "CoreError", code: "InvalidSigma" }
    assert.throws(() => packSigma(-1n), refused)
    assert.throws(() => packSigma(2n ** 128n - 1n), refused)
    assert.throws(() => packSigma(2n ** 200n), refused)
    for (const float of [1, 0x7fff00, 0x800071, 0xfffffe, -1, 0.5, 2 ** 24]) {
      assert.throws(() => unpackSigma(float), refused)
    }
  })

  it("names the refusals as Solady does", async () => {
    await load()
    const codes: [() => unknown, string][] = [
      [() => wad.mul(2n ** 255n - 1n, 2n), "SMulWadFailed"],
      [() => wad.div(1n, 0n), "SDivWadFailed"],
      [() => wad.exp(135305999368893231589n), "ExpOverflow"],
      [() => wad.ln(0n), "LnWadUndefined"],
    ]
    for (const [call, code] of codes) {
      assert.throws(call, (error) => error instanceof CoreError && error.code === code)
    }
  })
})
