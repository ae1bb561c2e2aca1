// The parameters row 0x11: a topic's parameters in the order of contracts/types/Parameters.sol, texts as their hashes.
import { concat, type Hex, keccak256, stringToBytes } from "viem"
import { amount, boolean, type Field, hex, integer, record, wad } from "./fields.ts"

export type Schedule = {
  readonly start: number
  readonly firstEpoch: number
  readonly length: number
  readonly windowOpens: number
  readonly windowLength: number
  readonly lag: number
  readonly truthWindow: number
  readonly deadline: number
}

/** Wads, but for `requireUnity`. */
export type Arithmetic = {
  readonly pNorm: bigint
  readonly cNorm: bigint
  readonly alphaRegret: bigint
  readonly alphaScore: bigint
  readonly alphaError: bigint
  readonly epsilon: bigint
  readonly lossFloor: bigint
  readonly minimum: bigint
  readonly maximum: bigint
  readonly requireUnity: boolean
  readonly unityTolerance: bigint
  readonly labelDefault: bigint
  readonly infererQuantile: bigint
  readonly forecasterQuantile: bigint
  readonly reputerQuantile: bigint
}

export type Seating = {
  readonly infererSeats: number
  readonly forecasterSeats: number
  readonly newcomerSeats: number
  readonly benchSize: number
  readonly rewardedInferers: number
  readonly workersListed: boolean
  readonly reputersListed: boolean
}

export type Money = {
  readonly truthTolerance: bigint
  readonly slashTolerance: bigint
  readonly workerBond: bigint
  readonly reputerMinimum: bigint
}

type Plain = {
  readonly topicType: number
  readonly truthSource: number
  readonly lossMethod: number
  readonly weightRule: number
  readonly maxLabels: number
  readonly allowNegative: boolean
  readonly rowsPublished: boolean
  readonly history: number
  readonly schedule: Schedule
  readonly arithmetic: Arithmetic
  readonly seating: Seating
  readonly money: Money
}

/** The parameters as the struct of Parameters.sol holds them. */
export type Parameters = Plain & { readonly metadata: string; readonly labels: readonly string[] }

/** The parameters as their row holds them. */
export type ParametersRow = Plain & {
  readonly labelCount: number
  readonly metadataHash: Hex
  readonly labelsHash: Hex
}

const byte = integer(1)
const seconds = integer(4)

const schedule = record<Schedule>({
  start: seconds,
  firstEpoch: integer(4),
  length: seconds,
  windowOpens: seconds,
  windowLength: seconds,
  lag: seconds,
  truthWindow: seconds,
  deadline: seconds,
})

const arithmetic = record<Arithmetic>({
  pNorm: wad,
  cNorm: wad,
  alphaRegret: wad,
  alphaScore: wad,
  alphaError: wad,
  epsilon: wad,
  lossFloor: wad,
  minimum: wad,
  maximum: wad,
  requireUnity: boolean,
  unityTolerance: wad,
  labelDefault: wad,
  infererQuantile: wad,
  forecasterQuantile: wad,
  reputerQuantile: wad,
})

const seating = record<Seating>({
  infererSeats: byte,
  forecasterSeats: byte,
  newcomerSeats: byte,
  benchSize: byte,
  rewardedInferers: byte,
  workersListed: boolean,
  reputersListed: boolean,
})

const money = record<Money>({
  truthTolerance: wad,
  slashTolerance: wad,
  workerBond: amount,
  reputerMinimum: amount,
})

/** What stands after the kind byte. */
export const parametersRow: Field<ParametersRow> = record<ParametersRow>({
  topicType: byte,
  truthSource: byte,
  lossMethod: byte,
  weightRule: byte,
  labelCount: integer(2),
  maxLabels: integer(2),
  allowNegative: boolean,
  rowsPublished: boolean,
  history: byte,
  metadataHash: hex(32),
  labelsHash: hex(32),
  schedule,
  arithmetic,
  seating,
  money,
})

/** Puts the hashes in the place of the texts: of the metadata, and of the labels' hashes one after the other. */
export function summarised({ metadata, labels, ...plain }: Parameters): ParametersRow {
  return {
    ...plain,
    labelCount: labels.length,
    metadataHash: keccak256(stringToBytes(metadata)),
    labelsHash: keccak256(concat(labels.map((label) => keccak256(stringToBytes(label))))),
  }
}
