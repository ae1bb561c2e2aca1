// The gas figures, from the receipts of whole transactions in the steady state: the words, the era and the accounts
// stood before. Keys, times and values are fixed, so that a figure changes only with the contracts.
import { artifacts, network } from "hardhat"
import {
  concatHex,
  createPublicClient,
  createWalletClient,
  custom,
  encodeDeployData,
  encodeFunctionData,
  type Hex,
  hashStruct,
  hashTypedData,
  keccak256,
  numberToHex,
  parseSignature,
  toHex,
  zeroAddress,
} from "viem"
import { privateKeyToAccount } from "viem/accounts"
import { committeeAbi, domain, reportsAbi, types } from "../../contracts/index.ts"
import type { Figure } from "./main.ts"

const START = 1_800_000_000
const YEAR = 365 * 86_400
const PROBE = "test/contracts/support/Probe.sol:Probe"
const CHAIN_ID = 31337

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

const pair = (a: Hex, b: Hex) => keccak256(a < b ? concatHex([a, b]) : concatHex([b, a]))

function levelAbove(nodes: readonly Hex[]): Hex[] {
  const above: Hex[] = []
  for (let i = 0; i < nodes.length; i += 2) {
    const [left, right] = [nodes[i] as Hex, nodes[i + 1]]
    above.push(right === undefined ? left : pair(left, right))
  }
  return above
}

/** The root of a batch, the steps that prove all of it, and the siblings of its first leaf. */
function treeOf(reports: readonly Report[]) {
  const steps: number[] = []
  const siblings: Hex[] = []
  let level = reports.map(leafOf)
  while (level.length > 1) {
    for (let i = 0; i < level.length; i += 2) steps.push(i + 1 < level.length ? 1 : 2)
    siblings.push(level[1] as Hex)
    level = levelAbove(level)
  }
  return { root: level[0] as Hex, steps: toHex(Uint8Array.from(steps)), siblings }
}

async function deployed(members: number) {
  const connection = await network.create({
    network: "home",
    override: { initialDate: new Date(START * 1000) },
  })
  const transport = custom(connection.provider)
  const chain = createPublicClient({ transport, pollingInterval: 10 })
  const wallet = createWalletClient({ transport })
  const [account] = await wallet.getAddresses()
  if (account === undefined) throw new Error("the simulated chain has no account")
  let time = START

  const send = async (to: Hex | undefined, data: Hex) => {
    time += 12
    await connection.provider.request({ method: "evm_setNextBlockTimestamp", params: [time] })
    const hash = await wallet.sendTransaction({ account, chain: null, to, data, gas: 10_000_000n })
    const receipt = await chain.getTransactionReceipt({ hash })
    if (receipt.status !== "success")
      throw new Error(`a transaction of the bench reverted: ${hash}`)
    return receipt
  }
  const deploy = async (name: string, args: readonly unknown[]) => {
    const { abi, bytecode } = await artifacts.readArtifact(name)
    const receipt = await send(
      undefined,
      encodeDeployData({ abi, bytecode: bytecode as Hex, args }),
    )
    return receipt.contractAddress as Hex
  }

  const keys = Array.from({ length: members }, (_, i) =>
    privateKeyToAccount(numberToHex(0xa110 + i, { size: 32 })),
  )
  const committee = await deploy("Committee", [account])
  for (const { address } of keys) {
    const args = [account, address, account, "http://127.0.0.1"] as const
    await send(
      committee,
      encodeFunctionData({ abi: committeeAbi, functionName: "addMember", args }),
    )
  }
  const ids = keys.map((_, i) => i + 1)
  const era = [ids, keccak256("0x01"), zeroAddress, time + 12, START + YEAR] as const
  await send(
    committee,
    encodeFunctionData({ abi: committeeAbi, functionName: "openEra", args: era }),
  )
  const reports = await deploy("Reports", [committee, 259_200n, 0n, zeroAddress])
  const probe = await deploy(PROBE, [])

  const attested = async (list: readonly Report[], signers: number) => {
    const { root, steps, siblings } = treeOf(list)
    const message = { era: 1, slot: time, view: 0, root }
    const digest = hashTypedData({
      domain: domain({ chainId: CHAIN_ID, reports }),
      types: { Batch: types.Batch },
      primaryType: "Batch",
      message,
    })
    const signatures = await Promise.all(
      keys.slice(0, signers).map(async (key) => {
        const { r, s, yParity } = parseSignature(await key.sign({ hash: digest }))
        return concatHex([r, toHex(BigInt(s) | (BigInt(yParity) << 255n), { size: 32 })])
      }),
    )
    const bitmap = toHex((1n << BigInt(signers)) - 1n, { size: 8 })
    const attestation = concatHex(["0x00", bitmap, ...signatures])
    const batch = { era: message.era, slot: message.slot, viewNumber: message.view, root }
    return { batch, proof: { nodes: [], steps }, siblings, attestation }
  }
  const post = async (list: readonly Report[], signers: number) => {
    const { batch, proof, attestation } = await attested(list, signers)
    const args = [batch, list, proof, attestation] as const
    const receipt = await send(
      reports,
      encodeFunctionData({ abi: reportsAbi, functionName: "post", args }),
    )
    if (receipt.logs.length !== list.length) throw new Error("the bench's post was skipped")
    return Number(receipt.gasUsed)
  }
  /** What a call of `Reports` costs inside another contract's. */
  const probed = async (input: Hex) => {
    const { abi } = await artifacts.readArtifact(PROBE)
    const args = [reports, input] as const
    const receipt = await send(probe, encodeFunctionData({ abi, functionName: "measure", args }))
    const gas = receipt.logs[0]?.data
    if (gas === undefined) throw new Error("the probe measured nothing")
    return Number(gas)
  }
  /** As many topics' reports of one epoch, observed a moment ago. */
  const due = (epoch: number, count: number) =>
    Array.from({ length: count }, (_, i) => reportAt(i + 1, epoch, time - 20))
  const close = () => connection.close()
  return { post, probed, due, attested, close }
}

/** A committee of `members`: one value posted over an older one, signed by `signers`. */
async function postOne(members: number, signers: number): Promise<number> {
  const { post, due, close } = await deployed(members)
  await post(due(4001, 1), signers)
  const gas = await post(due(4002, 1), signers)
  await close()
  return gas
}

/** What each of four more topics adds to a post of one, rounded up. */
async function postFurther(): Promise<number> {
  const { post, due, close } = await deployed(4)
  await post(due(4001, 5), 3)
  const one = await post(due(4002, 1), 3)
  const five = await post(due(4003, 5), 3)
  await close()
  return Math.ceil((five - one) / 4)
}

async function readCold(): Promise<number> {
  const { post, due, probed, close } = await deployed(4)
  await post(due(4001, 1), 3)
  const gas = await probed(
    encodeFunctionData({ abi: reportsAbi, functionName: "read", args: [1, 0] }),
  )
  await close()
  return gas
}

/** One report out of a batch of eight, its epoch not posted. */
async function pull(): Promise<number> {
  const { post, due, probed, attested, close } = await deployed(31)
  await post(due(4001, 8), 21)
  const list = due(4002, 8)
  const { batch, siblings, attestation } = await attested(list, 21)
  const args = [batch, list[0] as Report, siblings, attestation] as const
  const gas = await probed(encodeFunctionData({ abi: reportsAbi, functionName: "verify", args }))
  await close()
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
  ]
}
