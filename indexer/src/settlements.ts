// Step 6: a settlement was accepted. The event holds the whole of it; the attestation is in the calldata.
import { ponder } from "ponder:registry"
import { settlement } from "ponder:schema"
import { deployment } from "../../contracts/index.ts"
import { settings } from "../settings.ts"
import { keepAttestation } from "./attestations.ts"
import { postedBy } from "./posted.ts"
import { decodeQuality } from "./quality.ts"

const contracts = deployment(settings().chainId)

ponder.on("Settlements:SettlementAccepted", async ({ event, context }) => {
  const { topicId, epoch, quality, ...leaf } = event.args
  const { inferers, ...measured } = decodeQuality(quality)
  const values = {
    generation: leaf.generation,
    leaf: leaf.leaf,
    parent: leaf.parent,
    state: leaf.state,
    pot: leaf.pot,
    context: leaf.context,
    isMissed: inferers === 0,
    inferers,
    ...measured,
    block: event.block.number,
    time: event.block.timestamp,
    transaction: event.transaction.hash,
  }
  // One that was taken back is made again under the next generation.
  await context.db
    .insert(settlement)
    .values({ topicId, epoch, ...values })
    .onConflictDoUpdate(values)
  const posted = postedBy(event.transaction, contracts)
  if (posted) await keepAttestation(event, context, posted)
})
