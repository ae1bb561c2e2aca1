// What somebody brought before the chain: proofs and refutations, and rows that were demanded.
import { html } from "hono/html"
import type { Html } from "./layout.ts"
import type { Demand, Dispute } from "./queries.ts"
import { statusChip } from "./status.ts"
import { number, short, time } from "./words.ts"

const LISTS: Readonly<Record<number, string>> = {
  0: "context",
  16: "inputs",
  32: "state",
  41: "one-out table",
  42: "one-in table",
  48: "outputs",
}
const DEMAND_COLOURS: Readonly<Record<string, string>> = { Answered: "good", Lapsed: "bad" }

export function disputesTable(topicId: number, disputes: readonly Dispute[]): Html | string {
  if (disputes.length === 0) return ""
  return html`<h2>Disputes</h2><div class="scroll"><table>
<tr><th>time</th><th>message</th><th>outcome</th><th>claim</th><th>signed by</th><th>brought by</th></tr>
${disputes.map(
  (
    each,
  ) => html`<tr><td>${time(each.time)}</td><td>${each.message} of <a href="/topics/${topicId}/epochs/${each.epoch}">epoch ${each.epoch}</a>${each.label ? `, label ${each.label}` : ""}</td>
<td>${each.outcome === "Lapsed" ? statusChip("Void") : statusChip(each.outcome)}${each.outcome === "Lapsed" ? " a row was not published" : ""}${each.moved ? "" : html` <span class="soft">changed nothing</span>`}</td>
<td>${each.claim ? `${each.claim}${each.at && each.at !== "0" ? ` at ${each.at}` : ""}` : "–"}</td>
<td>${each.member_ids.length > 0 ? `members ${each.member_ids.join(", ")}` : "–"}</td><td class="hex">${short(each.caller)}</td></tr>`,
)}
</table></div>`
}

export function demandsTable(topicId: number, demands: readonly Demand[]): Html | string {
  if (demands.length === 0) return ""
  return html`<h2>Rows demanded</h2><div class="scroll"><table>
<tr><th>epoch</th><th>row</th><th>state</th><th>to be published by</th><th class="n">bond</th><th>bond goes to</th></tr>
${demands.map(
  (
    each,
  ) => html`<tr><td><a href="/topics/${topicId}/epochs/${each.epoch}">${each.epoch}</a></td><td>${LISTS[each.kind] ?? each.kind} ${each.kind === 0 ? "" : each.index}</td>
<td><span class="chip ${DEMAND_COLOURS[each.status] ?? "warn"}">${each.status}</span></td><td>${time(each.publish_before)}</td>
<td class="n">${number(each.bond)}</td><td class="hex">${short(each.bond_owner)}</td></tr>`,
)}
</table></div>`
}
