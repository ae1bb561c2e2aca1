// One topic: its newest value, values and weights against time, who is how good, the newest epochs.
import { html, raw } from "hono/html"
import { demandsTable, disputesTable } from "./disputes.ts"
import type { Html } from "./layout.ts"
import { type Line, plotSvg } from "./plot.ts"
import type { Newest, Queries, Topic, Value } from "./queries.ts"
import { fallen, isUsable, statusChip } from "./status.ts"
import { asFloat, bar, day, number, percent, plain, time, workerLink } from "./words.ts"
import { COLOURS, legend, workerPlots } from "./workers.ts"

const EPOCHS_LISTED = 25
const DISPUTES_LISTED = 50
const PROBABILITY_PX = 240
const WEIGHT_PX = 60

export async function topicPage(topic: Topic, queries: Queries): Promise<Html> {
  const { id } = topic
  const [newest, values, inferences, implied] = await Promise.all([
    queries.newest(id),
    queries.values(id),
    queries.inferences(id),
    queries.implied(id),
  ])
  return html`<h1>${topic.metadata}</h1>
<div class="soft small">topic ${id} · ${topic.topic_type} · loss ${topic.loss_method} · an epoch every ${duration(Number(topic.length))}</div>
${newest.length === 1 ? newest.map((label) => newestFacts(topic, label)) : newestTable(topic, newest)}
${
  values.length > 0
    ? valuePlot(
        topic,
        values.filter(({ status }) => isUsable(status)),
      )
    : html`<p class="soft">No report yet.</p>`
}
${workerPlots(topic, [...inferences, ...implied], values)}
${await standingsTable(topic, queries)}
${await qualityFacts(topic, queries)}
${await epochsTable(topic, queries)}
${await disputed(topic, queries)}`
}

function newestFacts(topic: Topic, label: Newest): Html | string {
  const { value, sigma, epoch, about_at, status } = label
  if (epoch === null) return ""
  return html`<div class="facts">
<div><span>newest value</span><b class="big">${number(value)}</b></div>
<div><span>sigma</span>${number(sigma)}</div>
<div><span>about</span>${time(about_at)}</div>
<div><span>epoch</span><a href="/topics/${topic.id}/epochs/${epoch}">${epoch}</a></div>
<div><span>status</span>${statusChip(status)}</div>
</div>${fallen(status)}`
}

/** Several labels are reported together. */
function newestTable(topic: Topic, labels: readonly Newest[]): Html | string {
  const [first] = labels
  if (!first || first.epoch === null) return ""
  const isClass = topic.topic_type === "classification"
  return html`<div class="facts">
<div><span>about</span>${time(first.about_at)}</div>
<div><span>epoch</span><a href="/topics/${topic.id}/epochs/${first.epoch}">${first.epoch}</a></div>
</div>
<div class="scroll"><table>
<tr><th>label</th><th class="n">${isClass ? "probability" : "value"}</th><th></th><th class="n">sigma</th><th>status</th></tr>
${labels.map(
  ({
    name,
    value,
    sigma,
    status,
  }) => html`<tr><td>${name}</td><td class="n"><b>${number(value)}</b></td>
<td>${isClass ? bar(value, PROBABILITY_PX) : ""}</td><td class="n">${number(sigma)}</td><td>${statusChip(status)}</td></tr>`,
)}
</table></div>`
}

/** One label: value with sigma, plain mean, truths. Several: a line each. */
function valuePlot(topic: Topic, values: readonly Value[]): Html {
  const isOne = topic.labels.length === 1
  const at = (value: Value) => Number(value.about_at)
  const lineOf = (
    name: string,
    className: string,
    list: readonly Value[],
    field: "value" | "mean",
  ) => ({
    name,
    className,
    points: list.flatMap((value) => {
      const wad = value[field]
      return wad === null ? [] : [{ x: at(value), y: asFloat(wad) }]
    }),
  })
  const lines: Line[] = isOne
    ? [lineOf("plain mean", "mean", values, "mean"), lineOf("network", "network", values, "value")]
    : topic.labels.map((name, label) =>
        lineOf(
          name,
          `c${label % COLOURS}`,
          values.filter((value) => value.label === label),
          "value",
        ),
      )
  const band = values.flatMap(({ value, sigma, about_at }) => {
    if (!isOne || sigma === null) return []
    const [middle, half] = [asFloat(value), asFloat(sigma)]
    return [{ x: Number(about_at), low: middle - half, high: middle + half }]
  })
  const truths = values.flatMap((value) =>
    isOne && value.truth !== null
      ? [
          {
            x: at(value),
            y: asFloat(value.truth),
            title: `epoch ${value.epoch}: truth ${number(value.truth)}`,
          },
        ]
      : [],
  )
  const said = values.flatMap((value) =>
    isOne
      ? [
          {
            x: at(value),
            y: asFloat(value.value),
            title: `epoch ${value.epoch}: ${number(value.value)}`,
            href: `/topics/${topic.id}/epochs/${value.epoch}`,
          },
        ]
      : [],
  )
  return html`<h2>${isOne ? "Values" : "Probabilities"} against time</h2>
${raw(
  plotSvg({
    title: "values against time",
    lines,
    band,
    dots: [
      ["", truths],
      ["said", said],
    ],
    xText: day,
    yText: plain,
    ...(isOne ? {} : { yRange: [0, 1] as const }),
    height: 300,
  }),
)}
${legend(
  isOne
    ? [
        ["network", "network, band: sigma"],
        ["mean", "plain mean of the workers"],
      ]
    : lines.map(({ name, className }) => [className, name]),
)}
${truths.length > 0 ? html`<div class="soft small">Dots: what happened.</div>` : ""}`
}

async function standingsTable(topic: Topic, queries: Queries): Promise<Html | string> {
  const standings = await queries.standings(topic.id)
  if (standings.length === 0) return ""
  // Over all labels there is only the loss.
  const isOne = topic.labels.length === 1
  return html`<h2>Leaderboard</h2><div class="scroll"><table>
<tr><th>worker</th><th>role</th><th class="n">epochs</th><th class="n">mean weight</th><th class="n">scored</th><th class="n">mean loss, log10</th><th class="n">mean marginal</th>${isOne ? html`<th class="n">root mean square</th>` : ""}</tr>
${standings.map(
  (
    each,
  ) => html`<tr><td class="hex">${workerLink(topic.id, each.worker)}</td><td>${each.role}</td><td class="n">${each.epochs}</td>
<td class="n">${bar(each.mean_weight, WEIGHT_PX)} ${number(each.mean_weight)}</td>
<td class="n">${each.scored}</td><td class="n">${number(each.mean_loss)}</td><td class="n">${number(each.mean_marginal)}</td>${isOne ? html`<td class="n">${number(each.root_mean_square)}</td>` : ""}</tr>`,
)}
</table></div>`
}

async function qualityFacts(topic: Topic, queries: Queries): Promise<Html | string> {
  const [skill, calibration] = await Promise.all([
    queries.skill(topic.id),
    queries.calibration(topic.id),
  ])
  if (!skill) return ""
  return html`<h2>Quality</h2><div class="facts">
<div><span>settled with a truth</span>${skill.scored}</div>
<div><span>missed</span>${skill.missed}</div>
<div><span>network's loss</span>${number(skill.network_loss)}</div>
<div><span>naive loss</span>${number(skill.naive_loss)}</div>
<div><span>skill</span>${number(skill.skill)}</div>
${(topic.labels.length === 1 ? calibration : []).map(
  (each) => html`<div><span>within sigma</span>${percent(each.within_one_sigma, each.scored)}</div>
<div><span>within two</span>${percent(each.within_two_sigma, each.scored)}</div>`,
)}
</div>`
}

async function epochsTable(topic: Topic, queries: Queries): Promise<Html | string> {
  const epochs = await queries.epochs(topic.id, EPOCHS_LISTED)
  if (epochs.length === 0) return ""
  return html`<h2>Newest epochs</h2><div class="scroll"><table>
<tr><th>epoch</th><th>closed</th><th>about</th><th class="n">inferers</th><th class="n">forecasters</th><th>status</th><th>truth</th></tr>
${epochs.map(
  (each) => html`<tr><td><a href="/topics/${topic.id}/epochs/${each.epoch}">${each.epoch}</a></td>
<td>${time(each.observed_at)}</td><td>${time(each.about_at)}</td>
<td class="n">${each.is_pending ? "pending" : (each.inferers ?? "–")}</td><td class="n">${each.forecasters ?? "–"}</td><td>${statusChip(each.status)}</td>
<td>${each.is_missed === null ? html`<span class="soft">to come</span>` : each.is_missed ? html`<span class="chip warn">missed</span>` : html`<span class="chip good">settled</span>`}${each.taken_back > 0 ? html` <span class="chip bad">taken back</span>` : ""}</td></tr>`,
)}
</table></div>`
}

async function disputed({ id }: Topic, queries: Queries): Promise<Html> {
  const [disputes, demands] = await Promise.all([
    queries.disputes(id, DISPUTES_LISTED),
    queries.demands(id, DISPUTES_LISTED),
  ])
  return html`${disputesTable(id, disputes)}${demandsTable(id, demands)}`
}

function duration(seconds: number): string {
  const units = [
    [86_400, "day"],
    [3_600, "hour"],
    [60, "minute"],
    [1, "second"],
  ] as const
  const [size, name] = units.find(([unit]) => seconds % unit === 0) ?? [1, "second"]
  const count = seconds / size
  return count === 1 ? name : `${count} ${name}s`
}
