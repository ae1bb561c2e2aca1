// Plots as SVG text: lines with a band and dots, axes with round numbers. For people's eyes, so floats are fine here.

export type Point = { readonly x: number; readonly y: number }
export type Line = {
  readonly name: string
  /** A class of the style sheet: it gives the colour. */
  readonly className: string
  readonly points: readonly Point[]
}
export type Band = {
  readonly x: number
  readonly low: number
  readonly high: number
}
export type Dot = Point & { readonly title: string; readonly href?: string }

export type Plot = {
  /** What it shows, for those who cannot see it. */
  readonly title: string
  readonly lines: readonly Line[]
  readonly band?: readonly Band[]
  readonly dots?: readonly (readonly [className: string, dots: readonly Dot[]])[]
  readonly xText: (x: number) => string
  readonly yText: (y: number) => string
  /** Where the vertical axis ends, if that is known beforehand. */
  readonly yRange?: readonly [number, number]
  readonly height?: number
}

const WIDTH = 860
const MARGIN = { left: 64, right: 12, top: 10, bottom: 26 }

/** Round numbers that divide a range into some four parts. */
export function ticks(low: number, high: number): number[] {
  const span = high - low
  if (!(span > 0)) return [low]
  const raw = span / 4
  const power = 10 ** Math.floor(Math.log10(raw))
  const step = ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= raw) ?? 10) * power
  const first = Math.ceil(low / step)
  const last = Math.floor(high / step + 1e-9)
  return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step)
}

export function plotSvg({
  title,
  lines,
  band = [],
  dots = [],
  xText,
  yText,
  yRange,
  height = 260,
}: Plot): string {
  const points = [...lines.flatMap((line) => line.points), ...dots.flatMap(([, each]) => each)]
  const [xLow, xHigh] = extent([...points.map(({ x }) => x), ...band.map(({ x }) => x)])
  const [yLow, yHigh] =
    yRange ??
    padded(extent([...points.map(({ y }) => y), ...band.flatMap(({ low, high }) => [low, high])]))
  const place = (low: number, high: number, from: number, to: number) => (value: number) =>
    round(high === low ? (from + to) / 2 : from + ((value - low) / (high - low)) * (to - from))
  const x = place(xLow, xHigh, MARGIN.left, WIDTH - MARGIN.right)
  const y = place(yLow, yHigh, height - MARGIN.bottom, MARGIN.top)
  const path = (list: readonly Point[]) =>
    list.map((point, index) => `${index === 0 ? "M" : "L"}${x(point.x)} ${y(point.y)}`).join("")
  const upper = band.map((each) => ({ x: each.x, y: each.high }))
  const lower = band.map((each) => ({ x: each.x, y: each.low })).reverse()
  return [
    `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(title)}">`,
    ...ticks(yLow, yHigh).map(
      (tick) =>
        `<line class="grid" x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${y(tick)}" y2="${y(tick)}"/><text class="tick" x="${MARGIN.left - 8}" y="${y(tick) + 4}" text-anchor="end">${escaped(yText(tick))}</text>`,
    ),
    ...xTicks(xLow, xHigh).map(
      (tick, index, all) =>
        `<text class="tick" x="${x(tick)}" y="${height - 6}" text-anchor="${index === 0 ? "start" : index === all.length - 1 ? "end" : "middle"}">${escaped(xText(tick))}</text>`,
    ),
    band.length > 1 ? `<path class="band" d="${path([...upper, ...lower])}Z"/>` : "",
    ...lines.map(
      (line) =>
        `<path class="line ${line.className}" d="${path(line.points)}"><title>${escaped(line.name)}</title></path>`,
    ),
    ...dots.flatMap(([className, list]) =>
      list.map((dot) => {
        const circle = `<circle class="dot ${className}" cx="${x(dot.x)}" cy="${y(dot.y)}" r="3"><title>${escaped(dot.title)}</title></circle>`
        return dot.href ? `<a href="${escaped(dot.href)}">${circle}</a>` : circle
      }),
    ),
    "</svg>",
  ].join("")
}

/** A line without axes, as wide as it is told. */
export function sparkline(values: readonly number[]): string {
  const width = 240
  const height = 48
  const [low, high] = extent(values)
  const x = (index: number) => round(2 + (index / Math.max(1, values.length - 1)) * (width - 4))
  const y = (value: number) =>
    round(high === low ? height / 2 : height - 3 - ((value - low) / (high - low)) * (height - 6))
  const path = values.map((value, index) => `${index === 0 ? "M" : "L"}${x(index)} ${y(value)}`)
  return `<svg class="spark" viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" aria-hidden="true"><path class="line network" d="${path.join("")}"/></svg>`
}

export function escaped(text: string): string {
  const signs: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" }
  return text.replace(/[&<>"]/g, (sign) => signs[sign] as string)
}

const round = (value: number) => Math.round(value * 10) / 10

function extent(values: readonly number[]): [number, number] {
  if (values.length === 0) return [0, 1]
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const value of values) {
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  return [low, high]
}

function padded([low, high]: [number, number]): [number, number] {
  const pad = (high - low || Math.abs(high) || 1) * 0.06
  return [low - pad, high + pad]
}

const xTicks = (low: number, high: number) =>
  low === high ? [low] : [0, 0.25, 0.5, 0.75, 1].map((part) => low + part * (high - low))
