// The chain that gas is measured on, and what a committee with known keys signs there. Keys, times and values are fixed,
// so that a figure changes only with the contracts.
import { artifacts, network } from "hardhat"
import {
  concatHex,
  createPublicClient,
  createWalletClient,
  custom,
  encodeDeployData,
  encodeFunctionData,
  getContractAddress,
  type Hex,
  hashTypedData,
  keccak256,
  numberToHex,
  parseSignature,
  toHex,
  zeroAddress,
} from "viem"
import { privateKeyToAccount } from "viem/accounts"
import { committeeAbi, domain, types } from "../../contracts/index.ts"

const START = 1_800_000_000
const YEAR = 365 * 86_400
const PROBE = "test/contracts/support/Probe.sol:Probe"
const CHAIN_ID = 31337

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
function treeOf(leaves: readonly Hex[]) {
  const steps: number[] = []
  const siblings: Hex[] = []
  let level = [...leaves]
  while (level.length > 1) {
    for (let i = 0; i < level.length; i += 2) steps.push(i + 1 < level.length ? 1 : 2)
    siblings.push(level[1] as Hex)
    level = levelAbove(level)
  }
  return { root: level[0] as Hex, steps: toHex(Uint8Array.from(steps)), siblings }
}

export type Bench = Awaited<ReturnType<typeof deployed>>

/** How many contracts a bench deploys after `Reports` until it deploys `Disputes`. */
const UNTIL_DISPUTES = 7

/**
 * A chain with a committee of `members`, an era in force and a `Reports` on it. Where it is disputed the era has a verifier,
 * and `disputes` is where the seventh contract after `Reports` will lie.
 */
export async function deployed(members: number, isDisputed = false) {
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
    const hash = await wallet.sendTransaction({ account, chain: null, to, data, gas: 16_000_000n })
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
  const verifier = isDisputed
    ? await deploy("Verifier", [await deploy("SettlementVerifier", [])])
    : zeroAddress
  const era = [ids, keccak256("0x01"), verifier, time + 12, START + YEAR] as const
  await send(
    committee,
    encodeFunctionData({ abi: committeeAbi, functionName: "openEra", args: era }),
  )
  const sent = await chain.getTransactionCount({ address: account })
  const nonce = BigInt(sent + UNTIL_DISPUTES)
  const disputes = isDisputed ? getContractAddress({ from: account, nonce }) : zeroAddress
  const reports = await deploy("Reports", [committee, 259_200n, 0n, zeroAddress, disputes])
  const probe = await deploy(PROBE, [])

  /** The arguments around the leaves themselves, and what proves the first of them alone. */
  const attested = async (leaves: readonly Hex[], signers: number) => {
    const { root, steps, siblings } = treeOf(leaves)
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
  /** What a call of another contract's costs inside a contract's own. */
  const probed = async (target: Hex, input: Hex) => {
    const { abi } = await artifacts.readArtifact(PROBE)
    const args = [target, input] as const
    const receipt = await send(probe, encodeFunctionData({ abi, functionName: "measure", args }))
    const gas = receipt.logs[0]?.data
    if (gas === undefined) throw new Error("the probe measured nothing")
    return Number(gas)
  }
  const close = () => connection.close()
  const pass = (seconds: number) => {
    time += seconds
  }
  const known = { account, committee, reports, disputes }
  return { ...known, now: () => time, pass, send, deploy, attested, probed, close }
}
