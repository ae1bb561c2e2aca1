// Epochs for the core's tests: parameters in bounds, a witness' epoch as rows, and seeded random ones.
import {
  encodeErrors,
  encodeForecast,
  encodeInclusions,
  encodeInferences,
  encodeOneInRegrets,
  encodeOneOutRegrets,
  encodeParameters,
  encodeQuality,
  encodeRegrets,
  encodeSeats,
  encodeSignatures,
  encodeVersion,
  type Parameters,
  type RegretTable,
} from "../../wasm/index.ts"
import type { WitnessEpoch } from "./witness.ts"

export const WAD = 10n ** 18n

/** Parameters in bounds, with the most seats; `arithmetic` replaces single numbers. */
export function parametersOf(
  labels: number,
  arithmetic: Partial<Parameters["arithmetic"]> = {},
): Parameters {
  return {
    topicType: 1,
    truthSource: 1,
    lossMethod: 1,
    weightRule: 1,
    maxLabels: labels,
    allowNegative: false,
    rowsPublished: false,
    history: 0,
    metadata: "a topic of the tests",
    labels: labels === 1 ? ["y"] : Array.from({ length: labels }, (_, i) => `label ${i}`),
    schedule: {
      start: 1_700_000_000,
      firstEpoch: 1,
      length: 3_600,
      windowOpens: 0,
      windowLength: 600,
      lag: 3_600,
      truthWindow: 600,
      deadline: 7_200,
    },
    arithmetic: {
      pNorm: 3n * WAD,
      cNorm: (WAD * 3n) / 4n,
      alphaRegret: WAD / 10n,
      alphaScore: WAD / 10n,
      alphaError: WAD / 10n,
      epsilon: WAD / 100n,
      lossFloor: 10n ** 9n,
      minimum: -(10n ** 33n),
      maximum: 10n ** 33n,
      requireUnity: false,
      unityTolerance: 0n,
      labelDefault: 0n,
      infererQuantile: WAD / 4n,
      forecasterQuantile: WAD / 4n,
      reputerQuantile: WAD / 4n,
      ...arithmetic,
    },
    seating: {
      infererSeats: 32,
      forecasterSeats: 6,
      newcomerSeats: 4,
      benchSize: 32,
      rewardedInferers: 0,
      workersListed: false,
      reputersListed: false,
    },
    money: {
      truthTolerance: WAD / 100n,
      slashTolerance: WAD / 10n,
      workerBond: 0n,
      reputerMinimum: 0n,
    },
  }
}

/** The rows of an epoch, as `infer` takes them. */
export function rowsOf(epoch: WitnessEpoch): { inputs: Uint8Array[]; state: Uint8Array[] } {
  const { pNorm, cNorm, epsilon, inferers, forecasters, network, naive } = epoch
  const parameters = parametersOf(epoch.emaErrors.length, { pNorm, cNorm, epsilon })
  const seats = [...network.keys()].sort((a, b) => a - b)
  return {
    inputs: [
      encodeParameters(parameters),
      ...epoch.emaErrors.map((_, label) =>
        encodeInferences({
          label,
          entries: inferers.map(({ seat, values }) => ({ seat, value: values[label] as bigint })),
        }),
      ),
      ...forecasters.map(({ seat, losses }) =>
        encodeForecast({
          seat,
          entries: [...losses].sort(([a], [b]) => a - b).map(([of, loss]) => ({ seat: of, loss })),
        }),
      ),
      encodeSignatures([]),
    ],
    state: [
      encodeVersion(1),
      encodeSeats({ seated: [], waiting: [] }),
      encodeRegrets({
        previousLoss: epoch.previousLoss,
        scale: epoch.scale,
        initialRegret: epoch.initialRegret,
        inferers: seats
          .filter((seat) => seat < 0x80)
          .map((seat) => ({
            seat,
            network: network.get(seat) as bigint,
            naive: naive.get(seat) as bigint,
          })),
        forecasters: seats
          .filter((seat) => seat >= 0x80)
          .map((seat) => ({ seat, network: network.get(seat) as bigint })),
      }),
      encodeErrors(
        epoch.emaErrors.map((emaError, label) => ({
          emaError,
          lastMedian: undefined,
          mad: epoch.mads[label],
        })),
      ),
      encodeInclusions([]),
      encodeQuality({ losses: undefined, coverage: undefined, missed: 0 }),
      ...tablesOf(epoch.oneOut).map(encodeOneOutRegrets),
      ...tablesOf(epoch.oneIn).map(encodeOneInRegrets),
    ],
  }
}

/** Tables as their rows hold them; one without a regret is none. */
function tablesOf(tables: WitnessEpoch["oneOut"]): RegretTable[] {
  const bySeat = <T>(map: ReadonlyMap<number, T>) => [...map].sort(([a], [b]) => a - b)
  return bySeat(tables)
    .filter(([, regrets]) => regrets.size > 0)
    .map(([seat, regrets]) => ({
      seat,
      entries: bySeat(regrets).map(([of, regret]) => ({ seat: of, regret })),
    }))
}

/** Random numbers that the same seed gives again. */
export type Random = {
  /** An integer from `least` to `most`. */
  integer(least: number, most: number): number
  chance(share: number): boolean
  /** A sign and a magnitude below 2^bits, of evenly spread length. */
  signed(bits: number): bigint
  bits(count: number): bigint
}

/** xorshift128 on 32-bit words. */
export function randomOf(seed: number): Random {
  let [x, y, z, w] = [seed | 0, 0x1234567 ^ seed, 0x9e3779b9 | 0, 0x6a09e667 | 0]
  const next = () => {
    const t = x ^ (x << 11)
    x = y
    y = z
    z = w
    w = w ^ (w >>> 19) ^ t ^ (t >>> 8)
    return w >>> 0
  }
  for (let i = 0; i < 16; i++) next()
  const integer = (least: number, most: number) => least + (next() % (most - least + 1))
  const bits = (count: number) => {
    let value = 0n
    for (let i = 0; i < count; i += 32) value = (value << 32n) | BigInt(next())
    return BigInt.asUintN(count, value)
  }
  return {
    integer,
    chance: (share) => next() / 2 ** 32 < share,
    signed: (most) => {
      const magnitude = bits(integer(0, most))
      return next() % 2 === 0 ? magnitude : -magnitude
    },
    bits,
  }
}

const SCALES = [0n, 1n, 10n ** 14n, WAD / 3n, WAD, 5n * WAD, 2n ** 127n - 1n]

/** An admissible epoch: 1 to 32 inferers, 0 to 6 forecasters, 1 to 5 labels, with ties, newcomers and absences. */
export function randomEpoch(random: Random): WitnessEpoch {
  const { integer, chance, signed, bits } = random
  const pick = (seats: readonly number[], share: number) => seats.filter(() => chance(share))
  const upTo = (count: number, from = 0) => Array.from({ length: count }, (_, i) => from + i)
  const share = chance(0.2) ? 0.05 : 0.8
  const chosen = pick(upTo(32), share)
  const present = chosen.length === 0 ? [integer(0, 31)] : chosen
  // Some forecasts name one inferer alone, who may be present.
  const named = () => (chance(0.1) ? [integer(0, 31)] : pick(upTo(32), share))
  // Few different values make ties; small ones make rounding show, large ones fill the width.
  const size = integer(2, 108)
  const few = chance(0.3) ? [signed(size), signed(size), signed(size)] : undefined
  const value = () => (few ? (few[integer(0, 2)] as bigint) : signed(size))
  const labels = integer(1, 5)
  const regretSize = chance(0.1) ? 126 : integer(40, 64)
  const same = signed(regretSize)
  const regret = () => (chance(0.2) ? same : signed(regretSize))
  const all = [...upTo(32), ...upTo(6, 0x80)]
  const seen = pick(all, chance(0.5) ? 1 : 0.6)
  const known = chance(0.5) ? 1 : 0.7
  const regrets = (seats: readonly number[]) =>
    new Map(pick(seats, known).map((seat) => [seat, regret()]))
  const tables = (owners: readonly number[], belong: (owner: number, seat: number) => boolean) =>
    new Map(pick(owners, known).map((of) => [of, regrets(all.filter((seat) => belong(of, seat)))]))
  return {
    pNorm: BigInt(integer(10, 100)) * (WAD / 10n),
    cNorm: BigInt(integer(-100, 100)) * (WAD / 10n),
    epsilon: chance(0.5) ? WAD / 100n : 10n ** 14n,
    inferers: present.map((seat) => ({ seat, values: upTo(labels).map(value) })),
    forecasters: pick(upTo(6, 0x80), share).map((seat) => ({
      seat,
      losses: new Map(named().map((of) => [of, signed(chance(0.5) ? 69 : 60)])),
    })),
    previousLoss: chance(0.1) ? undefined : signed(63),
    scale: SCALES[integer(0, SCALES.length - 1)] as bigint,
    initialRegret: chance(0.2) ? undefined : regret(),
    network: new Map(seen.map((seat) => [seat, regret()])),
    naive: new Map(seen.map((seat) => [seat, regret()])),
    emaErrors: upTo(labels).map(() => {
      const error = signed(size)
      return chance(0.5) ? undefined : error < 0n ? -error : error
    }),
    mads: upTo(labels).map(() => (chance(0.3) ? undefined : bits(integer(0, size)))),
    oneOut: tables(all, (withheld, seat) => seat !== withheld),
    oneIn: tables(upTo(6, 0x80), (alone, seat) => seat < 0x80 || seat === alone),
  }
}
