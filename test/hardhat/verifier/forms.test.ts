// The chain's verdict on a report's form: just what the core takes is right. Lists, rows and inputs that it refuses are wrong by
// the claims about them.
import assert from "node:assert/strict"
import { before, describe, it } from "node:test"
import {
  CoreError,
  decodeForecast,
  decodeInferences,
  encodeForecast,
  encodeInferences,
  encodeParameters,
  encodeSignatures,
  infer,
  KIND,
  load,
} from "../../../wasm/index.ts"
import { parametersOf, WAD } from "../../support/epochs.ts"
import {
  type Attested,
  type ClaimName,
  NOT_SETTLED,
  type Rows,
} from "../../support/twin/attested.ts"
import { connect, EPOCH, flipped, made, registered, withRow } from "../../support/twin/verifier.ts"

const NOTHING = new Uint8Array()
/** Where rows stand among the inputs of two labels and three forecasts. */
const [PARAMETERS, INFERENCES, FORECASTS, SIGNATURES, REGISTRATIONS] = [0, 1, 3, 6, 7]

describe("a verdict on a report's form", () => {
  let chain: Awaited<ReturnType<typeof connect>>
  let honest: Attested
  let first: Attested
  before(async () => {
    await load()
    chain = await connect()
    honest = made(EPOCH)
    first = made({ ...EPOCH, initialRegret: undefined }, false)
  })
  const row = (of: Attested, place: number) => of.inputs[place] as Uint8Array
  const refused = (inputs: Rows, state: Rows) => {
    try {
      infer(inputs, state)
      return false
    } catch (error) {
      assert.ok(error instanceof CoreError)
      return true
    }
  }

  it("takes the lists' lengths as they have to be", async () => {
    const { inputs, outputs } = honest
    const otherwise = withRow(inputs, PARAMETERS, row(honest, INFERENCES))
    const cases: [string, Attested, number][] = [
      ["no signatures, no forecast", { ...honest, inputs: inputs.slice(0, 3) }, 1],
      [
        "other parameters than the context's",
        { ...honest, parameters: row(honest, PARAMETERS), inputs: otherwise },
        1,
      ],
      ["more forecasts than seats", { ...honest, inputs: [...inputs, ...inputs.slice(3)] }, 1],
      ["a row of outputs too few", { ...honest, outputs: outputs.slice(0, -1) }, 2],
      ["a row of outputs too many", { ...honest, outputs: [...outputs, NOTHING] }, 2],
    ]
    for (const [name, wrong, list] of cases) {
      const about = { label: 0, list }
      const rows = [wrong.parameters ?? row(wrong, PARAMETERS)]
      assert.equal(await chain.judge("Lists", wrong, about, rows), true, name)
    }
    for (const list of [1, 2])
      assert.equal(await chain.judge("Lists", honest, { label: 0, list }), false)
  })

  it("finds a label that the topic has not", async () => {
    const posted = { ...honest, value: 0n, sigma: 0 }
    for (const list of [1, 2])
      assert.equal(await chain.judge("Lists", posted, { label: 0, list, reported: 2 }), true)
  })

  it("finds every row that does not decode, or stands in a wrong place", async () => {
    const [inferences, forecast] = [row(honest, INFERENCES), row(honest, FORECASTS)]
    const last = (of: Uint8Array) => of.slice(0, -1)
    const long = (of: Uint8Array) => Uint8Array.from([...of, 0])
    const swapped = (at: number) => [
      ...honest.inputs.slice(0, at),
      row(honest, at + 1),
      row(honest, at),
      ...honest.inputs.slice(at + 2),
    ]
    const broken: [string, number, Uint8Array][] = [
      ["a byte too few", INFERENCES, last(inferences)],
      ["a byte too many", INFERENCES, long(inferences)],
      ["another kind", INFERENCES, forecast],
      ["no bytes", INFERENCES, NOTHING],
      ["another label", INFERENCES, row(honest, INFERENCES + 1)],
      ["a forecaster among inferers", INFERENCES, flipped(inferences, -17, 0x80)],
      ["seats that do not ascend", INFERENCES, flipped(inferences, -17, 0x1f)],
      ["a count too great", INFERENCES, flipped(inferences, 4)],
      ["a forecast by an inferer", FORECASTS, flipped(forecast, 1, 0x80)],
      ["a forecast cut short", FORECASTS, last(forecast)],
      ["a row longer than rows are", FORECASTS, new Uint8Array(16_385).fill(KIND.forecast)],
      ["an unknown kind", FORECASTS, flipped(forecast, 0, 0x80)],
      ["signatures too long", SIGNATURES, long(row(honest, SIGNATURES))],
      ["registrations after the first settlement", SIGNATURES, registered()],
    ]
    for (const [name, place, wrong] of broken) {
      const report = { ...honest, inputs: withRow(honest.inputs, place, wrong) }
      assert.equal(await chain.judge("Row", report, { label: 0, place }), true, name)
      assert.ok(refused(report.inputs, report.state), `the core takes ${name}`)
    }
    const ordered: [string, Rows, number][] = [
      ["forecasts that do not ascend", swapped(FORECASTS), FORECASTS],
      ["a forecast twice", [...honest.inputs.slice(0, 4), ...honest.inputs.slice(3)], FORECASTS],
      ["a forecast after the signatures", swapped(SIGNATURES - 1), SIGNATURES - 1],
      ["no signatures", honest.inputs.slice(0, -1), SIGNATURES - 1],
      ["signatures twice", [...honest.inputs, row(honest, SIGNATURES)], SIGNATURES],
    ]
    for (const [name, inputs, place] of ordered) {
      const report = { ...honest, inputs }
      assert.equal(await chain.judge("Row", report, { label: 0, place }), true, name)
      assert.ok(refused(inputs, report.state), `the core takes ${name}`)
    }
    const full = registered(0, 380)
    const parts: [string, Rows, number, boolean][] = [
      ["two parts", [full, registered(1)], REGISTRATIONS, false],
      ["a part that is not full", [registered(0, 379), registered(1)], REGISTRATIONS, true],
      ["a part left out", [full, registered(2)], REGISTRATIONS, true],
      ["no first part", [registered(1)], SIGNATURES, true],
      ["a part too full", [flipped(full, 4)], REGISTRATIONS, true],
      ["an unknown change", [flipped(registered(), 5, 4)], REGISTRATIONS, true],
      ["a change of no role", [flipped(registered(), 6)], REGISTRATIONS, true],
      ["signatures behind them", [registered(), encodeSignatures([])], REGISTRATIONS, true],
    ]
    for (const [name, registrations, place, isWrong] of parts) {
      const inputs = [...first.inputs.slice(0, REGISTRATIONS), ...registrations]
      const report = { ...first, inputs }
      assert.equal(await chain.judge("Row", report, { label: 0, place }), isWrong, name)
      assert.equal(refused(inputs, report.state), isWrong, name)
    }
    assert.equal(broken.length + ordered.length + parts.length, 27)
  })

  it("finds every row of outputs that does not decode", async () => {
    let count = 0
    for (const place of honest.outputs.keys()) {
      const output = honest.outputs[place] as Uint8Array
      const wrong = [
        output.slice(0, -1),
        Uint8Array.from([...output, 0]),
        flipped(output, 0, 0x40),
        ...(place === 2 ? [] : [flipped(output, 2)]),
      ]
      for (const bytes of wrong) {
        const report = {
          ...honest,
          outputs: withRow(honest.outputs, place, bytes),
          value: 0n,
          sigma: 0,
        }
        const about = { label: 0, list: 2, place }
        assert.equal(await chain.judge("Row", report, about), true, `${place}`)
        count++
      }
    }
    assert.equal(count, 27)
  })

  it("finds every input that the core refuses", async () => {
    const inferences = [1, 2].map((place) => decodeInferences(row(honest, place)))
    const [zero, one] = inferences as [(typeof inferences)[0], (typeof inferences)[0]]
    const forecast = decodeForecast(row(honest, SIGNATURES - 1))
    type Inferred = typeof zero
    const inferred = (a: Inferred["entries"], b: Inferred["entries"] = one.entries) => [
      row(honest, PARAMETERS),
      encodeInferences({ label: 0, entries: a }),
      encodeInferences({ label: 1, entries: b }),
      ...honest.inputs.slice(FORECASTS),
    ]
    const foreseen = (change: Partial<typeof forecast>) =>
      withRow(honest.inputs, SIGNATURES - 1, encodeForecast({ ...forecast, ...change }))
    const moved = (entries: Inferred["entries"], seat: number) => [
      ...entries.slice(0, -1),
      { seat, value: 0n },
    ]
    const unity = { requireUnity: true, unityTolerance: 9n }
    const united = (off: bigint) => [
      encodeParameters(parametersOf(2, unity)),
      encodeInferences({ label: 0, entries: [{ seat: 0, value: WAD / 4n }] }),
      encodeInferences({ label: 1, entries: [{ seat: 0, value: (WAD * 3n) / 4n + off }] }),
      encodeSignatures([]),
    ]
    const valued = (value: bigint) => [...zero.entries.slice(1, -1), { seat: 31, value }]
    const least = -(10n ** 33n)
    const cases: [string, Rows, boolean][] = [
      ["nobody", inferred([], []), true],
      ["nobody of one label", inferred([], one.entries), true],
      ["nobody of the other", inferred(zero.entries, []), true],
      ["other seats", inferred(zero.entries.slice(1), one.entries.slice(0, -1)), true],
      ["a seat that there is not", inferred(moved(zero.entries, 32), moved(one.entries, 32)), true],
      ["the last seat", inferred(moved(zero.entries, 31), moved(one.entries, 31)), false],
      ["a value too great", inferred(valued(10n ** 33n + 1n), one.entries.slice(1)), true],
      ["a value too small", inferred(valued(least - 1n), one.entries.slice(1)), true],
      ["a sum above one", united(10n), true],
      ["a sum below one", united(-10n), true],
      ["a sum near one", united(9n), false],
      ["a forecaster too many", foreseen({ seat: 0x86 }), true],
      [
        "a forecast of a seat that there is not",
        foreseen({ entries: [{ seat: 32, loss: 0n }] }),
        true,
      ],
      ["a loss too great", foreseen({ entries: [{ seat: 0, loss: 10n ** 21n + 1n }] }), true],
      ["a loss too small", foreseen({ entries: [{ seat: 0, loss: -(10n ** 21n) - 1n }] }), true],
      ["the widest loss", foreseen({ entries: [{ seat: 0, loss: -(10n ** 21n) }] }), false],
    ]
    for (const [name, inputs, isWrong] of cases) {
      const report = { ...honest, inputs, value: 0n, sigma: 0 }
      assert.equal(refused(inputs, honest.state), isWrong, `the core on ${name}`)
      assert.equal(await chain.judge("Inputs", report, { label: 0 }), isWrong, name)
    }
    assert.equal(cases.length, 16)
  })

  it("judges no form by claims about numbers, and no numbers by claims about form", async () => {
    const wrong = {
      ...honest,
      outputs: withRow(honest.outputs, 0, flipped(honest.outputs[0] as Uint8Array, 18)),
    }
    const claims: ClaimName[] = ["Lists", "Inputs"]
    for (const claim of claims)
      assert.equal(await chain.judge(claim, wrong, { label: 0 }), false, claim)
    assert.equal(await chain.judge("Row", wrong, { label: 0, list: 2, place: 0 }), false)
    assert.equal(first.settledLeaf, NOT_SETTLED)
  })
})
