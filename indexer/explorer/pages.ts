// Pages to look at: all topics, one topic with its plots, one epoch with its rows and its attestation. Made here, without a
// script but the one that fetches them again, and without anything from elsewhere.
import { Hono } from "hono"
import { html, raw } from "hono/html"
import type { Lag } from "../lag.ts"
import type { Database } from "../rows/database.ts"
import { consoleText } from "./console.ts"
import { epochPage } from "./epoch.ts"
import { type Html, layout } from "./layout.ts"
import { sparkline } from "./plot.ts"
import { createQueries, type Newest, type Queries, type Topic } from "./queries.ts"
import { isUsable, statusChip } from "./status.ts"
import { topicPage } from "./topic.ts"
import { asFloat, number, short, time } from "./words.ts"
import { workerPage } from "./worker.ts"

const SPARK_EPOCHS = 60
const HEADERS = {
  "content-security-policy":
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
}

export function explorer(database: Database, lagOf: () => Promise<Lag>): Hono {
  const queries = createQueries(database)
  const app = new Hono()
  app.use(async (context, next) => {
    await next()
    for (const [name, value] of Object.entries(HEADERS)) context.header(name, value)
  })
  app.get("/", async (context) => {
    const lag = await lagOf()
    const cards = (await queries.topics()).map((topic) => card(topic, queries))
    return context.html(layout({ title: "Allora", lag }, allTopics(await Promise.all(cards))))
  })
  app.get("/topics/:id{[0-9]+}", async (context) => {
    const lag = await lagOf()
    const topic = await queries.topic(whole(context.req.param("id")))
    if (!topic) return context.html(layout({ title: "Allora", lag }, missing("topic")), 404)
    const title = `${topic.metadata} · Allora`
    return context.html(layout({ title, lag }, await topicPage(topic, queries)))
  })
  app.get("/topics/:id{[0-9]+}/epochs/:epoch{[0-9]+}", async (context) => {
    const lag = await lagOf()
    const { id, epoch } = context.req.param()
    const topic = await queries.topic(whole(id))
    const found = topic && (await queries.epoch(topic.id, whole(epoch)))
    if (!topic || !found)
      return context.html(layout({ title: "Allora", lag }, missing("epoch with a report")), 404)
    const title = `Epoch ${found.epoch} · ${topic.metadata}`
    return context.html(layout({ title, lag }, await epochPage(topic, found, queries)))
  })
  app.get("/topics/:id{[0-9]+}/workers/:worker{0x[0-9a-fA-F]{40}}", async (context) => {
    const lag = await lagOf()
    const { id, worker } = context.req.param()
    const owner = worker.toLowerCase()
    const topic = await queries.topic(whole(id))
    const page = topic && (await workerPage(topic, owner, queries))
    if (!topic || !page)
      return context.html(layout({ title: "Allora", lag }, missing("worker of this topic")), 404)
    return context.html(layout({ title: `${short(owner)} · ${topic.metadata}`, lag }, page))
  })
  app.get("/graphql", async (context) =>
    context.html(
      layout({ title: "GraphQL · Allora", lag: await lagOf(), isFresh: false }, raw(consoleText)),
    ),
  )
  return app
}

function allTopics(cards: readonly Html[]): Html {
  if (cards.length === 0)
    return html`<h1>No topic yet</h1><p class="soft"><code>npm run -s allora -- topic create</code> makes one.</p>`
  return html`<div class="cards">${cards}</div>`
}

async function card(topic: Topic, queries: Queries): Promise<Html> {
  const [newest, values, reported] = await Promise.all([
    queries.newest(topic.id),
    queries.values(topic.id, SPARK_EPOCHS),
    queries.reported(topic.id),
  ])
  const best = [...newest].sort((a, b) => Number(b.value ?? 0) - Number(a.value ?? 0))[0]
  const drawn = values
    .filter(({ label, status }) => label === best?.label && isUsable(status))
    .map(({ value }) => asFloat(value))
  return html`<a class="card" href="/topics/${topic.id}">
<h2>${topic.metadata}</h2>
${best && best.epoch !== null ? newestValue(topic, best) : html`<span class="soft">no report yet</span>`}
${drawn.length > 1 ? raw(sparkline(drawn)) : ""}
<div class="soft small">topic ${topic.id} · ${reported} ${reported === 1 ? "epoch" : "epochs"}</div>
</a>`
}

/** A class is shown by its probability. */
function newestValue(topic: Topic, { name, value, sigma, about_at, status }: Newest): Html {
  const isClass = topic.topic_type === "classification"
  return html`${isClass ? html`<span class="middle">${name}</span>` : ""} <span class="big">${number(value)}</span>
<span class="soft">${sigma === null || isClass ? "" : `± ${number(sigma)}`}</span>
<div class="soft small">about ${time(about_at)} ${statusChip(status)}</div>`
}

/** A number that fits a column; there is nothing under any other. */
const whole = (text: string) => Math.min(Number(text), 2 ** 31 - 1)

const missing = (what: string): Html =>
  html`<h1>There is no such ${what}</h1><p class="soft">At least not up to the block that is named above.</p>`
