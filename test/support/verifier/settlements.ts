// A settlement as the chain's twin sees it: the leaf with its lists and rows, and the evidence that each claim asks for, in the
// order of contracts/interfaces/IVerifier.sol.
import { readFileSync } from "node:fs"
import { bytesToHex, concat, type Hex, keccak256 } from "viem"
import { type Settlement, settlementHash } from "../../../offchain/settlement.ts"
import {
  decodeParameters,
  encodeSettlementContext,
  KIND,
  listRow,
  quality,
  rowHash,
  settle,
  tableRows,
} from "../../../wasm/index.ts"

type Row = Uint8Array
export type Rows = readonly Row[]

const declared = readFileSync(
  new URL("../../../contracts/types/Claim.sol", import.meta.url),
  "utf8",
).match(/enum Claim \{([^}]*)\}/)?.[1] as string
const NAMES = declared
  .replace(/\/\/.*/g, "")
  .split(",")
  .map((name) => name.trim())

/** The number of a claim. */
export function claimOf(name: string): number {
  const at = NAMES.indexOf(name)
  if (at < 0) throw new Error(`no claim ${name}`)
  return at
}

export const NONE: Hex = `0x${"00".repeat(32)}`

/** What a settlement says, before anything of it is hashed. */
export type Said = {
  readonly epoch: number
  readonly head: Row
  /** Empty if the epoch was missed. */
  readonly inputs: Rows
  readonly registered: Rows
  readonly before: Rows
  readonly outputs: Rows
  readonly state: Rows
  readonly quality: Hex
  readonly pot: bigint
  readonly parent: Shown | undefined
  /** In the place of the lists and the context that follow from the rows. */
  readonly lists: Partial<Lists>
  /** The running hash, if it is another one than follows from the rows. */
  readonly running: Hex | undefined
}

type Lists = {
  readonly context: Row
  readonly inputs: Row
  readonly outputs: Row
  readonly beforehand: Row
  readonly afterwards: Row
}

/** A settlement with its hashes. */
export type Shown = Said & {
  readonly labels: number
  readonly isMissed: boolean
  readonly shown: Lists
  readonly settlement: Settlement
  readonly beforehand: Hex
  readonly runsTo: Hex
}

export type Evidence = { readonly [list in keyof Lists]: Hex } & {
  readonly origin: readonly Settlement[]
  readonly rows: readonly Hex[]
}

/** The running hash after the rows 0x15. */
export function runningAfter(start: Hex, registered: Rows): Hex {
  let running = start
  for (const row of registered) {
    for (let at = 5; at < row.length; at += 42) {
      running = keccak256(concat([running, bytesToHex(row.subarray(at, at + 42))]))
    }
  }
  return running
}

/** An honest settlement, as the core makes it. */
export function honest(
  epoch: number,
  inputs: Rows,
  before: Rows,
  parent: Shown | undefined,
): Shown {
  const { outputs, state } = settle(inputs, before)
  const of = (kind: number) => inputs.filter((row) => row[0] === kind)
  return shownOf({
    epoch,
    head: inputs[0] as Row,
    inputs: outputs.length === 0 ? [] : inputs,
    registered: of(KIND.registrations),
    before,
    outputs,
    state,
    quality: quality(inputs, state),
    pot: 0n,
    parent,
    lists: {},
    running: undefined,
  })
}

/** Hashes what a settlement says. */
export function shownOf(said: Said): Shown {
  const { head, inputs, registered, before, outputs, state, parent } = said
  const isMissed = inputs.length === 0
  const runsTo = said.running ?? runningAfter(parent?.runsTo ?? NONE, registered)
  const lists = {
    inputs: listRow(KIND.inputs, inputs),
    outputs: listRow(KIND.outputs, outputs),
    beforehand: listRow(KIND.state, before),
    afterwards: listRow(KIND.state, state),
    ...said.lists,
  }
  const context =
    said.lists.context ??
    encodeSettlementContext({
      parametersHash: rowHash(head),
      reportContext: NONE,
      inputsHash: isMissed ? NONE : rowHash(lists.inputs),
      outputsHash: rowHash(lists.outputs),
      registrations: runsTo,
    })
  const settlement: Settlement = {
    topicId: 1,
    epoch: said.epoch,
    generation: 0,
    parent: parent ? settlementHash(parent.settlement) : NONE,
    state: rowHash(lists.afterwards),
    pot: said.pot,
    quality: said.quality,
    context: rowHash(context),
  }
  const labels = decodeParameters(head).labelCount
  const beforehand = rowHash(lists.beforehand)
  return { ...said, labels, isMissed, shown: { ...lists, context }, settlement, beforehand, runsTo }
}

/** Says one thing otherwise. */
export function forged(honest: Shown, change: Partial<Said>): Shown {
  return shownOf({ ...honest, ...change })
}

const NOTHING = new Uint8Array()

type Names = readonly (keyof Lists)[]

/** What a claim asks for. */
export function evidenceOf(shown: Shown, claim: string, at = 0): Evidence {
  const { named, rows, isOfParent } = asked(shown, claim, at)
  const isThere = (list: keyof Lists) =>
    list === "context" || (named.includes(list) && !(shown.isMissed && isTold(list)))
  const list = (name: keyof Lists) => bytesToHex(isThere(name) ? shown.shown[name] : NOTHING)
  return {
    context: list("context"),
    inputs: list("inputs"),
    outputs: list("outputs"),
    beforehand: list("beforehand"),
    afterwards: list("afterwards"),
    origin: isOfParent && shown.parent ? [shown.parent.settlement] : [],
    rows: rows.map((row) => bytesToHex(row)),
  }
}

const isTold = (list: keyof Lists) => list === "inputs" || list === "outputs"

type Asked = { readonly named: Names; readonly rows: Rows; readonly isOfParent?: boolean }

function asked(shown: Shown, claim: string, at: number): Asked {
  const { head, labels, inputs, outputs, before, state, isMissed, parent } = shown
  const of = (kind: number) => inputs.filter((row) => row[0] === kind)
  const label = (kind: number, l: number) => of(kind)[l] as Row
  const told = (...rows: Rows) => (isMissed ? [] : rows)
  const was = (kind: number) => before.find((row) => row[0] === kind) as Row
  const [truth, losses, without] = outputs as readonly [Row, Row, Row]
  const parentContext = parent ? [parent.shown.context] : []
  const region = inputs.slice(labels + 1, inputs.length - 4 - 4 * labels)
  const seating = isMissed ? [...parentContext, ...shown.registered] : region
  const roster = () => label(KIND.roster, 0)
  const all: Names = ["inputs", "outputs", "beforehand", "afterwards"]
  const seats = was(KIND.seats)
  switch (claim) {
    case "SettlementLists":
      return [
        { named: [], rows: [] },
        { named: ["inputs"] as const, rows: [head] },
        { named: ["outputs"] as const, rows: [] },
        { named: ["afterwards"] as const, rows: [] },
      ][at] as Asked
    case "SettlementRow":
      return { named: ["inputs"], rows: [head, inputs[at] as Row] }
    case "SettlementInputs":
      return { named: ["inputs"], ...admitted(shown, at >> 16, at & 0xffff, region, parentContext) }
    case "Truth":
      return {
        named: ["inputs", "outputs"],
        rows: [head, label(KIND.electorate, 0), ...of(KIND.truths)],
      }
    case "Losses":
      return {
        named: ["inputs", "outputs"],
        rows: [head, truth, ...of(KIND.inferences), ...of(KIND.value), ...of(KIND.implied)],
      }
    case "CounterfactualLosses":
      return { named: ["inputs", "outputs"], rows: [head, truth, ...of(KIND.counterfactuals)] }
    case "Seats":
      return {
        named: ["inputs", "beforehand", "afterwards"],
        rows: [head, seats, ...seating],
        isOfParent: isMissed,
      }
    case "Regrets": {
      const learnt = isMissed ? [] : [was(KIND.inclusions), roster(), losses]
      const rows = [head, seats, was(KIND.regrets), ...learnt, ...seating]
      return { named: all, rows, isOfParent: isMissed }
    }
    case "Inclusions": {
      const learnt = isMissed ? [] : [roster(), losses]
      const rows = [head, seats, was(KIND.inclusions), ...learnt, ...seating]
      return { named: all, rows, isOfParent: isMissed }
    }
    case "Errors":
      return {
        named: all,
        rows: [head, ...told(was(KIND.errors), truth, ...of(KIND.inferences), ...of(KIND.value))],
      }
    case "Quality":
      return {
        named: all,
        rows: [head, was(KIND.quality), ...told(truth, losses, ...of(KIND.value))],
      }
    case "QualityWord": {
      const made = state.find((row) => row[0] === KIND.quality) as Row
      return {
        named: ["inputs", "afterwards"],
        rows: [head, made, ...told(label(KIND.inferences, 0))],
      }
    }
    case "OneOutTable":
    case "OneInTable": {
      const [place, kind] =
        claim === "OneOutTable"
          ? ([0, KIND.oneOutRegrets] as const)
          : ([1, KIND.oneInRegrets] as const)
      const table = before.filter((row) => row[0] === kind && row[1] === at)
      const learnt = isMissed ? [] : [was(KIND.regrets), roster(), losses, without]
      const made = tableRows(state)[place]
      const rows = [head, seats, tableRows(before)[place], ...table, made, ...learnt, ...seating]
      return { named: all, rows, isOfParent: isMissed }
    }
    case "Tables":
      return { named: ["afterwards"], rows: [head, tableRows(state)[at - 6] as Row] }
    default:
      throw new Error(`no evidence for ${claim}`)
  }
}

/** Of the claim about what is admitted, by part. */
function admitted(
  { head, inputs, isMissed }: Shown,
  part: number,
  l: number,
  region: Rows,
  parentContext: Rows,
): Omit<Asked, "named"> {
  const of = (kind: number) => inputs.filter((row) => row[0] === kind)
  const label = (kind: number, l: number) => of(kind)[l] as Row
  const forecasts = of(KIND.forecast)
  const took = () => [label(KIND.inferences, 0), label(KIND.implied, 0)]
  switch (part) {
    case 1:
      return { rows: [head, ...of(KIND.inferences)] }
    case 2:
      return { rows: [head, ...forecasts] }
    case 3:
      return { rows: [head, ...region, ...parentContext], isOfParent: true }
    case 4: {
      const signatures = label(KIND.truthSignatures, 0)
      return { rows: [head, label(KIND.electorate, 0), ...of(KIND.truths), signatures] }
    }
    case 5:
      return { rows: [head, label(KIND.value, l)] }
    case 6: {
      const behind = (region[forecasts.length] ?? label(KIND.electorate, 0)) as Row
      const implied = [label(KIND.implied, 0), label(KIND.implied, l)]
      return { rows: [head, ...implied, ...forecasts, behind] }
    }
    case 7: {
      const lists = [label(KIND.counterfactuals, 0), label(KIND.counterfactuals, l)]
      return { rows: [head, ...took(), ...lists] }
    }
    case 8:
      return { rows: isMissed ? [head] : [head, label(KIND.pot, 0)] }
    case 9:
      return { rows: [head, ...took(), label(KIND.roster, 0)] }
    default:
      throw new Error(`no part ${part}`)
  }
}
