// The demo's table: how far the network's value and each model's were from what happened, over all epochs.
// Distances are for people's eyes and pass through floats; nothing on the path does.

import { decodeInferences, decodeList, decodeReportContext, KIND } from "../../wasm/index.ts"
import type { Chain } from "../chain.ts"
import { fetchRow } from "../rowclient.ts"
import { termsOf } from "../terms.ts"
import { unpackWord } from "../word.ts"
import type { Network } from "./network.ts"

export type Line = { readonly name: string; readonly rmse: number; readonly epochs: number }
export type Table = {
  readonly title: string
  readonly unit: string
  readonly lines: readonly Line[]
}

type Topic = Network["topics"][number]

/** Collects a topic's reports and, from rows by hash, the submissions behind them, and measures both. */
export async function tableOf(network: Network, chain: Chain, topic: Topic): Promise<Table> {
  const squares = new Map<string, number[]>()
  const add = (name: string, value: bigint, truth: bigint) => {
    const list = squares.get(name) ?? []
    list.push((Number(value - truth) / 1e18) ** 2)
    squares.set(name, list)
  }
  for (const report of chain.ledger.reports(topic.topicId, 0)) {
    const truth = topic.truth(report.epoch)
    add("network", unpackWord(report.word).value, truth)
    const context = decodeReportContext(await fetchRow(report.context, "context", network.urls))
    const list = decodeList(await fetchRow(context.inputsHash, "inputs list", network.urls))
    // The rows of an input list stand by kind: parameters, then the inferences of label 0.
    const row = await fetchRow(list.hashes[1] as `0x${string}`, "inferences", network.urls)
    if (row[0] !== KIND.inferences) continue
    const terms = termsOf(chain.ledger, chain.deployment, report)
    for (const { seat, value } of decodeInferences(row).entries) {
      const owner = terms?.roster.seats.find((taken) => taken.seat === seat)?.owner
      const name = topic.models.find(({ address }) => address === owner)?.name
      if (name) add(name, value, truth)
    }
  }
  const lines = [...squares].map(([name, list]) => ({
    name,
    rmse: Math.sqrt(list.reduce((sum, square) => sum + square, 0) / list.length),
    epochs: list.length,
  }))
  return { title: topic.title, unit: topic.unit, lines }
}

export function tableText({ title, unit, lines }: Table): string {
  const width = Math.max(...lines.map(({ name }) => name.length), 8)
  const worst = Math.max(...lines.map(({ rmse }) => rmse))
  const rows = [...lines]
    .sort((a, b) => a.rmse - b.rmse)
    .map(({ name, rmse, epochs }) => {
      const bar = "#".repeat(Math.max(1, Math.round((rmse / worst) * 32)))
      return `  ${name.padEnd(width)}  ${rmse.toFixed(3).padStart(9)}  ${String(epochs).padStart(6)}  ${bar}`
    })
  return [title, `  ${"".padEnd(width)}  ${`RMSE ${unit}`.padStart(9)}  epochs`, ...rows].join("\n")
}
