// Step 6: the module against the witness, bit for bit, over chains of random epochs.
import assert from "node:assert/strict"
import { before, describe, it } from "node:test"
import { hexToBigInt } from "viem"
import {
  CoreError,
  decodeCounterfactualLosses,
  decodeErrors,
  decodeInclusions,
  decodeLosses,
  decodeOneInRegrets,
  decodeOneOutRegrets,
  decodeQuality,
  decodeRegrets,
  decodeSeats,
  decodeSettledTruth,
  encodeParameters,
  genesis,
  KIND,
  load,
  quality,
  settle,
} from "../../wasm/index.ts"
import { randomOf } from "../support/epochs.ts"
import {
  settleWitness,
  TruthMissing,
  type WitnessSettlement,
  type WitnessState,
} from "../support/settlement/witness.ts"
import { randomParameters, randomStep, type Step } from "../support/settlement/world.ts"

const CHAINS = 60
const EPOCHS = 15

/** State rows in the witness' form. */
function stateOf(rows: readonly Uint8Array[]): WitnessState {
  const [, seats, regrets, errors, inclusions, quality] = rows as readonly [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ]
  return {
    seats: decodeSeats(seats),
    regrets: decodeRegrets(regrets),
    errors: decodeErrors(errors),
    inclusions: decodeInclusions(inclusions),
    quality: decodeQuality(quality),
    oneOut: rows.filter((row) => row[0] === KIND.oneOutRegrets).map(decodeOneOutRegrets),
    oneIn: rows.filter((row) => row[0] === KIND.oneInRegrets).map(decodeOneInRegrets),
  }
}

/** What the module makes of a step, in the witness' form, with the state rows; undefined if truths are missing. */
function settled(step: Step, before: readonly Uint8Array[]) {
  try {
    const { outputs, state } = settle(step.inputs, before)
    const [truth, losses, without] = outputs
    const said: WitnessSettlement = {
      truth: truth && decodeSettledTruth(truth),
      losses: losses && decodeLosses(losses),
      without: without && decodeCounterfactualLosses(without),
      state: stateOf(state),
      quality: hexToBigInt(quality(step.inputs, state)),
    }
    return { said, rows: state }
  } catch (error) {
    assert.ok(error instanceof CoreError && error.code === "TruthMissing", String(error))
    return undefined
  }
}

function witnessed(run: () => WitnessSettlement): WitnessSettlement | undefined {
  try {
    return run()
  } catch (error) {
    if (error instanceof TruthMissing) return undefined
    throw error
  }
}

describe("settlement", () => {
  before(load)

  it(`is the witness' bit for bit in ${CHAINS} chains of ${EPOCHS} random epochs`, () => {
    const seen = { missed: 0, truthMissing: 0, classes: 0, oneInferer: 0, forecasters: 0 }
    const learned = { experienced: 0, unknownSigma: 0, covered: 0, tables: 0, forgotten: 0 }
    const met = { ...seen, ...learned, waiting: 0, moved: 0 }
    for (let seed = 1; seed <= CHAINS; seed++) {
      // Neighbouring seeds start alike, so they are spread.
      const random = randomOf(Math.imul(seed, 0x9e3779b1))
      const parameters = randomParameters(random)
      const states = [genesis(encodeParameters(parameters))]
      for (let epoch = 0; epoch < EPOCHS; epoch++) {
        const here = `chain ${seed}, epoch ${epoch}`
        const rows = states.at(-1) as Uint8Array[]
        // A report rests on a state of some settlements before.
        const base = states[Math.max(0, states.length - random.integer(1, 3))] as Uint8Array[]
        const roster = stateOf(base).seats.seated
        const step = randomStep(random, parameters, base, roster)
        const state = stateOf(rows)
        const expected = witnessed(() => settleWitness(parameters, step.changes, step.told, state))
        const given = settled(step, rows)
        assert.deepEqual(given?.said, expected, here)
        met.truthMissing += Number(expected === undefined)
        if (!given || !expected) continue
        states.push(given.rows)
        met.missed += Number(step.told === undefined)
        met.waiting += Number(expected.state.seats.waiting.length > 0)
        if (!step.told || !expected.losses) continue
        const { said, reported, owners } = step.told
        const sits = new Map(expected.state.seats.seated.map(({ seat, owner }) => [seat, owner]))
        met.classes += Number(parameters.topicType === 2)
        met.oneInferer += Number(said.filter(({ seat }) => seat < 0x80).length === 1)
        met.forecasters += Number(said.some(({ seat }) => seat >= 0x80))
        met.moved += Number(said.some(({ seat }) => sits.get(seat) !== owners.get(seat)))
        const isExperienced = ({ count }: { count: number }) =>
          BigInt(count) * parameters.arithmetic.alphaRegret >= 10n ** 18n
        met.experienced += Number(state.inclusions.filter(isExperienced).length >= 10)
        const isKnown = reported.every(({ sigma }) => sigma !== undefined)
        const { oneOut, oneIn } = expected.state
        met.tables += Number(oneOut.length > 0 && oneIn.length > 0)
        const isGone = ({ seat }: { seat: number }) => oneOut.every((table) => table.seat !== seat)
        met.forgotten += Number(state.oneOut.some(isGone))
        met.unknownSigma += Number(!isKnown)
        met.covered += Number(isKnown && (expected.state.quality.coverage?.two ?? 0n) > 0n)
      }
    }
    // Every branch was met many times.
    for (const [branch, count] of Object.entries(met)) assert.ok(count > 20, `${branch} ${count}`)
  })
})
