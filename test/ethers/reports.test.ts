// The committee's messages as ethers hashes them, against the contracts and the committed vectors, and posting as
// an integrator sees it. `ALLORA_WRITE_VECTORS=1` writes test/vectors/digests.json instead of comparing it.
import { readFileSync, writeFileSync } from "node:fs"
import { expect } from "chai"
import {
  computeAddress,
  concat,
  keccak256,
  SigningKey,
  TypedDataEncoder,
  toBeHex,
  toUtf8Bytes,
  ZeroAddress,
} from "ethers"
import { network } from "hardhat"
import { types } from "../../contracts/index.ts"

const VECTORS = new URL("../vectors/digests.json", import.meta.url)
const KEY = `0x${"11".repeat(32)}`
const UNKNOWN_SIGMA = 0xffffff
const DAY = 86_400

/** The domain of the vectors: any home will do, but it must be said. */
const HOME = {
  name: "Allora",
  version: "1",
  chainId: 31337,
  verifyingContract: "0x00000000000000000000000000000000000a110a",
}

const hashOf = (type: "Report" | "Batch" | "Submission", message: Record<string, unknown>) =>
  TypedDataEncoder.hashStruct(type, { [type]: [...types[type]] }, message)
const digestOf = (
  domain: typeof HOME,
  type: "Batch" | "Submission",
  message: Record<string, unknown>,
) => TypedDataEncoder.hash(domain, { [type]: [...types[type]] }, message)
const named = (name: string) => keccak256(toUtf8Bytes(name))

/** Fields at the ends of their ranges, in the order of a batch. */
const REPORTS = [
  { topicId: 1, label: 0, epoch: 0, observedAt: 1, lag: 0, history: 0, value: 0n, sigma: 0 },
  {
    topicId: 1,
    label: 0,
    epoch: 4001,
    observedAt: 1_800_000_000,
    lag: 28_800,
    history: 0,
    value: 3_456_789_012_345_678_901_234n,
    sigma: 0xabcd2c,
  },
  {
    topicId: 1,
    label: 1,
    epoch: 4001,
    observedAt: 1_800_000_000,
    lag: 28_800,
    history: 16,
    value: -1n,
    sigma: 0x800000,
  },
  {
    topicId: 2,
    label: 0,
    epoch: 7,
    observedAt: 1_800_000_000,
    lag: 2 ** 24 - 1,
    history: 255,
    value: -(2n ** 127n),
    sigma: UNKNOWN_SIGMA,
  },
  {
    topicId: 2 ** 32 - 1,
    label: 2 ** 16 - 1,
    epoch: 2 ** 28 - 1,
    observedAt: 2 ** 32 - 1,
    lag: 1,
    history: 1,
    value: 2n ** 127n - 1n,
    sigma: 0xffff70,
  },
].map((report, i) => ({ ...report, context: named(`context ${i}`) }))

const SUBMISSION = {
  topicId: 1,
  epoch: 4001,
  inference: named("inference"),
  forecast: toBeHex(0, 32),
  extra: named("extra"),
}

function rootOf(nodes: readonly string[]): string {
  const [first] = nodes
  if (first === undefined) throw new Error("a batch has leaves")
  if (nodes.length === 1) return first
  const above: string[] = []
  for (let i = 0; i < nodes.length; i += 2) {
    const pair = nodes.slice(i, i + 2).sort()
    above.push(pair.length === 1 ? (pair[0] as string) : keccak256(concat(pair)))
  }
  return rootOf(above)
}

/** 64 bytes: r, then s with the parity in its top bit (EIP-2098). */
function compact(key: string, digest: string): string {
  return new SigningKey(key).sign(digest).compactSerialized
}

function vectors() {
  const leaves = REPORTS.map((report) => hashOf("Report", report))
  const signed = (digest: string) => ({ digest, signature: compact(KEY, digest) })
  return {
    note: "Made by test/ethers/reports.test.ts with ethers; ALLORA_WRITE_VECTORS=1 writes it anew.",
    domain: HOME,
    key: KEY,
    signer: computeAddress(KEY),
    reports: REPORTS.map((report, i) => ({
      ...report,
      value: report.value.toString(),
      leaf: leaves[i],
    })),
    batches: [1, 2, 3, 5].map((count, i) => {
      const root = rootOf(leaves.slice(0, count))
      const batch = { era: i + 1, slot: 1_800_000_000 + i, view: i * 1000, root }
      return { leaves: count, ...batch, ...signed(digestOf(HOME, "Batch", batch)) }
    }),
    submission: { ...SUBMISSION, ...signed(digestOf(HOME, "Submission", SUBMISSION)) },
  }
}

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
  const reports = await ethers.deployContract("Reports", [committee, DAY, 0, ZeroAddress])
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
