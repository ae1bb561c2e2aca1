// The two topics on real data: what a creator would write as their parameters, and which row of the series an epoch
// predicts. An epoch is one row; its first one is fixed here, so that everyone who counts rows counts the same.
import type { Parameters } from "../../contracts/index.ts"
import { NodeError } from "../errors.ts"
import { createSeries, type Series, type SeriesName } from "./series.ts"

type Setting = {
  readonly name: SeriesName
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
  /** What happened: the row that an epoch predicts. */
  readonly truth: (epoch: number) => bigint
}

const ONE = 10n ** 18n
const DAY = 86_400
const HOUR = 3_600
const FIRST_EPOCH = 1

export const TOPICS: readonly Topic[] = [
  topicOf({
    name: "sp500",
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
    title: "Seattle: tomorrow's maximum temperature",
    unit: "degrees Celsius",
    // A year of 366 days before it, for what the season says.
    firstRow: 366,
    firstDate: "2013-01-01",
    precision: ONE / 10n,
    minimum: -60n * ONE,
    maximum: 60n * ONE,
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

/** Parameters as `Topics.create` takes them. `start`: when the first epoch starts, in seconds since 1970. */
export function topicTemplate(name: string, { start }: { readonly start: number }): Parameters {
  const { title, unit, precision, minimum, maximum } = topicNamed(name)
  return {
    topicType: 1,
    truthSource: 1,
    lossMethod: 1,
    weightRule: 1,
    maxLabels: 1,
    allowNegative: false,
    rowsPublished: false,
    history: 0,
    metadata: `${title}, in ${unit}`,
    labels: ["y"],
    schedule: {
      start,
      firstEpoch: FIRST_EPOCH,
      length: DAY,
      windowOpens: 0,
      windowLength: HOUR,
      // The value is about the day after the window closes.
      lag: DAY,
      truthWindow: 6 * HOUR,
      deadline: 3 * DAY,
    },
    // The first three and the quantiles are what Allora's topics run with; memories are of about ten epochs.
    arithmetic: {
      pNorm: 3n * ONE,
      cNorm: (75n * ONE) / 100n,
      alphaRegret: ONE / 10n,
      alphaScore: ONE / 10n,
      alphaError: ONE / 10n,
      epsilon: ONE / 100n,
      lossFloor: precision,
      minimum,
      maximum,
      requireUnity: false,
      unityTolerance: 0n,
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
    truth(epoch) {
      const { values } = series()
      const value = values[rowOf(topic, epoch)]
      if (value !== undefined) return value
      throw new NodeError("SeriesExhausted", {
        sentence: `the series ${name} has no row for epoch ${epoch}`,
        remedy: "refuse",
        given: epoch,
        required: `${FIRST_EPOCH} to ${values.length - firstRow + FIRST_EPOCH - 1}`,
      })
    },
  }
  return topic
}
