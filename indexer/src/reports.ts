// Step 4: a report was accepted. The word is in the event; leaf, batch and attestation are in the calldata.
import { ponder } from "ponder:registry"
import { report } from "ponder:schema"
import { deployment } from "../../contracts/index.ts"
import { unpackWord } from "../../offchain/word.ts"
import { load, unpackSigma } from "../../wasm/index.ts"
import { settings } from "../settings.ts"
import { keepAttestation } from "./attestations.ts"
import { postedBy } from "./posted.ts"

/** `postedAfter` counts units of this many seconds. */
const POSTED_UNIT = 16

const contracts = deployment(settings().chainId)
await load()

ponder.on("Reports:ReportAccepted", async ({ event, context }) => {
  const { topicId, label, word, context: rows } = event.args
  const { block, transaction } = event
  const { value, epoch, observedAt, lag, postedAfter, sigma } = unpackWord(word)
  const posted = postedBy(transaction, contracts)
  await context.db.insert(report).values({
    topicId,
    label,
    epoch,
    value,
    sigma: unpackSigma(sigma) ?? null,
    observedAt: BigInt(observedAt),
    aboutAt: BigInt(observedAt + lag),
    finalAt: BigInt(observedAt + postedAfter * POSTED_UNIT + contracts.disputeSeconds),
    context: rows,
    history: posted?.historyOf({ topicId, label, epoch }) ?? null,
    block: block.number,
    time: block.timestamp,
    transaction: transaction.hash,
  })
  if (posted) await keepAttestation(event, context, posted)
})
