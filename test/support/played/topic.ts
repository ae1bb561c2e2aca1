// One topic of a played chain: what its workers and reputers say becomes rows, the core's outputs, a report or a settlement, and
// is posted. The numbers are the core's; nothing else of ours is in between.
import { type Hex, keccak256 } from "viem"
import { type Parameters, stakesAbi, topicsAbi } from "../../../contracts/index.ts"
import { reportHash } from "../../../offchain/report.ts"
import {
  decodeValue,
  encodeElectorate,
  encodeForecast,
  encodeInferences,
  encodeParameters,
  encodePot,
  encodeRegistrations,
  encodeReportContext,
  encodeRoster,
  encodeSettlementContext,
  encodeSignatures,
  encodeTruthSignatures,
  encodeTruths,
  genesis,
  infer,
  KIND,
  listRow,
  packSigma,
  quality,
  rowHash,
  settle,
  tableRows,
} from "../../../wasm/index.ts"
import { WAD } from "../epochs.ts"
import { type Committee, type Leaf, leafHash } from "./committee.ts"
import type { World } from "./world.ts"

const NONE: Hex = `0x${"00".repeat(32)}`
const SIGNED = { extra: NONE, signature: `0x${"11".repeat(64)}` as Hex }
const FORECASTER_SEAT = 0x80
const ROLES = { inferer: 1, forecaster: 2, reputer: 4 }
export const STAKES = [70n * WAD, 30n * WAD] as const

/** What is said of an epoch: a value, or one for each label. */
export type Said = bigint | readonly bigint[]
const labelled = (said: Said) => (typeof said === "bigint" ? [said] : said)

export type PlayedTopic = Awaited<ReturnType<typeof openTopic>>

/** Creates the topic; everyone registers, and the reputers put down their stake. */
export async function openTopic(
  { owner, inferers, forecaster, reputers, deployment, rows, dev, call }: World,
  committee: Committee,
  topicId: number,
  parameters: Parameters,
) {
  const { schedule, labels } = parameters
  await call(owner, deployment.topics, topicsAbi, "create", [parameters])
  const joined = [
    ...inferers.map((each) => [each, ROLES.inferer] as const),
    [forecaster, ROLES.forecaster] as const,
    ...reputers.map((each) => [each, ROLES.reputer] as const),
  ]
  for (const [each, roles] of joined)
    await call(each, deployment.topics, topicsAbi, "register", [topicId, each, each, roles])
  for (const [index, each] of reputers.entries())
    await call(each, deployment.stakes, stakesAbi, "deposit", [topicId, each, STAKES[index]])

  const parametersRow = encodeParameters(parameters)
  const registrations = encodeRegistrations({
    number: 0,
    entries: joined.map(([each, roles]) => ({
      change: "joined" as const,
      roles,
      owner: each,
      signer: each,
    })),
  })
  const roster = [
    ...inferers.map((each, seat) => ({ seat, owner: each })),
    { seat: FORECASTER_SEAT, owner: forecaster },
  ]
  const settled = { epoch: 0, leaf: NONE, state: genesis(parametersRow), generation: 0 }
  /** What was settled before each epoch was. */
  const beforehand = new Map<number, typeof settled>()
  const reported = new Map<number, { inputs: Uint8Array[]; outputs: Uint8Array[]; context: Hex }>()
  const byLabel = (said: readonly Said[]) =>
    labels.map((_, label) => said.map((each) => labelled(each)[label] as bigint))
  const closesAt = (epoch: number) =>
    schedule.start +
    (epoch - schedule.firstEpoch) * schedule.length +
    schedule.windowOpens +
    schedule.windowLength

  /** Posts one epoch's reports of what the inferers said and the forecaster foresaw. */
  async function report(
    epoch: number,
    said: readonly Said[],
    {
      losses = said.map(() => 0n),
      signers = [0, 1, 2],
      isServed = true,
      isPosted = true,
      lie = 0n,
    }: {
      losses?: readonly bigint[]
      signers?: readonly number[]
      isServed?: boolean
      isPosted?: boolean
      /** What is added to each value in the leaf, the rows aside. */
      lie?: bigint
    } = {},
  ) {
    const inputs = [
      parametersRow,
      ...byLabel(said).map((values, label) =>
        encodeInferences({ label, entries: values.map((value, seat) => ({ seat, value })) }),
      ),
      encodeForecast({
        seat: FORECASTER_SEAT,
        entries: losses.map((loss, seat) => ({ seat, loss })),
      }),
      encodeSignatures([...said.keys(), FORECASTER_SEAT].map((seat) => ({ seat, ...SIGNED }))),
      ...(settled.leaf === NONE ? [registrations] : []),
    ]
    const outputs = infer(inputs, settled.state)
    const lists = [
      listRow(KIND.inputs, inputs),
      listRow(KIND.state, settled.state),
      listRow(KIND.outputs, outputs),
    ] as const
    const context = encodeReportContext({
      parametersHash: rowHash(parametersRow),
      settledEpoch: settled.epoch,
      settledLeaf: settled.leaf,
      stateHash: rowHash(lists[1]),
      inputsHash: rowHash(lists[0]),
      outputsHash: rowHash(lists[2]),
    })
    const values = outputs.filter(([kind]) => kind === KIND.value).map(decodeValue)
    const observedAt = closesAt(epoch)
    const leaves = values.map(({ label, combined, sigma }) => ({
      topicId,
      label,
      epoch,
      observedAt,
      lag: schedule.lag,
      history: parameters.history,
      value: combined + lie,
      sigma: packSigma(sigma),
      context: rowHash(context),
    }))
    if (isServed)
      rows.keep([
        context,
        ...lists,
        ...tableRows(settled.state),
        ...inputs,
        ...settled.state,
        ...outputs,
      ])
    reported.set(epoch, { inputs, outputs, context: rowHash(context) })
    await dev.mineAt(observedAt)
    const transaction = isPosted ? await committee.post(leaves, observedAt, signers) : NONE
    const hashes = leaves.map(reportHash)
    const attested = await Promise.all(
      hashes.map((_, place) => committee.attest(hashes, place, observedAt, signers)),
    )
    return {
      context: rowHash(context),
      transaction,
      value: leaves[0]?.value as bigint,
      leaves,
      hashes,
      attested,
      rows: { context, inputs, outputs, state: settled.state, lists },
    }
  }

  /** What a settlement of that epoch rests on, beyond parameters and registrations. */
  function evidence(
    { inputs, outputs }: { inputs: Uint8Array[]; outputs: Uint8Array[] },
    truths: readonly Said[],
  ): Uint8Array[] {
    const spoken = reputers.slice(0, truths.length)
    const of = (list: Uint8Array[], ...kinds: number[]) =>
      list.filter(([kind]) => kinds.includes(kind as number))
    return [
      ...of(inputs, KIND.inferences, KIND.forecast),
      ...(settled.leaf === NONE ? [registrations] : []),
      encodeElectorate(reputers.map((each, i) => ({ reputer: each, stake: STAKES[i] as bigint }))),
      ...byLabel(truths).map((values, label) =>
        encodeTruths({
          label,
          entries: values.map((value, i) => ({ reputer: spoken[i] as Hex, value })),
        }),
      ),
      encodeTruthSignatures(spoken.map((each) => ({ reputer: each, ...SIGNED }))),
      encodePot(0n),
      encodeRoster(roster),
      ...of(outputs, KIND.value, KIND.implied, KIND.counterfactuals),
    ]
  }

  /** Settles one epoch by what the reputers say, in the order of their addresses; by nothing: as missed. */
  async function settleEpoch(
    epoch: number,
    truths: readonly Said[],
    /** Changes the leaf, the rows aside. */
    lie: (leaf: Leaf) => Leaf = (leaf) => leaf,
  ) {
    const known = reported.get(epoch)
    const isMissed = truths.length === 0 || !known
    const changes = settled.leaf === NONE ? [registrations] : []
    const inputs = [parametersRow, ...(isMissed ? changes : evidence(known, truths))]
    const { outputs, state } = settle(inputs, settled.state)
    const lists = [
      listRow(KIND.inputs, inputs),
      listRow(KIND.outputs, outputs),
      listRow(KIND.state, state),
    ] as const
    const context = encodeSettlementContext({
      parametersHash: rowHash(parametersRow),
      reportContext: known?.context ?? NONE,
      inputsHash: isMissed ? NONE : rowHash(lists[0]),
      outputsHash: rowHash(lists[1]),
      registrations: keccak256(registrations),
    })
    const leaf = lie({
      topicId,
      epoch,
      generation: settled.generation,
      parent: settled.leaf,
      state: rowHash(lists[2]),
      pot: 0n,
      quality: quality(inputs, state),
      context: rowHash(context),
    })
    rows.keep([context, ...lists, ...tableRows(state), ...inputs, ...outputs, ...state])
    const slot = closesAt(epoch) + schedule.lag + schedule.truthWindow
    if ((await dev.time()) < slot) await dev.mineAt(slot)
    const signers = [1, 2, 3]
    const transaction = await committee.settle(leaf, slot, signers)
    beforehand.set(epoch, { ...settled })
    const hash = leafHash(leaf)
    const attested = await committee.attest([hash], 0, slot, signers)
    Object.assign(settled, { epoch, leaf: hash, state })
    return {
      transaction,
      context: leaf.context,
      leaf,
      hash,
      attested,
      rows: { context, inputs, outputs, state, lists },
    }
  }

  return {
    topicId,
    parameters,
    report,
    settle: settleEpoch,
    /** The settlement of that epoch was taken back, with all after it: the next ones follow its parent. */
    forget(epoch: number) {
      Object.assign(settled, beforehand.get(epoch), { generation: settled.generation + 1 })
    },
    /** Answers a function that forgets what was settled from here on. */
    remember() {
      const before = { ...settled }
      return () => void Object.assign(settled, before)
    },
  }
}
