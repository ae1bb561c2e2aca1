// Everything that a dispute can come to, on a played chain: messages proven, refuted, struck, demanded and lapsed, posted or not.
import { disputesAbi } from "../../../contracts/index.ts"
import { claimNumber } from "../../../offchain/dispute/claims.ts"
import { KIND } from "../../../wasm/index.ts"
import { WAD } from "../epochs.ts"
import type { Played } from "../played.ts"
import { wads } from "./everything.ts"

const BOND = WAD
const LIE = 5n
const shares = (...tenths: number[]) => tenths.map((part) => (BigInt(part) * WAD) / 10n)

type Bytes = Uint8Array
/** Lists and rows that a claim rests on; what is left out is empty. */
type Shown = {
  readonly context?: Bytes
  readonly inputs?: Bytes | undefined
  readonly outputs?: Bytes
  readonly beforehand?: Bytes
  readonly afterwards?: Bytes
  readonly origin?: readonly unknown[]
  readonly rows?: readonly Bytes[]
}

const hexOf = (bytes: Bytes = new Uint8Array()) =>
  `0x${Buffer.from(bytes).toString("hex")}` as const
const evidence = ({ origin = [], rows = [], ...lists }: Shown) => ({
  context: hexOf(lists.context),
  inputs: hexOf(lists.inputs),
  outputs: hexOf(lists.outputs),
  beforehand: hexOf(lists.beforehand),
  afterwards: hexOf(lists.afterwards),
  origin,
  rows: rows.map(hexOf),
})
const of = (rows: readonly Bytes[], ...kinds: number[]) =>
  kinds.flatMap((kind) => rows.filter(([each]) => each === kind))

type Report = Awaited<ReturnType<Played["report"]>>
type Settlement = Awaited<ReturnType<Played["settle"]>>

export function createDisputes({ call, outsider, deployment }: Played) {
  const send = (functionName: string, args: readonly unknown[], value = 0n) =>
    call(outsider, deployment.disputes, disputesAbi, functionName, args, value)
  const message = ({ leaves, attested }: Report, label = 0) => [leaves[label], attested[label]]
  return {
    prove: (report: Report) => {
      const { context, inputs, state, lists } = report.rows
      const [inputsList, beforehand] = lists
      const rows = [
        ...of(inputs, KIND.parameters, KIND.inferences),
        ...of(state, KIND.regrets, KIND.errors),
        ...of(inputs, KIND.forecast),
      ]
      const shown = { context, inputs: inputsList, beforehand, rows }
      return send("prove", [...message(report), evidence(shown)])
    },
    /** By the claim that the value is not the row's. */
    refute: (report: Report, label = 0) => {
      const { context, inputs, outputs, lists } = report.rows
      const row = outputs[label] as Bytes
      const rows = [...of(inputs, KIND.parameters), row]
      const shown = { context, outputs: lists[2], rows }
      return send("refuteReport", [
        ...message(report, label),
        claimNumber("Value"),
        0n,
        evidence(shown),
      ])
    },
    strike: (report: Report, label: number) =>
      send("strikeReport", [...message(report, label), hexOf(report.rows.context)]),
    /** By the claim that the quality word is not the row's. */
    refuteSettlement: (settlement: Settlement, origin: readonly unknown[]) => {
      const { context, inputs, state, lists } = settlement.rows
      const rows = [...of(inputs, KIND.parameters), ...of(state, KIND.quality)]
      const said = of(inputs, KIND.inferences).slice(0, 1)
      // A missed epoch has no list of inputs.
      const list = said.length > 0 ? lists[0] : undefined
      const shown = {
        ...{ context, inputs: list, afterwards: lists[2], origin },
        rows: [...rows, ...said],
      }
      const claim = claimNumber("QualityWord")
      return send("refuteSettlement", [
        settlement.leaf,
        settlement.attested,
        claim,
        0n,
        evidence(shown),
      ])
    },
    strikeSettlement: (settlement: Settlement, parent: readonly unknown[]) =>
      send("strikeSettlement", [
        ...[settlement.leaf, settlement.attested, hexOf(settlement.rows.context), parent],
      ]),
    demand: (report: Report, kind: number, index: number) =>
      send("demandReport", [...message(report), kind, index], BOND),
    publishInput: (report: Report, index: number) => {
      const { context, inputs, lists } = report.rows
      const answer = {
        context: hexOf(context),
        list: hexOf(lists[0]),
        tables: "0x",
        row: hexOf(inputs[index]),
      }
      return send("publishReport", [report.leaves[0], KIND.inputs, index, answer])
    },
    lapse: (report: Report, kind: number, index: number) =>
      send("lapseReport", [...message(report), kind, index]),
    demandSettlement: ({ leaf, attested }: Settlement, kind: number, index: number) =>
      send("demandSettlement", [leaf, attested, kind, index], BOND),
    lapseSettlement: (
      { leaf, attested }: Settlement,
      kind: number,
      index: number,
      parent: readonly unknown[],
    ) => send("lapseSettlement", [leaf, attested, kind, index, parent]),
    collect: () => send("collect", []),
  }
}

/** Brings about each event that a dispute can end in. */
export async function playDisputes(played: Played) {
  const { report, settle, forget, classes, dev, deployment } = played
  const disputes = createDisputes(played)
  const said = wads(100, 101, 103)
  const third = Math.ceil(deployment.disputeSeconds / 3)

  const proven = await report(1, said)
  await disputes.prove(proven)
  const shares1 = [shares(5, 3, 2), shares(6, 3, 1), shares(1, 8, 1)]
  const several = await classes.report(1, shares1, { lie: 1n })
  await disputes.refute(several)
  await disputes.strike(several, 1)
  const first = await settle(1, wads(102, 102))

  const refuted = await report(2, said, { lie: LIE })
  await disputes.refute(refuted)
  const struck = await settle(2, wads(101, 101))
  const followed = await settle(3, [])
  await disputes.strikeSettlement(struck, [first.leaf])
  forget(2)
  const missed = await settle(2, [])

  const misjudged = await settle(3, [], (leaf) => ({
    ...leaf,
    quality: `0x${(BigInt(leaf.quality) ^ (1n << 200n)).toString(16).padStart(64, "0")}`,
  }))
  await disputes.refuteSettlement(misjudged, [missed.leaf])
  forget(3)

  const withheld = await report(4, said, { isServed: false })
  await disputes.demand(withheld, KIND.inputs, 1)
  await disputes.publishInput(withheld, 1)
  await disputes.collect()
  await disputes.demand(withheld, KIND.outputs, 0)
  const judged = await settle(3, [])
  await disputes.demandSettlement(judged, 0, 0)
  await dev.mineAt((await dev.time()) + third)
  await disputes.lapse(withheld, KIND.outputs, 0)
  await disputes.lapseSettlement(judged, 0, 0, [missed.leaf])
  forget(3)
  const next = Math.ceil(((await dev.time()) - played.parameters.schedule.start) / 86_400) + 2
  const unposted = await report(next, said, { lie: LIE, isPosted: false })
  await disputes.refute(unposted)
  return {
    proven,
    several,
    first,
    refuted,
    struck,
    followed,
    missed,
    misjudged,
    withheld,
    judged,
    unposted,
    next,
  }
}
