// Drives the demo's chain clock through an epoch: the window opens and, once every member holds every submission, closes;
// each topic's report comes on chain; the truth is told and, once every member holds it, settled.
import type { Chain } from "../chain.ts"
import { NodeError } from "../errors.ts"
import { truthTimes, windowOf } from "../schedule.ts"
import { type Network, type Status, until } from "./network.ts"

/** How long a step of an epoch may take of our time before the demo gives up and says what is missing. */
const STEP_LIMIT_MS = 120_000
/** How long a forecaster that says nothing is waited for. */
const FORECASTER_MS = 5_000

/** Of our time, in milliseconds, by what it went into. */
export type EpochTimes = {
  readonly epoch: number
  readonly ms: number
  readonly submissionsMs: number
  readonly reportsMs: number
  readonly truthsMs: number
  readonly settlementsMs: number
}

/** Runs one epoch of all topics until it is settled, and answers how long it took. */
export async function runEpoch(network: Network, chain: Chain, epoch: number): Promise<EpochTimes> {
  const began = performance.now()
  let before = began
  const lap = () => {
    const now = performance.now()
    const ms = now - before
    before = now
    return ms
  }
  await openEpoch(network, chain, epoch)
  const submissionsMs = lap()
  await closeEpoch(network, chain, epoch)
  await awaitReports(network, chain, epoch)
  const reportsMs = lap()
  await tellTruths(network, chain, epoch)
  const truthsMs = lap()
  await closeTruths(network, chain, epoch)
  await awaitSettlements(network, chain, epoch)
  const settlementsMs = lap()
  return { epoch, ms: before - began, submissionsMs, reportsMs, truthsMs, settlementsMs }
}

/** Opens the epoch's window and waits until every running member holds every worker's submission. */
export async function openEpoch(network: Network, chain: Chain, epoch: number): Promise<void> {
  await network.dev.mineAt(windowOf(scheduleOf(network, chain), epoch).opensAt)
  const began = performance.now()
  await untilHeld(network, `the submissions of epoch ${epoch}`, (status) =>
    network.topics.every(({ topicId, models }) => {
      const held = status.held[`${topicId}/${epoch}`] ?? 0
      // The forecaster has nothing to go by in the first epoch, and may refuse later.
      const isLate = epoch === 1 || performance.now() - began > FORECASTER_MS
      return held >= (isLate ? models.length : models.length + 1)
    }),
  )
}

export async function closeEpoch(network: Network, chain: Chain, epoch: number): Promise<void> {
  await network.dev.mineAt(windowOf(scheduleOf(network, chain), epoch).closesAt)
}

/** Waits until the chain shows each topic's report of the epoch. */
export async function awaitReports(network: Network, chain: Chain, epoch: number): Promise<void> {
  await untilOnChain(network, chain, `the reports of epoch ${epoch}`, (topicId) =>
    chain.ledger.report(topicId, 0, epoch),
  )
}

/** Lets the time come that the epoch's value is about, and waits until every running member holds every truth. */
export async function tellTruths(network: Network, chain: Chain, epoch: number): Promise<void> {
  await network.dev.mineAt(truthTimes(scheduleOf(network, chain), epoch).aboutAt)
  await untilHeld(network, `the truths of epoch ${epoch}`, (status) =>
    network.topics.every(
      ({ topicId, reputers }) => status.truths[`${topicId}/${epoch}`] === reputers.length,
    ),
  )
}

export async function closeTruths(network: Network, chain: Chain, epoch: number): Promise<void> {
  await network.dev.mineAt(truthTimes(scheduleOf(network, chain), epoch).closesAt)
}

/** Waits until the chain shows each topic's settlement of the epoch. */
export async function awaitSettlements(
  network: Network,
  chain: Chain,
  epoch: number,
): Promise<void> {
  await untilOnChain(network, chain, `the settlements of epoch ${epoch}`, (topicId) =>
    chain.ledger.settlement(topicId, epoch),
  )
}

/** Until every running member says of itself what `test` looks for. */
function untilHeld(network: Network, what: string, test: (status: Status) => boolean) {
  return until(
    what,
    async () => {
      network.processes.requireAll()
      const all = await network.statuses()
      const holds = (index: number) => {
        const status = all[index]
        return status !== undefined && test(status)
      }
      return network.runningMembers().every(holds) ? true : undefined
    },
    STEP_LIMIT_MS,
  )
}

function untilOnChain(
  network: Network,
  chain: Chain,
  what: string,
  find: (topicId: number) => unknown,
) {
  return until(
    what,
    async () => {
      network.processes.requireAll()
      await chain.follow()
      return network.topics.every(({ topicId }) => find(topicId) !== undefined) ? true : undefined
    },
    STEP_LIMIT_MS,
  )
}

/** The schedule of all topics: in the demo they coincide. */
function scheduleOf({ topics }: Network, { ledger }: Chain) {
  const [topic] = topics
  const schedule = topic && ledger.terms(topic.topicId, 0)?.parameters.schedule
  if (schedule) return schedule
  throw new NodeError("NoTopic", {
    sentence: "the demo's topics are not on the chain",
    remedy: "stop",
    required: "the topics created, and the chain followed",
  })
}
