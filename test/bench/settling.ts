// What a settlement costs, in topics whose rings have been filled once, so that nothing is written to a fresh slot.
import {
  concatHex,
  encodeFunctionData,
  type Hex,
  hashStruct,
  keccak256,
  numberToHex,
  toHex,
  zeroAddress,
} from "viem"
import { settlementsAbi, topicsAbi, types } from "../../contracts/index.ts"
import { parametersOf } from "../support/epochs.ts"
import { deployed } from "./chain.ts"

const ZERO = numberToHex(0, { size: 32 })
const CAP = 10n ** 27n
const DAY = 86_400
/** The ring of a topic with epochs of a day, where reports can be refuted for three: 3 and 64. */
const RING = 67
/** So many epochs of each topic in one transaction while the rings are filled. */
const AT_ONCE = 12

/** A settlement as a good topic has it: no field is zero that need not be. */
function settlementAt(topicId: number, epoch: number, parent: Hex) {
  const noise = keccak256(toHex(`${topicId}/${epoch}`))
  return {
    topicId,
    epoch,
    generation: 0,
    parent,
    state: keccak256(noise),
    pot: 0n,
    // Two losses, two coverages, nine workers, known, 17 missed.
    quality: concatHex([
      numberToHex(BigInt(noise) >> 96n, { size: 20 }),
      "0x090100000011000000000000",
    ]),
    context: keccak256(keccak256(noise)),
  }
}

type Settlement = ReturnType<typeof settlementAt>

const leafOf = (settlement: Settlement) =>
  hashStruct({
    data: settlement,
    primaryType: "Settlement",
    types: { Settlement: types.Settlement },
  })

async function settled(count: number) {
  const bench = await deployed(4)
  const { account, committee, reports, send, deploy } = bench
  const allo = await deploy("Allo", [[account], [CAP]])
  const topics = await deploy("Topics", [allo, account, 0n, 0n, 3_600])
  const settlements = await deploy("Settlements", [committee, reports, topics, zeroAddress])
  const parameters = parametersOf(1)
  const daily = { ...parameters, schedule: { ...parameters.schedule, length: DAY } }
  const create = { abi: topicsAbi, functionName: "create", args: [daily] } as const
  for (let i = 0; i < count; i++) await send(topics, encodeFunctionData(create))

  const heads = new Map<number, { epoch: number; leaf: Hex }>()
  /** Settles the next `epochs` epochs of each of the first topics; answers the gas. */
  const settle = async (topicCount: number, epochs: number): Promise<number> => {
    const list: Settlement[] = []
    for (let topicId = 1; topicId <= topicCount; topicId++)
      for (let i = 0; i < epochs; i++) {
        const head = heads.get(topicId) ?? { epoch: 0, leaf: ZERO }
        const next = settlementAt(topicId, head.epoch + 1, head.leaf)
        heads.set(topicId, { epoch: next.epoch, leaf: leafOf(next) })
        list.push(next)
      }
    const { batch, proof, attestation } = await bench.attested(list.map(leafOf), 3)
    const args = [batch, list, proof, attestation] as const
    const call = { abi: settlementsAbi, functionName: "settle", args } as const
    const receipt = await send(settlements, encodeFunctionData(call))
    if (receipt.logs.length !== list.length) throw new Error("the bench's settlement was skipped")
    return Number(receipt.gasUsed)
  }
  for (let epochs = 0; epochs < RING; epochs += AT_ONCE) await settle(count, AT_ONCE)
  return { settle, close: bench.close }
}

/** One settlement of one topic. */
export async function settleOne(): Promise<number> {
  const { settle, close } = await settled(1)
  const gas = await settle(1, 1)
  await close()
  return gas
}

/** What each of four more topics adds, rounded up. */
export async function settleFurther(): Promise<number> {
  const { settle, close } = await settled(5)
  const one = await settle(1, 1)
  const five = await settle(5, 1)
  await close()
  return Math.ceil((five - one) / 4)
}
