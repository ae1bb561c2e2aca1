// Step 7: what became of messages that were brought before the chain, and what that made of their reports and settlements.
import { type Context, type Event, ponder } from "ponder:registry"
import { dispute, era, report, settlement, wordMark } from "ponder:schema"
import { eq } from "ponder"
import type { Hex } from "viem"
import { deployment } from "../../contracts/index.ts"
import { CLAIMS } from "../../offchain/dispute/claims.ts"
import { unpackWord } from "../../offchain/word.ts"
import { unpackSigma } from "../../wasm/index.ts"
import { settings } from "../settings.ts"
import { lapseDemands } from "./demands.ts"
import { isLeafOf, timesOf } from "./words.ts"

const { disputeSeconds } = deployment(settings().chainId)

ponder.on("Disputes:ReportProven", ({ event, context }) =>
  judgeReport(event, context, { outcome: "Proven", moved: true }),
)
ponder.on("Disputes:ReportRefuted", ({ event, context }) =>
  judgeReport(event, context, { outcome: "Refuted", ...event.args }),
)
ponder.on("Disputes:ReportVoided", ({ event, context }) =>
  judgeReport(event, context, { outcome: "Void", moved: true }),
)
ponder.on("Disputes:ReportLapsed", ({ event, context }) =>
  judgeReport(event, context, { outcome: "Lapsed", ...event.args }),
)
ponder.on("Disputes:SettlementRefuted", ({ event, context }) =>
  judgeSettlement(event, context, { outcome: "Refuted", ...event.args }),
)
ponder.on("Disputes:SettlementVoided", ({ event, context }) =>
  judgeSettlement(event, context, { outcome: "Void", moved: true }),
)
ponder.on("Disputes:SettlementLapsed", ({ event, context }) =>
  judgeSettlement(event, context, { outcome: "Lapsed", ...event.args }),
)

type OfReport = Event<
  | "Disputes:ReportProven"
  | "Disputes:ReportRefuted"
  | "Disputes:ReportVoided"
  | "Disputes:ReportLapsed"
>
type OfSettlement = Event<
  "Disputes:SettlementRefuted" | "Disputes:SettlementVoided" | "Disputes:SettlementLapsed"
>
type Judgement = {
  readonly outcome: "Proven" | "Refuted" | "Void" | "Lapsed"
  readonly moved: boolean
  readonly claim?: number
  readonly at?: bigint
  readonly era?: number
  /** A bitmap of the era's members. */
  readonly signers?: bigint
}

/** What a message is from then on. */
const statusOf = ({ outcome }: Judgement) => (outcome === "Lapsed" ? "Void" : outcome)

async function judgeReport(event: OfReport, context: Context, judged: Judgement): Promise<void> {
  const { topicId, epoch, label, leaf } = event.args
  await keep(event, context, { message: "report", ...judged, topicId, epoch, label, leaf })
  const { db } = context
  const key = { topicId, epoch, label }
  const found = await db.find(report, key)
  const { hash: transaction } = event.transaction
  // The word was marked just before.
  const mark = await db.find(wordMark, { transaction, logIndex: event.log.logIndex - 1 })
  if (!mark) {
    // Its word is displaced, and only its context fell; the report that was accepted may be another.
    if (judged.moved && found && isLeafOf(found, leaf))
      await db.update(report, key).set({ wordStatus: statusOf(judged) })
    return
  }
  const word = unpackWord(mark.word)
  const sigma = unpackSigma(word.sigma) ?? null
  const observedAt = BigInt(word.observedAt)
  const present = {
    wordStatus: statusOf(judged),
    wordEpoch: word.epoch === epoch ? null : word.epoch,
  }
  if (found && found.value === word.value && found.sigma === sigma) {
    const wordObservedAt = found.observedAt === observedAt ? null : observedAt
    await db.update(report, key).set({ ...present, wordObservedAt })
    return
  }
  // Nobody had posted it.
  const values = {
    ...present,
    wordObservedAt: null,
    value: word.value,
    sigma,
    ...timesOf(word, disputeSeconds),
    context: null,
    history: null,
    block: event.block.number,
    time: event.block.timestamp,
    transaction,
  }
  await db
    .insert(report)
    .values({ ...key, ...values })
    .onConflictDoUpdate(values)
}

async function judgeSettlement(
  event: OfSettlement,
  context: Context,
  judged: Judgement,
): Promise<void> {
  const { topicId, epoch, leaf } = event.args
  await keep(event, context, { message: "settlement", ...judged, topicId, epoch, leaf })
  if (!judged.moved) return
  // The event does not say its generation.
  const status = statusOf(judged)
  await context.db.sql.update(settlement).set({ status }).where(eq(settlement.leaf, leaf))
}

type Kept = Judgement & {
  readonly message: "report" | "settlement"
  readonly topicId: number
  readonly epoch: number
  readonly label?: number
  readonly leaf: Hex
}

async function keep(
  { id, block, transaction }: OfReport | OfSettlement,
  context: Context,
  { message, outcome, topicId, epoch, label, leaf, moved, ...given }: Kept,
): Promise<void> {
  const { db } = context
  if (outcome === "Lapsed") await lapseDemands(context, leaf, block.timestamp)
  const term = given.era === undefined ? null : await db.find(era, { number: given.era })
  const bitmap = given.signers ?? 0n
  const hasSigned = (_: unknown, place: number) => ((bitmap >> BigInt(place)) & 1n) === 1n
  await db.insert(dispute).values({
    id,
    message,
    outcome,
    topicId,
    epoch,
    label: label ?? null,
    leaf,
    // 0 is none.
    claim: given.claim ? (CLAIMS[given.claim] ?? String(given.claim)) : null,
    at: given.claim ? (given.at ?? null) : null,
    era: given.era ?? null,
    signers: (term?.signers ?? []).filter(hasSigned),
    memberIds: (term?.memberIds ?? []).filter(hasSigned),
    moved,
    caller: transaction.from,
    time: block.timestamp,
    transaction: transaction.hash,
  })
}
