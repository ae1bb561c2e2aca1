// The bundled forecaster: says which losses it expects of the inferers this epoch, from the losses they had. Those it
// works out itself, from public data: reports on chain, inferences in rows by hash, truths that have already happened.
import type { Hex } from "viem"
import { decodeInferences, decodeList, decodeReportContext } from "../../wasm/index.ts"
import type { Clock } from "../clock.ts"
import { refusal } from "../errors.ts"
import { LOSS_LIMIT } from "../inference.ts"
import type { Log } from "../log.ts"
import { FIRST_FORECASTER_SEAT } from "../seats.ts"
import type { Signer } from "../signer.ts"
import type { EpochTerms } from "../terms.ts"
import type { Limits, WorkerChain, WorkerModel } from "../worker.ts"
import { FORECASTER } from "./catalogue.ts"
import { expectedLosses, type PastLosses } from "./expectation.ts"
import { logLoss } from "./losses.ts"
import { numberWad } from "./prediction.ts"
import type { Topic } from "./topics.ts"

export type ForecasterOptions = {
  readonly topic: Topic
  readonly signer: Signer
  readonly owner: Hex
}

export type ForecasterDeps = {
  readonly chain: Pick<WorkerChain, "terms"> & {
    /** The topic's accepted reports of the first label, in their order. */
    readonly reports: (topicId: number) => readonly { epoch: number; context: Hex }[]
  }
  /** A row by its hash, checked against it; throws where nobody serves it. */
  readonly row: (hash: Hex, what: string) => Promise<Uint8Array>
  readonly clock: Clock
  readonly log: Pick<Log, "warn">
}

/** How many epochs back it looks: an older one would count less than a hundredth of the newest. */
const MEMORY = 44
/** How long it waits for rows, at most, and of what is left of the window. */
const PATIENCE_MS = 10_000
const PATIENCE_SHARE = 0.5

export function createForecaster(
  { topic, signer, owner }: ForecasterOptions,
  { chain, row, clock, log }: ForecasterDeps,
): WorkerModel {
  const known = new Map<number, PastLosses["losses"]>()
  let filling = Promise.resolve()
  let newest = 0

  /** One epoch's losses; a row is fetched once, since what it says never changes. */
  async function lossesOf(topicId: number, epoch: number, context: Hex) {
    const terms = await chain.terms(topicId, epoch)
    if (!terms) return
    const { parameters, roster } = terms
    const { inputsHash } = decodeReportContext(await row(context, "context"))
    const { hashes } = decodeList(await row(inputsHash, "inputs list"))
    const values = new Map<number, bigint[]>()
    // Behind the parameters the inferences stand, one row a label.
    for (const [label] of parameters.labels.entries()) {
      const bytes = await row(hashes[1 + label] as Hex, `inferences of label ${label}`)
      for (const { seat, value } of decodeInferences(bytes).entries) {
        const all = values.get(seat) ?? []
        all.push(value)
        values.set(seat, all)
      }
    }
    const truths = topic.truth(epoch, parameters.schedule.firstEpoch)
    const owners = new Map(roster.seats.map((taken) => [taken.seat, taken.owner]))
    known.set(
      epoch,
      new Map(
        [...values].flatMap(([seat, all]) => {
          const of = owners.get(seat)
          return of === undefined ? [] : [[of, logLoss(all, truths, parameters)] as const]
        }),
      ),
    )
  }

  /** The newest first: they count most, and a window may close before the oldest are there. */
  async function fill({ topicId, epoch }: EpochTerms) {
    const missing = chain
      .reports(topicId)
      .filter((report) => report.epoch < epoch && report.epoch >= epoch - MEMORY)
      .filter((report) => !known.has(report.epoch))
      .sort((a, b) => b.epoch - a.epoch)
    let failed = 0
    let reason: unknown
    for (const report of missing) {
      // A newer epoch's turn has come: it looks for the same rows, and for one epoch more.
      if (epoch < newest) return
      await lossesOf(topicId, report.epoch, report.context).catch((error: unknown) => {
        failed += 1
        reason = error
      })
    }
    if (failed > 0) log.warn({ topicId, epoch, failed, error: reason }, "past epochs are missing")
    for (const old of known.keys()) if (old < epoch - MEMORY) known.delete(old)
  }

  return {
    name: FORECASTER,
    signer,
    owner,
    async predict(terms, limits) {
      newest = terms.epoch
      // One after another; what comes after this epoch's patience is there for the next.
      filling = filling.then(() => fill(terms))
      await Promise.race([filling, patience(limits, clock)])
      const past = [...known]
        .filter(([epoch]) => epoch < terms.epoch && epoch >= terms.epoch - MEMORY)
        .map(([epoch, losses]) => ({ epoch, losses }))
      const seated = terms.roster.seats.filter(({ seat }) => seat < FIRST_FORECASTER_SEAT)
      const expected = expectedLosses(
        past,
        seated.map((taken) => taken.owner),
      )
      if (!expected || seated.length === 0)
        return refusal(
          "NoPastLosses",
          `${past.length} epochs with losses, ${seated.length} inferers seated`,
          "at least one of each",
        )
      const bounds = { minimum: -LOSS_LIMIT, maximum: LOSS_LIMIT }
      return {
        forecast: seated.map((taken) => ({
          seat: taken.seat,
          loss: numberWad(expected.get(taken.owner) as number, bounds),
        })),
      }
    },
  }
}

/** Ends after a while, or with the window. */
function patience({ seconds, signal }: Limits, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(Math.min(PATIENCE_MS, seconds * 1_000 * PATIENCE_SHARE), end)
    signal.addEventListener("abort", end)
    function end() {
      cancel()
      signal.removeEventListener("abort", end)
      resolve()
    }
  })
}
