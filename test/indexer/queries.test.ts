// The ten questions of docs/queries.md as they stand there, asked of an index. What must come out is taken from the chain's
// events and from the rows by hash, each checked against its hash here, and never from the index.
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { after, before, describe, it } from "node:test"
import { createPublicClient, type Hex, http } from "viem"
import { reportsAbi, settlementsAbi } from "../../contracts/index.ts"
import { decodeForecast, KIND } from "../../wasm/index.ts"
import { type Indexer, startIndexer } from "../support/indexer.ts"
import { wads } from "../support/played/everything.ts"
import {
  type Epoch,
  each,
  impliedIn,
  readTold,
  type Settled,
  saidIn,
  valuesIn,
  weightIn,
} from "../support/played/told.ts"
import { type Played, startPlayed } from "../support/played.ts"

const TOPIC = 1
const FIRST_FORECASTER_SEAT = 0x80

const PAGE = readFileSync(new URL("../../docs/queries.md", import.meta.url), "utf8")
const QUESTIONS = PAGE.split(/^## \d+\. /m).slice(1)

type Row = Record<string, unknown>
type Page = { readonly totalCount: number; readonly items: readonly Row[] }

const square = (value: bigint) => value * value
const sum = (values: readonly bigint[]) => values.reduce((total, value) => total + value, 0n)
/** The mean, rounded to the nearest, halves away from zero; null of nothing. */
function mean(values: readonly bigint[]): string | null {
  if (values.length === 0) return null
  const [total, count] = [sum(values), BigInt(values.length)]
  const size = (2n * (total < 0n ? -total : total) + count) / (2n * count)
  return String(total < 0n ? -size : size)
}

async function play({ report, settle }: Played): Promise<void> {
  await report(1, wads(100, 101, 103))
  await settle(1, wads(102, 102))
  await report(2, wads(100, 101, 103), { losses: wads(1, 0, -1), signers: [0, 2, 3] })
  await settle(2, [])
  await report(3, wads(98, 101, 104), { losses: wads(1, -1, 0) })
  // The truth is what one of them has said: a percentile counts what lies on it.
  await settle(3, wads(101, 100))
  await settle(4, [])
  await report(5, wads(90, 99, 102), { losses: wads(2, -1, -1) })
}

describe("docs/queries.md", () => {
  let played: Played
  let indexer: Indexer
  let epochs: readonly Epoch[]
  let settled: readonly Settled[]

  before(async () => {
    played = await startPlayed()
    await play(played)
    indexer = await startIndexer(played)
    await indexer.complete()
    ;({ epochs, settled } = await readTold(played, TOPIC))
    assert.equal(epochs.length, 4)
    assert.equal(settled.length, 4)
  })
  after(async () => {
    await indexer?.stop()
    await played?.end()
  })

  const client = () => createPublicClient({ transport: http(played.rpc) })

  /** Asks the page's question with that number, as it stands there. */
  async function ask<T = Record<string, Page>>(number: number, variables?: Row): Promise<T> {
    const query = /```graphql\n([\s\S]*?)```/.exec(QUESTIONS[number - 1] ?? "")?.[1]
    assert.ok(query, `docs/queries.md has no question ${number}`)
    return indexer.ask<T>(query, variables)
  }
  const at = (epoch: number) => epochs.find((one) => one.epoch === epoch) as Epoch
  const truthOf = (epoch: number) => settled.find((one) => one.epoch === epoch)?.truth
  const lossesOf = (epoch: number) => settled.find((one) => one.epoch === epoch)?.losses
  /** They sit in the order in which they have registered. */
  const ownerOf = (seat: number): Hex | undefined =>
    seat < FIRST_FORECASTER_SEAT ? played.inferers[seat] : played.forecaster
  it("has ten of them", () => {
    assert.equal(QUESTIONS.length, 10)
  })

  it("1: the newest value", async () => {
    const { labels } = await ask(1)
    const newest = epochs.at(-1) as Epoch
    const { reports, disputeSeconds } = played.deployment
    const reading = await client().readContract({
      address: reports,
      abi: reportsAbi,
      functionName: "read",
      args: [TOPIC, 0],
    })
    assert.equal(newest.epoch, 5)
    assert.deepEqual(labels?.items, [
      {
        name: "y",
        value: String(newest.value),
        sigma: String(reading.sigma),
        epoch: 5,
        observedAt: String(newest.observedAt),
        aboutAt: String(reading.aboutAt),
        finalAt: String(reading.postedAt + disputeSeconds),
      },
    ])
  })

  it("2: the values of a range of epochs", async () => {
    const { reports } = await ask(2)
    assert.equal(reports?.totalCount, 2)
    assert.deepEqual(
      reports.items.map(({ epoch, value, transaction }) => ({ epoch, value, transaction })),
      [1, 2].map(at).map(({ epoch, value, transaction }) => ({
        epoch,
        value: String(value),
        transaction,
      })),
    )
  })

  it("3: who took part in an epoch, and what they said", async () => {
    const { inferences, forecasts, impliedValues } = await ask(3)
    const { inputs } = at(2)
    assert.deepEqual(
      inferences?.items,
      saidIn(at(2)).map(({ seat, value }) => ({
        seat,
        worker: ownerOf(seat),
        label: 0,
        value: String(value),
      })),
    )
    assert.equal(inferences?.items.length, 3)
    assert.deepEqual(
      forecasts?.items,
      each(inputs, KIND.forecast, decodeForecast).flatMap(({ seat, entries }) =>
        entries.map((entry) => ({
          seat,
          worker: ownerOf(seat),
          inferer: ownerOf(entry.seat),
          loss: String(entry.loss),
        })),
      ),
    )
    assert.equal(forecasts?.items.length, 3)
    assert.deepEqual(
      impliedValues?.items,
      impliedIn(at(2)).map(({ seat, value }) => ({
        seat,
        worker: ownerOf(seat),
        value: String(value),
      })),
    )
    assert.equal(impliedValues?.items.length, 1)
  })

  it("4: the weights", async () => {
    const { inferences, impliedValues } = await ask(4)
    const rows = (of: (epoch: Epoch) => readonly { readonly seat: number }[]) =>
      [1, 2].map(at).flatMap((epoch) =>
        of(epoch).map(({ seat }) => ({
          epoch: epoch.epoch,
          worker: ownerOf(seat),
          weight: weightIn(epoch, seat),
        })),
      )
    const said = rows(saidIn)
    const byWorker = (a: Row, b: Row) =>
      Number(a.epoch) - Number(b.epoch) || (String(a.worker) < String(b.worker) ? -1 : 1)
    assert.deepEqual([...(inferences?.items ?? [])].sort(byWorker), said.sort(byWorker))
    // The core has judged by the second epoch: not all count the same.
    assert.equal(new Set(said.slice(0, 3).map(({ weight }) => weight)).size, 1)
    assert.ok(new Set(said.slice(3).map(({ weight }) => weight)).size > 1)
    assert.deepEqual(impliedValues?.items, rows(impliedIn))
    assert.equal(impliedValues?.items[0]?.weight, null)
  })

  it("5: the leaderboard", async () => {
    const { leaderboards } = await ask(5)
    const parts = epochs.flatMap((epoch) =>
      [...saidIn(epoch), ...impliedIn(epoch)].map(({ seat, value }) => ({ epoch, seat, value })),
    )
    const seats = [0, 1, 2, FIRST_FORECASTER_SEAT]
    const wanted = seats.map((seat) => {
      const own = parts.filter((part) => part.seat === seat)
      const scored = own.filter(({ epoch }) => truthOf(epoch.epoch) !== undefined)
      const lossIn = ({ epoch }: (typeof own)[number]) =>
        lossesOf(epoch.epoch)?.entries.find((entry) => entry.seat === seat)?.loss as bigint
      const weights = own.flatMap(({ epoch }) => weightIn(epoch, seat) ?? []).map(BigInt)
      return {
        worker: ownerOf(seat),
        role: seat < FIRST_FORECASTER_SEAT ? "inferer" : "forecaster",
        epochs: own.length,
        scored: scored.length,
        meanLoss: mean(scored.map(lossIn)),
        meanWeight: mean(weights),
      }
    })
    const found = leaderboards?.items ?? []
    assert.deepEqual(
      found.map(({ rootMeanSquare: _, ...others }) => others),
      wanted.sort((a, b) => (BigInt(String(a.meanLoss)) < BigInt(String(b.meanLoss)) ? -1 : 1)),
    )
    for (const [place, { rootMeanSquare }] of found.entries()) {
      const seat = seats.find((one) => ownerOf(one) === wanted[place]?.worker)
      const squares = parts.flatMap(({ epoch, seat: of, value }) => {
        const truth = truthOf(epoch.epoch)
        return of === seat && truth !== undefined ? [square(value - truth)] : []
      })
      assert.equal(squares.length, 2)
      // Nearest: the mean square lies between the squares of what is half below and half above.
      const twice = 2n * BigInt(String(rootMeanSquare))
      const four = (4n * sum(squares)) / BigInt(squares.length)
      assert.ok(square(twice - 1n) <= four && four <= square(twice + 1n), `place ${place}`)
    }
  })

  it("6: the network against the plain mean", async () => {
    const { values, skills } = await ask(6)
    assert.deepEqual(
      values?.items,
      epochs.map((epoch) => ({
        epoch: epoch.epoch,
        value: String(epoch.value),
        naive: String(valuesIn(epoch).naive),
        mean: mean(saidIn(epoch).map(({ value }) => value)),
        truth: truthOf(epoch.epoch) === undefined ? null : String(truthOf(epoch.epoch)),
      })),
    )
    for (const epoch of epochs) assert.equal(valuesIn(epoch).combined, epoch.value)
    const losses = settled.flatMap((one) => one.losses ?? [])
    assert.equal(losses.length, 2)
    assert.deepEqual(skills?.items, [
      {
        scored: 2,
        missed: 2,
        networkLoss: mean(losses.map(({ combined }) => combined)),
        naiveLoss: mean(losses.map(({ naive }) => naive)),
        skill: mean(losses.map(({ combined, naive }) => naive - combined)),
      },
    ])
  })

  it("7: calibration", async () => {
    const { calibrations } = await ask(7)
    const scored = epochs.flatMap((epoch) => {
      const truth = truthOf(epoch.epoch)
      const { sigma, ...others } = valuesIn(epoch)
      return truth === undefined || sigma === undefined ? [] : [{ truth, sigma, ...others }]
    })
    type Scored = (typeof scored)[number]
    const count = (test: (epoch: Scored) => boolean) => scored.filter(test).length
    const isWithin = (times: bigint) => (one: Scored) =>
      square(one.truth - one.combined) <= square(times * one.sigma)
    assert.deepEqual(calibrations?.items, [
      {
        label: 0,
        scored: 2,
        withinOneSigma: count(isWithin(1n)),
        withinTwoSigma: count(isWithin(2n)),
        belowP2: count((one) => one.truth <= one.p2),
        belowP16: count((one) => one.truth <= one.p16),
        belowP50: count((one) => one.truth <= one.p50),
        belowP84: count((one) => one.truth <= one.p84),
        belowP98: count((one) => one.truth <= one.p98),
      },
    ])
  })

  it("8: the members that signed", async () => {
    const { report, members } = await ask<{ report: Row; members: Page }>(8)
    assert.equal(report.context, at(2).context)
    const { keys, owner, rows } = played
    const { input } = await client().getTransaction({ hash: at(2).transaction })
    const { attestation } = report as { attestation: Row & { eraRow: Row } }
    const { root, eraRow, ...others } = attestation
    // The batch stands first in the calldata: era, slot, view, root.
    assert.equal(root, `0x${input.slice(10 + 3 * 64, 10 + 4 * 64)}`)
    assert.deepEqual(others, {
      era: 1,
      slot: String(at(2).observedAt),
      view: "0",
      memberIds: [1, 3, 4],
      poster: owner.toLowerCase(),
      transaction: at(2).transaction,
    })
    assert.equal(eraRow.quorum, 3)
    assert.deepEqual(eraRow.memberIds, [1, 2, 3, 4])
    assert.equal(members.items.length, 4)
    for (const [place, { id, signer, url }] of members.items.entries()) {
      assert.deepEqual([id, signer], [place + 1, keys[place]?.address.toLowerCase()])
      // The first one's address is dead.
      assert.equal(url === rows.url, place > 0)
    }
  })

  it("9: the missed epochs", async () => {
    const { epochs: missed, settlements } = await ask(9)
    const isMissed = (one: Settled) => one.truth === undefined
    assert.deepEqual(
      missed?.items,
      settled.filter(isMissed).map(({ epoch, transaction }) => ({ epoch, settledIn: transaction })),
    )
    assert.deepEqual(
      missed?.items.map(({ epoch }) => epoch),
      [2, 4],
    )
    assert.equal(settlements?.totalCount, 4)
    const quality = await client().readContract({
      address: played.deployment.settlements,
      abi: settlementsAbi,
      functionName: "qualityOf",
      args: [TOPIC],
    })
    assert.deepEqual(settlements.items.at(-1), {
      epoch: 4,
      isMissed: true,
      inferers: quality.workers,
      missed: quality.missed,
      networkLoss: String(quality.networkLoss),
      naiveLoss: String(quality.naiveLoss),
      coverage68: String(quality.coverage68),
      coverage95: String(quality.coverage95),
    })
  })

  it("10: what one worker has done", async () => {
    const [worker] = played.inferers
    const { workers, inferences } = await ask(10, { worker })
    assert.deepEqual(
      workers?.items.map(({ topicId, signer, isInferer, isReputer, leftAt, topic }) => ({
        ...{ topicId, signer, isInferer, isReputer, leftAt, topic },
      })),
      ["a played topic", "three played classes"].map((metadata, index) => ({
        topicId: index + 1,
        signer: worker,
        isInferer: true,
        isReputer: false,
        leftAt: null,
        topic: { metadata },
      })),
    )
    assert.equal(inferences?.totalCount, 4)
    assert.deepEqual(
      inferences.items,
      epochs.map((epoch) => {
        const own = lossesOf(epoch.epoch)?.entries.find(({ seat }) => seat === 0)
        const truth = truthOf(epoch.epoch)
        return {
          topicId: TOPIC,
          epoch: epoch.epoch,
          value: String(saidIn(epoch)[0]?.value),
          weight: weightIn(epoch, 0),
          truth: truth === undefined ? null : String(truth),
          loss: own ? String(own.loss) : null,
        }
      }),
    )
  })
})
