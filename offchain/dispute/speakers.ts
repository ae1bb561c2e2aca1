// Step 7: who could speak about an epoch, with which stake, and what each reputer signed.
import { decodeElectorate, decodeTruthSignatures, decodeTruths, KIND } from "../../wasm/index.ts"
import type { TruthTerms } from "../electorate.ts"
import { digestOf } from "../message.ts"
import { recover } from "../signer.ts"
import { truthHash } from "../truth.ts"
import { decoded } from "./bytes.ts"
import { type Difference, difference, refuting } from "./claims.ts"
import type { SettlementFacts } from "./settledfacts.ts"
import { rowsOfKind } from "./shape.ts"

/** Who could speak, with which stake, and what each one signed. */
export function speakerDifferences(
  { settlement, bytes: { inputs }, domain }: SettlementFacts,
  { electorate }: TruthTerms,
): Difference[] {
  const of = <T>(kind: number, decode: (row: Uint8Array) => T) =>
    rowsOfKind(inputs, kind).flatMap((row) => decoded(() => [decode(row)]) ?? [])
  const listed = new Map(
    of(KIND.electorate, decodeElectorate)
      .flat()
      .map(({ reputer, stake }) => [reputer, stake]),
  )
  const required = new Map(electorate.map((elector) => [elector.reputer, elector]))
  const all = [...new Set([...listed.keys(), ...required.keys()])].sort()
  const electors = all.flatMap((reputer) => {
    const [given, stake] = [listed.get(reputer), required.get(reputer)?.stake]
    const what = `the stake of ${reputer} in the electorate, in 1e-18 ALLO`
    return given === stake
      ? []
      : [difference({ what, given, required: stake }, [refuting("Electorate", BigInt(reputer))])]
  })
  const byLabel = of(KIND.truths, decodeTruths)
  const signatures = of(KIND.truthSignatures, decodeTruthSignatures).flat()
  const spoke = new Set([
    ...byLabel.flatMap(({ entries }) => entries.map(({ reputer }) => reputer)),
    ...signatures.map(({ reputer }) => reputer),
  ])
  const truths = [...spoke].sort().flatMap((reputer) => {
    const values = byLabel.flatMap(({ entries }) =>
      entries.filter((entry) => entry.reputer === reputer).map(({ value }) => value),
    )
    const signed = signatures.find((entry) => entry.reputer === reputer)
    const { topicId, epoch } = settlement
    const truth = signed && { topicId, epoch, reputer, values, extra: signed.extra }
    const signer = truth && recover(digestOf(domain, truthHash(truth)), signed.signature)
    const elector = required.get(reputer)?.signer
    if (signer !== undefined && signer === elector && values.length > 0) return []
    const what = `the truth of ${reputer}`
    return [
      difference({ what, given: signer, required: elector }, [
        refuting("TruthSignature", BigInt(reputer)),
      ]),
    ]
  })
  return [...electors, ...truths]
}
