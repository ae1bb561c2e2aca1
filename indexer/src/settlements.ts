// Steps 6 and 7: a settlement was accepted, or taken back. The event holds the whole of it; the attestation is in the calldata.
import { ponder } from "ponder:registry"
import { settlement, takeBack, topic } from "ponder:schema"
import { and, eq, gte, isNull } from "ponder"
import { deployment } from "../../contracts/index.ts"
import { settings } from "../settings.ts"
import { keepAttestation } from "./attestations.ts"
import { postedBy } from "./posted.ts"
import { decodeQuality } from "./quality.ts"

const contracts = deployment(settings().chainId)

ponder.on("Settlements:SettlementAccepted", async ({ event, context }) => {
  const { quality, ...leaf } = event.args
  const { inferers, ...measured } = decodeQuality(quality)
  await context.db.insert(settlement).values({
    ...leaf,
    status: "Accepted",
    isMissed: inferers === 0,
    inferers,
    ...measured,
    block: event.block.number,
    time: event.block.timestamp,
    transaction: event.transaction.hash,
  })
  const posted = postedBy(event.transaction, contracts)
  if (posted) await keepAttestation(event, context, posted)
})

ponder.on("Settlements:SettlementTakenBack", async ({ event, context: { db } }) => {
  const { topicId, epoch, generation } = event.args
  const { timestamp: time } = event.block
  await db.insert(takeBack).values({
    id: event.id,
    ...event.args,
    time,
    transaction: event.transaction.hash,
  })
  await db.update(topic, { id: topicId }).set({ generation })
  // Epochs ascend on the way to the head: what follows has a greater one, and falls with it.
  await db.sql
    .update(settlement)
    .set({ status: "TakenBack", takenBackAt: time })
    .where(
      and(
        eq(settlement.topicId, topicId),
        gte(settlement.epoch, epoch),
        isNull(settlement.takenBackAt),
      ),
    )
})
