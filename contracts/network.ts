// Deploys one network's contracts in order, opens its first era, and reads every step back from the chain.
import { type Address, type Hex, zeroAddress } from "viem"
import { readArtifact } from "./artifact.ts"
import { DeployError, type Deployed, type Deployer } from "./deployer.ts"
import type { Deployment } from "./index.ts"

/** Seconds from opening the first era to its start; the transaction that opens it must be mined before. */
const ERA_MARGIN = { local: 5, public: 120 }

/** Reports, Settlements and Facts are deployed before Disputes, which knows them. */
const BEFORE_DISPUTES = 3

export type Member = { owner: Address; signer: Address; payee: Address; url: string }

export type NetworkPlan = {
  readonly members: readonly Member[]
  /** Needed where there are members: the first era is opened with it. */
  readonly coreId: Hex | undefined
  readonly holders: readonly { holder: Address; amount: bigint }[]
  readonly ecosystem: Address
  readonly createFee: bigint
  readonly registrationFee: bigint
  readonly delaySeconds: number
  readonly disputeSeconds: number
  readonly withdrawDelaySeconds: number
  /** The least bond of a demand for a row, in the chain's own coin. */
  readonly minimumBond: bigint
  readonly expirySeconds: number
  readonly local: boolean
}

/** What was read back must be what was asked for. */
function same(what: string, given: unknown, required: unknown): void {
  const text = (value: unknown) => String(value).toLowerCase()
  if (text(given) !== text(required))
    throw new DeployError(
      "CheckFailed",
      `${what} is ${text(given)} on the chain, required ${text(required)}`,
    )
}

export async function deployNetwork(deployer: Deployer, plan: NetworkPlan): Promise<Deployment> {
  const { ecosystem, createFee, registrationFee, delaySeconds, disputeSeconds } = plan
  const { withdrawDelaySeconds, minimumBond } = plan

  /** Deploys, then compares what the contract's getters answer. */
  async function put(name: string, args: readonly unknown[], facts: Record<string, unknown>) {
    const contract = await deployer.deploy(readArtifact(name), args)
    for (const [getter, required] of Object.entries(facts))
      same(`${name}.${getter}`, await deployer.read(contract, getter), required)
    return contract
  }

  const amounts = plan.holders.map(({ amount }) => amount)
  const token = await put("Allo", [plan.holders.map(({ holder }) => holder), amounts], {
    totalSupply: amounts.reduce((sum, amount) => sum + amount, 0n),
  })
  const topicsFacts = { allo: token.address, ecosystem, createFee, registrationFee, delaySeconds }
  const topics = await put("Topics", Object.values(topicsFacts), topicsFacts)
  const stakesFacts = { allo: token.address, topics: topics.address, withdrawDelaySeconds }
  const stakes = await put("Stakes", Object.values(stakesFacts), stakesFacts)
  const committee = await put("Committee", [deployer.address], { owner: deployer.address })
  // Reports and Settlements name Disputes before it is there.
  const disputesAddress = await deployer.addressAfter(BEFORE_DISPUTES)
  const home = [0, zeroAddress] as const
  const reports = await put(
    "Reports",
    [committee.address, disputeSeconds, ...home, disputesAddress],
    { committee: committee.address, disputeSeconds, markedBy: disputesAddress },
  )
  const settlementsFacts = {
    committee: committee.address,
    reports: reports.address,
    topics: topics.address,
    disputes: disputesAddress,
  }
  const settlements = await put("Settlements", Object.values(settlementsFacts), {
    ...settlementsFacts,
    domainSeparator: await deployer.read(reports, "domainSeparator"),
  })
  const factsFacts = { reports: reports.address, topics: topics.address, stakes: stakes.address }
  const facts = await put("Facts", Object.values(factsFacts), factsFacts)
  const disputesFacts = { settlements: settlements.address, facts: facts.address, minimumBond }
  const disputes = await put("Disputes", Object.values(disputesFacts), disputesFacts)
  same("Disputes", disputes.address, disputesAddress)
  const settled = await put("SettlementVerifier", [], {})
  const verifier = await put("Verifier", [settled.address], { settlements: settled.address })
  if (plan.members.length > 0) await openFirstEra(deployer, committee, verifier, plan)
  return {
    chainId: deployer.chainId,
    startBlock: token.block,
    allo: token.address,
    topics: topics.address,
    stakes: stakes.address,
    committee: committee.address,
    reports: reports.address,
    settlements: settlements.address,
    disputes: disputes.address,
    facts: facts.address,
    verifier: verifier.address,
    ecosystem,
    delaySeconds,
    disputeSeconds,
  }
}

async function openFirstEra(
  deployer: Deployer,
  committee: Deployed,
  verifier: Deployed,
  { members, coreId, expirySeconds, local }: NetworkPlan,
): Promise<void> {
  const ids: unknown[] = []
  for (const { owner, signer, payee, url } of members) {
    const id = await deployer.send(committee, "addMember", [owner, signer, payee, url])
    const member = (await deployer.read(committee, "memberOf", [id])) as Member
    const stored = [member.owner, member.signer, member.payee, member.url]
    same(`member ${id}`, stored, [owner, signer, payee, url])
    ids.push(id)
  }
  const startsAt = (await deployer.time()) + (local ? ERA_MARGIN.local : ERA_MARGIN.public)
  const expiresAt = startsAt + expirySeconds
  const args = [ids, coreId, verifier.address, startsAt, expiresAt]
  const number = await deployer.send(committee, "openEra", args)
  const era = (await deployer.read(committee, "eraOf", [number])) as Record<string, unknown>
  const faults = Math.floor((members.length - 1) / 3)
  const signers = members.map(({ signer }) => signer)
  same("the era's core id", era.coreId, coreId)
  same("the era's verifier", era.verifier, verifier.address)
  same("the era's signers", era.signers, signers)
  same("the era's quorum", era.quorum, Math.floor((members.length + faults) / 2) + 1)
  same("the era's times", [era.startsAt, era.expiresAt], [startsAt, expiresAt])
}
