// The demo's figures as text: a topic's table, its learning curve by quarter, its calibration, and the weight of a worker
// that was broken on purpose.
import {
  coverageOf,
  LITTLE,
  type Line,
  linesOf,
  type Measure,
  quartersOf,
  recoveryOf,
  reliabilityOf,
  type Told,
} from "./scores.ts"

export type Heading = {
  readonly title: string
  readonly unit: string
  /** Of each epoch, by its number. */
  readonly dates: (epoch: number) => string
}

const BAR = 32
const EDGES = [0, 0.1, 0.3, 0.5, 0.7, 1] as const

/** The measure of a topic: one of several labels is of classes. */
const measureOf = (told: readonly Told[]): Measure =>
  (told[0]?.truth.length ?? 1) > 1 ? "cross-entropy" : "RMSE"

const bar = (value: number, greatest: number, sign = "#") =>
  sign.repeat(Math.max(1, Math.round((value / greatest) * BAR)))
const percent = (share: number) => `${(share * 100).toFixed(0)} %`
const isWorker = ({ weight }: Line) => weight !== undefined

/** Everybody's error over all epochs, the learning curve, the calibration. */
export function tableText({ title, unit, dates }: Heading, told: readonly Told[]): string {
  const [first, last] = [told[0], told.at(-1)]
  if (!first || !last) return `${title}\n  no epoch was reported`
  const measure = measureOf(told)
  const span = `epochs ${first.epoch} to ${last.epoch} (${dates(first.epoch)} to ${dates(last.epoch)})`
  return [
    `${title}, ${span}`,
    ...errors(linesOf(told, measure), measure === "RMSE" ? `RMSE, ${unit}` : "cross-entropy, nats"),
    "",
    ...curve(told, measure),
    "",
    ...(measure === "RMSE" ? covered(told) : reliable(told)),
  ].join("\n")
}

function errors(lines: readonly Line[], head: string): readonly string[] {
  const label = (line: Line) => {
    if (line.kind === "best" || line.kind === "worst") return `${line.name} (${line.kind} worker)`
    if (line.kind === "forecaster") return `${line.name} (implied value)`
    return line.name
  }
  const width = Math.max(...lines.map((line) => label(line).length))
  const wide = Math.max(head.length, 9)
  const worst = Math.max(...lines.map(({ error }) => error))
  const rows = lines.map((line) => {
    const error = line.error.toFixed(3).padStart(wide)
    const weight = isWorker(line) ? weightText(line.weight as number) : "-"
    const epochs = String(line.epochs).padStart(6)
    return `  ${label(line).padEnd(width)}  ${error}  ${epochs}  ${weight.padStart(13)}  ${bar(line.error, worst)}`
  })
  return [`  ${"".padEnd(width)}  ${head.padStart(wide)}  epochs  weight at end`, ...rows]
}

const weightText = (weight: number) =>
  weight >= 0.001 || weight === 0 ? weight.toFixed(3) : "< 0.001"

function curve(told: readonly Told[], measure: Measure): readonly string[] {
  const quarters = quartersOf(told, measure)
  const greatest = Math.max(...quarters.flatMap(({ network, mean }) => [network, mean]))
  return [
    "  learning, by quarter of the run: the network against the plain mean of its workers",
    ...quarters.flatMap(({ from, to, network, mean }) => {
      const epochs = `${from} to ${to}`.padEnd(12)
      return [
        `  ${epochs}  network     ${network.toFixed(3).padStart(9)}  ${bar(network, greatest)}`,
        `  ${"".padEnd(12)}  plain mean  ${mean.toFixed(3).padStart(9)}  ${bar(mean, greatest, "=")}  network / plain mean ${(network / mean).toFixed(3)}`,
      ]
    }),
  ]
}

function covered(told: readonly Told[]): readonly string[] {
  const { one, two, epochs } = coverageOf(told)
  if (epochs === 0) return ["  calibration: sigma was never known"]
  return [
    `  calibration, of ${epochs} epochs with a known sigma: ${percent(one)} of truths within one sigma (68 % would be right), ${percent(two)} within two (95 %)`,
  ]
}

function reliable(told: readonly Told[]): readonly string[] {
  return [
    "  calibration: how often what the network gave so much probability came",
    ...reliabilityOf(told, EDGES)
      .filter(({ count }) => count > 0)
      .map(({ from, to, said, came, count }) => {
        const range = `${percent(from)} to ${percent(to)}`.padEnd(14)
        return `  ${range}  given ${percent(said).padStart(5)}  came ${percent(came).padStart(5)}  (${count} times)`
      }),
  ]
}

/** Powers of ten that the plot shows as rows; what is less lies on the last one. */
const DECADES = 5
const COLUMNS = 60

/** A broken worker's weight by epoch, on a scale of tenfold steps, with the moments marked at which it broke and was whole. */
export function weightPlot(
  told: readonly Told[],
  { model, from, to }: { readonly model: string; readonly from: number; readonly to: number },
): string {
  const weights = new Map(told.map(({ epoch, weights: all }) => [epoch, all.get(model) ?? 0]))
  const epochs = [...weights.keys()]
  const step = Math.max(1, Math.ceil(epochs.length / COLUMNS))
  const columns = Array.from({ length: Math.ceil(epochs.length / step) }, (_, at) =>
    epochs.slice(at * step, (at + 1) * step),
  )
  const rowOf = (part: readonly number[]) => {
    const mean = part.reduce((sum, epoch) => sum + (weights.get(epoch) as number), 0) / part.length
    return Math.min(DECADES, Math.max(0, Math.ceil(-Math.log10(mean) - 0.5)))
  }
  const rows = Array.from({ length: DECADES + 1 }, (_, row) => {
    const name = row === DECADES ? `<= 1e-${row}` : (10 ** -row).toFixed(row)
    const marks = columns.map((part) => (rowOf(part) === row ? "*" : " ")).join("")
    return `  ${name.padStart(8)} |${marks}`.trimEnd()
  })
  const mark = columns
    .map((part) => {
      if (part.includes(from)) return "B"
      if (part.includes(to)) return "R"
      return part.some((epoch) => epoch > from && epoch < to) ? "-" : " "
    })
    .join("")
  return [
    `weight of ${model} by epoch (best worker 1; ${step === 1 ? "a column an epoch" : `a column ${step} epochs`}); broken on purpose at B, repaired at R`,
    ...rows,
    `  ${"epoch".padStart(8)}  ${mark}`.trimEnd(),
    `  ${recoveryText(weights, { from, to })}`,
  ].join("\n")
}

function recoveryText(
  weights: ReadonlyMap<number, number>,
  { from, to }: { readonly from: number; readonly to: number },
): string {
  const { fell, back } = recoveryOf(weights, { from, to })
  const little = percent(LITTLE)
  if (fell === undefined) return `it did not fall below ${little} of the best`
  const down = `broken from epoch ${from}, it fell below ${little} of the best at epoch ${fell} (${fell - from} after)`
  return back === undefined
    ? `${down}; it has not been above again after epoch ${to}`
    : `${down}; repaired from epoch ${to}, it was above again at epoch ${back} (${back - to} after)`
}
