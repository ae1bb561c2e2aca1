// Drives the demo's chain clock from window to window: opens an epoch, waits until every member holds every
// submission, closes it, waits until each topic's report is on chain.
import type { Chain } from "../chain.ts"
import { NodeError } from "../errors.ts"
import { termsOf } from "../terms.ts"
import { type Network, until } from "./network.ts"

/** How long a step of an epoch may take of our time before the demo gives up and says what is missing. */
const STEP_LIMIT_MS = 120_000

export type EpochTimes = { readonly epoch: number; readonly ms: number }

/** Runs one epoch of all topics and answers how long it took. */
export async function runEpoch(network: Network, chain: Chain, epoch: number): Promise<EpochTimes> {
  const began = performance.now()
  await openEpoch(network, chain, epoch)
  await closeEpoch(network, chain, epoch)
  await awaitReports(network, chain, epoch)
  return { epoch, ms: performance.now() - began }
}

/** Opens the epoch's window and waits until every running member holds every model's submission. */
export async function openEpoch(network: Network, chain: Chain, epoch: number): Promise<void> {
  const { dev, topics, processes } = network
  await dev.mineAt(windowOf(network, chain, epoch).opensAt)
  await until(
    `the submissions of epoch ${epoch}`,
    async () => {
      processes.requireAll()
      const all = await network.statuses()
      const complete = network
        .runningMembers()
        .every((index) =>
          topics.every(
            ({ topicId, models }) => all[index]?.held[`${topicId}/${epoch}`] === models.length,
          ),
        )
      return complete ? true : undefined
    },
    STEP_LIMIT_MS,
  )
}

export async function closeEpoch(network: Network, chain: Chain, epoch: number): Promise<void> {
  await network.dev.mineAt(windowOf(network, chain, epoch).closesAt)
}

/** Waits until the chain shows each topic's report of the epoch. */
export async function awaitReports(network: Network, chain: Chain, epoch: number): Promise<void> {
  await until(
    `the reports of epoch ${epoch}`,
    async () => {
      network.processes.requireAll()
      await chain.follow()
      const all = network.topics.every(({ topicId }) => chain.ledger.report(topicId, 0, epoch))
      return all ? true : undefined
    },
    STEP_LIMIT_MS,
  )
}

/** The window of all topics: in the demo they coincide. */
function windowOf({ topics }: Network, { ledger, deployment }: Chain, epoch: number) {
  const [topic] = topics
  const terms = topic && termsOf(ledger, deployment, { topicId: topic.topicId, epoch })
  if (terms) return terms
  throw new NodeError("WrongEpoch", {
    sentence: "the demo's topics have no such epoch",
    remedy: "stop",
    given: epoch,
    required: "one of the schedule, with the chain followed",
  })
}
