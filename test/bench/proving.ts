// What proof and refutation cost: whole transactions, the rows in their calldata counted, of a topic that has been settled
// and posted to before.
import { bytesToHex, encodeFunctionData, type Hex, hashStruct, keccak256, zeroHash } from "viem"
import { disputesAbi, reportsAbi, settlementsAbi, topicsAbi, types } from "../../contracts/index.ts"
import {
  decodeValue,
  encodeReportContext,
  encodeValue,
  infer,
  KIND,
  listRow,
  load,
  packSigma,
  rowHash,
} from "../../wasm/index.ts"
import { deployed } from "./chain.ts"
import { epochOf } from "./core.ts"

const CAP = 10n ** 27n
const TOPIC = 1
const MINIMUM_BOND = 10n ** 15n
/** As `contracts/types/Claim.sol` numbers it. */
const COMBINED = 6

type Rows = readonly Uint8Array[]

const hexOf = (rows: Rows) => rows.map((row) => bytesToHex(row))
const ofKind = (rows: Rows, kind: number) => rows.filter((row) => row[0] === kind)

/** A topic whose one settlement left the state, and its next epoch's report, posted. `change` may spoil the value row. */
async function posted(
  inferers: number,
  forecasters: number,
  change: (row: Uint8Array) => Uint8Array = (row) => row,
) {
  await load()
  const { parameters, inputs, state } = epochOf(inferers, forecasters)
  const outputs = infer(inputs, state).map((row) => (row[0] === KIND.value ? change(row) : row))
  const { combined, sigma } = decodeValue(outputs[0] as Uint8Array)

  const bench = await deployed(4, true)
  const { account, committee, reports, disputes, send, deploy } = bench
  const allo = await deploy("Allo", [[account], [CAP]])
  const topics = await deploy("Topics", [allo, account, 0n, 0n, 3_600])
  const stakes = await deploy("Stakes", [allo, topics, 86_400n])
  const settlements = await deploy("Settlements", [committee, reports, topics, disputes])
  const facts = await deploy("Facts", [reports, topics, stakes])
  // Reverts unless it lies where the others look for it.
  await deploy("Disputes", [settlements, facts, MINIMUM_BOND])
  const created = { abi: topicsAbi, functionName: "create", args: [parameters] } as const
  await send(topics, encodeFunctionData(created))

  const { schedule } = parameters
  const current = schedule.firstEpoch + Math.floor((bench.now() - schedule.start) / schedule.length)
  const settlement = {
    topicId: TOPIC,
    epoch: current - 2,
    generation: 0,
    parent: zeroHash,
    state: rowHash(listRow(KIND.state, state)),
    pot: 0n,
    quality: zeroHash,
    context: keccak256("0x02"),
  }
  const settledLeaf = hashStruct({
    data: settlement,
    primaryType: "Settlement",
    types: { Settlement: types.Settlement },
  })
  const settling = await bench.attested([settledLeaf], 3)
  const settled = [settling.batch, [settlement], settling.proof, settling.attestation] as const
  await send(
    settlements,
    encodeFunctionData({ abi: settlementsAbi, functionName: "settle", args: settled }),
  )

  const lists = {
    inputs: listRow(KIND.inputs, inputs),
    outputs: listRow(KIND.outputs, outputs),
    beforehand: listRow(KIND.state, state),
  }
  const context = encodeReportContext({
    parametersHash: rowHash(inputs[0] as Uint8Array),
    settledEpoch: settlement.epoch,
    settledLeaf,
    stateHash: rowHash(lists.beforehand),
    inputsHash: rowHash(lists.inputs),
    outputsHash: rowHash(lists.outputs),
  })
  const reportAt = (epoch: number) => ({
    topicId: TOPIC,
    label: 0,
    epoch,
    observedAt:
      schedule.start + (epoch - schedule.firstEpoch) * schedule.length + schedule.windowLength,
    lag: schedule.lag,
    history: 0,
    value: combined,
    sigma: packSigma(sigma),
    context: rowHash(context),
  })
  const post = async (epoch: number) => {
    const report = reportAt(epoch)
    bench.pass(report.observedAt + 60 - bench.now())
    const data = { data: report, primaryType: "Report", types: { Report: types.Report } } as const
    const { batch, proof, attestation } = await bench.attested([hashStruct(data)], 3)
    const args = [batch, [report], proof, attestation] as const
    const call = { abi: reportsAbi, functionName: "post", args } as const
    const receipt = await send(reports, encodeFunctionData(call))
    if (receipt.logs.length !== 1) throw new Error("the bench's post was skipped")
    return { report, attested: { batch, proof: [] as Hex[], attestation } }
  }
  await post(current + 1)
  const last = await post(current + 2)
  const evidence = {
    context: bytesToHex(context),
    inputs: bytesToHex(lists.inputs),
    outputs: "0x" as Hex,
    beforehand: bytesToHex(lists.beforehand),
    afterwards: "0x" as Hex,
    origin: [settlement],
    rows: [] as Hex[],
  }
  return { bench, ...last, evidence, lists, inputs, outputs, state }
}

/** Value and sigma of an epoch, from all that they rest on. */
export async function proveOne(inferers: number, forecasters: number): Promise<number> {
  const { bench, report, attested, evidence, inputs, state } = await posted(inferers, forecasters)
  const rows = hexOf([
    ...inputs.slice(0, 2),
    state[2] as Uint8Array,
    state[3] as Uint8Array,
    ...ofKind(inputs, KIND.forecast),
  ])
  const args = [report, attested, { ...evidence, rows }] as const
  const call = { abi: disputesAbi, functionName: "prove", args } as const
  const receipt = await bench.send(bench.disputes, encodeFunctionData(call))
  if (receipt.logs.length !== 2) throw new Error("the bench's report was not proven")
  await bench.close()
  return Number(receipt.gasUsed)
}

/** A combined value that is one unit off, in an epoch of 32 inferers and 6 forecasters. */
export async function refuteOne(): Promise<number> {
  const off = (row: Uint8Array) => {
    const value = decodeValue(row)
    return encodeValue({ ...value, combined: value.combined + 1n })
  }
  const { bench, report, attested, evidence, lists, inputs, outputs, state } = await posted(
    32,
    6,
    off,
  )
  const rows = hexOf([
    ...inputs.slice(0, 2),
    ...ofKind(outputs, KIND.implied),
    state[2] as Uint8Array,
    ...ofKind(outputs, KIND.value),
  ])
  const shown = { ...evidence, origin: [], outputs: bytesToHex(lists.outputs), rows }
  const args = [report, attested, COMBINED, 0n, shown] as const
  const call = { abi: disputesAbi, functionName: "refuteReport", args } as const
  const receipt = await bench.send(bench.disputes, encodeFunctionData(call))
  if (receipt.logs.length !== 2) throw new Error("the bench's report was not refuted")
  await bench.close()
  return Number(receipt.gasUsed)
}
