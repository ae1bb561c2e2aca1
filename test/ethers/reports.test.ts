// The committee's messages as ethers hashes them, against the contracts and the committed vectors, and posting as
// an integrator sees it. `ALLORA_WRITE_VECTORS=1` writes test/vectors/digests.json instead of comparing it.
import { readFileSync, writeFileSync } from "node:fs"
import { expect } from "chai"
import { concat, TypedDataEncoder, toBeHex, ZeroAddress } from "ethers"
import { network } from "hardhat"
import { compact, digestOf, HOME, hashOf, named, REPORTS, vectors } from "../support/messages.ts"

const VECTORS = new URL("../vectors/digests.json", import.meta.url)
const DAY = 86_400

async function deployed() {
  const connection = await network.create("home")
  const { ethers, networkHelpers } = connection
  const [owner] = await ethers.getSigners()
  if (owner === undefined) throw new Error("the simulated chain has no account")
  const keys = [1, 2, 3, 4].map((i) => toBeHex(i, 32))
  const committee = await ethers.deployContract("Committee", [owner.address])
  for (const key of keys) {
    const signer = ethers.computeAddress(key)
    await committee.getFunction("addMember")(
      owner.address,
      signer,
      owner.address,
      "http://127.0.0.1",
    )
  }
  const startsAt = (await networkHelpers.time.latest()) + 10
  await committee.getFunction("openEra")(
    [1, 2, 3, 4],
    named("core"),
    ZeroAddress,
    startsAt,
    startsAt + DAY,
  )
  await networkHelpers.time.increaseTo(startsAt)
  const reports = await ethers.deployContract("Reports", [
    committee,
    DAY,
    0,
    ZeroAddress,
    ZeroAddress,
  ])
  const domain = { ...HOME, verifyingContract: await reports.getAddress() }

  /** The arguments of a post of one report, signed by the first `signers` members. */
  const attested = (report: (typeof REPORTS)[number], signers: number) => {
    const batch = { era: 1, slot: startsAt, view: 3, root: hashOf("Report", report) }
    const digest = digestOf(domain, "Batch", batch)
    const signatures = keys.slice(0, signers).map((key) => compact(key, digest))
    const attestation = concat(["0x00", toBeHex(2 ** signers - 1, 8), ...signatures])
    const { view, ...rest } = batch
    const proof = { nodes: [], steps: "0x" }
    return [{ ...rest, viewNumber: view }, [report], proof, attestation] as const
  }
  const report = { ...(REPORTS[1] as (typeof REPORTS)[number]), observedAt: startsAt - 5 }
  return { ...connection, committee, reports, attested, report, domain, startsAt }
}

describe("messages", () => {
  it("hash as the committed vectors say", () => {
    const made = `${JSON.stringify(vectors(), null, 2)}\n`
    if (process.env.ALLORA_WRITE_VECTORS === "1") writeFileSync(VECTORS, made)
    expect(readFileSync(VECTORS, "utf8")).to.equal(made)
  })

  it("hash alike on the chain and in ethers", async () => {
    const { reports, domain } = await deployed()
    for (const { era, slot, view, root } of vectors().batches) {
      expect(
        await reports.getFunction("batchDigest")({ era, slot, viewNumber: view, root }),
      ).to.equal(digestOf(domain, "Batch", { era, slot, view, root }))
    }
    expect(await reports.getFunction("domainSeparator")()).to.equal(
      TypedDataEncoder.hashDomain(domain),
    )
  })
})

describe("Reports", () => {
  it("accepts a report that a quorum signed, and announces its word", async () => {
    const { reports, attested, report, networkHelpers, startsAt } = await deployed()
    const postedAt = startsAt + 60
    await networkHelpers.time.setNextBlockTimestamp(postedAt)
    const postedAfter = BigInt(Math.ceil((postedAt - report.observedAt) / 16))
    const word =
      (BigInt.asUintN(128, report.value) << 128n) |
      (BigInt(report.observedAt) << 96n) |
      (BigInt(report.epoch) << 68n) |
      (BigInt(report.lag) << 44n) |
      (postedAfter << 28n) |
      (1n << 24n) |
      BigInt(report.sigma)
    await expect(reports.getFunction("post")(...attested(report, 3)))
      .to.emit(reports, "ReportAccepted")
      .withArgs(report.topicId, report.label, word, report.context)
    const reading = await reports.getFunction("read")(report.topicId, report.label)
    expect(reading.value).to.equal(report.value)
    expect(reading.aboutAt).to.equal(report.observedAt + report.lag)
    expect(reading.status).to.equal(1n)
  })

  it("refuses a report that too few signed", async () => {
    const { committee, reports, attested, report } = await deployed()
    await expect(reports.getFunction("post")(...attested(report, 2)))
      .to.be.revertedWithCustomError(committee, "QuorumNotReached")
      .withArgs(2, 3)
  })

  it("refuses a report that is not the signed one", async () => {
    const { reports, attested, report } = await deployed()
    const [batch, , proof, attestation] = attested(report, 3)
    const other = { ...report, value: report.value + 1n }
    await expect(reports.getFunction("post")(batch, [other], proof, attestation))
      .to.be.revertedWithCustomError(reports, "RootMismatch")
      .withArgs(hashOf("Report", other), batch.root)
  })

  it("skips what it has, without a word", async () => {
    const { reports, attested, report } = await deployed()
    await reports.getFunction("post")(...attested(report, 3))
    await expect(reports.getFunction("post")(...attested(report, 4))).not.to.emit(
      reports,
      "ReportAccepted",
    )
  })

  it("lets a consumer read, and names what it refuses", async () => {
    const { ethers, reports, attested, report, networkHelpers, startsAt } = await deployed()
    const args = [reports, report.topicId, 3600, 10n ** 30n, false]
    const consumer = await ethers.deployContract("Consumer", args)
    await expect(consumer.getFunction("latest")())
      .to.be.revertedWithCustomError(reports, "NoReport")
      .withArgs(report.topicId, 0)
    await reports.getFunction("post")(...attested(report, 3))
    const [value, aboutAt] = await consumer.getFunction("latest")()
    expect(value).to.equal(report.value)
    expect(aboutAt).to.equal(report.observedAt + report.lag)
    await networkHelpers.time.increaseTo(startsAt + 3600)
    await expect(consumer.getFunction("latest")()).to.be.revertedWithCustomError(
      consumer,
      "StaleReport",
    )
  })
})
