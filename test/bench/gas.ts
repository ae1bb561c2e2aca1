// The gas figures, from the receipts of whole transactions in the steady state: the words, the rings, the era and the
// accounts stood before.
import { encodeFunctionData, hashStruct, keccak256, toHex } from "viem"
import { reportsAbi, types } from "../../contracts/index.ts"
import { type Bench, deployed } from "./chain.ts"
import type { Figure } from "./main.ts"
import { proveOne, refuteOne } from "./proving.ts"
import { settleFurther, settleOne } from "./settling.ts"

type Report = ReturnType<typeof reportAt>

/** A report as a busy topic has it: no field is zero that need not be. */
function reportAt(topicId: number, epoch: number, observedAt: number) {
  const noise = keccak256(toHex(`${topicId}/${epoch}`))
  return {
    topicId,
    label: 0,
    epoch,
    observedAt,
    lag: 28_800,
    history: 0,
    value: BigInt(noise.slice(0, 20)),
    sigma: 0xabcd2c,
    context: keccak256(noise),
  }
}

const leafOf = (report: Report) =>
  hashStruct({ data: report, primaryType: "Report", types: { Report: types.Report } })

/** As many topics' reports of one epoch, observed a moment ago. */
const due = ({ now }: Bench, epoch: number, count: number) =>
  Array.from({ length: count }, (_, i) => reportAt(i + 1, epoch, now() - 20))

async function post(bench: Bench, list: readonly Report[], signers: number): Promise<number> {
  const { batch, proof, attestation } = await bench.attested(list.map(leafOf), signers)
  const args = [batch, list, proof, attestation] as const
  const receipt = await bench.send(
    bench.reports,
    encodeFunctionData({ abi: reportsAbi, functionName: "post", args }),
  )
  if (receipt.logs.length !== list.length) throw new Error("the bench's post was skipped")
  return Number(receipt.gasUsed)
}

/** A committee of `members`: one value posted over an older one, signed by `signers`. */
async function postOne(members: number, signers: number): Promise<number> {
  const bench = await deployed(members)
  await post(bench, due(bench, 4001, 1), signers)
  const gas = await post(bench, due(bench, 4002, 1), signers)
  await bench.close()
  return gas
}

/** What each of four more topics adds to a post of one, rounded up. */
async function postFurther(): Promise<number> {
  const bench = await deployed(4)
  await post(bench, due(bench, 4001, 5), 3)
  const one = await post(bench, due(bench, 4002, 1), 3)
  const five = await post(bench, due(bench, 4003, 5), 3)
  await bench.close()
  return Math.ceil((five - one) / 4)
}

async function readCold(): Promise<number> {
  const bench = await deployed(4)
  await post(bench, due(bench, 4001, 1), 3)
  const gas = await bench.probed(
    bench.reports,
    encodeFunctionData({ abi: reportsAbi, functionName: "read", args: [1, 0] }),
  )
  await bench.close()
  return gas
}

/** One report out of a batch of eight, its epoch not posted. */
async function pull(): Promise<number> {
  const bench = await deployed(31)
  await post(bench, due(bench, 4001, 8), 21)
  const list = due(bench, 4002, 8)
  const { batch, siblings, attestation } = await bench.attested(list.map(leafOf), 21)
  const args = [batch, list[0] as Report, siblings, attestation] as const
  const gas = await bench.probed(
    bench.reports,
    encodeFunctionData({ abi: reportsAbi, functionName: "verify", args }),
  )
  await bench.close()
  return gas
}

/** The peers' figures are those of `docs` and whole transactions too, but for reads and pulls: inside a call. */
export async function measureGas(): Promise<Figure[]> {
  const figure = (key: string, value: number, goal: number, peer: string): Figure => ({
    key: `gas.${key}`,
    value,
    unit: "gas",
    goal,
    peer,
  })
  return [
    figure("post.3of4", await postOne(4, 3), 57_500, "95,084 OCR2, 2 of 4"),
    figure("post.9of13", await postOne(13, 9), 84_000, "123,769 Chronicle, 13"),
    figure("post.21of31", await postOne(31, 21), 137_500, "166,133 Chronicle, 21"),
    figure("post.further", await postFurther(), 10_500, "25,100 Pyth"),
    figure("read.cold", await readCold(), 5_500, "5,191 API3"),
    figure("pull.21of31", await pull(), 85_000, "168,134 RedStone"),
    figure("settle.3of4", await settleOne(), 80_000, "none"),
    figure("settle.further", await settleFurther(), 32_000, "none"),
    figure("prove.10x3", await proveOne(10, 3), 170_000, "none"),
    figure("prove.32x6", await proveOne(32, 6), 620_000, "none"),
    figure("refute.32x6", await refuteOne(), 150_000, "none"),
  ]
}
