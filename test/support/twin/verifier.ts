// The verifier on a chain of this process, asked about reports that tests make: a small one with most special cases, and what is
// changed of it.
import { network } from "hardhat"
import { BaseError, ContractFunctionRevertedError, type Hex } from "viem"
import { encodeRegistrations, infer } from "../../../wasm/index.ts"
import { rowsOf as epochRows, WAD } from "../epochs.ts"
import type { WitnessEpoch } from "../witness.ts"
import {
  type About,
  type Attested,
  type ClaimName,
  claimed,
  confirmed,
  NOT_SETTLED,
  type Rows,
  SETTLED_LEAF,
} from "./attested.ts"

/** True or false, or the name of the refusal. */
export type Verdict = boolean | string
export type Evidence = ReturnType<typeof claimed>[3]

/** Two labels, five inferers, three forecasters of whom one names one inferer alone; one inferer is new. */
export const EPOCH: WitnessEpoch = {
  pNorm: 3n * WAD,
  cNorm: WAD,
  epsilon: WAD / 100n,
  inferers: [0, 3, 4, 7, 31].map((seat, i) => ({
    seat,
    values: [BigInt(i * i + 3) * WAD, BigInt(9 - i) * WAD],
  })),
  forecasters: [
    {
      seat: 0x80,
      losses: new Map([
        [0, WAD / 4n],
        [3, WAD / 2n],
        [31, -WAD / 3n],
      ]),
    },
    { seat: 0x82, losses: new Map([[7, WAD / 5n]]) },
    {
      seat: 0x85,
      losses: new Map([
        [0, WAD],
        [4, WAD / 7n],
        [9, WAD],
      ]),
    },
  ],
  previousLoss: WAD / 3n,
  scale: WAD / 2n,
  initialRegret: -WAD / 4n,
  network: new Map([
    [0, WAD / 3n],
    [3, -WAD],
    [4, WAD / 9n],
    [31, WAD / 2n],
    [0x80, WAD / 5n],
  ]),
  naive: new Map([
    [0, WAD / 4n],
    [3, -WAD],
    [4, WAD / 8n],
    [31, WAD / 2n],
    [0x80, 0n],
  ]),
  emaErrors: [WAD / 10n, 9n * WAD],
  mads: [undefined, undefined],
  oneOut: new Map([
    [
      0,
      new Map([
        [3, WAD / 6n],
        [0x80, -WAD / 5n],
      ]),
    ],
    [
      0x82,
      new Map([
        [0, WAD / 7n],
        [4, WAD],
      ]),
    ],
  ]),
  oneIn: new Map([
    [
      0x80,
      new Map([
        [0, WAD / 2n],
        [0x80, WAD],
      ]),
    ],
  ]),
}

/** One part of the registrations, as it stands among the inputs before the first settlement. */
export const registered = (number = 0, count = 1) =>
  encodeRegistrations({
    number,
    entries: Array.from({ length: count }, () => ({
      change: "joined" as const,
      roles: 1,
      owner: `0x${"11".repeat(20)}` as const,
      signer: `0x${"22".repeat(20)}` as const,
    })),
  })

/** The report that the core makes of an epoch. */
export function made(epoch: WitnessEpoch, isSettled = true): Attested {
  const { inputs, state } = epochRows(epoch)
  if (!isSettled) inputs.push(registered())
  return {
    inputs,
    state,
    outputs: infer(inputs, state),
    labels: epoch.emaErrors.length,
    settledLeaf: isSettled ? SETTLED_LEAF : NOT_SETTLED,
  }
}

/** With another row in the place of one. */
export const withRow = (rows: Rows, place: number, row: Uint8Array): Rows =>
  rows.map((other, i) => (i === place ? row : other))

/** With one bit turned; places below 0 count from the end. */
export const flipped = (row: Uint8Array, at: number, bit = 1): Uint8Array =>
  row.map((byte, i) => (i === (at < 0 ? row.length + at : at) ? byte ^ bit : byte))

async function verdict(answer: Promise<unknown>): Promise<Verdict> {
  try {
    return (await answer) as boolean
  } catch (error) {
    const revert =
      error instanceof BaseError && error.walk((e) => e instanceof ContractFunctionRevertedError)
    if (!(revert instanceof ContractFunctionRevertedError)) throw error
    return revert.data?.errorName ?? revert.signature ?? revert.shortMessage
  }
}

/** Deploys the verifier; what it answers. */
export async function connect() {
  const { viem } = await network.create("home")
  const behind = await viem.deployContract("Judge")
  const verifier = await viem.deployContract("Verifier", [behind.address])
  const zero: Hex = `0x${"00".repeat(32)}`
  const settlement = {
    ...{ topicId: 1, epoch: 9, generation: 0, pot: 0n },
    ...{ parent: zero, state: zero, quality: zero, context: zero },
  }
  return {
    verifier,
    viem,
    judge: (
      claim: ClaimName,
      attested: Attested,
      about: About,
      rows?: Rows,
      change: (evidence: Evidence) => Partial<Evidence> = () => ({}),
    ): Promise<Verdict> => {
      const [report, number, at, evidence] = claimed(claim, attested, about, rows)
      return verdict(
        verifier.read.judgeReport([report, number, at, { ...evidence, ...change(evidence) }]),
      )
    },
    confirm: (
      attested: Attested,
      label: number,
      change: (evidence: Evidence) => Partial<Evidence> = () => ({}),
    ): Promise<Verdict> => {
      const [report, evidence] = confirmed(attested, label)
      return verdict(verifier.read.confirms([report, { ...evidence, ...change(evidence) }]))
    },
    judgeSettlement: (beforehand: Hex, claim: number, rows: readonly Hex[]): Promise<Verdict> => {
      const none = { context: "0x", inputs: "0x", outputs: "0x" } as const
      const evidence = { ...none, beforehand: "0x", afterwards: "0x", origin: [], rows } as const
      return verdict(verifier.read.judgeSettlement([settlement, beforehand, claim, 3n, evidence]))
    },
  }
}
