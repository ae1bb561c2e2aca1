// What the rows under a context say, ready to be kept: plain functions of bytes. A context names its rows by hash, so
// whatever is read here can never change and never be undone, whichever way the chain reorganises.
import type { Hex } from "viem"
import {
  type CounterfactualLists,
  decodeCounterfactualLosses,
  decodeCounterfactuals,
  decodeElectorate,
  decodeForecast,
  decodeImplied,
  decodeInferences,
  decodeList,
  decodeLosses,
  decodeReportContext,
  decodeRoster,
  decodeSeats,
  decodeSettledTruth,
  decodeSettlementContext,
  decodeTruths,
  decodeValue,
  decodeWeights,
  genesis,
  KIND,
  type Seats,
  settle,
} from "../../wasm/index.ts"
import { nothing, type Records } from "./tables.ts"

/** Answers the row of that hash; `what` names it in an error. */
export type GetRow = (hash: Hex, what: string) => Promise<Uint8Array>

const NONE: Hex = `0x${"00".repeat(32)}`
/** Where the seats stand among the state rows. */
const SEATS_AT = 1

/** All that is kept of the rows under a context: a report's, or a settlement's. */
export async function contentOf(context: Hex, get: GetRow): Promise<Records> {
  const row = await get(context, "context")
  return row[0] === KIND.settlementContext
    ? settlementContent(context, row, get)
    : reportContent(context, row, get)
}

async function reportContent(context: Hex, row: Uint8Array, get: GetRow): Promise<Records> {
  const { inputsHash, stateHash, outputsHash, settledLeaf } = decodeReportContext(row)
  const [inputs, outputs] = await Promise.all([
    listed(inputsHash, "inputs", get),
    listed(outputsHash, "outputs", get),
  ])
  const { seated } = settledLeaf === NONE ? firstSeats(inputs) : await settledSeats(stateHash, get)
  const owners = new Map(seated.map(({ seat, owner }) => [seat, owner]))
  const ownerOf = (seat: number) => owners.get(seat) ?? null
  const content = nothing()
  content.context.push({ hash: context, kind: "report", isReadable: true })
  for (const { label, entries } of each(inputs, KIND.inferences, decodeInferences))
    for (const { seat, value } of entries)
      content.inference.push({ context, label, seat, worker: ownerOf(seat), value })
  for (const { seat, entries } of each(inputs, KIND.forecast, decodeForecast))
    for (const { seat: inferer, loss } of entries)
      content.forecast.push({
        context,
        seat,
        worker: ownerOf(seat),
        infererSeat: inferer,
        inferer: ownerOf(inferer),
        loss,
      })
  for (const value of each(outputs, KIND.value, decodeValue)) {
    const { sigma, ...others } = value
    content.value.push({ context, ...others, sigma: sigma ?? null })
  }
  for (const weights of each(outputs, KIND.weights, decodeWeights))
    for (const { seat, weight } of weights) content.weight.push({ context, seat, weight })
  for (const { label, entries } of each(outputs, KIND.implied, decodeImplied))
    for (const { seat, value } of entries)
      content.implied.push({ context, label, seat, worker: ownerOf(seat), value })
  for (const { label, ...lists } of each(outputs, KIND.counterfactuals, decodeCounterfactuals)) {
    for (const { kind, seat, value } of withheldIn(lists))
      content.counterfactual.push({ context, label, kind, seat, worker: ownerOf(seat), value })
    for (const { forecaster: seat, inferer: infererSeat, value } of lists.oneOutImplied) {
      const [worker, inferer] = [ownerOf(seat), ownerOf(infererSeat)]
      content.impliedWithout.push({ context, label, seat, worker, infererSeat, inferer, value })
    }
  }
  return content
}

async function settlementContent(context: Hex, row: Uint8Array, get: GetRow): Promise<Records> {
  const { inputsHash, outputsHash } = decodeSettlementContext(row)
  const content = nothing()
  content.context.push({ hash: context, kind: "settlement", isReadable: true })
  // A missed epoch has no inputs, and nothing came out.
  if (inputsHash === NONE) return content
  const [inputs, outputs] = await Promise.all([
    listed(inputsHash, "inputs", get),
    listed(outputsHash, "outputs", get),
  ])
  const stakes = new Map(
    each(inputs, KIND.electorate, decodeElectorate)
      .flat()
      .map(({ reputer, stake }) => [reputer, stake]),
  )
  for (const { label, entries } of each(inputs, KIND.truths, decodeTruths))
    for (const { reputer, value } of entries)
      content.truth.push({ context, label, reputer, value, stake: stakes.get(reputer) ?? 0n })
  for (const values of each(outputs, KIND.settledTruth, decodeSettledTruth))
    for (const [label, value] of values.entries()) content.settled.push({ context, label, value })
  const owners = new Map(
    each(inputs, KIND.roster, decodeRoster)
      .flat()
      .map(({ seat, owner }) => [seat, owner]),
  )
  for (const { combined, naive, entries } of each(outputs, KIND.losses, decodeLosses)) {
    content.score.push({ context, combined, naive })
    for (const { seat, loss } of entries)
      content.loss.push({ context, seat, worker: owners.get(seat) ?? null, loss })
  }
  // The same lists as of the values, with losses in their place.
  for (const lists of each(outputs, KIND.counterfactualLosses, decodeCounterfactualLosses)) {
    for (const { kind, seat, value: loss } of withheldIn(lists))
      content.counterfactualLoss.push({ context, kind, seat, loss })
    for (const { forecaster: seat, inferer: infererSeat, value: loss } of lists.oneOutImplied)
      content.impliedWithoutLoss.push({ context, seat, infererSeat, loss })
  }
  return content
}

/** The three lists of combined values, or of their losses, as one: of whom, and whether it is without or with that one. */
function withheldIn({ oneOutInferers, oneOutForecasters, oneInForecasters }: CounterfactualLists) {
  const lists = {
    oneOutInferer: oneOutInferers,
    oneOutForecaster: oneOutForecasters,
    oneInForecaster: oneInForecasters,
  }
  return Object.entries(lists).flatMap(([kind, list]) => list.map((entry) => ({ kind, ...entry })))
}

/** What is kept of a context whose rows are not what they must be: that nothing more will come of it. */
export function unreadable(context: Hex, kind: string): Records {
  const content = nothing()
  content.context.push({ hash: context, kind, isReadable: false })
  return content
}

async function listed(hash: Hex, what: string, get: GetRow): Promise<readonly Uint8Array[]> {
  const { hashes } = decodeList(await get(hash, `${what} list`))
  return Promise.all(hashes.map((row, index) => get(row, `${what} ${index}`)))
}

function each<T>(rows: readonly Uint8Array[], kind: number, decode: (row: Uint8Array) => T): T[] {
  return rows.filter((row) => row[0] === kind).map(decode)
}

/** Before the first settlement the seats are what the core makes of the registrations in the report's own inputs. */
function firstSeats(inputs: readonly Uint8Array[]): Seats {
  // What is not a row of parameters the core refuses by name.
  const [parameters = new Uint8Array()] = inputs
  const changes = inputs.filter(([kind]) => kind === KIND.registrations)
  const { state } = settle([parameters, ...changes], genesis(parameters))
  return decodeSeats(state[SEATS_AT] as Uint8Array)
}

/** After it they are a row of the settled state. */
async function settledSeats(stateHash: Hex, get: GetRow): Promise<Seats> {
  const { hashes } = decodeList(await get(stateHash, "state list"))
  const hash = hashes[SEATS_AT]
  return decodeSeats(hash ? await get(hash, "seats") : new Uint8Array())
}
