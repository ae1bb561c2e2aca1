// A topic whose epochs are reported and settled with the real core, without a committee: a chain that says so, and the
// rows under every hash that it names. Workers join, leave and answer as a test says.
import type { Hex } from "viem"
import type { Parameters } from "../../contracts/index.ts"
import { truthTermsOf } from "../../offchain/electorate.ts"
import type { Fact, Ledger, Settled } from "../../offchain/ledger.ts"
import { registrationsSince } from "../../offchain/replay.ts"
import { windowOf } from "../../offchain/schedule.ts"
import { type Roster, seatsIn } from "../../offchain/seats.ts"
import { type Settling, settleEpoch, settlementHash } from "../../offchain/settlement.ts"
import { type Submission, submissionDigest } from "../../offchain/submission.ts"
import { genesisOf, type Past, synthesize } from "../../offchain/synthesis.ts"
import { termsOf } from "../../offchain/terms.ts"
import { type Truth, truthDigest } from "../../offchain/truth.ts"
import {
  decodeList,
  decodeSettlementContext,
  encodeParameters,
  rowHash,
  tablesNamed,
} from "../../wasm/index.ts"
import { parametersOf, WAD } from "./epochs.ts"
import { chainOfReputers, DELAY_SECONDS, DOMAIN, ONE, person, SCHEDULE, TOPIC } from "./reputers.ts"

const NONE: Hex = `0x${"00".repeat(32)}`
const DELAY = { delaySeconds: DELAY_SECONDS }

/** Inferers 1 to 4, forecaster 5, reputers 11 to 13. */
export const WORKERS = [1, 2, 3, 4] as const
export const FORECASTER = 5
export const REPUTERS = { 11: 40n, 12: 35n, 13: 25n } as const

export const LEARNED: Parameters = {
  ...parametersOf(2, { alphaRegret: WAD / 3n }),
  schedule: SCHEDULE,
  seating: { ...parametersOf(2).seating, infererSeats: 4, forecasterSeats: 1, newcomerSeats: 0 },
}

export type Epoch = {
  /** Registrations that the epoch is the first to know. */
  readonly before?: readonly Fact[]
  /** Nobody answers: there is no report. */
  readonly isSilent?: boolean
  /** Reputers do not speak: the epoch is missed. */
  readonly isUntold?: boolean
}

export type SettledTopic = ReturnType<typeof settledTopic>

/** Settles epochs 1 to `count`; each report builds on the settlement of three epochs before. */
export function settledTopic(count: number, epochs: Readonly<Record<number, Epoch>> = {}) {
  const chain = chainOfReputers(LEARNED)
  const { ledger } = chain
  const rows = new Map<Hex, Uint8Array>()
  const pasts = new Map<Hex, Past>([[NONE, genesisOf(LEARNED)]])
  const scored = new Map<number, Omit<NonNullable<Settling["told"]>, "truths">>()
  const settlings: Settling[] = []
  const pastOf = (settled: Settled | undefined) => pasts.get(settled?.leaf ?? NONE) as Past
  const keep = (made: readonly Uint8Array[]) => {
    for (const row of made) rows.set(rowHash(row), row)
  }

  chain.at(1, {
    name: "ParametersPatched",
    topicId: TOPIC,
    fromEpoch: 0,
    parametersHash: rowHash(encodeParameters(LEARNED)),
    parameters: LEARNED,
  })
  const reputers = Object.entries(REPUTERS).map(([n, stake]) => ({ who: person(Number(n)), stake }))
  chain.at(
    2,
    ...WORKERS.slice(0, 3).map((n) => chain.joined(person(n), 1)),
    chain.joined(person(FORECASTER), 2),
    ...reputers.map(({ who }) => chain.joined(who)),
    ...reputers.map(({ who, stake }) => chain.staked(who, stake * ONE)),
  )
  // Truths of an epoch close before the window of the one three later opens.
  for (let epoch = 1; epoch <= count + 3; epoch++) {
    if (epoch > 3) settle(epoch - 3)
    if (epoch <= count) report(epoch)
  }

  function report(epoch: number): void {
    const { before = [], isSilent = false } = epochs[epoch] ?? {}
    const { opensAt, closesAt } = windowOf(SCHEDULE, epoch)
    chain.at(opensAt - DELAY_SECONDS, ...before)
    if (isSilent) return
    const seatsAfter = (settled: Settled) => seatsIn(pastOf(settled).state)
    const terms = termsOf(ledger, DELAY, { topicId: TOPIC, epoch }, seatsAfter)
    if (!terms) throw new Error(`no terms for epoch ${epoch}`)
    const { roster } = terms
    const made = synthesize(terms, pastOf(terms.settled), submissionsOf(epoch, roster))
    keep(made.rows)
    scored.set(epoch, { inputs: made.inputs, outputs: made.outputs, seats: roster.seats })
    const accepted = made.reports.map(({ label, context }): Fact => {
      const rest = { word: 0n, block: 0, transaction: NONE }
      return { name: "ReportAccepted", topicId: TOPIC, label, epoch, context, ...rest }
    })
    chain.at(closesAt + 2, ...accepted)
  }

  function settle(epoch: number): void {
    const terms = truthTermsOf(ledger, DELAY, { topicId: TOPIC, epoch })
    if (!terms) throw new Error(`no truths for epoch ${epoch}`)
    const newest = ledger.newestSettlement(TOPIC)
    const told = epochs[epoch]?.isUntold ? undefined : scored.get(epoch)
    const settling: Settling = {
      terms,
      generation: 0,
      past: pastOf(newest),
      ...registrationsSince(ledger, DELAY, terms, newest),
      reportContext: ledger.report(TOPIC, 0, epoch)?.context,
      told: told && { ...told, truths: truthsOf(epoch) },
    }
    settlings.push(settling)
    const { settlement, state, rows: made } = settleEpoch(settling)
    keep(made)
    const leaf = settlementHash(settlement)
    pasts.set(leaf, { epoch, leaf, state })
    const where = { block: 0, transaction: NONE }
    chain.at(terms.closesAt + 5, { name: "SettlementAccepted", ...settlement, leaf, ...where })
  }

  return {
    chain,
    ledger,
    /** Everything that reports and settlements name, by hash. */
    rows,
    /** What each epoch was settled from, in order. */
    settlings,
    settlements: ledger.settlements(TOPIC),
    /** The chain's ledger with these settlements in place of its own. */
    ledgerWith: (settlements: readonly Settled[]): Ledger => ({
      ...ledger,
      settlements: () => settlements,
      newestSettlement: () => settlements.at(-1),
    }),
    /** All that stands under a state's list: its rows, lists of tables and tables. */
    stateRowsOf: ({ state }: Pick<Settled, "state">): readonly Hex[] =>
      decodeList(rows.get(state) as Uint8Array).hashes.flatMap((hash) => [
        hash,
        ...(tablesNamed(rows.get(hash) as Uint8Array) ?? []),
      ]),
    /** What a replay of a settlement needs: its context, the list of its inputs and these; missed, the context alone. */
    neededFor({ context }: Pick<Settled, "context">): Hex[] {
      const { inputsHash } = decodeSettlementContext(rows.get(context) as Uint8Array)
      if (inputsHash === NONE) return [context]
      return [context, inputsHash, ...decodeList(rows.get(inputsHash) as Uint8Array).hashes]
    },
  }
}

/** What those who sit say: numbers that go up and down with the epoch, and forecasters about all inferers. */
export function submissionsOf(epoch: number, { workers, seats }: Roster): Submission[] {
  const inferers = seats.filter(({ seat }) => seat < 0x80)
  const forecast = inferers.map(({ seat }) => ({ seat, loss: (BigInt(seat + epoch) * WAD) / 7n }))
  return [...workers.values()].flatMap((worker) => {
    const { infererSeat, forecasterSeat, owner } = worker
    if (infererSeat === undefined && forecasterSeat === undefined) return []
    const near = BigInt(((epoch * 7 + (infererSeat ?? 0) * 5) % 11) - 5)
    const unsigned = {
      topicId: TOPIC,
      epoch,
      worker: owner,
      extra: NONE,
      ...(infererSeat === undefined
        ? {}
        : { inference: [100n * WAD + near * (WAD / 3n), near * WAD] }),
      ...(forecasterSeat === undefined ? {} : { forecast }),
    }
    const { signer } = person(Number(owner))
    return { ...unsigned, signature: signer.sign(submissionDigest(DOMAIN, unsigned, worker)) }
  })
}

/** What all reputers say: close to each other. */
export function truthsOf(epoch: number): Truth[] {
  return Object.keys(REPUTERS).map((n, i) => {
    const { owner, signer } = person(Number(n))
    const values = [100n * WAD + BigInt(i) * (WAD / 100n), BigInt(epoch % 3) * WAD]
    const unsigned = { topicId: TOPIC, epoch, reputer: owner, values, extra: NONE }
    return { ...unsigned, signature: signer.sign(truthDigest(DOMAIN, unsigned)) }
  })
}
