// How good answers were: their errors against what happened, by model and by quarter, and how often what happened lay
// within what was said. For people's eyes, so in floats; nothing on the path is. Pure.
import { FORECASTER } from "../models/catalogue.ts"

/** One epoch of one topic: numbers by label, in the topic's order. */
export type Told = {
  readonly epoch: number
  readonly truth: readonly number[]
  /** The values on the chain. */
  readonly network: readonly number[]
  /** The values without the forecasters. */
  readonly naive: readonly number[]
  /** Undefined: unknown. */
  readonly sigma: readonly (number | undefined)[]
  /** What each inferer said, by its name. */
  readonly said: ReadonlyMap<string, readonly number[]>
  /** What follows from the forecaster's word on the inferers' losses; undefined where it said nothing. */
  readonly implied: readonly number[] | undefined
  /** The weights that made the value, as parts of the greatest, by worker's name. */
  readonly weights: ReadonlyMap<string, number>
}

/** "RMSE": the root of the mean square. "cross-entropy": the mean of -ln of what the class that came was given. */
export type Measure = "RMSE" | "cross-entropy"

export type Line = {
  readonly name: string
  readonly kind: "network" | "mean" | "naive" | "forecaster" | "best" | "worst" | "worker"
  readonly error: number
  /** In how many epochs it said something. */
  readonly epochs: number
  /** At the end; undefined for what has none. */
  readonly weight: number | undefined
}

export type Quarter = {
  readonly from: number
  readonly to: number
  readonly network: number
  readonly mean: number
}

export type Coverage = { readonly one: number; readonly two: number; readonly epochs: number }

/** Of values between two bounds: how large they were in the mean, and what share of them came. */
export type Bin = {
  readonly from: number
  readonly to: number
  readonly said: number
  readonly came: number
  readonly count: number
}

/** A class that was given less counts as if it had been given this: the surprise at it has an end. */
const LEAST = 0.001

type Pair = { readonly values: readonly number[]; readonly truth: readonly number[] }

export function errorOf(pairs: readonly Pair[], measure: Measure): number {
  const each = pairs.map(({ values, truth }) =>
    measure === "RMSE" ? square(values, truth) : surprise(values, truth),
  )
  const mean = each.reduce((sum, value) => sum + value, 0) / each.length
  return measure === "RMSE" ? Math.sqrt(mean) : mean
}

const square = (values: readonly number[], truth: readonly number[]) =>
  values.reduce((sum, value, at) => sum + (value - (truth[at] as number)) ** 2, 0) / values.length

const surprise = (values: readonly number[], truth: readonly number[]) =>
  -Math.log(Math.max(values[truth.indexOf(1)] as number, LEAST))

type Answer = (each: Told) => readonly number[] | undefined

/** Everybody's error, the smallest first; who said nothing is left out. The best and the worst worker are inferers. */
export function linesOf(told: readonly Told[], measure: Measure): readonly Line[] {
  const of = (kind: Line["kind"], name: string, pick: Answer, weight?: number): Line => {
    const pairs = pairsOf(told, pick)
    return { name, kind, error: errorOf(pairs, measure), epochs: pairs.length, weight }
  }
  const weightOf = (name: string) => told.at(-1)?.weights.get(name) ?? 0
  const names = [...new Set(told.flatMap(({ said }) => [...said.keys()]))]
  const workers = names
    .map((name) => of("worker", name, ({ said }) => said.get(name), weightOf(name)))
    .sort((a, b) => a.error - b.error)
    .map((line, at, all): Line => {
      if (at === 0) return { ...line, kind: "best" }
      return at === all.length - 1 ? { ...line, kind: "worst" } : line
    })
  return [
    of("network", "network", ({ network }) => network),
    of("mean", "plain mean", meanOf),
    of("naive", "naive value", ({ naive }) => naive),
    of("forecaster", FORECASTER, ({ implied }) => implied, weightOf(FORECASTER)),
    ...workers,
  ]
    .filter(({ epochs }) => epochs > 0)
    .sort((a, b) => a.error - b.error)
}

/** What the inferers said, each counting alike. */
export function meanOf({ said }: Pick<Told, "said">): readonly number[] {
  const all = [...said.values()]
  return (all[0] ?? []).map(
    (_, label) => all.reduce((sum, values) => sum + (values[label] as number), 0) / all.length,
  )
}

/** The run in four parts, as equal as can be; fewer where there are fewer than four epochs. */
export function quartersOf(told: readonly Told[], measure: Measure): readonly Quarter[] {
  const edge = (quarter: number) => Math.round((told.length * quarter) / 4)
  return [0, 1, 2, 3].flatMap((quarter) => {
    const part = told.slice(edge(quarter), edge(quarter + 1))
    const [first, last] = [part[0], part.at(-1)]
    if (!first || !last) return []
    const network = errorOf(
      pairsOf(part, ({ network: values }) => values),
      measure,
    )
    return [
      { from: first.epoch, to: last.epoch, network, mean: errorOf(pairsOf(part, meanOf), measure) },
    ]
  })
}

/** The share of truths within one sigma of the value, and within two, where sigma was known for every label. */
export function coverageOf(told: readonly Told[]): Coverage {
  const known = told.filter(({ sigma }) => sigma.every((value) => value !== undefined))
  const within = (times: number) =>
    known.filter(({ network, truth, sigma }) =>
      network.every(
        (value, at) => Math.abs(value - (truth[at] as number)) <= times * (sigma[at] as number),
      ),
    ).length / known.length
  return { one: within(1), two: within(2), epochs: known.length }
}

/** Of the probabilities that the network gave, all labels together: how often what it gave so much came. */
export function reliabilityOf(
  told: readonly Pick<Told, "network" | "truth">[],
  edges: readonly number[],
): readonly Bin[] {
  const all = told.flatMap(({ network, truth }) =>
    network.map((said, at) => ({ said, came: truth[at] as number })),
  )
  return edges.slice(0, -1).map((from, at) => {
    const to = edges[at + 1] as number
    const isLast = at === edges.length - 2
    const inside = all.filter(({ said }) => said >= from && (said < to || (isLast && said === to)))
    const mean = (pick: (each: { said: number; came: number }) => number) =>
      inside.reduce((sum, each) => sum + pick(each), 0) / inside.length
    const count = inside.length
    return { from, to, said: mean(({ said }) => said), came: mean(({ came }) => came), count }
  })
}

/** When a worker's weight fell below 1 % of the best after it was broken, and was above again after its repair. */
export function recoveryOf(
  weights: ReadonlyMap<number, number>,
  { from, to }: { readonly from: number; readonly to: number },
): { readonly fell: number | undefined; readonly back: number | undefined } {
  const first = (least: number, test: (weight: number) => boolean) =>
    [...weights].find(([epoch, weight]) => epoch >= least && test(weight))?.[0]
  const fell = first(from, (weight) => weight < LITTLE)
  const back =
    fell === undefined ? undefined : first(Math.max(to, fell), (weight) => weight >= LITTLE)
  return { fell, back }
}

export const LITTLE = 0.01

function pairsOf(told: readonly Told[], pick: Answer): readonly Pair[] {
  return told.flatMap((each) => {
    const values = pick(each)
    return values ? [{ values, truth: each.truth }] : []
  })
}
