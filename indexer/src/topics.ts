// Topics: created, patched, handed over, paid for.
import { ponder } from "ponder:registry"
import { funding, labelName, parameterSet, topic, topicTransfer } from "ponder:schema"
import { replaceBigInts } from "ponder"
import { storable } from "../text.ts"

const TOPIC_TYPES = ["", "regression", "classification"]
const LOSS_METHODS = ["", "squared", "absolute", "crossEntropy"]

ponder.on("Topics:TopicCreated", async ({ event, context: { db } }) => {
  const { topicId, creator, parametersHash, parameters } = event.args
  const { schedule, labels } = parameters
  const { transaction, block } = event
  await db.insert(topic).values({
    id: topicId,
    creator,
    metadata: storable(parameters.metadata),
    topicType: TOPIC_TYPES[parameters.topicType] ?? String(parameters.topicType),
    lossMethod: LOSS_METHODS[parameters.lossMethod] ?? String(parameters.lossMethod),
    labels: labels.map(storable),
    parametersHash,
    start: BigInt(schedule.start),
    firstEpoch: schedule.firstEpoch,
    length: BigInt(schedule.length),
    windowOpens: BigInt(schedule.windowOpens),
    windowLength: BigInt(schedule.windowLength),
    lag: BigInt(schedule.lag),
    generation: 0,
    funded: 0n,
    createdAt: block.timestamp,
    transaction: transaction.hash,
  })
  await db
    .insert(labelName)
    .values(labels.map((name, index) => ({ topicId, label: index, name: storable(name) })))
  await db.insert(parameterSet).values({
    topicId,
    fromEpoch: schedule.firstEpoch,
    parametersHash,
    parameters: plain(parameters),
    time: block.timestamp,
    transaction: transaction.hash,
  })
})

ponder.on("Topics:ParametersPatched", async ({ event, context: { db } }) => {
  const { topicId, fromEpoch, parametersHash, parameters } = event.args
  const set = {
    parametersHash,
    parameters: plain(parameters),
    time: event.block.timestamp,
    transaction: event.transaction.hash,
  }
  // A patch for the same epoch as the newest replaces it.
  await db
    .insert(parameterSet)
    .values({ topicId, fromEpoch, ...set })
    .onConflictDoUpdate(set)
  // Labels and schedule stay as they were created.
  await db.update(topic, { id: topicId }).set({
    parametersHash,
    metadata: storable(parameters.metadata),
    lossMethod: LOSS_METHODS[parameters.lossMethod] ?? String(parameters.lossMethod),
  })
})

ponder.on("Topics:TopicTransferred", async ({ event, context: { db } }) => {
  const { topicId, previous, current } = event.args
  await db.update(topic, { id: topicId }).set({ creator: current })
  await db.insert(topicTransfer).values({
    id: event.id,
    topicId,
    previous,
    current,
    time: event.block.timestamp,
    transaction: event.transaction.hash,
  })
})

ponder.on("Topics:TopicFunded", async ({ event, context: { db } }) => {
  const { topicId, funder, amount } = event.args
  await db.update(topic, { id: topicId }).set(({ funded }) => ({ funded: funded + amount }))
  await db.insert(funding).values({
    id: event.id,
    topicId,
    funder,
    amount,
    time: event.block.timestamp,
    transaction: event.transaction.hash,
  })
})

/** Parameters as JSON can hold them. */
function plain(parameters: unknown): unknown {
  return JSON.parse(
    JSON.stringify(replaceBigInts(parameters, String), (_, part) =>
      typeof part === "string" ? storable(part) : part,
    ),
  )
}
