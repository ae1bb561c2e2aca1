// The stake behind a reputer: `StakeChanged` comes with every change and says what the pool has after it; the others say
// what moved, and whose it is.
import { type Context, type Event, ponder } from "ponder:registry"
import { reputer, stakeChange, stakeMovement } from "ponder:schema"

ponder.on("Stakes:StakeChanged", async ({ event, context: { db } }) => {
  const { topicId, reputer: owner, stake, total } = event.args
  const { timestamp } = event.block
  await db
    .insert(reputer)
    .values({ topicId, reputer: owner, stake, changedAt: timestamp })
    .onConflictDoUpdate({ stake, changedAt: timestamp })
  await db.insert(stakeChange).values({
    id: event.id,
    topicId,
    reputer: owner,
    stake,
    total,
    time: timestamp,
    transaction: event.transaction.hash,
  })
})

ponder.on("Stakes:Deposited", ({ event, context }) =>
  keep(event, context, { movement: "deposited", amount: event.args.amount }),
)
ponder.on("Stakes:WithdrawalRequested", ({ event, context }) =>
  keep(event, context, {
    movement: "withdrawalRequested",
    availableAt: BigInt(event.args.availableAt),
  }),
)
ponder.on("Stakes:WithdrawalCancelled", ({ event, context }) =>
  keep(event, context, { movement: "withdrawalCancelled" }),
)
ponder.on("Stakes:Withdrawn", ({ event, context }) =>
  keep(event, context, { movement: "withdrawn", amount: event.args.amount }),
)

type Moved = Event<
  | "Stakes:Deposited"
  | "Stakes:WithdrawalRequested"
  | "Stakes:WithdrawalCancelled"
  | "Stakes:Withdrawn"
>
type Movement = {
  readonly movement: string
  readonly amount?: bigint
  readonly availableAt?: bigint
}

async function keep(
  event: Moved,
  { db }: Context,
  { movement, amount, availableAt }: Movement,
): Promise<void> {
  const { topicId, reputer: owner, holder, shares, stake } = event.args
  await db.insert(stakeMovement).values({
    id: event.id,
    topicId,
    reputer: owner,
    holder,
    movement,
    shares,
    amount: amount ?? null,
    availableAt: availableAt ?? null,
    stake,
    time: event.block.timestamp,
    transaction: event.transaction.hash,
  })
}
