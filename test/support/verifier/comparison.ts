// Many random settlements through the core and the chain's twin; stops at the first bit that differs.
import assert from "node:assert/strict"
import { bytesToHex } from "viem"
import { encodeParameters, KIND } from "../../../wasm/index.ts"
import type { Random } from "../epochs.ts"
import { chainOf } from "./chains.ts"
import { type Ask, compared } from "./rows.ts"

export type Comparison = {
  /** By kind of row; under `truthMissing` the refusals that both gave. */
  readonly rows: Map<string, number>
  readonly edges: Map<string, number>
  /** Epochs that the core refused to settle. */
  readonly unsettled: number
}

export type Extent = {
  /** The first seed. */
  readonly first: number
  readonly chains: number
  readonly epochs: number
  /** Of which seats the tables are compared. */
  readonly tablesOf: (random: Random) => readonly number[]
}

export async function compareChains(ask: Ask, extent: Extent): Promise<Comparison> {
  const { first, chains, epochs, tablesOf } = extent
  const [rows, edges] = [new Map<string, number>(), new Map<string, number>()]
  const count = (of: Map<string, number>, name: string) => of.set(name, (of.get(name) ?? 0) + 1)
  let unsettled = 0
  for (let seed = first; seed < first + chains; seed++) {
    let epoch = 0
    for (const { parameters, shown, inputs, random, edges: met } of chainOf(seed, epochs)) {
      const here = `chain ${seed}, epoch ${++epoch}`
      for (const edge of shown ? met : []) count(edges, edge)
      if (!shown) {
        const of = (kind: number) =>
          inputs.filter((row) => row[0] === kind).map((r) => bytesToHex(r))
        const args = [bytesToHex(encodeParameters(parameters)), of(KIND.electorate)[0]]
        const refusal = await ask("settlement", "truthRow", [...args, of(KIND.truths)])
        assert.equal(refusal, "TruthMissing", here)
        count(rows, "truthMissing")
        unsettled++
        continue
      }
      for (const { kind, given, expected } of await compared(ask, shown, tablesOf(random))) {
        assert.equal(given, expected, `${here}: ${kind}`)
        count(rows, kind)
      }
    }
  }
  return { rows, edges, unsettled }
}
