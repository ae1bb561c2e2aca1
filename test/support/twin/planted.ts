// Errors of one bit, planted on either side, which the comparison has to catch: in a constant of the contract's code, and in one
// of the module's.
import { readFileSync } from "node:fs"
import type { Hex } from "viem"
import type { Core } from "./compare.ts"
import { frame, unframe } from "./frames.ts"

const GLUE = new URL("../../../wasm/pkg/allora_core.js", import.meta.url).href
const MODULE = new URL("../../../wasm/pkg/allora_core_bg.wasm", import.meta.url)

export type Planted = {
  readonly name: string
  /** What stands there once, or as often as said, and which of its bits is turned. */
  readonly constant: Uint8Array
  readonly bit: number
  readonly times: number
}

/** A constant as the EVM pushes it. */
function pushed(name: string, constant: bigint, bit: number, times = 1): Planted {
  const digits = constant.toString(16)
  const bytes = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, "hex")
  const opcode = 0x5f + bytes.length
  return {
    name,
    constant: Uint8Array.from([opcode, ...bytes]),
    bit: 8 * bytes.length - 1 - bit + 8,
    times,
  }
}

/** A constant's low 64 bits as WebAssembly has them: the opcode, then seven bits a byte, the lowest first. */
function i64(name: string, constant: bigint, bit: number, times = 1): Planted {
  const bytes = [0x42]
  let rest = BigInt.asIntN(64, constant)
  for (let isLast = false; !isLast; ) {
    const low = Number(rest & 0x7fn)
    rest >>= 7n
    isLast = (rest === 0n && low < 0x40) || (rest === -1n && low >= 0x40)
    bytes.push(isLast ? low : low | 0x80)
  }
  const byte = 1 + Math.floor(bit / 7)
  return { name, constant: Uint8Array.from(bytes), bit: 8 * byte + 7 - (bit % 7), times }
}

const EXP_NUMERATOR = 57155421227552351082224309758442n
const EXP_DENOMINATOR = 50020603652535783019961831881945n
const LN_2 = 54916777467707473351141471128n

/** In the code of the contract. */
export const IN_SOLIDITY: readonly Planted[] = [
  pushed("solidity: exp, a coefficient of the numerator", EXP_NUMERATOR, 58),
  pushed("solidity: exp, a coefficient of the denominator", EXP_DENOMINATOR, 58),
  pushed("solidity: exp, ln 2", LN_2, 58, 2),
  pushed("solidity: the 15.87 % percentile", 1587n, 0, 2),
  pushed("solidity: 1.4826, of a scale", 1_482_600_000_000_000_000n, 4),
]

/** In the module. */
export const IN_RUST: readonly Planted[] = [
  i64("rust: exp, a coefficient of the numerator", EXP_NUMERATOR, 58),
  i64("rust: exp, a coefficient of the denominator", EXP_DENOMINATOR, 58),
  i64("rust: exp, ln 2 as it is taken away", -LN_2, 58, 2),
  i64("rust: exp, the inverse of 5^18", 0x7474_90ea_e839_d7f9n, 58),
  {
    name: "rust: the 15.87 % percentile",
    // 228, 1587, 5000, 8413, 9772, two bytes each, the low one first.
    constant: Uint8Array.from([0xe4, 0x00, 0x33, 0x06, 0x88, 0x13, 0xdd, 0x20, 0x2c, 0x26]),
    bit: 8 * 2 + 7,
    times: 1,
  },
]

/** The bytes with the error in every place where the constant stands. */
export function plant(bytes: Uint8Array, { name, constant, bit, times }: Planted): Uint8Array {
  const planted = Buffer.from(bytes)
  let found = 0
  for (let at = planted.indexOf(constant); at >= 0; at = planted.indexOf(constant, at + 1)) {
    const place = at + (bit >> 3)
    planted[place] = (planted[place] as number) ^ (0x80 >> (bit & 7))
    found++
  }
  if (found !== times) throw new Error(`${name}: given ${found} places, required ${times}`)
  return Uint8Array.from(planted)
}

/** A contract's code with an error. */
export function plantedCode(code: Hex, planted: Planted): Hex {
  return `0x${Buffer.from(plant(Buffer.from(code.slice(2), "hex"), planted)).toString("hex")}`
}

let instances = 0

/** The core with an error: another instance of the glue, beside the one that the door has loaded. */
export async function plantedCore(planted: Planted): Promise<Core> {
  const core = (await import(
    `${GLUE}?planted=${instances++}`
  )) as typeof import("../../../wasm/pkg/allora_core.js")
  core.initSync({ module: Uint8Array.from(plant(readFileSync(MODULE), planted)) })
  return (inputs, state) => unframe(core.infer(frame(inputs), frame(state)))
}
