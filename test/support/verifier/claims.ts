// Which claims there are about a settlement, and settlements that are wrong in one way each.
import { hexToBytes } from "viem"
import {
  decodeCounterfactuals,
  decodeElectorate,
  decodeImplied,
  decodeInferences,
  decodeRoster,
  decodeTruthSignatures,
  decodeValue,
  encodeCounterfactuals,
  encodeElectorate,
  encodeImplied,
  encodeInferences,
  encodePot,
  encodeRoster,
  encodeTruthSignatures,
  encodeValue,
  KIND,
  type ListKind,
} from "../../../wasm/index.ts"
import { addressOf } from "../settlement/world.ts"
import { forged, type Rows, type Said, type Shown } from "./settlements.ts"

export type Claimed = readonly [claim: string, at: number]

/** Every claim that can be made about a settlement. */
export function claimsOf(shown: Shown): Claimed[] {
  const { inputs, labels, isMissed } = shown
  const claims: Claimed[] = [
    "Seats",
    "Regrets",
    "Errors",
    "Inclusions",
    "Quality",
    "QualityWord",
  ].map((claim) => [claim, 0])
  for (const seat of seatsOf(shown)) {
    claims.push(["OneOutTable", seat], ["OneInTable", seat])
  }
  claims.push(["Tables", 6], ["Tables", 7], ["SettlementLists", 0], ["SettlementLists", 3])
  claims.push(["SettlementInputs", 8 << 16])
  if (isMissed) return claims
  claims.push(["SettlementLists", 1], ["SettlementLists", 2])
  for (let place = 1; place < inputs.length; place++) claims.push(["SettlementRow", place])
  for (const part of [1, 2, 3, 4, 9]) claims.push(["SettlementInputs", part << 16])
  for (const part of [5, 6, 7]) {
    for (let label = 0; label < labels; label++)
      claims.push(["SettlementInputs", (part << 16) | label])
  }
  for (const claim of ["Truth", "Losses", "CounterfactualLosses"]) claims.push([claim, 0])
  return claims
}

/** The topic's seats, of each role one that it does not have among them. */
function seatsOf({ head }: Shown): number[] {
  const upTo = (count: number, from: number) => Array.from({ length: count }, (_, k) => from + k)
  return [...upTo((head[333] as number) + 1, 0), ...upTo((head[334] as number) + 1, 0x80)]
}

/** Which claim is about a row of outputs or made state. */
const CLAIMS: Readonly<Record<number, string>> = {
  [KIND.settledTruth]: "Truth",
  [KIND.losses]: "Losses",
  [KIND.counterfactualLosses]: "CounterfactualLosses",
  [KIND.seats]: "Seats",
  [KIND.regrets]: "Regrets",
  [KIND.errors]: "Errors",
  [KIND.inclusions]: "Inclusions",
  [KIND.quality]: "Quality",
  [KIND.oneOutRegrets]: "OneOutTable",
  [KIND.oneInRegrets]: "OneInTable",
}

const flipped = (row: Uint8Array, bit: number) =>
  row.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))

/** The rows of outputs and made state. */
export function madeRows({ outputs, state }: Shown): Rows {
  return [...outputs, ...state]
}

/** The settlement with another bit in one of its made rows, and the claim that says so. Kinds and tables' seats stay. */
export function flippedAt(
  shown: Shown,
  place: number,
  any: number,
): { wrong: Shown; claim: Claimed } {
  const all = madeRows(shown)
  const row = all[place] as Uint8Array
  const kind = row[0] as number
  const isTable = kind === KIND.oneOutRegrets || kind === KIND.oneInRegrets
  const head = isTable ? 2 : 1
  const bit = 8 * head + (any % (8 * (row.length - head)))
  const change = all.map((one, i) => (i === place ? flipped(row, bit) : one))
  const outputs = change.slice(0, shown.outputs.length)
  const wrong = forged(shown, { outputs, state: change.slice(outputs.length) })
  if (kind === KIND.version) return { wrong, claim: ["SettlementLists", 3] }
  return { wrong, claim: [CLAIMS[kind] as string, isTable ? (row[1] as number) : 0] }
}

export type Wrong = { readonly name: string; readonly wrong: Shown; readonly claim: Claimed }

/** Input rows that the core does not admit, and lists that have lost their shape. */
export function inadmissible(shown: Shown): Wrong[] {
  const { inputs, labels, head } = shown
  const maximum = 10n ** 33n + 1n
  const replaced = (kind: number, at: number, change: (row: Uint8Array) => Uint8Array) => {
    let seen = 0
    return inputs.map((row) => (row[0] === kind && seen++ === at ? change(row) : row))
  }
  const wrong = (name: string, claim: Claimed, change: Partial<Said>): Wrong => {
    return { name, wrong: forged(shown, change), claim }
  }
  const part = (
    name: string,
    [number, label]: readonly [number, number],
    kind: number,
    at: number,
    change: (row: Uint8Array) => Uint8Array,
  ) =>
    wrong(name, ["SettlementInputs", (number << 16) | label], {
      inputs: replaced(kind, at, change),
    })
  const last = labels - 1
  const moved = <T extends { readonly seat: number }>(entries: readonly T[], seat: number) =>
    entries.map((entry, i) => (i === entries.length - 1 ? { ...entry, seat } : entry))
  const [inferers, forecasters] = [head[333] as number, head[334] as number]
  return [
    part("an inference beyond the range", [1, 0], KIND.inferences, last, (row) => {
      const { label, entries } = decodeInferences(row)
      return encodeInferences({ label, entries: entries.map((e) => ({ ...e, value: maximum })) })
    }),
    part("an inference on no seat", [1, 0], KIND.inferences, 0, (row) => {
      const { label, entries } = decodeInferences(row)
      return encodeInferences({ label, entries: moved(entries, inferers) })
    }),
    part("nobody that infers", [1, 0], KIND.inferences, last, (row) =>
      encodeInferences({ label: decodeInferences(row).label, entries: [] }),
    ),
    part("a forecast on no seat", [2, 0], KIND.forecast, 0, (row) =>
      row.map((byte, i) => (i === 1 ? 0x80 + forecasters : byte)),
    ),
    part("signatures of others", [4, 0], KIND.truthSignatures, 0, (row) =>
      encodeTruthSignatures(decodeTruthSignatures(row).slice(1)),
    ),
    part("truths of too few", [4, 0], KIND.electorate, 0, (row) => {
      const electors = decodeElectorate(row)
      const silent = {
        reputer: addressOf(30_000),
        stake: electors.reduce((s, e) => s + e.stake, 0n),
      }
      return encodeElectorate([...electors, silent])
    }),
    part("truths of one that is no elector", [4, 0], KIND.electorate, 0, (row) =>
      encodeElectorate(decodeElectorate(row).slice(1)),
    ),
    part("a value beyond the range", [5, last], KIND.value, last, (row) =>
      encodeValue({ ...decodeValue(row), naive: maximum }),
    ),
    part("a sigma below zero", [5, 0], KIND.value, 0, (row) =>
      encodeValue({ ...decodeValue(row), sigma: -1n }),
    ),
    part("an implied value beyond the range", [6, last], KIND.implied, last, (row) => {
      const { label, entries } = decodeImplied(row)
      return encodeImplied({ label, entries: entries.map((e) => ({ ...e, value: maximum })) })
    }),
    part("an implied value of one without a forecast", [6, 0], KIND.implied, 0, (row) => {
      const { label, entries } = decodeImplied(row)
      return encodeImplied({ label, entries: moved(entries, 0x80 + forecasters) })
    }),
    part(
      "a counterfactual value beyond the range",
      [7, last],
      KIND.counterfactuals,
      last,
      (row) => {
        const lists = decodeCounterfactuals(row)
        const oneOutInferers = lists.oneOutInferers.map((entry) => ({ ...entry, value: maximum }))
        return encodeCounterfactuals({ ...lists, oneOutInferers })
      },
    ),
    part(
      "a counterfactual value of one without a value",
      [7, 0],
      KIND.counterfactuals,
      0,
      (row) => {
        const lists = decodeCounterfactuals(row)
        return encodeCounterfactuals({
          ...lists,
          oneOutInferers: moved(lists.oneOutInferers, 0x7f),
        })
      },
    ),
    part("a pot", [8, 0], KIND.pot, 0, () => encodePot(1n)),
    wrong("a pot in the leaf", ["SettlementInputs", 8 << 16], { pot: 1n }),
    part("a roster without one that took part", [9, 0], KIND.roster, 0, (row) => {
      const took = decodeInferences(inputs[1] as Uint8Array).entries[0]?.seat
      return encodeRoster(decodeRoster(row).filter(({ seat }) => seat !== took))
    }),
    part("a roster on no seat", [9, 0], KIND.roster, 0, (row) =>
      encodeRoster([...decodeRoster(row), { seat: 0xff, owner: addressOf(1) }]),
    ),
    wrong("a running hash of others", ["SettlementInputs", 3 << 16], {
      running: `0x${"77".repeat(32)}`,
    }),
    wrong("another quality", ["QualityWord", 0], { quality: `0x${"01".repeat(32)}` }),
    ...misshapen(shown),
  ]
}

const hashes = (kind: ListKind, all: Rows) =>
  Uint8Array.from([0xff, kind, 0, all.length, ...all.flatMap((row) => [...row])])

/** Lists that no reader takes, and a context. */
function misshapen(shown: Shown): Wrong[] {
  const { shown: lists, labels } = shown
  const wrong = (name: string, at: number, changed: Partial<typeof lists>): Wrong => {
    return { name, wrong: forged(shown, { lists: changed }), claim: ["SettlementLists", at] }
  }
  const longer = (row: Uint8Array) => Uint8Array.from([...row, 0])
  const hash = hexToBytes(`0x${"99".repeat(32)}`)
  const some = (count: number): Rows => Array.from({ length: count }, () => hash)
  return [
    wrong("a longer context", 0, { context: longer(lists.context) }),
    wrong("longer inputs", 1, { inputs: longer(lists.inputs) }),
    wrong("too few inputs", 1, { inputs: hashes(KIND.inputs, some(4 + 5 * labels)) }),
    wrong("inputs of other parameters", 1, { inputs: hashes(KIND.inputs, some(5 + 5 * labels)) }),
    wrong("outputs by another name", 2, { outputs: hashes(KIND.state, some(3)) }),
    wrong("too few outputs", 2, { outputs: hashes(KIND.outputs, some(2)) }),
    wrong("too much state", 3, { afterwards: hashes(KIND.state, some(9)) }),
    wrong("a state of another version", 3, { afterwards: hashes(KIND.state, some(8)) }),
  ]
}
