// Random epochs on which the core and its twin on the chain are held to each other, with every special case of the norm among
// them; each says which it has, so that tests can count them.
import type { Random } from "../epochs.ts"
import { randomEpoch, rowsOf, WAD } from "../epochs.ts"
import type { WitnessEpoch } from "../witness.ts"

export const SPECIALS = [
  "all new",
  "scale 0",
  "scale 0 and all new",
  "no previous loss",
  "one inferer",
  "32 inferers",
  "no forecaster",
  "6 forecasters",
  "5 labels",
  "all values equal",
  "ties",
  "newcomers among the present",
  "no tables",
  "a forecast of nobody present",
  "a forecast of one",
  "twins",
  "widest values",
  "a zero weight",
] as const
export type Special = (typeof SPECIALS)[number]

const upTo = (count: number, from = 0) => Array.from({ length: count }, (_, i) => from + i)

/** What random epochs seldom are. */
const CHANGES: readonly ((epoch: WitnessEpoch, random: Random) => WitnessEpoch)[] = [
  (epoch) => epoch,
  (epoch) => ({ ...epoch, initialRegret: undefined }),
  (epoch, { signed }) => ({ ...epoch, scale: 0n, initialRegret: signed(62) }),
  (epoch, { signed }) => ({ ...epoch, previousLoss: undefined, initialRegret: signed(60) }),
  (epoch) => ({ ...epoch, inferers: epoch.inferers.slice(0, 1) }),
  // Everybody is here, and every forecaster names all.
  (epoch, { signed }) => ({
    ...epoch,
    previousLoss: signed(62),
    initialRegret: signed(62),
    inferers: upTo(32).map((seat) => ({ seat, values: epoch.emaErrors.map(() => signed(70)) })),
    forecasters: upTo(6, 0x80).map((seat) => ({
      seat,
      losses: new Map(upTo(32).map((of) => [of, signed(63)])),
    })),
  }),
  // Everybody says the same.
  (epoch) => ({
    ...epoch,
    inferers: epoch.inferers.map(({ seat }, _, [first]) => ({
      seat,
      values: (first as WitnessEpoch["inferers"][number]).values,
    })),
  }),
  // Seats come in pairs that say and have the same.
  (epoch) => ({
    ...epoch,
    inferers: epoch.inferers.map((inferer, i, all) => ({
      seat: inferer.seat,
      values: (all[i - (i % 2)] as typeof inferer).values,
    })),
    network: new Map(
      [...epoch.network].map(([seat, regret], i, all) => [seat, all[i - (i % 2)]?.[1] ?? regret]),
    ),
  }),
  (epoch) => ({ ...epoch, network: new Map(), naive: new Map(), initialRegret: WAD / 3n }),
  (epoch) => ({ ...epoch, oneOut: new Map(), oneIn: new Map() }),
  // Values at the ends of what parameters allow.
  (epoch, { chance }) => ({
    ...epoch,
    inferers: epoch.inferers.map(({ seat, values }) => ({
      seat,
      values: values.map(() => (chance(0.5) ? 10n ** 33n : -(10n ** 33n))),
    })),
  }),
]

export type Posed = {
  readonly epoch: WitnessEpoch
  readonly inputs: Uint8Array[]
  readonly state: Uint8Array[]
}

/** The n-th of a series of random epochs, as the witness and as the core takes it. */
export function posed(random: Random, n: number): Posed {
  const change = CHANGES[n % CHANGES.length] as (typeof CHANGES)[number]
  const epoch = change(randomEpoch(random), random)
  return { epoch, ...rowsOf(epoch) }
}

/** Which special cases an epoch is, by what is put in; weights are those that came out. */
export function specialsOf({ epoch }: Posed, weights: readonly bigint[]): Special[] {
  const { inferers, forecasters, initialRegret, scale, emaErrors, network } = epoch
  const isNew = initialRegret === undefined
  const present = new Set(inferers.map(({ seat }) => seat))
  const named = forecasters.map(
    ({ losses }) => [...losses.keys()].filter((seat) => present.has(seat)).length,
  )
  const first = inferers.map(({ values }) => values[0] as bigint)
  const kinds = new Set(first).size
  const has: Record<Special, boolean> = {
    "all new": isNew,
    "scale 0": scale === 0n && !isNew,
    "scale 0 and all new": scale === 0n && isNew,
    "no previous loss": epoch.previousLoss === undefined && !isNew,
    "one inferer": inferers.length === 1,
    "32 inferers": inferers.length === 32,
    "no forecaster": forecasters.length === 0,
    "6 forecasters": forecasters.length === 6,
    "5 labels": emaErrors.length === 5,
    "all values equal": kinds === 1 && inferers.length > 1,
    ties: kinds > 1 && kinds < inferers.length,
    "newcomers among the present": !isNew && inferers.some(({ seat }) => !network.has(seat)),
    "no tables": epoch.oneOut.size === 0,
    "a forecast of nobody present": named.includes(0),
    "a forecast of one": named.includes(1),
    twins: inferers.some(
      ({ seat, values }, i) =>
        i > 0 &&
        values.every((value, label) => value === inferers[i - 1]?.values[label]) &&
        network.get(seat) === network.get(inferers[i - 1]?.seat as number),
    ),
    "widest values": first.some((value) => value === 10n ** 33n || value === -(10n ** 33n)),
    "a zero weight": weights.includes(0n),
  }
  return SPECIALS.filter((special) => has[special])
}
