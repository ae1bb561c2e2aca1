// Step 2: the module against the witness, bit for bit, and the rules that the head of synthesis.rs states.
import assert from "node:assert/strict"
import { before, describe, it } from "node:test"
import {
  decodeCounterfactuals,
  decodeImplied,
  decodeValue,
  decodeWeights,
  encodeInferences,
  explain,
  infer,
  KIND,
  load,
  resistant,
  values,
} from "../../wasm/index.ts"
import { randomEpoch, randomOf, rowsOf, WAD } from "../support/epochs.ts"
import {
  resistantWitness,
  type WitnessEpoch,
  type WitnessSynthesis,
  witness,
} from "../support/witness.ts"

const EPOCHS = 600

/** What the module says, in the witness' form. */
function synthesised(epoch: WitnessEpoch): WitnessSynthesis {
  const { inputs, state } = rowsOf(epoch)
  const rows = infer(inputs, state)
  const of = (kind: number) => rows.filter((row) => row[0] === kind)
  assert.equal(rows.length, 3 * epoch.emaErrors.length + 1)
  assert.deepEqual(values(inputs, state), rows.slice(0, 2 * epoch.emaErrors.length + 1))
  const implied = of(KIND.implied).map(decodeImplied)
  const lists = of(KIND.counterfactuals).map(decodeCounterfactuals)
  const bySeat = (list: readonly { seat: number; value: bigint }[] = []) =>
    new Map(list.map(({ seat, value }) => [seat, value]))
  return {
    weights: new Map(
      decodeWeights(of(KIND.weights)[0] as Uint8Array).map(({ seat, weight }) => [seat, weight]),
    ),
    labels: of(KIND.value)
      .map(decodeValue)
      .map(({ label, combined, naive, sigma, p2, p16, p50, p84, p98 }, i) => {
        assert.deepEqual([label, implied[i]?.label, lists[i]?.label], [i, i, i])
        return {
          combined,
          naive,
          sigma,
          percentiles: [p2, p16, p50, p84, p98],
          implied: bySeat(implied[i]?.entries),
          oneOutInferers: bySeat(lists[i]?.oneOutInferers),
          oneOutForecasters: bySeat(lists[i]?.oneOutForecasters),
          oneInForecasters: bySeat(lists[i]?.oneInForecasters),
          oneOutImplied: new Map(
            lists[i]?.oneOutImplied.map((entry) => [
              `${entry.forecaster}/${entry.inferer}`,
              entry.value,
            ]),
          ),
        }
      }),
  }
}

/** Ten inferers and two forecasters that have all been seen. */
function settled(changes: Partial<WitnessEpoch> = {}): WitnessEpoch {
  const seats = Array.from({ length: 10 }, (_, seat) => seat)
  return {
    pNorm: 3n * WAD,
    cNorm: (WAD * 3n) / 4n,
    epsilon: WAD / 100n,
    inferers: seats.map((seat) => ({ seat, values: [BigInt(seat * seat) * WAD] })),
    forecasters: [0x80, 0x81].map((seat) => ({
      seat,
      losses: new Map(seats.map((of) => [of, (BigInt((of * 7 + seat) % 5) * WAD) / 5n])),
    })),
    previousLoss: WAD / 10n,
    scale: WAD / 2n,
    initialRegret: 0n,
    network: new Map([...seats, 0x80, 0x81].map((seat) => [seat, (BigInt(seat % 7) * WAD) / 10n])),
    naive: new Map([...seats, 0x80, 0x81].map((seat) => [seat, (BigInt(seat % 3) * WAD) / 10n])),
    emaErrors: [undefined],
    mads: [undefined],
    oneOut: new Map(),
    oneIn: new Map(),
    ...changes,
  }
}

describe("synthesis", () => {
  before(load)

  it(`is the witness' bit for bit in ${EPOCHS} random epochs`, () => {
    const seen = { allNew: 0, sigmaUnknown: 0, implied: 0, absentImplied: 0, zeroWeight: 0, own: 0 }
    const without = { inferers: 0, forecasters: 0, single: 0, implied: 0, none: 0, gone: 0 }
    const resisted = { none: 0, same: 0, other: 0 }
    for (let seed = 1; seed <= EPOCHS; seed++) {
      const epoch = randomEpoch(randomOf(seed))
      const expected = witness(epoch)
      assert.deepEqual(synthesised(epoch), expected, `seed ${seed}`)
      const weights = [...expected.weights.values()]
      assert.ok(
        weights.every((weight) => weight >= 0n && weight <= WAD),
        `seed ${seed}`,
      )
      assert.ok(weights.includes(WAD), `seed ${seed}`)
      seen.allNew += Number(epoch.initialRegret === undefined)
      seen.own += Number(epoch.scale === 0n)
      seen.zeroWeight += Number(weights.includes(0n))
      for (const { sigma, implied } of expected.labels) {
        seen.sigmaUnknown += Number(sigma === undefined)
        seen.implied += implied.size
        seen.absentImplied += epoch.forecasters.length - implied.size
      }
      for (const label of expected.labels) {
        without.inferers += label.oneOutInferers.size
        without.forecasters += label.oneOutForecasters.size
        without.single += label.oneInForecasters.size
        without.implied += label.oneOutImplied.size
        without.none += Number(label.oneOutInferers.size === 0)
        const pairs = label.implied.size * label.oneOutInferers.size
        without.gone += pairs - label.oneOutImplied.size
      }
      const { inputs, state } = rowsOf(epoch)
      const value = resistantWitness(epoch)
      assert.equal(resistant(inputs, state), value, `seed ${seed}`)
      const isSame = value === expected.labels[0]?.combined
      resisted[value === undefined ? "none" : isSame ? "same" : "other"]++
    }
    // Every branch was met many times.
    for (const [branch, count] of Object.entries({ ...seen, ...without, ...resisted })) {
      assert.ok(count > 30, `${branch} ${count}`)
    }
  })

  it("takes the plain mean while all are new, without the forecasters", () => {
    const { weights, labels } = synthesised(settled({ initialRegret: undefined }))
    const mean = (BigInt(0 + 1 + 4 + 9 + 16 + 25 + 36 + 49 + 64 + 81) * WAD) / 10n
    assert.deepEqual([...weights.keys()], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    assert.ok([...weights.values()].every((weight) => weight === WAD))
    assert.equal(labels[0]?.combined, mean)
    assert.equal(labels[0]?.naive, mean)
    assert.deepEqual(
      labels[0]?.implied,
      new Map([
        [0x80, mean],
        [0x81, mean],
      ]),
    )
  })

  it("has no implied values without a previous loss", () => {
    const { weights, labels } = synthesised(settled({ previousLoss: undefined }))
    assert.equal(labels[0]?.implied.size, 0)
    assert.equal(weights.size, 10)
  })

  it("takes the inference of the only inferer that a forecast names", () => {
    const forecasters = [
      {
        seat: 0x81,
        losses: new Map([
          [3, -WAD],
          [20, WAD],
        ]),
      },
    ]
    const { labels } = synthesised(settled({ forecasters }))
    assert.deepEqual(labels[0]?.implied, new Map([[0x81, 9n * WAD]]))
  })

  it("gives one inferer's value as it is", () => {
    const value = -123456789012345678901234567n
    const { labels } = synthesised(settled({ inferers: [{ seat: 7, values: [value] }] }))
    const [label] = labels
    assert.deepEqual([label?.combined, label?.naive, label?.sigma], [value, value, undefined])
    assert.deepEqual(label?.percentiles, [value, value, value, value, value])
  })

  it("gives a seat that has not been seen the initial regret", () => {
    const { network, naive } = settled()
    const initialRegret = WAD / 3n
    const without = { network: new Map(network), naive: new Map(naive) }
    without.network.delete(4)
    without.naive.delete(4)
    network.get(4)
    const stated = {
      network: new Map([...network, [4, initialRegret] as const]),
      naive: new Map([...naive, [4, initialRegret] as const]),
    }
    assert.deepEqual(
      synthesised(settled({ initialRegret, ...without })),
      synthesised(settled({ initialRegret, ...stated })),
    )
  })

  it("does not depend on who sits where", () => {
    const seats = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0x80, 0x81]
    const table = (of: number, belongs: (seat: number) => boolean) => {
      const regret = (seat: number) => (BigInt((seat * 3 + of) % 11) * WAD) / 10n
      return new Map(seats.filter(belongs).map((seat) => [seat, regret(seat)]))
    }
    const epoch = settled({
      oneOut: new Map(seats.map((of) => [of, table(of, (seat) => seat !== of)])),
      oneIn: new Map([0x80, 0x81].map((of) => [of, table(of, (seat) => seat < 10 || seat === of)])),
    })
    const moved = (seat: number) => (seat < 0x80 ? 9 - seat : seat === 0x80 ? 0x81 : 0x80)
    const by = <T>(map: ReadonlyMap<number, T>) =>
      new Map([...map].map(([seat, value]) => [moved(seat), value]))
    const tables = (map: WitnessEpoch["oneOut"]) =>
      new Map([...by(map)].map(([of, regrets]) => [of, by(regrets)]))
    const elsewhere = {
      ...epoch,
      inferers: epoch.inferers.map((i) => ({ ...i, seat: moved(i.seat) })).reverse(),
      forecasters: epoch.forecasters
        .map(({ seat, losses }) => ({ seat: moved(seat), losses: by(losses) }))
        .reverse(),
      network: by(epoch.network),
      naive: by(epoch.naive),
      oneOut: tables(epoch.oneOut),
      oneIn: tables(epoch.oneIn),
    }
    const [here, there] = [synthesised(epoch), synthesised(elsewhere)]
    const sorted = <T>(map: ReadonlyMap<number, T>) => new Map([...map].sort(([a], [b]) => a - b))
    const pairs = (map: ReadonlyMap<string, bigint>) =>
      new Map(
        [...map].map(([key, value]) => [key.split("/").map(Number).map(moved).join("/"), value]),
      )
    const relabelled = here.labels.map((label) => ({
      ...label,
      implied: sorted(by(label.implied)),
      oneOutInferers: sorted(by(label.oneOutInferers)),
      oneOutForecasters: sorted(by(label.oneOutForecasters)),
      oneInForecasters: sorted(by(label.oneInForecasters)),
      oneOutImplied: pairs(label.oneOutImplied),
    }))
    assert.deepEqual(there.labels, relabelled)
    assert.deepEqual(there.weights, sorted(by(here.weights)))
  })

  it("takes the past error as sigma where that is greater", () => {
    const half = synthesised(settled()).labels[0]?.sigma as bigint
    const with_ = (past: bigint) => synthesised(settled({ emaErrors: [past] })).labels[0]?.sigma
    assert.equal(with_(half - 1n), half)
    assert.equal(with_(half + 1n), half + 1n)
  })
})

describe("explanation", () => {
  before(load)

  it("ends in the weights that infer gives, by the rule that the norm states", () => {
    const seen = { allNew: 0, without: 0, unseen: 0, forecasters: 0 }
    for (let seed = 1; seed <= 60; seed++) {
      const epoch = randomEpoch(randomOf(seed))
      const { inputs, state } = rowsOf(epoch)
      const { weights } = witness(epoch)
      assert.ok(weights.size > 0)
      const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0n)
      let greatest: bigint | undefined
      for (const seat of [...Array(32).keys(), 0x80, 0x81, 0x82, 0x83, 0x84, 0x85]) {
        const here = `seed ${seed}, seat ${seat}`
        const weight = weights.get(seat)
        const said = explain(inputs, state, seat)
        if (weight === undefined || said === undefined) {
          assert.equal(said, weight, here)
          seen.without++
          continue
        }
        assert.deepEqual([said.weight, said.total], [weight, total], here)
        assert.equal(said.share, (weight * WAD) / total, here)
        seen.forecasters += Number(seat >= 0x80)
        const { terms } = said
        assert.equal(terms === undefined, epoch.initialRegret === undefined, here)
        if (terms === undefined) {
          seen.allNew++
          continue
        }
        const { normalised, best, argument, bestArgument } = terms
        seen.unseen += Number(!terms.isSeen)
        assert.equal(terms.isSeen, epoch.network.has(seat), here)
        assert.equal(terms.regret, epoch.network.get(seat) ?? epoch.initialRegret, here)
        if (epoch.scale > 0n) assert.equal(terms.scale, epoch.scale, here)
        assert.equal(normalised, (terms.regret * WAD) / terms.scale, here)
        assert.equal(argument, -((epoch.pNorm * (normalised - epoch.cNorm)) / WAD), here)
        assert.equal(bestArgument, -((epoch.pNorm * (best - epoch.cNorm)) / WAD), here)
        assert.ok(normalised <= best, here)
        greatest ??= best
        assert.equal(best, greatest, here)
        if (normalised === best) assert.equal(weight, WAD, here)
      }
    }
    for (const [branch, count] of Object.entries(seen)) assert.ok(count > 30, `${branch} ${count}`)
  })

  it("refuses what is not a seat", () => {
    const { inputs, state } = rowsOf(settled())
    for (const seat of [-1, 256, 0.5]) {
      assert.throws(() => explain(inputs, state, seat), { code: "SeatOutOfRange" })
    }
  })
})

describe("admission of rows", () => {
  before(load)
  const { inputs, state } = rowsOf(settled())

  const refused = (code: string, changed: readonly Uint8Array[], past = state) =>
    assert.throws(() => infer(changed, past), { name: "CoreError", code })

  const placed = (entries: { seat: number; value: bigint }[]) => [
    inputs[0] as Uint8Array,
    encodeInferences({ label: 0, entries }),
    ...inputs.slice(2),
  ]

  it("refuses an epoch without inferences", () => refused("NoInferences", placed([])))

  it("refuses a seat that the topic does not have", () =>
    refused("SeatOutOfRange", placed([{ seat: 32, value: 0n }])))

  it("refuses a value outside the range, and takes the range's ends", () => {
    refused("OutOfRange", placed([{ seat: 0, value: 10n ** 33n + 1n }]))
    refused("OutOfRange", placed([{ seat: 0, value: -(10n ** 33n) - 1n }]))
    infer(
      placed([
        { seat: 0, value: 10n ** 33n },
        { seat: 1, value: -(10n ** 33n) },
      ]),
      state,
    )
  })

  it("refuses rows out of order, missing and doubled", () => {
    refused("RowsOutOfOrder", [...inputs].reverse())
    refused("RowsOutOfOrder", inputs.slice(0, -1))
    refused("RowsOutOfOrder", [...inputs, inputs.at(-1) as Uint8Array])
    refused("RowsOutOfOrder", [...inputs.slice(0, 3), inputs[2] as Uint8Array, ...inputs.slice(3)])
    refused("RowsOutOfOrder", inputs, state.slice(1))
    refused("RowsOutOfOrder", inputs, [...state, state[3] as Uint8Array])
  })

  it("refuses a row that is too short", () =>
    refused("MalformedRow", [(inputs[0] as Uint8Array).slice(0, -1), ...inputs.slice(1)]))
})
