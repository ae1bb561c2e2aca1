// The core against its twin, epoch by epoch: every row of outputs, byte for byte. Both sides are given, so that either can be
// replaced by one with a planted error.
import { bytesToHex, type Hex } from "viem"
import { decodeWeights, KIND } from "../../../wasm/index.ts"
import type { Random } from "../epochs.ts"
import { type Posed, posed, SPECIALS, type Special, specialsOf } from "./epochs.ts"

/** The core's output rows. */
export type Core = (inputs: readonly Uint8Array[], state: readonly Uint8Array[]) => Uint8Array[]

/** What `TwinHarness.rows` takes and gives. */
export type Given = {
  epoch: { parameters: Hex; inferences: Hex; regrets: Hex; forecasts: Hex[] }
  errors: Hex
  implied: Hex
  counterfactuals: Hex
  oneOut: Hex[]
  oneIn: Hex[]
}
export type Twin = (given: Given) => Promise<readonly Hex[]>

export type Comparison = {
  epochs: number
  /** Rows, and the numbers in them. */
  rows: number
  numbers: number
  /** Rows that differ, or that one side alone refuses. */
  differing: number
  /** Bits of the rows that differ. */
  bits: number
  specials: Map<Special, number>
}

/** The twin's arguments for a label, from an epoch's rows and the core's. */
export function givenOf(
  { inputs, state }: Posed,
  outputs: readonly Uint8Array[],
  label: number,
  isWhole = true,
): Given {
  const all = (rows: readonly Uint8Array[], kind: number) =>
    rows.filter((row) => row[0] === kind).map((row) => bytesToHex(row))
  const one = (rows: readonly Uint8Array[], kind: number, place = 0) =>
    all(rows, kind)[place] as Hex
  return {
    epoch: {
      parameters: one(inputs, KIND.parameters),
      inferences: one(inputs, KIND.inferences, label),
      regrets: one(state, KIND.regrets),
      forecasts: all(inputs, KIND.forecast),
    },
    errors: one(state, KIND.errors),
    implied: one(outputs, KIND.implied, label),
    counterfactuals: isWhole ? one(outputs, KIND.counterfactuals, label) : "0x",
    oneOut: all(state, KIND.oneOutRegrets),
    oneIn: all(state, KIND.oneInRegrets),
  }
}

/** How many 16-byte numbers a row of outputs holds. */
function numbersIn(row: Uint8Array): number {
  if (row[0] === KIND.value) return row.length > 120 ? 8 : 7
  if (row[0] === KIND.weights) return (row.length - 3) / 17
  if (row[0] === KIND.implied) return (row.length - 5) / 17
  const view = new DataView(row.buffer, row.byteOffset)
  let [at, count] = [3, 0]
  for (const width of [17, 17, 17, 18]) {
    count += view.getUint16(at)
    at += 2 + width * view.getUint16(at)
  }
  return count
}

/** How many bits of two rows differ; of rows of different lengths all of the longer one's. */
export function differingBits(one: Hex, other: Hex): number {
  if (one.length !== other.length) return 4 * (Math.max(one.length, other.length) - 2)
  let bits = 0
  for (let i = 2; i < one.length; i++) {
    let off = Number.parseInt(one[i] as string, 16) ^ Number.parseInt(other[i] as string, 16)
    for (; off !== 0; off &= off - 1) bits++
  }
  return bits
}

export type Extent = {
  readonly epochs: number
  /** Of how many epochs one has its counterfactuals compared, which are most of the work; 0 of none. */
  readonly wholeOf: number
  /** Whether to stop after the first epoch that differs. */
  readonly isUntilFirst?: boolean
}

/** Compares epochs of a series. */
export async function compare(
  core: Core,
  twin: Twin,
  random: Random,
  { epochs, wholeOf, isUntilFirst = false }: Extent,
): Promise<Comparison> {
  const found: Comparison = {
    epochs: 0,
    rows: 0,
    numbers: 0,
    differing: 0,
    bits: 0,
    specials: new Map(SPECIALS.map((special) => [special, 0])),
  }
  for (let n = 0; n < epochs && !(isUntilFirst && found.differing > 0); n++) {
    const one = posed(random, n)
    const labels = one.epoch.emaErrors.length
    const isWhole = wholeOf > 0 && n % wholeOf === 0
    let outputs: Uint8Array[]
    try {
      outputs = core(one.inputs, one.state)
    } catch {
      // The core refuses no admissible epoch; one with a planted error may.
      found.differing++
      continue
    }
    found.epochs++
    const weights = decodeWeights(outputs[labels] as Uint8Array).map(({ weight }) => weight)
    for (const special of specialsOf(one, weights))
      found.specials.set(special, (found.specials.get(special) ?? 0) + 1)
    for (let label = 0; label < labels; label++) {
      const theirs = await twin(givenOf(one, outputs, label, isWhole)).catch(() => [])
      const places = [label, labels, labels + 1 + label, 2 * labels + 1 + label]
      for (const [i, place] of places.slice(0, isWhole ? 4 : 3).entries()) {
        const ours = outputs[place] as Uint8Array
        const bits = differingBits(bytesToHex(ours), theirs[i] ?? "0x")
        found.rows++
        found.numbers += numbersIn(ours)
        found.differing += Number(bits > 0)
        found.bits += bits
      }
    }
  }
  return found
}
