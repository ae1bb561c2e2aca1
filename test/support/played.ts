// A chain with the real contracts whose committee the test plays: it signs with the members' keys, posts what it likes when
// it likes, and serves the rows or does not.
import type { Parameters } from "../../contracts/index.ts"
import { parametersOf, WAD } from "./epochs.ts"
import { createCommittee } from "./played/committee.ts"
import { openTopic } from "./played/topic.ts"
import { startWorld } from "./played/world.ts"

const DAY = 86_400

export type Played = Awaited<ReturnType<typeof startPlayed>>

/** Starts chain and contracts, with a topic of one value and one of three classes, both with a day for an epoch. */
export async function startPlayed() {
  const world = await startWorld()
  try {
    return await playedIn(world)
  } catch (error) {
    // A chain that is left running would keep the test from ending.
    await world.end()
    throw error
  }
}

async function playedIn(world: Awaited<ReturnType<typeof startWorld>>) {
  const committee = createCommittee(world)
  const start = Math.floor((await world.dev.time()) / DAY + 2) * DAY
  const parametersFor = (labels: number, metadata: string): Parameters => {
    const base = parametersOf(labels)
    const { schedule } = base
    return {
      ...base,
      labels: [...base.labels],
      metadata,
      schedule: { ...schedule, start, length: DAY, windowLength: 3_600, truthWindow: 600 },
    }
  }
  const values = await openTopic(world, committee, 1, parametersFor(1, "a played topic"))
  const base = parametersFor(3, "three played classes")
  const classes = await openTopic(world, committee, 2, {
    ...base,
    topicType: 2,
    lossMethod: 3,
    arithmetic: { ...base.arithmetic, minimum: 0n, maximum: WAD, lossFloor: 10n ** 12n },
  })
  return {
    ...world,
    post: committee.post,
    topicId: values.topicId,
    parameters: values.parameters,
    report: values.report,
    settle: values.settle,
    forget: values.forget,
    /** The topic of classes. */
    classes,
    /** Answers a function that takes back all that happens on the chain from here on. */
    async snapshot(): Promise<() => Promise<void>> {
      const id = await world.dev.request<string>("evm_snapshot")
      const forget = [values, classes].map((topic) => topic.remember())
      return async () => {
        await world.dev.request("evm_revert", [id])
        for (const each of forget) each()
      }
    },
  }
}
