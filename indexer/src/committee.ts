// The committee: its members as they stand now, the eras with the signers that each was opened with, and who may
// change it.
import { type Context, type Event, ponder } from "ponder:registry"
import { era, member, ownershipChange } from "ponder:schema"
import { storable } from "../text.ts"

ponder.on("Committee:MemberAdded", async ({ event, context: { db } }) => {
  const { id, owner, signer, payee, url } = event.args
  await db.insert(member).values({ id, owner, signer, payee, url: storable(url) })
})

ponder.on("Committee:MemberUpdated", async ({ event, context: { db } }) => {
  const { id, owner, signer, payee, url } = event.args
  await db.update(member, { id }).set({ owner, signer, payee, url: storable(url) })
})

ponder.on("Committee:EraOpened", async ({ event, context: { db } }) => {
  const {
    era: number,
    memberIds,
    signers,
    quorum,
    coreId,
    verifier,
    startsAt,
    expiresAt,
  } = event.args
  await db.insert(era).values({
    number,
    memberIds: [...memberIds],
    signers: [...signers],
    quorum,
    coreId,
    verifier,
    startsAt: BigInt(startsAt),
    expiresAt: BigInt(expiresAt),
  })
})

ponder.on("Committee:OwnershipTransferStarted", ({ event, context }) =>
  keepOwnership(event, context, false),
)
ponder.on("Committee:OwnershipTransferred", ({ event, context }) =>
  keepOwnership(event, context, true),
)

type Owned = Event<"Committee:OwnershipTransferStarted" | "Committee:OwnershipTransferred">

async function keepOwnership(event: Owned, { db }: Context, isAccepted: boolean): Promise<void> {
  const { previousOwner, newOwner } = event.args
  await db.insert(ownershipChange).values({
    id: event.id,
    isAccepted,
    previous: previousOwner,
    current: newOwner,
    time: event.block.timestamp,
    transaction: event.transaction.hash,
  })
}
