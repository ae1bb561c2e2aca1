// What the demo's table is made of: each epoch's values from the chain, what was said and how it was weighed from rows by
// hash, what happened from the series.
import type { Hex } from "viem"
import {
  decodeImplied,
  decodeInferences,
  decodeList,
  decodeReportContext,
  decodeValue,
  decodeWeights,
  KIND,
  unpackSigma,
} from "../../wasm/index.ts"
import type { Chain } from "../chain.ts"
import type { Accepted } from "../ledger.ts"
import { fetchRow } from "../rowclient.ts"
import { fetchTerms } from "../terms.ts"
import { unpackWord } from "../word.ts"
import type { DemoTopic } from "./actors.ts"
import type { Network } from "./network.ts"
import type { Told } from "./scores.ts"

/** So many epochs' rows are asked for at a time. */
const AT_ONCE = 8

const number = (wad: bigint) => Number(wad) / 1e18

/** A topic's epochs, from the first reported one on. `load()` has to have been awaited. */
export async function collect(
  network: Pick<Network, "urls">,
  chain: Chain,
  topic: DemoTopic,
): Promise<readonly Told[]> {
  const reports = chain.ledger.reports(topic.topicId, 0)
  const told: Told[] = []
  for (let start = 0; start < reports.length; start += AT_ONCE) {
    const some = reports.slice(start, start + AT_ONCE)
    told.push(...(await Promise.all(some.map((report) => epochOf(network, chain, topic, report)))))
  }
  return told
}

async function epochOf(
  { urls }: Pick<Network, "urls">,
  { ledger, deployment }: Chain,
  topic: DemoTopic,
  { topicId, epoch, context }: Accepted,
): Promise<Told> {
  const row = (hash: Hex, what: string) => fetchRow(hash, what, urls)
  const rowsOf = async (hash: Hex, what: string, kinds: readonly number[]) => {
    const { hashes } = decodeList(await row(hash, `${what} list`))
    const rows = await Promise.all(hashes.map((each) => row(each, what)))
    return kinds.map((kind) => rows.filter((bytes) => bytes[0] === kind))
  }
  const { inputsHash, outputsHash } = decodeReportContext(await row(context, "context"))
  const [terms, [inferences = []], [values = [], [weights] = [], implied = []]] = await Promise.all(
    [
      fetchTerms(ledger, deployment, { topicId, epoch }, row),
      rowsOf(inputsHash, "inputs", [KIND.inferences]),
      rowsOf(outputsHash, "outputs", [KIND.value, KIND.weights, KIND.implied]),
    ],
  )
  const names = new Map<Hex, string>(
    [...topic.models, topic.forecaster].map(({ address, name }) => [address, name]),
  )
  const bySeat = new Map(
    terms?.roster.seats.map(({ seat, owner }) => [seat, names.get(owner) ?? owner]),
  )
  const nameOf = (seat: number) => bySeat.get(seat) ?? `seat ${seat}`

  const said = new Map<string, number[]>()
  for (const { entries } of inferences.map(decodeInferences))
    for (const { seat, value } of entries)
      said.set(nameOf(seat), [...(said.get(nameOf(seat)) ?? []), number(value)])
  // A topic of the demo has one forecaster; in the first epoch it says nothing.
  const forecast = implied.flatMap((bytes) => decodeImplied(bytes).entries.slice(0, 1))
  const weighed = weights ? decodeWeights(weights) : []
  const best = Math.max(...weighed.map(({ weight }) => number(weight)))
  const words = topic.labels.map((_, label) =>
    unpackWord(ledger.report(topicId, label, epoch)?.word ?? 0n),
  )
  return {
    epoch,
    truth: topic.truth(epoch).map(number),
    network: words.map(({ value }) => number(value)),
    naive: values.map((bytes) => number(decodeValue(bytes).naive)),
    sigma: words.map(({ sigma }) => {
      const known = unpackSigma(sigma)
      return known === undefined ? undefined : number(known)
    }),
    said,
    implied: forecast.length > 0 ? forecast.map(({ value }) => number(value)) : undefined,
    weights: new Map(weighed.map(({ seat, weight }) => [nameOf(seat), number(weight) / best])),
  }
}
