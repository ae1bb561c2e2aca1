// Step 3, seen afterwards: who signed the batch that a transaction posted.
import type { Context, Event } from "ponder:registry"
import { attestation, era } from "ponder:schema"
import type { Hex } from "viem"
import type { Posted } from "./posted.ts"

type Accepted = Event<"Reports:ReportAccepted" | "Settlements:SettlementAccepted">

/** The event that was handled last. */
let last: { readonly transaction: Hex; readonly block: Hex; readonly logIndex: number } | undefined

/** Keeps the attestation of an event's transaction, at the first of its events. */
export async function keepAttestation(
  { transaction, block, log }: Pick<Accepted, "transaction" | "block" | "log">,
  { db }: Pick<Context, "db">,
  { batch, signers, attestation: bytes }: Posted,
): Promise<void> {
  // Events of one transaction come in their order; one that comes anew, after a reorganisation, begins at its first.
  const isFurther =
    last?.transaction === transaction.hash &&
    last.block === block.hash &&
    last.logIndex < log.logIndex
  last = { transaction: transaction.hash, block: block.hash, logIndex: log.logIndex }
  if (isFurther) return
  const members = (await db.find(era, { number: batch.era }))?.memberIds ?? []
  const values = {
    transaction: transaction.hash,
    era: batch.era,
    slot: BigInt(batch.slot),
    view: BigInt(batch.view),
    root: batch.root,
    memberIds: signers.flatMap((place) => members[place] ?? []),
    attestation: bytes,
    poster: transaction.from,
    block: block.number,
    time: block.timestamp,
  }
  // After a restart in the middle of a transaction it is there already.
  await db.insert(attestation).values(values).onConflictDoNothing()
}
