// One topic over many epochs in one process: the bundled models on the real series, the forecaster, one reputer, and the
// steps by which members make reports and settlements, each settlement on a ledger before the next window opens.
import type { Hex } from "viem"
import { truthTermsOf } from "../../offchain/electorate.ts"
import { createLedger, type Entry, type Fact } from "../../offchain/ledger.ts"
import { type Break, breakModel } from "../../offchain/models/broken.ts"
import { CATALOGUE, FORECASTER } from "../../offchain/models/catalogue.ts"
import { expectedLosses, type PastLosses } from "../../offchain/models/expectation.ts"
import { historyOf, predictWads } from "../../offchain/models/history.ts"
import { logLoss } from "../../offchain/models/losses.ts"
import { rowOf, topicNamed, topicTemplate } from "../../offchain/models/topics.ts"
import { truthTimes } from "../../offchain/schedule.ts"
import { registrationsHash, seatsIn } from "../../offchain/seats.ts"
import { settleEpoch, settlementHash } from "../../offchain/settlement.ts"
import { createSigner } from "../../offchain/signer.ts"
import { genesisOf, type Past, synthesize } from "../../offchain/synthesis.ts"
import { type EpochTerms, termsOf } from "../../offchain/terms.ts"
import type { WorkerModel } from "../../offchain/worker.ts"
import { decodeValue, decodeWeights, KIND } from "../../wasm/index.ts"

const ONE = 10n ** 18n
const TOPIC = 1
const DELAY = { delaySeconds: 3_600 }
const START = 1_000_000
/** As far back as the bundled forecaster looks. */
const MEMORY = 44
const NONE: Hex = `0x${"00".repeat(32)}`
const UNSIGNED: Hex = `0x${"00".repeat(64)}`
const NOBODY = createSigner(`0x${"01".repeat(32)}`)
const REPUTER: Hex = `0x${"ee".repeat(20)}`
const LIMITS = { seconds: 1, signal: new AbortController().signal }

export type Rehearsed = {
  readonly epoch: number
  readonly truth: readonly bigint[]
  /** The network's value of each label. */
  readonly combined: readonly bigint[]
  /** Weights as parts of the greatest, by the worker's name. */
  readonly weights: ReadonlyMap<string, number>
}

type Setting = { readonly epochs: number; readonly break?: Break }

/** `load()` has to have been awaited. */
export async function rehearse(name: string, setting: Setting): Promise<readonly Rehearsed[]> {
  const topic = topicNamed(name)
  const parameters = topicTemplate(name, { start: START })
  const models = modelsOf(name, setting.break)
  const forecaster = addressOf(100)
  const { ledger, take } = chain()
  take(1, [
    { name: "TopicCreated", topicId: TOPIC, parametersHash: NONE, parameters },
    ...models.map(({ owner }) => joined(owner, 1)),
    joined(forecaster, 2),
    joined(REPUTER, 4),
    { name: "StakeChanged", topicId: TOPIC, reputer: REPUTER, stake: ONE },
  ])
  const states = new Map<Hex, readonly Uint8Array[]>()
  let past: Past = genesisOf(parameters)
  const losses: PastLosses[] = []
  const rehearsed: Rehearsed[] = []

  for (let epoch = 1; epoch <= setting.epochs; epoch++) {
    const question = { topicId: TOPIC, epoch }
    const unsigned = { ...question, extra: NONE, signature: UNSIGNED }
    const terms = termsOf(ledger, DELAY, question, ({ state }) =>
      seatsIn(states.get(state) as readonly Uint8Array[]),
    ) as EpochTerms
    const said = await Promise.all(
      models.map(async ({ owner, predict }) => {
        const { inference } = (await predict(terms, LIMITS)) as { inference: readonly bigint[] }
        return { ...unsigned, worker: owner, inference }
      }),
    )
    const expected = expectedLosses(
      losses.slice(-MEMORY),
      models.map(({ owner }) => owner),
    )
    const forecast = terms.roster.seats
      .filter(({ seat }) => seat < 0x80)
      .map(({ seat, owner }) => ({ seat, loss: wadOf(expected?.get(owner) ?? 0) }))
    const submissions = expected ? [...said, { ...unsigned, worker: forecaster, forecast }] : said
    const { inputs, outputs } = synthesize(terms, past, submissions)

    const truth = topic.truth(epoch)
    const changes = epoch === 1 ? ledger.changes(TOPIC, terms.cutoff) : []
    const { settlement, state } = settleEpoch({
      terms: truthTermsOf(ledger, DELAY, question) ?? fail(),
      generation: 0,
      past,
      changes,
      registrations: registrationsHash(changes),
      reportContext: NONE,
      told: {
        inputs,
        outputs,
        seats: terms.roster.seats,
        truths: [{ ...unsigned, reputer: REPUTER, values: truth }],
      },
    })
    const leaf = settlementHash(settlement)
    states.set(settlement.state, state)
    past = { epoch, leaf, state }
    const { closesAt } = truthTimes(parameters.schedule, epoch)
    take(closesAt, [
      { name: "SettlementAccepted", ...settlement, leaf, block: 1, transaction: NONE },
    ])
    const lossOf = (values: readonly bigint[]) => logLoss(values, truth, parameters)
    losses.push({
      epoch,
      losses: new Map(said.map(({ worker, inference }) => [worker, lossOf(inference)])),
    })
    rehearsed.push({
      epoch,
      truth,
      combined: ofKind(outputs, KIND.value).map((row) => decodeValue(row).combined),
      weights: weightsOf(outputs, terms, [...models, { name: FORECASTER, owner: forecaster }]),
    })
  }
  return rehearsed
}

function modelsOf(name: string, broken: Break | undefined): readonly WorkerModel[] {
  const topic = topicNamed(name)
  const series = topic.series()
  const whole = CATALOGUE[topic.name].map((model, index): WorkerModel => {
    return {
      name: model.name,
      owner: addressOf(index + 1),
      signer: NOBODY,
      predict({ epoch, parameters: { arithmetic } }) {
        const history = historyOf(series, rowOf(topic, epoch))
        return { inference: predictWads(model, history, arithmetic) }
      },
    }
  })
  return broken ? breakModel(whole, broken) : whole
}

function weightsOf(
  outputs: readonly Uint8Array[],
  terms: EpochTerms,
  workers: readonly Pick<WorkerModel, "name" | "owner">[],
) {
  const [row] = ofKind(outputs, KIND.weights)
  const weights = decodeWeights(row as Uint8Array)
  const best = Math.max(...weights.map(({ weight }) => Number(weight)))
  return new Map(
    weights.map(({ seat, weight }) => {
      const owner = terms.roster.seats.find((taken) => taken.seat === seat)?.owner
      const name = workers.find((worker) => worker.owner === owner)?.name ?? fail()
      return [name, Number(weight) / best]
    }),
  )
}

/** A ledger of blocks that follow one another at the times given. */
function chain() {
  const ledger = createLedger()
  let number = 0
  return {
    ledger,
    take(time: number, facts: readonly Fact[]) {
      number += 1
      const block = { number, hash: `0x${number}`, parentHash: `0x${number - 1}`, time } as const
      ledger.apply(
        block,
        facts.map((fact): Entry => ({ block: number, time, fact })),
      )
    },
  }
}

const joined = (owner: Hex, roles: number): Fact => ({
  name: "WorkerChanged",
  topicId: TOPIC,
  change: "joined",
  roles,
  owner,
  signer: NOBODY.address,
})
const addressOf = (n: number): Hex => `0x${n.toString(16).padStart(40, "0")}`
const ofKind = (rows: readonly Uint8Array[], kind: number) => rows.filter((row) => row[0] === kind)
const wadOf = (value: number) => BigInt(Math.round(value * 1e6)) * 10n ** 12n

function fail(): never {
  throw new Error("the ledger does not know the epoch, or who sits in it")
}
