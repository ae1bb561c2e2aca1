// What all pages share: head, style, the line that says how far the index is, and a script that keeps a page fresh.
import { html, raw } from "hono/html"
import type { Lag } from "../lag.ts"
import { time } from "./words.ts"

export type Html = ReturnType<typeof html>

const STYLE = `
:root { color-scheme: light dark; --back: #fbfaf8; --card: #fff; --ink: #1d1f24; --soft: #6a6f7a; --rule: #e4e2dc;
  --network: #2457d6; --truth: #d2452f; --mean: #8a8f9a; --band: #2457d622; --good: #1d7f4a; --warn: #a8660a; --bad: #c2281d;
  --c0: #2457d6; --c1: #d2452f; --c2: #1d7f4a; --c3: #a8660a; --c4: #7a3fc0; --c5: #0b8a9a; --c6: #b83280; --c7: #5c6b1e; }
@media (prefers-color-scheme: dark) { :root { --back: #14161a; --card: #1c1f25; --ink: #e8e9ec; --soft: #9aa0ac;
  --rule: #2d3139; --network: #7ea2ff; --truth: #ff8a73; --mean: #7c828e; --band: #7ea2ff26; --good: #5fcf96; --warn: #e5ab57; --bad: #ff7a6b;
  --c0: #7ea2ff; --c1: #ff8a73; --c2: #5fcf96; --c3: #e5ab57; --c4: #bb92f0; --c5: #56c8d6; --c6: #f08abf; --c7: #b7c96a; } }
* { box-sizing: border-box }
body { margin: 0; background: var(--back); color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", sans-serif }
header, main { max-width: 940px; margin: 0 auto; padding: 0 20px }
header { display: flex; flex-wrap: wrap; gap: 6px 22px; align-items: baseline; padding-top: 18px; padding-bottom: 10px;
  border-bottom: 1px solid var(--rule); margin-bottom: 22px }
header .name { font-weight: 650; letter-spacing: .01em; font-size: 17px }
header .state { margin-left: auto; color: var(--soft); font-size: 13px }
a { color: inherit; text-decoration-color: var(--rule); text-underline-offset: 3px }
a:hover { text-decoration-color: currentColor }
h1 { font-size: 24px; line-height: 1.25; margin: 0 0 2px; font-weight: 620 }
.small + .scroll { margin-top: 18px }
h2 { font-size: 16px; margin: 34px 0 10px; font-weight: 620 }
.soft { color: var(--soft) } .small { font-size: 13px }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(280px, 1fr)); gap: 16px }
.card { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; padding: 16px 18px; display: block;
  text-decoration: none }
.card:hover { border-color: var(--soft) }
.card h2 { margin: 0 0 8px }
.big { font-size: 32px; font-weight: 600; font-variant-numeric: tabular-nums; letter-spacing: -.01em }
.middle { font-size: 20px; font-weight: 600; margin-right: 4px }
.facts { display: flex; flex-wrap: wrap; gap: 6px 28px; margin: 10px 0 4px }
.facts div { min-width: 90px } .facts div > span:first-child { display: block; color: var(--soft); font-size: 12.5px }
.chip { display: inline-block; font-size: 12px; padding: 1px 8px; border-radius: 99px; border: 1px solid currentColor;
  color: var(--soft); vertical-align: 2px }
.chip.good { color: var(--good) } .chip.warn { color: var(--warn) } .chip.bad { color: var(--bad) }
s { color: var(--soft) }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
th { text-align: left; font-weight: 500; color: var(--soft); font-size: 12.5px; padding: 4px 12px 4px 0;
  border-bottom: 1px solid var(--rule) }
td { padding: 5px 12px 5px 0; border-bottom: 1px solid var(--rule) }
th, td.n, td.hex { white-space: nowrap }
th.n, td.n { text-align: right; padding-right: 26px }
th.n:last-child, td.n:last-child { padding-right: 0 }
code { white-space: pre-wrap }
code, .hex { font: 12.5px ui-monospace, "DejaVu Sans Mono", monospace }
.break { overflow-wrap: anywhere }
.scroll { overflow-x: auto }
svg { width: 100%; height: auto; display: block } .spark { height: 48px; margin-top: 8px }
@media (max-width: 600px) { svg:not(.spark) .tick { font-size: 18px } }
.grid { stroke: var(--rule); stroke-width: 1 } .tick { fill: var(--soft); font-size: 11.5px }
.line { fill: none; stroke-width: 1.8; stroke-linejoin: round; vector-effect: non-scaling-stroke }
.network { stroke: var(--network) } .mean { stroke: var(--mean) } .mean, .dashed { stroke-dasharray: 4 4 } .band { fill: var(--band) }
.dot { fill: var(--truth) } .dot.said { fill: var(--network); opacity: 0 } .dot.said:hover { opacity: 1 }
.c0 { stroke: var(--c0) } .c1 { stroke: var(--c1) } .c2 { stroke: var(--c2) } .c3 { stroke: var(--c3) }
.c4 { stroke: var(--c4) } .c5 { stroke: var(--c5) } .c6 { stroke: var(--c6) } .c7 { stroke: var(--c7) }
.legend { display: flex; flex-wrap: wrap; gap: 2px 18px; font-size: 13px; color: var(--soft); margin: 4px 0 0 }
.legend svg { display: inline; width: 22px; height: 8px; vertical-align: 2px; margin-right: 5px }
.bar { display: inline-block; height: 8px; border-radius: 4px; background: var(--network); vertical-align: 1px }
textarea { width: 100%; min-height: 190px; font: 13px/1.5 ui-monospace, "DejaVu Sans Mono", monospace; padding: 12px;
  border: 1px solid var(--rule); border-radius: 10px; background: var(--card); color: var(--ink) }
pre { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; padding: 12px; overflow: auto;
  font: 12.5px/1.5 ui-monospace, "DejaVu Sans Mono", monospace; max-height: 60vh }
button { font: inherit; padding: 6px 16px; border-radius: 8px; border: 1px solid var(--rule); background: var(--card);
  color: var(--ink); cursor: pointer; margin: 8px 0 }
`

/** The page is fetched again every few seconds while somebody looks at it. */
const REFRESH = `
setInterval(async () => {
  if (document.hidden || getSelection().toString()) return
  try {
    const text = await (await fetch(location.href)).text()
    const next = new DOMParser().parseFromString(text, "text/html")
    for (const name of ["main", ".state"]) document.querySelector(name).innerHTML = next.querySelector(name).innerHTML
  } catch {}
}, 5000)
`

const STATES: Readonly<Record<Lag["state"], string>> = {
  follows: "follows the chain",
  reads: "reads the history",
  stuck: "is stuck: restart it",
  replaced: "is of another chain: restart it",
  silent: "hears no chain",
}

export function layout(
  { title, lag, isFresh = true }: { title: string; lag: Lag; isFresh?: boolean },
  body: unknown,
): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${raw(STYLE)}</style>
</head>
<body>
<header>
<a class="name" href="/" style="text-decoration:none">Allora</a>
<a href="/">Topics</a>
<a href="/graphql">GraphQL</a>
<span class="state">${stateLine(lag)}</span>
</header>
<main>${body}</main>
${isFresh ? html`<script>${raw(REFRESH)}</script>` : ""}
</body>
</html>`
}

function stateLine({ state, index, blocksBehind, pendingContexts }: Lag): Html {
  const isGood = state === "follows"
  return html`<span class="chip ${isGood ? "good" : "warn"}">${STATES[state]}</span>
block ${index?.block ?? "–"}, ${time(index?.time ?? null)}${blocksBehind ? `, ${blocksBehind} behind` : ""}${pendingContexts ? `, rows of ${pendingContexts} to come` : ""}`
}
