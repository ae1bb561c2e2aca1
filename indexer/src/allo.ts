// The token: who pays whom, who may take from whom, and who votes for whom.
import { ponder } from "ponder:registry"
import { approval, delegation, transfer, voter } from "ponder:schema"

ponder.on("Allo:Transfer", async ({ event, context: { db } }) => {
  await db.insert(transfer).values({
    id: event.id,
    ...event.args,
    time: event.block.timestamp,
    transaction: event.transaction.hash,
  })
})

ponder.on("Allo:Approval", async ({ event, context: { db } }) => {
  await db.insert(approval).values({
    id: event.id,
    ...event.args,
    time: event.block.timestamp,
    transaction: event.transaction.hash,
  })
})

ponder.on("Allo:DelegateChanged", async ({ event, context: { db } }) => {
  const { delegator, fromDelegate, toDelegate } = event.args
  await db.insert(delegation).values({
    id: event.id,
    delegator,
    previous: fromDelegate,
    current: toDelegate,
    time: event.block.timestamp,
    transaction: event.transaction.hash,
  })
})

ponder.on("Allo:DelegateVotesChanged", async ({ event, context: { db } }) => {
  const { delegate: account, newVotes: votes } = event.args
  const present = { votes, changedAt: event.block.timestamp }
  await db
    .insert(voter)
    .values({ account, ...present })
    .onConflictDoUpdate(present)
})
