// Who takes part in the demo's topics: a key for each worker and reputer, their topics, registrations and stakes, and the
// processes that they run, all by the commands that a person would type.
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Hex } from "viem"
import type { Break } from "../models/broken.ts"
import { CATALOGUE, FORECASTER } from "../models/catalogue.ts"
import type { SeriesName } from "../models/series.ts"
import { TOPICS, type Topic } from "../models/topics.ts"
import { newKeyFile } from "../signer.ts"
import type { Processes } from "./processes.ts"

/** In ALLO: no two of the three reputers have two thirds without the largest, and it alone has less than half. */
const STAKES = [4_000, 3_500, 2_500] as const
/** How often members and workers ask the chain for a new block; the others, who are many, half as often. */
export const POLL_MS = "50"
const SELDOM_MS = "100"
/** What a reputer gets beyond its stake, for the fee. */
const REPUTER_EXTRA = 1_000

/** One worker or reputer: its name, its key and the address of that. */
export type Actor = { readonly name: string; readonly file: string; readonly address: Hex }

export type DemoTopic = Topic & {
  readonly topicId: number
  /** The folder of its keys. */
  readonly keys: string
  /** The inferers. */
  readonly models: readonly Actor[]
  readonly forecaster: Actor
  readonly reputers: readonly Actor[]
}

/** A worker of one topic that answers wrongly for some epochs. */
export type BrokenWorker = Break & { readonly topic: SeriesName }

type Place = { readonly folder: string; readonly onChain: readonly string[] }

/** Keys for everybody; topic ids in the order of creation. */
export function castOf(keys: string, only?: readonly SeriesName[]): readonly DemoTopic[] {
  const chosen = TOPICS.filter(({ name }) => only?.includes(name) ?? true)
  return chosen.map((topic, index) => {
    const folder = join(keys, topic.name)
    mkdirSync(folder, { recursive: true })
    const actor = (name: string): Actor => {
      const file = join(folder, `${name}.key`)
      return { name, file, address: newKeyFile(file) }
    }
    return {
      ...topic,
      topicId: index + 1,
      keys: folder,
      models: CATALOGUE[topic.name].map(({ name }) => actor(name)),
      forecaster: actor(FORECASTER),
      reputers: STAKES.map((_, number) => actor(`reputer${number}`)),
    }
  })
}

/** Creates the topics, then registers everybody and pays in the reputers' stakes. */
export async function found(
  topics: readonly DemoTopic[],
  startsAt: number,
  { run }: Processes,
  { folder, onChain }: Place,
): Promise<void> {
  const creatorFile = join(folder, "keys", "creator.key")
  const creator = newKeyFile(creatorFile)
  const workers = topics.flatMap(({ models, forecaster }) => [...models, forecaster])
  const addresses = (actors: readonly Actor[]) => actors.map(({ address }) => address)
  await run(["faucet", creator, ...addresses(workers), ...onChain])
  const richest = String(Math.max(...STAKES) + REPUTER_EXTRA)
  const reputers = addresses(topics.flatMap((topic) => topic.reputers))
  await run(["faucet", ...reputers, "--allo", richest, ...onChain])
  for (const { name } of topics) {
    const file = join(folder, `${name}.json`)
    writeFileSync(file, await run(["topic", "template", name, "--start", String(startsAt)]))
    await run(["topic", "create", "--file", file, "--key-file", creatorFile, ...onChain])
  }
  // Everybody has a key of its own, so nobody waits for another's transaction.
  await Promise.all(topics.map(takePart))

  async function takePart({ topicId, models, forecaster, reputers }: DemoTopic) {
    const topic = ["--topic", String(topicId)]
    const roles = { inferer: models, forecaster: [forecaster], reputer: reputers }
    for (const [role, actors] of Object.entries(roles)) {
      const files = actors.map(({ file }) => file)
      await run(["register", ...topic, "--role", role, "--key-file", ...files, ...onChain])
    }
    for (const [index, { file }] of reputers.entries()) {
      const amount = ["--amount", String(STAKES[index]), "--key-file", file]
      await run(["stake", "deposit", ...topic, ...amount, ...onChain])
    }
  }
}

/** A process for each topic's models, one for its forecaster, one for each reputer. */
export function startActors(
  topics: readonly DemoTopic[],
  { allora }: Processes,
  { onChain }: Place,
  broken?: BrokenWorker,
): void {
  for (const { name, topicId, keys, reputers } of topics) {
    const topic = ["--topic", String(topicId), "--series", name, ...onChain]
    const worker = ["worker", ...topic, "--keys", keys]
    const seldom = ["--poll", SELDOM_MS]
    const wrong =
      broken?.topic === name ? ["--break", `${broken.model}:${broken.from}:${broken.to}`] : []
    allora(`worker-${name}`, [...worker, ...wrong, "--poll", POLL_MS])
    allora(`forecaster-${name}`, [...worker, "--models", FORECASTER, ...seldom])
    for (const { name: own, file } of reputers)
      allora(`${own}-${name}`, ["reputer", ...topic, "--key-file", file, ...seldom])
  }
}
