// The workers of one topic against time: the weight of each, and how far each was off.
import { html, raw } from "hono/html"
import type { Html } from "./layout.ts"
import { type Line, plotSvg } from "./plot.ts"
import type { Implied, Topic, Value } from "./queries.ts"
import { asFloat, day, plain, short } from "./words.ts"

/** As many colours as the style sheet has. */
export const COLOURS = 8
const FIRST_FORECASTER_SEAT = 0x80

/** Inferers by what they said, forecasters (dashed) by what follows from what they foresaw. */
export function workerPlots(
  topic: Topic,
  said: readonly Implied[],
  values: readonly Value[],
): Html | string {
  // Who does both has a line for each.
  const partOf = ({ worker, seat }: Implied) =>
    `${short(worker)}${seat >= FIRST_FORECASTER_SEAT ? ", forecaster" : ""}`
  const parts = [...new Set(said.map(partOf))]
  if (parts.length === 0) return ""
  const first = new Map(values.filter(({ label }) => label === 0).map((each) => [each.epoch, each]))
  const linesOf = (measure: (each: Implied, truth: string | null) => number | undefined): Line[] =>
    parts.map((name, index) => ({
      name,
      className: `c${index % COLOURS}${name.endsWith("forecaster") ? " dashed" : ""}`,
      points: said.flatMap((each) => {
        const at = first.get(each.epoch)
        if (partOf(each) !== name || !at) return []
        const y = measure(each, at.truth)
        return y === undefined ? [] : [{ x: Number(at.about_at), y }]
      }),
    }))
  // A forecaster's weight is absent while all are new: it counts for nothing then.
  const weights = linesOf(({ weight }) => asFloat(weight ?? "0"))
  // Of classes the first label alone says little, the loss is over all.
  const isOne = topic.labels.length === 1
  const misses = linesOf(({ value, loss }, truth) => {
    if (isOne) return truth === null ? undefined : Math.abs(asFloat(value) - asFloat(truth))
    return loss === null ? undefined : asFloat(loss)
  })
  const shared = { xText: day, yText: plain, height: 200 }
  return html`<h2>Weight of each worker</h2>
${raw(plotSvg({ ...shared, title: "weights against time", lines: weights, yRange: [0, 1.02] }))}
${legend(weights.map(({ name, className }) => [className, name]))}
${
  misses.some(({ points }) => points.length > 0)
    ? html`<h2>${isOne ? "How far each worker was off" : "Loss of each worker, log10"}</h2>
${raw(plotSvg({ ...shared, title: "errors against time", lines: misses }))}`
    : ""
}`
}

export function legend(entries: readonly (readonly string[])[]): Html {
  return html`<div class="legend">${entries.map(
    ([className, name]) =>
      html`<span>${raw(`<svg viewBox="0 0 22 8" aria-hidden="true"><path class="line ${className}" d="M0 4L22 4"/></svg>`)}${name}</span>`,
  )}</div>`
}
