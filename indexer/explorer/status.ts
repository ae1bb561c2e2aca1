// How far a reading can be trusted, as a chip; the ladder stands in contracts/interfaces/IReader.sol.
import { html } from "hono/html"
import type { Html } from "./layout.ts"

const COLOURS: Readonly<Record<string, string>> = {
  Final: "good",
  Proven: "good",
  Void: "warn",
  Refuted: "bad",
}

/** What it means, where nobody may use the value. */
const FALLEN: Readonly<Record<string, string>> = {
  Void: "The state or the rows behind this report fell away: contracts refuse to read it.",
  Refuted: "The chain found this report to be wrong: contracts refuse to read it.",
}

export const isUsable = (status: string | null): boolean => !(status && status in FALLEN)

export function statusChip(status: string | null): Html | string {
  return status === null ? "–" : html`<span class="chip ${COLOURS[status] ?? ""}">${status}</span>`
}

/** A sentence where one is needed. */
export function fallen(status: string | null): Html | string {
  const sentence = status && FALLEN[status]
  return sentence ? html`<p>${statusChip(status)} ${sentence}</p>` : ""
}
