// Workers and reputers of a topic: who is registered, and every change in its order on chain.
import { type Context, type Event, ponder } from "ponder:registry"
import { registration, worker } from "ponder:schema"

const INFERER = 1
const FORECASTER = 2
const REPUTER = 4

ponder.on("Topics:WorkerRegistered", async ({ event, context }) => {
  const { topicId, owner, signer, payee, roles } = event.args
  const present = {
    signer,
    payee,
    isInferer: (roles & INFERER) !== 0,
    isForecaster: (roles & FORECASTER) !== 0,
    isReputer: (roles & REPUTER) !== 0,
    joinedAt: event.block.timestamp,
    leftAt: null,
  }
  // Who has left may join again.
  await context.db
    .insert(worker)
    .values({ topicId, owner, ...present })
    .onConflictDoUpdate(present)
  await keep(event, context, { change: "joined", signer })
})

ponder.on("Topics:WorkerLeft", async ({ event, context }) => {
  const { topicId, owner, signer } = event.args
  await context.db.update(worker, { topicId, owner }).set({ leftAt: event.block.timestamp })
  await keep(event, context, { change: "left", signer })
})

ponder.on("Topics:SignerChanged", async ({ event, context }) => {
  const { topicId, owner, current: signer } = event.args
  await context.db.update(worker, { topicId, owner }).set({ signer })
  await keep(event, context, { change: "signerChanged", signer })
})

type Changed = Event<"Topics:WorkerRegistered" | "Topics:WorkerLeft" | "Topics:SignerChanged">

async function keep(
  event: Changed,
  { db }: Context,
  { change, signer }: { readonly change: string; readonly signer: `0x${string}` },
): Promise<void> {
  const { topicId, owner, roles, registrations } = event.args
  await db.insert(registration).values({
    id: event.id,
    topicId,
    change,
    owner,
    signer,
    roles,
    registrations,
    time: event.block.timestamp,
    transaction: event.transaction.hash,
  })
}
