// One epoch: what was reported, who signed it, what every worker said, and what the truth made of it.
import { html } from "hono/html"
import { disputesTable } from "./disputes.ts"
import type { Html } from "./layout.ts"
import type {
  Contribution,
  Epoch,
  Forecast,
  Implied,
  Inference,
  Queries,
  Settlement,
  Topic,
  Truth,
  Value,
} from "./queries.ts"
import { fallen, isUsable, statusChip } from "./status.ts"
import { bar, number, short, time, workerLink } from "./words.ts"

const WEIGHT_PX = 80

export async function epochPage(topic: Topic, epoch: Epoch, queries: Queries): Promise<Html> {
  const at = [topic.id, epoch.epoch] as const
  const [values, inferences, implied, forecasts, worth, truths, disputes, settlements] =
    await Promise.all([
      queries.valuesOf(...at),
      queries.inferencesOf(...at),
      queries.impliedOf(...at),
      queries.forecastsOf(...at),
      queries.contributionsOf(...at),
      queries.truthsOf(...at),
      queries.disputesOf(...at),
      queries.settlementsOf(...at),
    ])
  const link = (to: number, text: string) =>
    html`<a href="/topics/${topic.id}/epochs/${to}">${text}</a>`
  return html`<div class="small soft"><a href="/topics/${topic.id}">${topic.metadata}</a></div>
<h1>Epoch ${epoch.epoch}</h1>
<div class="small soft">${link(epoch.epoch - 1, "← before")} · ${link(epoch.epoch + 1, "after →")}</div>
${values.length === 0 ? html`<p>No report was posted for this epoch.</p>` : valuesTable(topic, values)}
${fallen(epoch.status)}
${epoch.is_pending ? html`<p class="soft">The rows behind this report are still to come: no member has served them yet.</p>` : ""}
${inferencesTable(topic, inferences, worth)}
${impliedTable(topic, implied, forecasts, worth)}
${await settlementPart(topic, epoch, truths, queries)}
${takenBack(settlements)}
${disputesTable(topic.id, disputes)}
${await attestationPart("Attestation of the report", epoch.transaction, queries)}
${epoch.context === null ? "" : html`<p class="small soft">Rows lie under context <code class="break">${epoch.context}</code>. Recompute all of it: <code>npm run -s allora -- verify ${topic.id} ${epoch.epoch}</code></p>`}`
}

function valuesTable(topic: Topic, values: readonly Value[]): Html {
  const isOne = topic.labels.length === 1
  return html`<div class="scroll"><table>
<tr><th>${isOne ? "" : "label"}</th><th class="n">value</th><th class="n">sigma</th><th class="n">plain mean</th><th class="n">truth</th><th>about</th><th>status</th></tr>
${values.map(
  (
    each,
  ) => html`<tr><td>${isOne ? "network" : topic.labels[each.label]}</td><td class="n">${isUsable(each.status) ? html`<b>${number(each.value)}</b>` : html`<s>${number(each.value)}</s>`}</td>
<td class="n">${number(each.sigma)}</td><td class="n">${number(each.mean)}</td><td class="n">${number(each.truth)}</td><td>${time(each.about_at)}</td><td>${statusChip(each.status)}</td></tr>`,
)}
</table></div>`
}

function inferencesTable(
  topic: Topic,
  inferences: readonly Inference[],
  worth: readonly Contribution[],
): Html | string {
  if (inferences.length === 0) return ""
  const seats = [...new Set(inferences.map(({ seat }) => seat))]
  const isOne = topic.labels.length === 1
  return html`<h2>Inferences</h2><div class="scroll"><table>
<tr><th>seat</th><th>worker</th>${isOne ? html`<th class="n">value</th>` : topic.labels.map((name) => html`<th class="n">${name}</th>`)}<th class="n">weight</th><th class="n">loss, log10</th>${withoutHead(topic)}</tr>
${seats.map((seat) => {
  const own = inferences.filter((each) => each.seat === seat)
  const [first] = own as [Inference]
  return html`<tr><td>${seat}</td><td class="hex">${workerLink(topic.id, first.worker)}</td>
${own.map((each) => html`<td class="n">${number(each.value)}</td>`)}
<td class="n">${weightBar(first.weight)}</td><td class="n">${number(first.loss)}</td>${withoutCells(topic, worth, seat)}</tr>`
})}
</table></div>`
}

function impliedTable(
  topic: Topic,
  implied: readonly Implied[],
  forecasts: readonly Forecast[],
  worth: readonly Contribution[],
): Html | string {
  const seats = [...new Set([...implied, ...forecasts].map(({ seat }) => seat))]
  if (seats.length === 0) return ""
  return html`<h2>Forecasters</h2><div class="scroll"><table>
<tr><th>seat</th><th>worker</th><th class="n">implied value</th><th class="n">weight</th><th class="n">loss, log10</th>${withoutHead(topic)}<th>losses it foresees, by inferer's seat</th></tr>
${seats.map((seat) => {
  const own = implied.filter((each) => each.seat === seat)
  const foreseen = forecasts.filter((each) => each.seat === seat)
  return html`<tr><td>${seat}</td><td class="hex">${workerLink(topic.id, own[0]?.worker ?? foreseen[0]?.worker ?? null)}</td>
<td class="n">${own.map(({ value }) => number(value)).join(topic.labels.length > 1 ? ", " : "")}</td>
<td class="n">${weightBar(own[0]?.weight ?? null)}</td><td class="n">${number(own[0]?.loss)}</td>${withoutCells(topic, worth, seat)}
<td class="small">${foreseen.map((each) => `${each.inferer_seat}: ${number(each.loss)}`).join(", ")}</td></tr>`
})}
</table></div>`
}

function takenBack(settlements: readonly Settlement[]): Html {
  return html`${settlements
    .filter(({ taken_back_at }) => taken_back_at !== null)
    .map(
      ({ generation, status, taken_back_at }) =>
        html`<p><span class="chip bad">taken back</span> The settlement of generation ${generation} fell on ${time(taken_back_at)}${status === "TakenBack" ? ", with one before it" : `: ${status.toLowerCase()}`}.</p>`,
    )}`
}

/** The value without a participant, where there is one label, and how much more would have been lost. */
function withoutHead({ labels }: Topic): Html {
  return html`${labels.length === 1 ? html`<th class="n">value without</th>` : ""}<th class="n">marginal</th>`
}

function withoutCells({ labels }: Topic, worth: readonly Contribution[], at: number): Html {
  const own = worth.find(({ seat }) => seat === at)
  return html`${labels.length === 1 ? html`<td class="n">${number(own?.value_without)}</td>` : ""}<td class="n">${number(own?.marginal)}</td>`
}

async function settlementPart(
  topic: Topic,
  epoch: Epoch,
  truths: readonly Truth[],
  queries: Queries,
): Promise<Html> {
  if (epoch.settlement === null) return html`<h2>Truth</h2><p class="soft">Not settled yet.</p>`
  if (epoch.is_missed)
    return html`<h2>Truth</h2><p><span class="chip warn">missed</span> Settled without a truth: the weights stay as they were.</p>
${await attestationPart("Attestation of the settlement", epoch.settled_in, queries)}`
  return html`<h2>Truth</h2>
${epoch.is_settlement_pending ? html`<p class="soft">Settled; the rows behind it are still to come.</p>` : ""}
<div class="facts"><div><span>network's loss, log10</span>${number(epoch.network_loss)}</div><div><span>naive loss</span>${number(epoch.naive_loss)}</div></div>
<div class="scroll"><table><tr><th>reputer</th><th class="n">stake, ALLO</th>${topic.labels.length > 1 ? html`<th>label</th>` : ""}<th class="n">truth</th></tr>
${truths
  .filter(({ value }) => topic.labels.length === 1 || value !== "0")
  .map(
    (
      each,
    ) => html`<tr><td class="hex">${short(each.reputer)}</td><td class="n">${number(each.stake)}</td>
${topic.labels.length > 1 ? html`<td>${topic.labels[each.label]}</td>` : ""}<td class="n">${number(each.value)}</td></tr>`,
  )}
</table></div>
${await attestationPart("Attestation of the settlement", epoch.settled_in, queries)}`
}

async function attestationPart(
  title: string,
  transaction: string | null,
  queries: Queries,
): Promise<Html | string> {
  if (transaction === null) return ""
  const found = await queries.attestation(transaction)
  if (!found)
    return html`<h2>${title}</h2><p class="soft">Posted by a contract, in transaction <code class="break">${transaction}</code>.</p>`
  return html`<h2>${title}</h2><div class="facts">
<div><span>signed by</span>members ${found.member_ids.join(", ")} <span class="soft" style="display:inline">(${found.member_ids.length} of ${found.members}, quorum ${found.quorum})</span></div>
<div><span>era, slot, view</span>${found.era}, ${time(found.slot)}, ${found.view}</div>
<div><span>posted</span>block ${found.block}, ${time(found.time)}</div></div>
<div class="small soft">root <code class="break">${found.root}</code><br>transaction <code class="break">${transaction}</code></div>`
}

function weightBar(weight: string | null): Html | string {
  return weight === null ? "–" : html`${bar(weight, WEIGHT_PX)} ${number(weight)}`
}
