// What chain and rows say of a played topic: events as viem decodes them, and rows by hash, each checked against its hash here.
import assert from "node:assert/strict"
import { createPublicClient, type Hex, http, keccak256, parseAbiItem } from "viem"
import {
  decodeImplied,
  decodeInferences,
  decodeList,
  decodeLosses,
  decodeReportContext,
  decodeSettledTruth,
  decodeSettlementContext,
  decodeValue,
  decodeWeights,
  KIND,
} from "../../../wasm/index.ts"
import type { Played } from "../played.ts"

const NONE: Hex = `0x${"00".repeat(32)}`
const REPORTED = parseAbiItem(
  "event ReportAccepted(uint32 indexed topicId, uint16 indexed label, uint256 word, bytes32 context)",
)
const SETTLED = parseAbiItem(
  "event SettlementAccepted(uint32 indexed topicId, uint32 indexed epoch, bytes32 leaf, uint16 generation, bytes32 parent, bytes32 state, uint256 pot, bytes32 quality, bytes32 context)",
)

export type Epoch = {
  readonly epoch: number
  readonly context: Hex
  readonly transaction: Hex
  readonly value: bigint
  readonly observedAt: bigint
  readonly inputs: readonly Uint8Array[]
  readonly outputs: readonly Uint8Array[]
}
export type Settled = {
  readonly epoch: number
  readonly transaction: Hex
  /** Undefined: it was missed. */
  readonly truth: bigint | undefined
  readonly losses: ReturnType<typeof decodeLosses> | undefined
}

export const each = <T>(
  rows: readonly Uint8Array[],
  kind: number,
  decode: (row: Uint8Array) => T,
) => rows.filter((row) => row[0] === kind).map(decode)

export const saidIn = ({ inputs }: Epoch) =>
  each(inputs, KIND.inferences, decodeInferences).flatMap(({ entries }) => entries)
export const impliedIn = ({ outputs }: Epoch) =>
  each(outputs, KIND.implied, decodeImplied).flatMap(({ entries }) => entries)
export const valuesIn = ({ outputs }: Epoch) =>
  each(outputs, KIND.value, decodeValue)[0] as ReturnType<typeof decodeValue>
/** Null where it did not count. */
export function weightIn({ outputs }: Epoch, seat: number): string | null {
  const weights = each(outputs, KIND.weights, decodeWeights).flat()
  const found = weights.find((entry) => entry.seat === seat)
  return found ? String(found.weight) : null
}

/** All epochs of a topic of one label that were reported, and all that were settled. */
export async function readTold({ rpc, rows, deployment }: Played, topicId: number) {
  const client = createPublicClient({ transport: http(rpc) })
  async function row(hash: Hex): Promise<Uint8Array> {
    const response = await fetch(`${rows.url}/rows/${hash}`)
    const bytes = new Uint8Array(await response.arrayBuffer())
    assert.equal(keccak256(bytes), hash)
    return bytes
  }
  const listed = async (hash: Hex) => Promise.all(decodeList(await row(hash)).hashes.map(row))
  const from = { fromBlock: 0n, strict: true, args: { topicId } } as const

  const epochs: Epoch[] = []
  const { reports, settlements } = deployment
  for (const log of await client.getLogs({ address: reports, event: REPORTED, ...from })) {
    const { word, context } = log.args
    const { inputsHash, outputsHash } = decodeReportContext(await row(context))
    epochs.push({
      // value int128 | observedAt 32 | epoch 28 | lag 24 | postedAfter 16 | status 4 | sigma 24
      epoch: Number((word >> 68n) & 0xfffffffn),
      value: BigInt.asIntN(128, word >> 128n),
      observedAt: (word >> 96n) & 0xffffffffn,
      context,
      transaction: log.transactionHash,
      inputs: await listed(inputsHash),
      outputs: await listed(outputsHash),
    })
  }
  const settled: Settled[] = []
  for (const log of await client.getLogs({ address: settlements, event: SETTLED, ...from })) {
    const { inputsHash, outputsHash } = decodeSettlementContext(await row(log.args.context))
    const outputs = inputsHash === NONE ? [] : await listed(outputsHash)
    settled.push({
      epoch: log.args.epoch,
      transaction: log.transactionHash,
      truth: each(outputs, KIND.settledTruth, decodeSettledTruth)[0]?.[0],
      losses: each(outputs, KIND.losses, decodeLosses)[0],
    })
  }
  return { epochs, settled }
}
