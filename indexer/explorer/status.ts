// How far a reading can be trusted, as a chip; the ladder stands in contracts/interfaces/IReader.sol.
import { html } from "hono/html"
import type { Lag } from "../lag.ts"
import type { Html } from "./layout.ts"

/** `Final` is a matter of time: the chain's, not this machine's. */
export function status(finalAt: string | null, { chain, index }: Lag): Html {
  const now = chain?.time ?? index?.time ?? 0
  return finalAt !== null && now >= Number(finalAt)
    ? html`<span class="chip good">Final</span>`
    : html`<span class="chip">Attested</span>`
}
