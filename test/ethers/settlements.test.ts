// Settling as an integrator sees it: the committed vectors' leaves on the chain, events, custom errors, and a consumer
// that asks for quality.
import { readFileSync } from "node:fs"
import { expect } from "chai"
import { concat, keccak256, SigningKey, TypedDataEncoder, toBeHex, ZeroAddress } from "ethers"
import { network } from "hardhat"
import { types } from "../../contracts/index.ts"
import { parametersOf } from "../support/epochs.ts"

const vectors = JSON.parse(
  readFileSync(new URL("../vectors/digests.json", import.meta.url), "utf8"),
)
const { ethers, networkHelpers } = await network.create("home")

const DAY = 86_400
const WAD = 10n ** 18n
const KEYS = [1, 2, 3, 4].map((i) => toBeHex(i, 32))
const ZERO = toBeHex(0, 32)

type Settlement = {
  topicId: number
  epoch: number
  generation: number
  parent: string
  state: string
  pot: bigint
  quality: string
  context: string
}

const leafOf = (settlement: Settlement) =>
  TypedDataEncoder.hashStruct("Settlement", { Settlement: [...types.Settlement] }, settlement)

/** From the high bits down, as the head of contracts/libraries/Quality.sol has them. */
function qualityWord(network: bigint, naive: bigint, workers: number, missed: number): string {
  return concat([
    ...[network, naive].map((loss) => toBeHex(BigInt.asUintN(64, loss), 8)),
    ...[toBeHex(6_800, 2), toBeHex(9_500, 2), toBeHex(workers, 1), "0x01"],
    ...[toBeHex(missed, 4), toBeHex(0, 6)],
  ])
}

async function deployed() {
  const [owner] = await ethers.getSigners()
  const allo = await ethers.deployContract("Allo", [[owner.address], [10n ** 27n]])
  const topics = await ethers.deployContract("Topics", [allo, owner.address, 1n, 1n, 3_600])
  await allo.getFunction("approve")(topics, ethers.MaxUint256)
  const now = await networkHelpers.time.latest()
  await topics.getFunction("create")(parametersOf(1))
  const committee = await ethers.deployContract("Committee", [owner.address])
  for (const key of KEYS)
    await committee.getFunction("addMember")(
      ...[owner.address, ethers.computeAddress(key), owner.address, "http://127.0.0.1"],
    )
  const startsAt = now + 60
  const era = [[1, 2, 3, 4], keccak256("0x01"), ZeroAddress, startsAt, startsAt + 365 * DAY]
  await committee.getFunction("openEra")(...era)
  await networkHelpers.time.increaseTo(startsAt)
  const reports = await ethers.deployContract("Reports", [
    committee,
    3 * DAY,
    0,
    ZeroAddress,
    ZeroAddress,
  ])
  const settlements = await ethers.deployContract("Settlements", [
    committee,
    reports,
    topics,
    ZeroAddress,
  ])
  const domain = {
    name: "Allora",
    version: "1",
    chainId: 31337,
    verifyingContract: await reports.getAddress(),
  }

  /** The arguments of a settling of one, signed by the first `signers` members. */
  const attested = (settlement: Settlement, signers: number) => {
    const batch = { era: 1, slot: startsAt, view: 3, root: leafOf(settlement) }
    const digest = TypedDataEncoder.hash(domain, { Batch: [...types.Batch] }, batch)
    const signatures = KEYS.slice(0, signers).map(
      (key) => new SigningKey(key).sign(digest).compactSerialized,
    )
    const attestation = concat(["0x00", toBeHex(2 ** signers - 1, 8), ...signatures])
    const { view, ...rest } = batch
    const proof = { nodes: [], steps: "0x" }
    return [{ ...rest, viewNumber: view }, [settlement], proof, attestation] as const
  }
  const settlement: Settlement = {
    topicId: 1,
    epoch: 5,
    generation: 0,
    parent: ZERO,
    state: keccak256("0x02"),
    pot: 0n,
    quality: qualityWord(-500_000_000n, 250_000_000n, 9, 3),
    context: keccak256("0x03"),
  }
  const settle = settlements.getFunction("settle")
  return { committee, reports, settlements, attested, settlement, settle }
}

describe("Settlements", () => {
  it("accepts what a quorum signed and what follows it, and announces both whole", async () => {
    const { settlements, attested, settlement, settle } = await networkHelpers.loadFixture(deployed)
    const next = { ...settlement, epoch: 7, parent: leafOf(settlement), state: keccak256("0x04") }
    for (const one of [settlement, next]) {
      await networkHelpers.time.increase(60)
      const { topicId, epoch, generation, parent, state, pot, quality, context } = one
      await expect(settle(...attested(one, 3)))
        .to.emit(settlements, "SettlementAccepted")
        .withArgs(topicId, epoch, leafOf(one), generation, parent, state, pot, quality, context)
    }
    const head = await settlements.getFunction("headOf")(1)
    expect(head.leaf).to.equal(leafOf(next))
    expect(head.epoch).to.equal(7n)
    expect(head.count).to.equal(2n)
    expect((await settlements.getFunction("settlementAt")(1, 0)).leaf).to.equal(leafOf(settlement))
    const before = await settlements.getFunction("lastAcceptedBefore")(1, head.acceptedAt)
    expect(before.leaf).to.equal(leafOf(settlement))
  })

  it("gives the committed vectors' settlements the leaves that they say", async () => {
    const { settlements, attested, settle } = await networkHelpers.loadFixture(deployed)
    // The third shares out a pot and stands for itself in the vectors; the second follows the first.
    for (const { leaf, ...fields } of vectors.settlements.slice(0, 2)) {
      const settlement: Settlement = { ...fields, pot: BigInt(fields.pot) }
      await settle(...attested(settlement, 3))
      expect((await settlements.getFunction("headOf")(1)).leaf).to.equal(leaf)
    }
  })

  it("refuses by name what too few signed, what is another's, and a pot", async () => {
    const { committee, settlements, attested, settlement, settle } =
      await networkHelpers.loadFixture(deployed)
    await expect(settle(...attested(settlement, 2)))
      .to.be.revertedWithCustomError(committee, "QuorumNotReached")
      .withArgs(2, 3)
    const [batch, , proof, attestation] = attested(settlement, 3)
    const other = { ...settlement, state: keccak256("0x05") }
    await expect(settle(batch, [other], proof, attestation))
      .to.be.revertedWithCustomError(settlements, "RootMismatch")
      .withArgs(leafOf(other), batch.root)
    const paying = { ...settlement, pot: 1n }
    await expect(settle(...attested(paying, 3)))
      .to.be.revertedWithCustomError(settlements, "PotNotBuilt")
      .withArgs(1)
  })

  it("skips what does not follow, without a word", async () => {
    const { settlements, attested, settlement, settle } = await networkHelpers.loadFixture(deployed)
    await settle(...attested(settlement, 3))
    for (const stale of [settlement, { ...settlement, epoch: 6 }])
      await expect(settle(...attested(stale, 4))).not.to.emit(settlements, "SettlementAccepted")
  })

  it("answers quality, and a consumer uses a topic only while it is good", async () => {
    const { reports, settlements, attested, settlement, settle } =
      await networkHelpers.loadFixture(deployed)
    // Skill 0.75 at least; what the network has is naive 0.25 less network -0.5.
    const args = [reports, settlements, 1, 3_600, (3n * WAD) / 4n, DAY, 9]
    const consumer = await ethers.deployContract("QualityConsumer", args)
    const latest = consumer.getFunction("latest")
    await expect(latest()).to.be.revertedWithCustomError(consumer, "QualityUnknown").withArgs(1)
    await settle(...attested(settlement, 3))
    const quality = await settlements.getFunction("qualityOf")(1)
    expect(quality.networkLoss).to.equal(-WAD / 2n)
    expect(quality.naiveLoss).to.equal(WAD / 4n)
    expect(quality.coverage68).to.equal((68n * WAD) / 100n)
    expect(quality.coverage95).to.equal((95n * WAD) / 100n)
    expect([quality.workers, quality.known, quality.missed]).to.deep.equal([9n, true, 3n])
    // Good enough, so it is the report that is missing.
    await expect(latest()).to.be.revertedWithCustomError(reports, "NoReport").withArgs(1, 0)
    const worse = {
      ...settlement,
      epoch: 6,
      parent: leafOf(settlement),
      quality: qualityWord(-500_000_000n, 249_999_999n, 9, 3),
    }
    await settle(...attested(worse, 3))
    await expect(latest())
      .to.be.revertedWithCustomError(consumer, "SkillTooLow")
      .withArgs((3n * WAD) / 4n - 10n ** 9n, (3n * WAD) / 4n)
    await networkHelpers.time.increase(DAY + 1)
    await expect(latest()).to.be.revertedWithCustomError(consumer, "QualityStale")
  })
})
