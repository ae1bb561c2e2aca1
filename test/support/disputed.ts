// A topic of two labels, five inferers and two forecasters, reported and settled with the real core: what an honest committee
// would have signed, and the rows under it, for tests that change some of it.
import type { Hex } from "viem"
import type { Parameters } from "../../contracts/index.ts"
import { type TruthTerms, truthTermsOf } from "../../offchain/electorate.ts"
import type { Accepted, Fact, Settled } from "../../offchain/ledger.ts"
import { registrationsSince } from "../../offchain/replay.ts"
import type { Report } from "../../offchain/report.ts"
import { windowOf } from "../../offchain/schedule.ts"
import { type Roster, seatsIn } from "../../offchain/seats.ts"
import {
  type Settlement,
  type Settling,
  settleEpoch,
  settlementHash,
} from "../../offchain/settlement.ts"
import { type Submission, submissionDigest } from "../../offchain/submission.ts"
import { genesisOf, type Past, synthesize } from "../../offchain/synthesis.ts"
import { type EpochTerms, termsOf } from "../../offchain/terms.ts"
import { encodeParameters, rowHash } from "../../wasm/index.ts"
import { parametersOf, WAD } from "./epochs.ts"
import { chainOfReputers, DELAY_SECONDS, DOMAIN, ONE, person, SCHEDULE, TOPIC } from "./reputers.ts"
import { REPUTERS, truthsOf } from "./settled.ts"

const NONE: Hex = `0x${"00".repeat(32)}`
const DELAY = { delaySeconds: DELAY_SECONDS }
const INFERERS = [1, 2, 3, 4, 5]
const FORECASTERS = [6, 7]

export const DISPUTED: Parameters = {
  ...parametersOf(2, { alphaRegret: WAD / 3n }),
  schedule: SCHEDULE,
  seating: { ...parametersOf(2).seating, infererSeats: 5, forecasterSeats: 2, newcomerSeats: 0 },
}

export type Reported = {
  readonly terms: EpochTerms
  readonly past: Past
  readonly submissions: readonly Submission[]
  readonly reports: readonly Report[]
  readonly accepted: readonly Accepted[]
  /** The first is the context. */
  readonly rows: readonly Uint8Array[]
}

export type Concluded = {
  readonly terms: TruthTerms
  readonly settling: Settling
  readonly settlement: Settlement
  readonly leaf: Hex
  readonly acceptedAt: number
  readonly state: readonly Uint8Array[]
  readonly rows: readonly Uint8Array[]
}

export type Disputed = ReturnType<typeof disputedTopic>

/** Its parameters, and everybody who takes part in it. */
export function registered(chain: ReturnType<typeof chainOfReputers>): void {
  chain.at(1, {
    name: "ParametersPatched",
    topicId: TOPIC,
    fromEpoch: 0,
    parametersHash: rowHash(encodeParameters(DISPUTED)),
    parameters: DISPUTED,
  })
  const reputers = Object.entries(REPUTERS).map(([n, stake]) => ({ who: person(Number(n)), stake }))
  chain.at(
    2,
    ...INFERERS.map((n) => chain.joined(person(n), 1)),
    ...FORECASTERS.map((n) => chain.joined(person(n), 2)),
    ...reputers.map(({ who }) => chain.joined(who)),
    ...reputers.map(({ who, stake }) => chain.staked(who, stake * ONE)),
  )
}

/** Reports and settles epochs 1 to `count`; of `missed` nobody tells the truth. */
export function disputedTopic(count: number, missed: readonly number[] = []) {
  const chain = chainOfReputers(DISPUTED)
  const { ledger } = chain
  const rows = new Map<Hex, Uint8Array>()
  const pasts = new Map<Hex, Past>([[NONE, genesisOf(DISPUTED)]])
  const reported = new Map<number, Reported>()
  const concluded = new Map<number, Concluded>()
  const told = new Map<number, Omit<NonNullable<Settling["told"]>, "truths">>()
  const pastOf = (settled: Settled | undefined) => pasts.get(settled?.leaf ?? NONE) as Past
  const keep = (made: readonly Uint8Array[]) => {
    for (const row of made) rows.set(rowHash(row), row)
  }

  registered(chain)
  // Truths of an epoch close before the window of the one three later opens.
  for (let epoch = 1; epoch <= count + 3; epoch++) {
    if (epoch > 3) settle(epoch - 3)
    if (epoch <= count) report(epoch)
  }

  function report(epoch: number): void {
    const { opensAt, closesAt } = windowOf(SCHEDULE, epoch)
    chain.at(opensAt - DELAY_SECONDS)
    const terms = termsOf(ledger, DELAY, { topicId: TOPIC, epoch }, (settled) =>
      seatsIn(pastOf(settled).state),
    )
    if (!terms) throw new Error(`no terms for epoch ${epoch}`)
    const past = pastOf(terms.settled)
    const submissions = submissionsOf(epoch, terms.roster)
    const made = synthesize(terms, past, submissions)
    keep(made.rows)
    told.set(epoch, { inputs: made.inputs, outputs: made.outputs, seats: terms.roster.seats })
    const accepted = made.reports.map(({ label, context }): Accepted => {
      const rest = { word: 0n, block: 0, transaction: NONE }
      return { topicId: TOPIC, label, epoch, context, ...rest }
    })
    const { reports, rows: all } = made
    reported.set(epoch, { terms, past, submissions, reports, accepted, rows: all })
    chain.at(closesAt + 2, ...accepted.map((each): Fact => ({ name: "ReportAccepted", ...each })))
  }

  function settle(epoch: number): void {
    const terms = truthTermsOf(ledger, DELAY, { topicId: TOPIC, epoch })
    const said = told.get(epoch)
    if (!terms || !said) throw new Error(`no truths for epoch ${epoch}`)
    const newest = ledger.newestSettlement(TOPIC)
    const settling: Settling = {
      terms,
      generation: 0,
      past: pastOf(newest),
      ...registrationsSince(ledger, DELAY, terms, newest),
      reportContext: ledger.report(TOPIC, 0, epoch)?.context,
      told: missed.includes(epoch) ? undefined : { ...said, truths: truthsOf(epoch) },
    }
    const { settlement, state, rows: made } = settleEpoch(settling)
    keep(made)
    const leaf = settlementHash(settlement)
    pasts.set(leaf, { epoch, leaf, state })
    const acceptedAt = missed.includes(epoch) ? terms.deadlineAt : terms.closesAt + 5
    concluded.set(epoch, { terms, settling, settlement, leaf, acceptedAt, state, rows: made })
    const where = { block: 0, transaction: NONE }
    chain.at(acceptedAt, { name: "SettlementAccepted", ...settlement, leaf, ...where })
  }

  return { ledger, rows, reported, concluded }
}

/** Numbers that go up and down with the epoch; each forecaster has its own opinion of the inferers. */
function submissionsOf(epoch: number, { workers, seats }: Roster): Submission[] {
  const inferers = seats.filter(({ seat }) => seat < 0x80)
  return [...workers.values()].flatMap((worker) => {
    const { infererSeat, forecasterSeat, owner } = worker
    if (infererSeat === undefined && forecasterSeat === undefined) return []
    const near = BigInt(((epoch * 7 + (infererSeat ?? 0) * 5) % 11) - 5)
    const factor = (forecasterSeat ?? 0) === 0x80 ? 1 : 3
    const forecast = inferers.map(({ seat }) => ({
      seat,
      loss: (BigInt(((seat + epoch) * factor) % 5) * WAD) / 7n,
    }))
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
    return [{ ...unsigned, signature: signer.sign(submissionDigest(DOMAIN, unsigned, worker)) }]
  })
}
