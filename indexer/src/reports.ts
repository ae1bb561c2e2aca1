// Steps 4 and 7: a report was accepted, or its word marked. The word is in the event; leaf, batch and attestation are in the calldata.
import { ponder } from "ponder:registry"
import { report, wordMark } from "ponder:schema"
import { deployment } from "../../contracts/index.ts"
import { STATUS, unpackWord } from "../../offchain/word.ts"
import { load, unpackSigma } from "../../wasm/index.ts"
import { settings } from "../settings.ts"
import { keepAttestation } from "./attestations.ts"
import { postedBy } from "./posted.ts"
import { timesOf } from "./words.ts"

const contracts = deployment(settings().chainId)
await load()

ponder.on("Reports:ReportAccepted", async ({ event, context }) => {
  const { topicId, label, word, context: rows } = event.args
  const { block, transaction } = event
  const unpacked = unpackWord(word)
  const { value, epoch, status, sigma } = unpacked
  const posted = postedBy(transaction, contracts)
  const values = {
    value,
    sigma: unpackSigma(sigma) ?? null,
    ...timesOf(unpacked, contracts.disputeSeconds),
    wordStatus: STATUS[status] as string,
    wordEpoch: null,
    wordObservedAt: null,
    context: rows,
    history: posted?.historyOf({ topicId, label, epoch }) ?? null,
    block: block.number,
    time: block.timestamp,
    transaction: transaction.hash,
  }
  // One may lie there already: refuted, of an epoch that was not due yet, while its word stood under another.
  await context.db
    .insert(report)
    .values({ topicId, epoch, label, ...values })
    .onConflictDoUpdate(values)
  if (posted) await keepAttestation(event, context, posted)
})

// What is marked is a report's word; which report's, the dispute says in its next event.
ponder.on("Reports:WordMarked", async ({ event, context: { db } }) => {
  const { topicId, label, word } = event.args
  const { epoch, observedAt, status } = unpackWord(word)
  await db.insert(wordMark).values({
    transaction: event.transaction.hash,
    logIndex: event.log.logIndex,
    topicId,
    label,
    epoch,
    observedAt: BigInt(observedAt),
    status: STATUS[status] as string,
    word,
    time: event.block.timestamp,
  })
})
