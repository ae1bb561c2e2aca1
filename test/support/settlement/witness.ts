// An independent witness of step 6: the settlement once more, slow and obvious, on plain values and arbitrary integers. It
// shares no arithmetic with wasm/; what both say is what the head of wasm/src/settle.rs says.
import type { Hex } from "viem"
import type {
  CounterfactualLists,
  Inclusion,
  LabelErrors,
  Losses,
  Parameters,
  Quality,
  Registration,
  Regrets,
  Seats,
  Value,
} from "../../../wasm/index.ts"
import {
  apart,
  average,
  clamped,
  greater,
  lnWad,
  log10Wad,
  lowerQuartile,
  median,
  medianDeviation,
  ONE,
  sampleDeviation,
  total,
} from "./numbers.ts"
import { seatsAfter } from "./seats.ts"
import { type Tables, tablesAfter, tablesOfThose } from "./tables.ts"

export type WitnessState = Tables & {
  readonly seats: Seats
  readonly regrets: Regrets
  readonly errors: readonly LabelErrors[]
  readonly inclusions: readonly Inclusion[]
  readonly quality: Quality
}

/** What was said about an epoch, and by whom. */
export type WitnessTold = {
  /** Inferers with their inferences, then forecasters with their implied values; one a label. */
  readonly said: readonly { readonly seat: number; readonly values: readonly bigint[] }[]
  readonly reported: readonly Value[]
  /** One a label. */
  readonly counterfactuals: readonly CounterfactualLists[]
  readonly owners: ReadonlyMap<number, Hex>
  readonly electorate: ReadonlyMap<Hex, bigint>
  readonly truths: ReadonlyMap<Hex, readonly bigint[]>
}

export type WitnessSettlement = {
  readonly truth: readonly bigint[] | undefined
  readonly losses: Losses | undefined
  readonly without: CounterfactualLists | undefined
  readonly state: WitnessState
  readonly quality: bigint
}

export class TruthMissing extends Error {}

/** The whole of step 6; without `told` the epoch was missed. */
export function settleWitness(
  { arithmetic, ...parameters }: Parameters,
  changes: readonly Registration[],
  told: WitnessTold | undefined,
  before: WitnessState,
): WitnessSettlement {
  const { left, ...seats } = seatsAfter(before.seats, changes, parameters.seating)
  const sits = new Map(seats.seated.map(({ seat, owner }) => [seat, owner]))
  const sat = new Map(before.seats.seated.map(({ seat, owner }) => [seat, owner]))
  const stayed = ({ seat }: { seat: number }) =>
    sits.has(seat) && sits.get(seat) === sat.get(seat) && !left.has(seat)
  const regrets = {
    ...before.regrets,
    inferers: before.regrets.inferers.filter(stayed),
    forecasters: before.regrets.forecasters.filter(stayed),
  }
  const inclusions = before.inclusions.filter(stayed)
  const tables = tablesOfThose(before, stayed)
  const carried = { ...before, ...tables, seats, regrets, inclusions }
  if (told === undefined) {
    const missed = Math.min(before.quality.missed + 1, 2 ** 32 - 1)
    const state = { ...carried, quality: { ...before.quality, missed } }
    const none = { truth: undefined, losses: undefined, without: undefined }
    return { ...none, state, quality: word(state.quality, 0) }
  }
  const truth = truthOf(told, parameters.topicType === 2)
  const loss = measureOf(truth, parameters.lossMethod, arithmetic.lossFloor)
  const losses = lossesOf(told, loss)
  const without = lossesWithout(told.counterfactuals, loss)
  const inferers = told.said.filter(({ seat }) => seat < 0x80)
  const actors = losses.entries.filter(({ seat }) => sits.get(seat) === told.owners.get(seat))
  const learners = actors.map(({ seat }) => seat)
  const unseen = before.regrets.initialRegret ?? 0n
  const lesson = { losses, lists: without, learners, alpha: arithmetic.alphaRegret, unseen }
  const state: WitnessState = {
    seats,
    ...learned(carried, actors, losses, arithmetic),
    ...tablesAfter(tables, lesson),
    errors: before.errors.map((error, label) => {
      const values = inferers.map((inferer) => inferer.values[label] as bigint)
      const off = apart(truth[label] as bigint, (told.reported[label] as Value).combined)
      return {
        emaError: average(arithmetic.alphaError, off, error.emaError),
        lastMedian: median(values),
        mad: average(ONE / 5n, medianDeviation(values), error.mad === 0n ? undefined : error.mad),
      }
    }),
    quality: qualityOf(before.quality, told.reported, truth, losses, arithmetic.alphaError),
  }
  return { truth, losses, without, state, quality: word(state.quality, inferers.length) }
}

function truthOf({ electorate, truths }: WitnessTold, isClass: boolean): readonly bigint[] {
  const present = [...truths].map(([reputer, values]) => {
    return { stake: electorate.get(reputer) as bigint, values }
  })
  const stake = total(present.map((reputer) => reputer.stake))
  if (present.length === 0 || stake * 3n < total([...electorate.values()]) * 2n) {
    throw new TruthMissing()
  }
  const labels = (present[0] as (typeof present)[number]).values.map((_, label) => label)
  const backing = (label: number, accept: (value: bigint) => boolean) =>
    total(present.filter(({ values }) => accept(values[label] as bigint)).map((r) => r.stake))
  if (!isClass) {
    return labels.map((label) => {
      const values = present.map((reputer) => reputer.values[label] as bigint)
      const enough = values.filter((x) => 2n * backing(label, (value) => value <= x) >= stake)
      return enough.reduce((least, value) => (value < least ? value : least))
    })
  }
  const stakes = labels.map((label) => backing(label, (value) => value === ONE))
  const most = stakes.reduce(greater)
  const winner = stakes.indexOf(most)
  return labels.map((label) => (label === winner ? ONE : 0n))
}

type Measure = (values: readonly bigint[]) => bigint

function measureOf(truth: readonly bigint[], method: number, floor: bigint): Measure {
  const winner = truth.indexOf(truth.reduce(greater))
  return (values) => {
    if (method === 3) {
      return log10Wad(greater(-lnWad(greater(values[winner] as bigint, floor)), floor))
    }
    const errors = values.map((value, label) =>
      log10Wad(greater(apart(value, truth[label] as bigint), floor)),
    )
    return (total(errors) * (method === 1 ? 2n : 1n)) / BigInt(values.length)
  }
}

function lossesOf(told: WitnessTold, loss: Measure): Losses {
  return {
    combined: loss(told.reported.map(({ combined }) => combined)),
    naive: loss(told.reported.map(({ naive }) => naive)),
    entries: told.said.map(({ seat, values }) => ({ seat, loss: loss(values) })),
  }
}

function lossesWithout(labels: readonly CounterfactualLists[], loss: Measure): CounterfactualLists {
  const of = <T extends { readonly value: bigint }>(
    list: (of: CounterfactualLists) => readonly T[],
  ) =>
    list(labels[0] as CounterfactualLists).map((entry, i) => ({
      ...entry,
      value: loss(labels.map((label) => (list(label)[i] as T).value)),
    }))
  return {
    oneOutInferers: of((lists) => lists.oneOutInferers),
    oneOutForecasters: of((lists) => lists.oneOutForecasters),
    oneInForecasters: of((lists) => lists.oneInForecasters),
    oneOutImplied: of((lists) => lists.oneOutImplied),
  }
}

function learned(
  { regrets, inclusions }: WitnessState,
  actors: Losses["entries"],
  { combined, naive }: Losses,
  { alphaRegret, epsilon, pNorm, cNorm }: Parameters["arithmetic"],
) {
  const unseen = regrets.initialRegret ?? 0n
  const network = new Map([...regrets.inferers, ...regrets.forecasters].map((r) => [r.seat, r]))
  const naives = new Map(regrets.inferers.map((r) => [r.seat, r.naive]))
  const counts = new Map(inclusions.map(({ seat, count }) => [seat, count]))
  const moved = (delta: bigint, from: bigint | undefined) =>
    average(alphaRegret, delta, from ?? unseen)
  const news = actors.map(({ seat, loss }) => ({
    seat,
    network: moved(combined - loss, network.get(seat)?.network),
    naive: moved(naive - loss, naives.get(seat)),
    isExperienced: BigInt(counts.get(seat) ?? 0) * alphaRegret >= ONE,
  }))
  const isNew = ({ seat }: { seat: number }) => news.some((actor) => actor.seat === seat)
  const merged = <T extends { readonly seat: number }>(old: readonly T[], made: readonly T[]) =>
    [...old.filter((entry) => !isNew(entry)), ...made].sort((a, b) => a.seat - b.seat)
  const all = news.map((actor) => actor.network)
  const experienced = news.filter(({ isExperienced }) => isExperienced).map((a) => a.network)
  const below = cNorm - (8250000000000000000n * ONE) / pNorm
  const initial =
    experienced.length >= 10
      ? lowerQuartile(experienced) + (below * (sampleDeviation(experienced) + epsilon)) / ONE
      : lowerQuartile(all.length > 0 ? all : [0n])
  const scale =
    (1482600000000000000n * medianDeviation(all.length > 0 ? all : [0n])) / ONE + epsilon
  return {
    regrets: {
      previousLoss: combined,
      scale: all.length > 0 ? clamped(scale, 128) : regrets.scale,
      initialRegret: all.length > 0 ? clamped(initial, 128) : regrets.initialRegret,
      inferers: merged(
        regrets.inferers,
        news.filter(({ seat }) => seat < 0x80).map(({ isExperienced, ...entry }) => entry),
      ),
      forecasters: merged(
        regrets.forecasters,
        news.filter(({ seat }) => seat >= 0x80).map((a) => ({ seat: a.seat, network: a.network })),
      ),
    },
    inclusions: merged(
      inclusions,
      news.map(({ seat }) => ({ seat, count: Math.min((counts.get(seat) ?? 0) + 1, 65535) })),
    ),
  }
}

function qualityOf(
  before: Quality,
  reported: readonly Value[],
  truth: readonly bigint[],
  { combined, naive }: Losses,
  alpha: bigint,
): Quality {
  const isKnown = reported.every(({ sigma }) => sigma !== undefined)
  const within = (sigmas: bigint) => {
    const isOff = ({ combined: value, sigma }: Value, label: number) =>
      apart(value, truth[label] as bigint) > sigmas * (sigma as bigint)
    return reported.some(isOff) ? 0n : ONE
  }
  return {
    losses: {
      network: average(alpha, combined, before.losses?.network),
      naive: average(alpha, naive, before.losses?.naive),
    },
    coverage: isKnown
      ? {
          one: average(alpha, within(1n), before.coverage?.one),
          two: average(alpha, within(2n), before.coverage?.two),
        }
      : before.coverage,
    missed: before.missed,
  }
}

function word({ losses, coverage, missed }: Quality, workers: number): bigint {
  const billionths = (loss = 0n) => BigInt.asUintN(64, clamped(loss / 10n ** 9n, 64))
  let packed = (billionths(losses?.network) << 64n) | billionths(losses?.naive)
  packed = (packed << 16n) | ((coverage?.one ?? 0n) / 10n ** 14n)
  packed = (packed << 16n) | ((coverage?.two ?? 0n) / 10n ** 14n)
  packed = (packed << 8n) | BigInt(workers)
  packed = (packed << 8n) | (losses === undefined ? 0n : 1n)
  return ((packed << 32n) | BigInt(missed)) << 48n
}
