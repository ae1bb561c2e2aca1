// THE DOOR to the core: typed functions over bytes. Loads pkg once; every refusal is a `CoreError` whose code is the name of
// the failure in Rust. Synchronous after `await load()`.
import { bytesToHex, type Hex, hexToBytes, keccak256, numberToHex } from "viem"
import { CoreError, malformed } from "./errors.ts"
import { type Explanation, explanation } from "./explanation.ts"
import * as core from "./pkg/allora_core.js"
import { KIND, MAX_ROW_BYTES } from "./rows.ts"

export { CoreError } from "./errors.ts"
export type { Explanation, Terms } from "./explanation.ts"
export * from "./rows.ts"

const MODULE = new URL("./pkg/allora_core_bg.wasm", import.meta.url)

let id: Hex | undefined

/** Loads the module; once is enough. */
export async function load(): Promise<void> {
  if (id !== undefined) return
  const module = await bytesOf(MODULE)
  core.initSync({ module })
  id = keccak256(module)
}

async function bytesOf(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  if (url.protocol === "file:") {
    const { readFile } = await import("node:fs/promises")
    return Uint8Array.from(await readFile(url))
  }
  return new Uint8Array(await (await fetch(url)).arrayBuffer())
}

/** The keccak256 of the module's file. */
export function coreId(): Hex {
  return id ?? notLoaded()
}

/** The output rows of an epoch, from its input and state rows, all in the order of their lists. */
export function infer(inputs: readonly Uint8Array[], state: readonly Uint8Array[]): Uint8Array[] {
  return unframe(call(() => core.infer(frame(inputs), frame(state))))
}

/** The output rows of an epoch but for the counterfactuals: what its number needs, in a fraction of the time. */
export function values(inputs: readonly Uint8Array[], state: readonly Uint8Array[]): Uint8Array[] {
  return unframe(call(() => core.values(frame(inputs), frame(state))))
}

/**
 * An epoch's combined value without outliers, from the same rows; it is nowhere attested. Only a regression of one label has
 * one.
 */
export function resistant(
  inputs: readonly Uint8Array[],
  state: readonly Uint8Array[],
): bigint | undefined {
  const bytes = call(() => core.resistant(frame(inputs), frame(state)))
  return bytes.length === 0 ? undefined : BigInt.asIntN(128, unsigned(bytes))
}

/**
 * How the weight of a seat in the combined value came about, term by term, from an epoch's input and state rows. Undefined if
 * the seat has no weight in it.
 */
export function explain(
  inputs: readonly Uint8Array[],
  state: readonly Uint8Array[],
  seat: number,
): Explanation | undefined {
  if (!Number.isInteger(seat) || seat < 0 || seat > 0xff) {
    throw new CoreError("SeatOutOfRange", `given ${seat}, required a byte`)
  }
  const bytes = call(() => core.explain(frame(inputs), frame(state), seat))
  return bytes.length === 0 ? undefined : explanation.read({ bytes, at: 0 })
}

/**
 * What an epoch's truths leave: output rows (none if it was missed) and the new state rows, from a settlement's input rows and
 * the state rows before it, all in the order of their lists.
 */
export function settle(
  inputs: readonly Uint8Array[],
  state: readonly Uint8Array[],
): { outputs: Uint8Array[]; state: Uint8Array[] } {
  const rows = unframe(call(() => core.settle(frame(inputs), frame(state))))
  const isState = (row: Uint8Array) => (row[0] as number) < KIND.outputs
  return { outputs: rows.filter((row) => !isState(row)), state: rows.filter(isState) }
}

/** A settlement's quality word, from its input rows and the state rows that it left. */
export function quality(inputs: readonly Uint8Array[], state: readonly Uint8Array[]): Hex {
  return bytesToHex(call(() => core.quality(frame(inputs), frame(state))))
}

/** The first state rows of a topic, from its parameters row. */
export function genesis(parameters: Uint8Array): Uint8Array[] {
  return unframe(call(() => core.genesis(parameters)))
}

/** Wads of up to 256 bits, as Solady's FixedPointMathLib has them; `sqrt` is unsigned. */
export const wad = {
  mul: (x: bigint, y: bigint): bigint => signed(call(() => core.mul(word(x), word(y)))),
  div: (x: bigint, y: bigint): bigint => signed(call(() => core.div(word(x), word(y)))),
  exp: (x: bigint): bigint => signed(call(() => core.exp(word(x)))),
  ln: (x: bigint): bigint => signed(call(() => core.ln(word(x)))),
  sqrt: (x: bigint): bigint => unsigned(call(() => core.sqrt(word(x, false)))),
}

/** The 24-bit float of a sigma in a report, rounded up. */
export function packSigma(sigma: bigint | undefined): number {
  return call(() => core.packSigma(sigma === undefined ? new Uint8Array() : word(sigma)))
}

/** The sigma that a 24-bit float stands for; undefined is unknown. */
export function unpackSigma(float: number): bigint | undefined {
  if (!Number.isInteger(float) || float < 0 || float > 0xffffff) {
    throw new CoreError("InvalidSigma", `given ${float}, required 24 bits`)
  }
  const bytes = call(() => core.unpackSigma(float))
  return bytes.length === 0 ? undefined : signed(bytes)
}

function call<T>(run: () => T): T {
  if (id === undefined) notLoaded()
  try {
    return run()
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    if (error instanceof CoreError || code === undefined) throw error
    throw new CoreError(code, message)
  }
}

function notLoaded(): never {
  throw new CoreError("NotLoaded", "the core is used before load()")
}

function word(value: bigint, isSigned = true): Uint8Array {
  const fits = isSigned ? BigInt.asIntN(256, value) : BigInt.asUintN(256, value)
  if (fits !== value) throw new CoreError("Overflow", `given ${value}, required 256 bits`)
  return hexToBytes(numberToHex(BigInt.asUintN(256, value), { size: 32 }))
}

function unsigned(bytes: Uint8Array): bigint {
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n)
}

function signed(bytes: Uint8Array): bigint {
  return BigInt.asIntN(256, unsigned(bytes))
}

/** The form in which rows pass into the module: count 2, then length 2 and bytes of each. */
function frame(rows: readonly Uint8Array[]): Uint8Array {
  const length = rows.reduce((sum, row) => sum + 2 + row.length, 2)
  if (rows.length > 0xffff || rows.some((row) => row.length > MAX_ROW_BYTES)) {
    malformed(`required at most 65535 rows of at most ${MAX_ROW_BYTES} bytes`)
  }
  const bytes = new Uint8Array(length)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, rows.length)
  let at = 2
  for (const row of rows) {
    view.setUint16(at, row.length)
    bytes.set(row, at + 2)
    at += 2 + row.length
  }
  return bytes
}

function unframe(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 2
  return Array.from({ length: view.getUint16(0) }, () => {
    const start = at + 2
    at = start + view.getUint16(at)
    return bytes.slice(start, at)
  })
}
