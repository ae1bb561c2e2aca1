// Settlements that a whole quorum signs although the chain knows better: made as an honest committee would make them, rows,
// numbers and hashes, but for one thing that is not so.
import type { Hex } from "viem"
import { digestOf } from "../../offchain/message.ts"
import {
  type Settled,
  type Settlement,
  type Settling,
  settleEpoch,
} from "../../offchain/settlement.ts"
import type { Signer } from "../../offchain/signer.ts"
import { NO_LEAF } from "../../offchain/synthesis.ts"
import { type Truth, truthHash } from "../../offchain/truth.ts"
import {
  decodeCounterfactuals,
  decodeForecast,
  decodeSettlementContext,
  decodeTruthSignatures,
  decodeTruths,
  decodeValue,
  encodeCounterfactuals,
  encodeForecast,
  encodeParameters,
  encodeSettlementContext,
  encodeTruthSignatures,
  encodeTruths,
  encodeValue,
  KIND,
  listRow,
  rowHash,
} from "../../wasm/index.ts"
import { type Case, type Change, inferring, type Keys, OTHER, SILENT, WAD } from "./forged-facts.ts"

export type Concluding = Keys & { readonly settling: Settling }

export type Settlements = {
  readonly leaves: readonly Settlement[]
  readonly rows: readonly Uint8Array[]
  readonly slot?: number
}

const settled = ({ settlement, rows }: Pick<Settled, "settlement" | "rows">): Settlements => ({
  leaves: [settlement],
  rows,
})

export const honestSettlements = ({ settling }: Concluding) => settled(settleEpoch(settling))

type Told = NonNullable<Settling["told"]>
const toldIn = ({ settling }: Concluding): Told => settling.told as Told

const withTold = (change: (told: Told, given: Concluding) => Partial<Told>) => {
  return (given: Concluding): Settlements => {
    const told = toldIn(given)
    return settled(settleEpoch({ ...given.settling, told: { ...told, ...change(told, given) } }))
  }
}

const withElectors = (
  change: (
    electors: Settling["terms"]["electorate"],
    given: Concluding,
  ) => Settling["terms"]["electorate"],
) => {
  return (given: Concluding): Settlements => {
    const electorate = change(given.settling.terms.electorate, given)
    const sorted = [...electorate].sort((a, b) => (a.reputer < b.reputer ? -1 : 1))
    return settled(settleWith(given, { terms: { ...given.settling.terms, electorate: sorted } }))
  }
}

const settleWith = ({ settling }: Concluding, change: Partial<Settling>) =>
  settleEpoch({ ...settling, ...change })

function withSaid(
  { settlement, rows }: Settled,
  said: Partial<ReturnType<typeof decodeSettlementContext>>,
): Settlements {
  const [own, ...others] = rows as [Uint8Array]
  const context = encodeSettlementContext({ ...decodeSettlementContext(own), ...said })
  return settled({
    settlement: { ...settlement, context: rowHash(context) },
    rows: [context, ...others],
  })
}

const changed =
  (kind: number, change: Change) =>
  (rows: readonly Uint8Array[]): readonly Uint8Array[] =>
    rows.map((row) => (row[0] === kind ? change(row) : row))

/** What a stranger says came true. */
function truthBy({ domain, settling }: Concluding, signer: Signer): Truth {
  const { topicId, epoch, parameters } = settling.terms
  const values = parameters.labels.map(() => 10n * WAD)
  const unsigned = { topicId, epoch, reputer: signer.address, values, extra: NO_LEAF }
  return { ...unsigned, signature: signer.sign(digestOf(domain, truthHash(unsigned))) }
}

const byReputer = <T extends { readonly reputer: Hex }>(all: readonly T[]): T[] =>
  [...all].sort((a, b) => (a.reputer < b.reputer ? -1 : 1))

/** Rows of some kinds are replaced in the inputs, and what follows from them is left as it was. */
const withInputs = (changes: (given: Concluding) => Readonly<Record<number, Change>>) => {
  return (given: Concluding): Settlements => {
    const each = changes(given)
    const honest = settleEpoch(given.settling)
    const inputs = honest.inputs.map((row) => each[row[0] as number]?.(row) ?? row)
    const list = listRow(KIND.inputs, inputs)
    const { leaves, rows } = withSaid(honest, { inputsHash: rowHash(list) })
    return { leaves, rows: [...rows, list, ...inputs] }
  }
}

const otherValue: Change = (row) => {
  const value = decodeValue(row)
  return encodeValue({ ...value, combined: value.combined + WAD })
}

/** Of any epoch, with its report. */
const ANY_SETTLEMENT: readonly Case<Concluding, Settlements>[] = [
  // First, while the deadline has not passed.
  [
    "an epoch with a report called missed before its deadline",
    "said",
    (given) => settled(settleWith(given, { told: undefined })),
  ],
  [
    "parameters that the topic does not have",
    "SettlementParameters",
    (given) => {
      const { terms } = given.settling
      const money = { ...terms.parameters.money, workerBond: 1n }
      const parameters = { ...terms.parameters, money }
      const parametersHash = rowHash(encodeParameters(parameters))
      return settled(settleWith(given, { terms: { ...terms, parameters, parametersHash } }))
    },
  ],
  [
    "a running hash of registrations that the chain does not have",
    "SettlementRegistrations",
    ({ settling }) => withSaid(settleEpoch(settling), { registrations: OTHER }),
  ],
  [
    "inferences that are not the report's",
    "SettledReport",
    withTold(({ inputs }) => ({
      inputs: changed(KIND.inferences, inferring(0, 98n * WAD))(inputs),
    })),
  ],
  [
    "a forecast that is not the report's",
    "SettledReport",
    withTold(({ inputs }) => ({
      inputs: changed(KIND.forecast, (row) => {
        const { seat, entries } = decodeForecast(row)
        const others = entries.map((each) => ({ ...each, loss: each.loss + 1n }))
        return encodeForecast({ seat, entries: others })
      })(inputs),
    })),
  ],
  [
    "a value that is not the report's",
    "SettledReport",
    withTold(({ outputs }) => ({ outputs: changed(KIND.value, otherValue)(outputs) })),
  ],
  [
    "counterfactuals that are not the report's",
    "SettledReport",
    withTold(({ outputs }) => ({
      outputs: changed(KIND.counterfactuals, (row) => {
        const lists = decodeCounterfactuals(row)
        const oneOutInferers = lists.oneOutInferers.map((each) => ({
          ...each,
          value: each.value + WAD,
        }))
        return encodeCounterfactuals({ ...lists, oneOutInferers })
      })(outputs),
    })),
  ],
  [
    "another report as the one that is scored, with another value",
    "SettledReport",
    (given) => {
      const { outputs, ...others } = toldIn(given)
      const told = { ...others, outputs: changed(KIND.value, otherValue)(outputs) }
      return settled(settleWith(given, { reportContext: OTHER, told }))
    },
  ],
  [
    "somebody else on a seat",
    "Roster",
    withTold(({ seats }, { stranger }) => ({
      seats: seats.map((seat, index) => (index ? seat : { ...seat, owner: stranger.address })),
    })),
  ],
  [
    "nobody on a seat that was not used",
    "Roster",
    withTold(({ seats }) => ({ seats: seats.filter(({ seat }) => seat !== SILENT.seat) })),
  ],
  [
    "more stake for one than the chain has",
    "Electorate",
    withElectors(([first, ...others]) => [
      { ...(first as (typeof others)[number]), stake: 10n ** 24n },
      ...others,
    ]),
  ],
  [
    "a reputer left out",
    "Electorate",
    (given) => {
      const { electorate } = given.settling.terms
      const [out] = electorate.toSorted((a, b) => (a.stake < b.stake ? -1 : 1))
      const terms = {
        ...given.settling.terms,
        electorate: electorate.filter((each) => each !== out),
      }
      const told = toldIn(given)
      const truths = told.truths.filter(({ reputer }) => reputer !== out?.reputer)
      return settled(settleWith(given, { terms, told: { ...told, truths } }))
    },
  ],
  [
    "a stranger in the electorate, who says nothing",
    "Electorate",
    withElectors((electors, { stranger: { address } }) => [
      ...electors,
      { reputer: address, signer: address, stake: 1n },
    ]),
  ],
  [
    "a stranger in the electorate, who speaks",
    "Electorate",
    (given) => {
      const { address } = given.stranger
      const { terms } = given.settling
      const electorate = [
        ...terms.electorate,
        { reputer: address, signer: address, stake: 10n ** 24n },
      ].sort((a, b) => (a.reputer < b.reputer ? -1 : 1))
      const told = toldIn(given)
      const truths = [...told.truths, truthBy(given, given.stranger)]
      return settled(
        settleWith(given, { terms: { ...terms, electorate }, told: { ...told, truths } }),
      )
    },
  ],
  [
    "another truth than the one that was signed",
    "TruthSignature",
    withTold(({ truths }) => ({
      truths: truths.map((truth, index) =>
        index ? truth : { ...truth, values: truth.values.map(() => 11n * WAD) },
      ),
    })),
  ],
  [
    "a truth that a stranger signed for a reputer",
    "TruthSignature",
    withTold(({ truths: [first, ...others] }, given) => {
      const { reputer } = first as Truth
      return { truths: [{ ...truthBy(given, given.stranger), reputer }, ...others] }
    }),
  ],
  [
    "a truth without its reputer's signature",
    "SettlementInputs",
    withInputs(() => ({
      [KIND.truthSignatures]: (row) => encodeTruthSignatures(decodeTruthSignatures(row).slice(1)),
    })),
  ],
  [
    "the truth of a stranger, who is no elector",
    "SettlementInputs",
    withInputs((given) => {
      const { reputer, values, extra, signature } = truthBy(given, given.stranger)
      return {
        [KIND.truths]: (row) => {
          const { label, entries } = decodeTruths(row)
          const value = values[label] as bigint
          return encodeTruths({ label, entries: byReputer([...entries, { reputer, value }]) })
        },
        [KIND.truthSignatures]: (row) =>
          encodeTruthSignatures(
            byReputer([...decodeTruthSignatures(row), { reputer, extra, signature }]),
          ),
      }
    }),
  ],
  [
    "another report as the one that is scored, with the same values",
    "said",
    (given) => settled(settleWith(given, { reportContext: OTHER })),
  ],
  [
    "another report as the one that is scored, with the same values from other inferences",
    "said",
    (given) => {
      const { inputs, ...others } = toldIn(given)
      const told = { ...others, inputs: changed(KIND.inferences, inferring(0, 98n * WAD))(inputs) }
      return settled(settleWith(given, { reportContext: OTHER, told }))
    },
  ],
  [
    "a slot in which signing twice would convict nobody",
    "said",
    (given) => ({ ...honestSettlements(given), slot: given.settling.terms.closesAt - 1 }),
  ],
]

const passingOver = (to: number) => (given: Concluding) =>
  settled(settleWith(given, { terms: { ...given.settling.terms, epoch: to }, told: undefined }))

/** What the first epoch is follows from when the topic was created, which the contracts do not keep. */
export const FIRST_SETTLEMENTS: readonly Case<Concluding, Settlements>[] = [
  ...ANY_SETTLEMENT,
  ["another epoch as the first", "said", passingOver(2)],
]

export const LATER_SETTLEMENTS: readonly Case<Concluding, Settlements>[] = [
  ...ANY_SETTLEMENT,
  ["an epoch passed over", "SettlementParameters", passingOver(4)],
  ["an epoch that there is not", "SettlementParameters", passingOver(2 ** 31)],
]

/** Where there is one label alone, the chain knows which report it is that was not named. */
export const UNNAMED: readonly Case<Concluding, Settlements>[] = [
  [
    "an epoch called missed for want of a report that there is",
    "SettledReport",
    (given) => settled(settleWith(given, { told: undefined, reportContext: undefined })),
  ],
  [
    "no report as the one that is scored",
    "SettledReport",
    (given) => settled(settleWith(given, { reportContext: undefined })),
  ],
]

/** What the contract does not take for the topic's next settlement. */
export const NOT_TAKEN: readonly (readonly [what: string, change: Partial<Settlement>])[] = [
  ["another generation", { generation: 1 }],
  ["another parent", { parent: OTHER }],
]
