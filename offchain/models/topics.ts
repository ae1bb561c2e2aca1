// The topics on real data: what a creator would write as their parameters, and which row of the series an epoch
// predicts. An epoch is one row; its first one is fixed here, so that everyone who counts rows counts the same.
import type { Parameters } from "../../contracts/index.ts"
import { NodeError } from "../errors.ts"
import { dailySchedule, type Timing } from "./schedule.ts"
import { createSeries, LAYOUTS, type Series, type SeriesName } from "./series.ts"

type Setting = {
  readonly name: SeriesName
  /** The classes in their order, or the one label of a number. */
  readonly labels: readonly string[]
  /** What the value is, in words; the topic's metadata is this with the unit. */
  readonly title: string
  readonly unit: string
  /** The row that the first epoch predicts; the rows before it are what every model starts from. */
  readonly firstRow: number
  /** Its day: another file would have another one there. */
  readonly firstDate: string
  /** The truth's own precision: the loss floor and the tolerance of truths. */
  readonly precision: bigint
  readonly minimum: bigint
  readonly maximum: bigint
}

export type Topic = Setting & {
  /** The data, read at the first call. */
  readonly series: () => Series
  /** What happened, a Wad a label: the row that an epoch predicts. Of a class 1 under its label, 0 under the others. */
  readonly truth: (epoch: number, firstEpoch?: number) => readonly bigint[]
}

const ONE = 10n ** 18n
const FIRST_EPOCH = 1
/** How many of a label's newest words the chain keeps beside the last: a month of daily values. */
const HISTORY = 30
const REGRESSION = { topicType: 1, lossMethod: 1 } as const
const CLASSIFICATION = { topicType: 2, lossMethod: 3 } as const
/**
 * Workers whose regrets lie nearer to one another than this weigh nearly alike: twice what chance makes of a regret. Between
 * equally good models the log losses of squares differ by about 0.55 from day to day, those of entropies by 0.2; the mean
 * over about ten epochs leaves 0.13 and 0.05 of that.
 */
const EPSILON = { squares: ONE / 4n, entropies: ONE / 10n }

export const TOPICS: readonly Topic[] = [
  topicOf({
    name: "sp500",
    labels: ["y"],
    title: "S&P 500: the next trading day's close",
    unit: "index points",
    // A trading year before it.
    firstRow: 252,
    firstDate: "2001-01-02",
    precision: ONE / 100n,
    minimum: ONE,
    maximum: 100_000n * ONE,
  }),
  topicOf({
    name: "seattle-temperature",
    labels: ["y"],
    title: "Seattle: tomorrow's maximum temperature",
    unit: "degrees Celsius",
    // A year of 366 days before it, for what the season says.
    firstRow: 366,
    firstDate: "2013-01-01",
    precision: ONE / 10n,
    minimum: -60n * ONE,
    maximum: 60n * ONE,
  }),
  topicOf({
    name: "seattle-weather",
    labels: LAYOUTS["seattle-weather"].classes ?? [],
    title: "Seattle: tomorrow's weather",
    unit: "probabilities",
    firstRow: 366,
    firstDate: "2013-01-01",
    // A probability below it costs no more, and a class that was as good as certain earns no more than one.
    precision: ONE / 1_000n,
    minimum: 0n,
    maximum: ONE,
  }),
]

/** A topic by the name of its series. */
export function topicNamed(name: string): Topic {
  const topic = TOPICS.find((each) => each.name === name)
  if (topic) return topic
  throw new NodeError("SeriesUnknown", {
    sentence: "there is no series of that name",
    remedy: "stop",
    given: name,
    required: TOPICS.map((each) => each.name).join(" or "),
  })
}

/** The row of the series that an epoch predicts: a model sees the rows before it. */
export function rowOf(topic: Topic, epoch: number, firstEpoch = FIRST_EPOCH): number {
  return topic.firstRow + epoch - firstEpoch
}

/** Parameters as `Topics.create` takes them. */
export function topicTemplate(name: string, timing: Timing): Parameters {
  const { labels, title, unit, precision, minimum, maximum } = topicNamed(name)
  const classes = labels.length > 1
  return {
    ...(classes ? CLASSIFICATION : REGRESSION),
    truthSource: 1,
    weightRule: 1,
    maxLabels: labels.length,
    allowNegative: false,
    rowsPublished: false,
    history: HISTORY,
    metadata: `${title}, in ${unit}`,
    labels: [...labels],
    schedule: { ...dailySchedule(timing), firstEpoch: FIRST_EPOCH },
    // The first three and the quantiles are what Allora's topics run with; memories are of about ten epochs.
    arithmetic: {
      pNorm: 3n * ONE,
      cNorm: (75n * ONE) / 100n,
      alphaRegret: ONE / 10n,
      alphaScore: ONE / 10n,
      alphaError: ONE / 10n,
      epsilon: classes ? EPSILON.entropies : EPSILON.squares,
      lossFloor: precision,
      minimum,
      maximum,
      requireUnity: classes,
      // What binary floats lose over a handful of probabilities, and far less than any of them is worth.
      unityTolerance: classes ? ONE / 1_000_000n : 0n,
      labelDefault: 0n,
      infererQuantile: ONE / 4n,
      forecasterQuantile: ONE / 4n,
      reputerQuantile: ONE / 4n,
    },
    seating: {
      infererSeats: 32,
      forecasterSeats: 6,
      newcomerSeats: 4,
      benchSize: 32,
      rewardedInferers: 32,
      workersListed: false,
      reputersListed: false,
    },
    money: {
      truthTolerance: precision,
      slashTolerance: 10n * precision,
      workerBond: 0n,
      reputerMinimum: 0n,
    },
  }
}

function topicOf(setting: Setting): Topic {
  const { name, firstRow, firstDate } = setting
  let read: Series | undefined
  const series = () => {
    read ??= createSeries(name)
    if (read.dates[firstRow] === firstDate) return read
    throw new NodeError("SeriesMalformed", {
      sentence: `the series ${name} has another day at row ${firstRow}, where the first epoch lies`,
      remedy: "stop",
      given: read.dates[firstRow] ?? "no row",
      required: firstDate,
    })
  }
  const topic: Topic = {
    ...setting,
    series,
    truth(epoch, firstEpoch = FIRST_EPOCH) {
      const { values } = series()
      // An epoch before the first has no row, though the series has days before it.
      const value = epoch < firstEpoch ? undefined : values[rowOf(topic, epoch, firstEpoch)]
      if (value !== undefined) return value
      throw new NodeError("SeriesExhausted", {
        sentence: `the series ${name} has no row for epoch ${epoch}`,
        remedy: "refuse",
        given: epoch,
        required: `${firstEpoch} to ${values.length - firstRow + firstEpoch - 1}`,
      })
    },
  }
  return topic
}
