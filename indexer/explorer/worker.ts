// One worker of a topic: epoch by epoch what it said, how much it counted, and what the network would have been without it.
import { html } from "hono/html"
import type { Html } from "./layout.ts"
import type { Contribution, Queries, Standing, Topic } from "./queries.ts"
import { statusChip } from "./status.ts"
import { bar, number } from "./words.ts"

const EPOCHS_LISTED = 100
const WEIGHT_PX = 60

/** Undefined where it never had a part. */
export async function workerPage(
  topic: Topic,
  worker: string,
  queries: Queries,
): Promise<Html | undefined> {
  const [contributions, standings] = await Promise.all([
    queries.contributions(topic.id, worker, EPOCHS_LISTED),
    queries.standings(topic.id),
  ])
  if (contributions.length === 0) return undefined
  return html`<div class="small soft"><a href="/topics/${topic.id}">${topic.metadata}</a></div>
<h1>Worker <code class="break">${worker}</code></h1>
${standings.filter((each) => each.worker === worker).map(facts)}
<h2>Newest epochs</h2>
${contributionsTable(topic, contributions)}
<p class="small soft">Marginal: how much more the network would have lost without it, in powers of ten; above 0 it was of use.</p>`
}

function facts({ role, epochs, mean_weight, mean_loss, mean_marginal }: Standing): Html {
  return html`<div class="facts"><div><span>role</span>${role}</div>
<div><span>epochs</span>${epochs}</div>
<div><span>mean weight</span>${number(mean_weight)}</div>
<div><span>mean loss, log10</span>${number(mean_loss)}</div>
<div><span>mean marginal</span>${number(mean_marginal)}</div></div>`
}

function contributionsTable(topic: Topic, contributions: readonly Contribution[]): Html {
  // Of classes the first label alone says little.
  const isOne = topic.labels.length === 1
  return html`<div class="scroll"><table>
<tr><th>epoch</th><th>role</th>${isOne ? html`<th class="n">value</th><th class="n">network without it</th>` : ""}<th class="n">weight</th><th class="n">loss, log10</th><th class="n">network's</th><th class="n">without it</th><th class="n">marginal</th><th>report</th></tr>
${contributions.map(
  (
    each,
  ) => html`<tr><td><a href="/topics/${topic.id}/epochs/${each.epoch}">${each.epoch}</a></td><td>${each.role}</td>
${isOne ? html`<td class="n">${number(each.value)}</td><td class="n">${number(each.value_without)}</td>` : ""}
<td class="n">${each.weight === null ? "–" : html`${bar(each.weight, WEIGHT_PX)} ${number(each.weight)}`}</td>
<td class="n">${number(each.loss)}</td><td class="n">${number(each.network_loss)}</td><td class="n">${number(each.loss_without)}</td>
<td class="n">${number(each.marginal)}</td><td>${statusChip(each.status)}</td></tr>`,
)}
</table></div>`
}
