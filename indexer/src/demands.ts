// Step 7: rows that somebody asked the chain for, whoever published them, and the bonds.
import { type Context, ponder } from "ponder:registry"
import { bondCollection, demand, publication, publishedRow } from "ponder:schema"
import { and, eq, lte, sql } from "ponder"
import { type Hex, keccak256 } from "viem"

ponder.on("Disputes:RowDemanded", async ({ event, context: { db } }) => {
  const { kind, index, publishBefore, ...others } = event.args
  await db.insert(demand).values({
    ...others,
    kind: Number(kind),
    index: Number(index),
    publishBefore,
    status: "Open",
    time: event.block.timestamp,
    transaction: event.transaction.hash,
  })
})

ponder.on("Disputes:RowPublished", async ({ event, context: { db } }) => {
  const { leaf, publisher, answer } = event.args
  const key = { leaf, kind: Number(event.args.kind), index: Number(event.args.index) }
  await db.update(demand, key).set({ status: "Answered", bondOwner: publisher })
  const given = [answer.context, answer.list, answer.tables, answer.row]
  const rows = given.filter((bytes) => bytes !== "0x").map((bytes) => [keccak256(bytes), bytes])
  await db.insert(publication).values({
    id: event.id,
    ...key,
    publisher,
    parts: rows.map(([hash]) => hash as Hex),
    time: event.block.timestamp,
    transaction: event.transaction.hash,
  })
  for (const [hash, bytes] of rows as [Hex, Hex][])
    await db.insert(publishedRow).values({ hash, bytes }).onConflictDoNothing()
})

/** The demands for rows of a message that nobody answered in time, when one of them lapses: the events do not say which. */
export async function lapseDemands({ db }: Context, leaf: Hex, time: bigint): Promise<void> {
  await db.sql
    .update(demand)
    .set({ status: "Lapsed", bondOwner: sql`${demand.demander}` })
    .where(and(eq(demand.leaf, leaf), eq(demand.status, "Open"), lte(demand.publishBefore, time)))
}

ponder.on("Disputes:BondCollected", async ({ event, context: { db } }) => {
  await db.insert(bondCollection).values({
    id: event.id,
    ...event.args,
    time: event.block.timestamp,
    transaction: event.transaction.hash,
  })
})
