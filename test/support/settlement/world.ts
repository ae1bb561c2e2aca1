// Chains of random epochs of one topic: workers come and go, reports rest on older states, reputers speak or stay silent.
// The same seed gives the same chain.
import type { Hex } from "viem"
import {
  decodeCounterfactuals,
  decodeImplied,
  decodeInferences,
  decodeValue,
  encodeElectorate,
  encodeForecast,
  encodeInferences,
  encodeParameters,
  encodePot,
  encodeRegistrations,
  encodeRoster,
  encodeSignatures,
  encodeTruthSignatures,
  encodeTruths,
  infer,
  KIND,
  type Parameters,
  type Registration,
  type Seated,
} from "../../../wasm/index.ts"
import { parametersOf, type Random, WAD } from "../epochs.ts"
import type { WitnessTold } from "./witness.ts"

export type Step = {
  readonly changes: readonly Registration[]
  /** Undefined: the epoch is missed. */
  readonly told: WitnessTold | undefined
  readonly inputs: readonly Uint8Array[]
}

const upTo = (count: number, from = 0) => Array.from({ length: count }, (_, i) => from + i)

export function addressOf(n: number): Hex {
  return `0x${n.toString(16).padStart(40, "0")}`
}

export function randomParameters({ integer, chance }: Random): Parameters {
  const isClass = chance(0.3)
  const lossMethod = isClass ? integer(1, 3) : integer(1, 2)
  const labels = isClass ? integer(2, 5) : integer(1, 3)
  const few = chance(0.3)
  const parameters = parametersOf(labels, {
    pNorm: BigInt(integer(10, 100)) * (WAD / 10n),
    cNorm: BigInt(integer(-20, 20)) * (WAD / 10n),
    alphaRegret: [WAD, WAD / 2n, WAD / 3n, WAD / 10n][integer(0, 3)] as bigint,
    alphaError: [WAD, WAD / 10n, WAD / 7n][integer(0, 2)] as bigint,
    epsilon: [WAD / 100n, 10n ** 14n, 10n ** 33n][integer(0, 2)] as bigint,
    lossFloor: [1n, 10n ** 12n, WAD / 100n, 5n * WAD][integer(0, 3)] as bigint,
    ...(isClass ? { minimum: 0n, maximum: WAD } : {}),
  })
  const seating = {
    ...parameters.seating,
    newcomerSeats: 0,
    infererSeats: few ? integer(1, 4) : 32,
    forecasterSeats: few ? integer(0, 2) : 6,
  }
  return { ...parameters, topicType: isClass ? 2 : 1, lossMethod, seating }
}

/** Workers that join, leave and change signers; sometimes what the chain would never say. */
export function randomChanges({ integer, chance }: Random, most: number): Registration[] {
  const share = chance(0.2) ? 0.9 : 0.3
  return upTo(chance(0.4) ? integer(0, 4) : integer(0, most)).map(() => ({
    change: chance(share) ? "joined" : chance(0.6) ? "left" : "signerChanged",
    roles: chance(0.6) ? 1 : integer(1, 7),
    owner: addressOf(integer(1, 60)),
    signer: addressOf(7),
  }))
}

/** The next epoch: a report on `roster` and the state of `base`, truths about it, registrations since the last one. */
export function randomStep(
  random: Random,
  parameters: Parameters,
  base: readonly Uint8Array[],
  roster: readonly Seated[],
): Step {
  const { chance } = random
  const changes = randomChanges(random, 50)
  const head = encodeParameters(parameters)
  const registered =
    changes.length > 0 ? [encodeRegistrations({ number: 0, entries: changes })] : []
  const inferers = roster.filter(({ seat }) => seat < 0x80 && chance(0.8))
  if (inferers.length === 0 || chance(0.1)) {
    return { changes, told: undefined, inputs: [head, ...registered] }
  }
  const value = randomValue(random, parameters)
  const inferences = parameters.labels.map((_, label) =>
    encodeInferences({ label, entries: inferers.map(({ seat }) => ({ seat, value: value() })) }),
  )
  const forecasts = roster
    .filter(({ seat }) => seat >= 0x80 && chance(0.8))
    .map(({ seat }) => {
      const named = upTo(parameters.seating.infererSeats).filter(() => chance(0.5))
      const entries = named.map((of) => ({ seat: of, loss: random.signed(64) }))
      return encodeForecast({ seat, entries })
    })
  const report = infer([head, ...inferences, ...forecasts, encodeSignatures([])], base)
  const of = (kind: number) => report.filter((row) => row[0] === kind)
  const { electorate, truths } = randomTruths(random, parameters, value)
  const reputers = [...truths.keys()]
  const inputs = [
    head,
    ...inferences,
    ...forecasts,
    ...registered,
    encodeElectorate([...electorate].map(([reputer, stake]) => ({ reputer, stake }))),
    ...parameters.labels.map((_, label) =>
      encodeTruths({
        label,
        entries: [...truths].map(([reputer, values]) => ({
          reputer,
          value: values[label] as bigint,
        })),
      }),
    ),
    encodeTruthSignatures(
      reputers.map((reputer) => ({
        reputer,
        extra: `0x${"00".repeat(32)}`,
        signature: `0x${"11".repeat(64)}`,
      })),
    ),
    encodePot(0n),
    encodeRoster(roster),
    ...of(KIND.value),
    ...of(KIND.implied),
    ...of(KIND.counterfactuals),
  ]
  const owners = new Map(roster.map(({ seat, owner }) => [seat, owner]))
  const reported = of(KIND.value).map(decodeValue)
  const said = saidIn(inferences, of(KIND.implied))
  const counterfactuals = of(KIND.counterfactuals).map((row) => {
    const { label, ...lists } = decodeCounterfactuals(row)
    return lists
  })
  const told = { said, reported, counterfactuals, owners, electorate, truths }
  return { changes, told, inputs }
}

/** Inferers' and forecasters' values by seat; what stands in two kinds of rows has the same form. */
function saidIn(inferences: readonly Uint8Array[], implied: readonly Uint8Array[]) {
  const asImplied = (row: Uint8Array) => decodeImplied(row).entries
  const asInferences = (row: Uint8Array) => decodeInferences(row).entries
  const labels = inferences.map((row, i) => [
    ...asInferences(row),
    ...asImplied(implied[i] as Uint8Array),
  ])
  return (labels[0] ?? []).map(({ seat }, at) => ({
    seat,
    values: labels.map((entries) => (entries[at] as { value: bigint }).value),
  }))
}

/** Of one size and kind for a whole epoch: all equal, few different, or all different. */
function randomValue({ integer, chance, signed, bits }: Random, parameters: Parameters) {
  if (parameters.topicType === 2) return () => (chance(0.1) ? 0n : bits(60) % (WAD + 1n))
  const size = integer(2, 108)
  const few = chance(0.4) ? [signed(size), signed(size), signed(size)] : undefined
  const different = chance(0.3) ? 0 : 2
  return () => (few ? (few[integer(0, different)] as bigint) : signed(size))
}

function randomTruths(
  { integer, chance, bits }: Random,
  parameters: Parameters,
  value: () => bigint,
) {
  const size = integer(1, 128)
  const all = upTo(chance(0.3) ? integer(1, 3) : integer(1, 32)).map(() => integer(1, 10_000))
  const names = [...new Set(all)].sort((a, b) => a - b).map(addressOf)
  const equal = chance(0.2)
  const electorate = new Map(names.map((name) => [name, equal ? 5n : bits(size) + 1n]))
  const silent = chance(0.5) ? 0.3 : 0
  const spoke = names.filter(() => !chance(silent))
  const isClass = parameters.topicType === 2
  const truth = () => {
    const winner = integer(0, parameters.labels.length - 1)
    return parameters.labels.map((_, label) => (isClass ? (label === winner ? WAD : 0n) : value()))
  }
  return { electorate, truths: new Map(spoke.map((name) => [name, truth()])) }
}
