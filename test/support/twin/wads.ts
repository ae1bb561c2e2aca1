// The core's Wad functions and Solady's on the EVM, held to each other on random and edge inputs.
import assert from "node:assert/strict"
import { network } from "hardhat"
import { type Hex, toFunctionSelector } from "viem"
import { CoreError, wad } from "../../../wasm/index.ts"
import { type Random, randomOf, WAD } from "../epochs.ts"

const BATCH = 2_500
const MIN = -(2n ** 255n)
const MAX = 2n ** 255n - 1n
const LN_2 = 54916777467707473351141471128n
const EXP_LOWEST = -41446531673892822313n
const EXP_HIGHEST = 135305999368893231589n

export type Pair = readonly [bigint, bigint]
export type Name = "mul" | "div" | "exp" | "ln" | "sqrt"

const REFUSALS = ["SMulWadFailed", "SDivWadFailed", "ExpOverflow", "LnWadUndefined"].map(
  (name) => [toFunctionSelector(`${name}()`), name] as const,
)

const near = (value: bigint) => [value - 1n, value, value + 1n]
const fits = (value: bigint) => value >= MIN && value <= MAX
const powers = Array.from({ length: 256 }, (_, k) => 2n ** BigInt(k)).flatMap(near)
const signed = [...powers, ...powers.map((value) => -value), MIN, MAX].filter(fits)
const edges = [0n, 1n, 2n, 3n, WAD - 1n, WAD, WAD + 1n, 10n ** 9n, 2n ** 127n, 2n ** 128n]
  .concat([2n ** 254n, MAX / WAD, MAX / WAD + 1n, MAX - 1n, MAX])
  .flatMap((value) => [value, -value])
  .concat(MIN)
const crossed = edges.flatMap((x) => edges.map((y): Pair => [x, y]))

const single = (xs: readonly bigint[]) => xs.map((x): Pair => [x, 0n])

/** Where exp changes its power of two: (k ± 1/2) · ln 2. */
const ties = Array.from({ length: 260 }, (_, i) => {
  const doubled = BigInt(i - 62) * 2n + 1n
  return (doubled * LN_2 * WAD) / 2n ** 97n
})

export const CASES: Record<Name, { edges: readonly Pair[]; random: (random: Random) => Pair }> = {
  mul: { edges: crossed, random: (random) => [random.signed(255), random.signed(255)] },
  div: { edges: crossed, random: (random) => [random.signed(210), random.signed(255)] },
  exp: {
    edges: single([...signed, ...[...ties, EXP_LOWEST, EXP_HIGHEST, 0n].flatMap(near)]),
    random: (random) => [random.signed(random.chance(0.9) ? 68 : 255), 0n],
  },
  ln: {
    edges: single([...signed, ...near(WAD)]),
    random: (random) => [
      random.chance(0.9) ? random.bits(random.integer(1, 255)) : random.signed(255),
      0n,
    ],
  },
  sqrt: {
    edges: single(
      [...powers, ...near((2n ** 256n - 1n) / WAD), 2n ** 256n - 1n]
        .concat(
          powers.filter((value) => value < 2n ** 128n).flatMap((value) => near(value * value)),
        )
        .filter((value) => value >= 0n && value < 2n ** 256n),
    ),
    random: (random) => [random.bits(random.integer(0, 256)), 0n],
  },
}

/** The core's answer: the bits as a signed integer, or the name of the refusal. */
function ours(name: Name, [x, y]: Pair): bigint | string {
  try {
    const value = name === "mul" || name === "div" ? wad[name](x, y) : wad[name](x)
    return BigInt.asIntN(256, value)
  } catch (error) {
    if (error instanceof CoreError) return error.code
    throw error
  }
}

/** Solady on a chain of this process: what it answers to many inputs at a time. */
export async function connectWads() {
  const { viem } = await network.create("home")
  const harness = await viem.deployContract("WadHarness")
  return async (name: Name, pairs: readonly Pair[]): Promise<(bigint | string)[]> => {
    const unary = name === "sqrt" ? (x: bigint) => BigInt.asIntN(256, x) : (x: bigint) => x
    const [results, refusals] = (await harness.read.each([
      toFunctionSelector(`${name}(int256,int256)`),
      pairs.map(([x]) => unary(x)),
      pairs.map(([, y]) => y),
    ])) as readonly [readonly bigint[], readonly Hex[]]
    return results.map((result, i) => {
      const refusal = REFUSALS.find(([selector]) => selector === refusals[i])
      assert.ok(refusal || refusals[i] === "0x00000000", `unknown refusal ${refusals[i]}`)
      return refusal ? refusal[1] : result
    })
  }
}

export type Compared = { inputs: number; refused: number; differing: number }

/** Compares a function on its edges and on so many random inputs; a refusal is an answer. */
export async function compareWads(
  theirs: Awaited<ReturnType<typeof connectWads>>,
  name: Name,
  count: number,
): Promise<Compared> {
  const { edges: given, random } = CASES[name]
  const seeded = randomOf(20_260_801)
  const pairs = [...given, ...Array.from({ length: count }, () => random(seeded))]
  const found = { inputs: pairs.length, refused: 0, differing: 0 }
  for (let from = 0; from < pairs.length; from += BATCH) {
    const batch = pairs.slice(from, from + BATCH)
    for (const [i, expected] of (await theirs(name, batch)).entries()) {
      found.differing += Number(ours(name, batch[i] as Pair) !== expected)
      found.refused += Number(typeof expected === "string")
    }
  }
  return found
}
