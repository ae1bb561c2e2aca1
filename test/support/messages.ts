// The signed messages as ethers hashes them, with fields at the ends of their ranges: what test/vectors/digests.json is
// made of.
import {
  computeAddress,
  concat,
  keccak256,
  SigningKey,
  solidityPackedKeccak256,
  TypedDataEncoder,
  toBeHex,
  toUtf8Bytes,
} from "ethers"
import { types } from "../../contracts/index.ts"

const KEY = `0x${"11".repeat(32)}`
const UNKNOWN_SIGMA = 0xffffff

/** The domain of the vectors: any home will do, but it must be said. */
export const HOME = {
  name: "Allora",
  version: "1",
  chainId: 31337,
  verifyingContract: "0x00000000000000000000000000000000000a110a",
}

export const hashOf = (
  type: "Report" | "Settlement" | "Batch" | "Submission" | "Truth",
  message: Record<string, unknown>,
) => TypedDataEncoder.hashStruct(type, { [type]: [...types[type]] }, message)
export const digestOf = (
  domain: typeof HOME,
  type: "Batch" | "Submission" | "Truth",
  message: Record<string, unknown>,
) => TypedDataEncoder.hash(domain, { [type]: [...types[type]] }, message)
export const named = (name: string) => keccak256(toUtf8Bytes(name))

/** Fields at the ends of their ranges, in the order of a batch. */
export const REPORTS = [
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

/** The same of settlements; the second follows the first. */
const SETTLEMENTS = [
  { topicId: 1, epoch: 5, generation: 0, parent: toBeHex(0, 32), pot: 0n, quality: toBeHex(0, 32) },
  {
    topicId: 1,
    epoch: 4001,
    generation: 0,
    parent: "",
    pot: 0n,
    quality: concat([
      toBeHex(BigInt.asUintN(64, -500_000_000n), 8),
      toBeHex(250_000_000, 8),
      toBeHex(6_800, 2),
      toBeHex(9_500, 2),
      "0x0901",
      toBeHex(3, 4),
      toBeHex(0, 6),
    ]),
  },
  {
    topicId: 2 ** 32 - 1,
    epoch: 2 ** 32 - 1,
    generation: 2 ** 16 - 1,
    parent: named("parent"),
    pot: 2n ** 256n - 1n,
    quality: toBeHex(2n ** 256n - 1n, 32),
  },
].map((settlement, i) => ({
  ...settlement,
  state: named(`state ${i}`),
  context: named(`settlement context ${i}`),
}))
for (const [i, settlement] of SETTLEMENTS.entries())
  if (settlement.parent === "") settlement.parent = hashOf("Settlement", { ...SETTLEMENTS[i - 1] })

/** A Wad a label: both ends of 128 bits, and what lies between. */
const SAID = [3_456_789_012_345_678_901_234n, 0n, -1n, 2n ** 127n - 1n, -(2n ** 127n)]
const TRUTH = {
  topicId: 1,
  epoch: 4001,
  values: solidityPackedKeccak256(
    SAID.map(() => "int128"),
    SAID,
  ),
  extra: named("extra"),
}

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
export function compact(key: string, digest: string): string {
  return new SigningKey(key).sign(digest).compactSerialized
}

/** The whole file of vectors. */
export function vectors() {
  const leaves = REPORTS.map((report) => hashOf("Report", report))
  const settled = SETTLEMENTS.map((settlement) => hashOf("Settlement", settlement))
  const signed = (digest: string) => ({ digest, signature: compact(KEY, digest) })
  return {
    note: "Made by test/support/messages.ts with ethers; ALLORA_WRITE_VECTORS=1 npm test -- ethers writes it anew.",
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
    settlements: SETTLEMENTS.map((settlement, i) => ({
      ...settlement,
      pot: settlement.pot.toString(),
      leaf: settled[i],
    })),
    mixed: [
      [0, 1],
      [1, 1],
      [5, 3],
    ].map(([reports, settlements], i) => {
      const root = rootOf([...leaves.slice(0, reports), ...settled.slice(0, settlements)])
      const batch = { era: 7, slot: 1_800_000_100 + i, view: i, root }
      return { reports, settlements, ...batch, ...signed(digestOf(HOME, "Batch", batch)) }
    }),
    submission: { ...SUBMISSION, ...signed(digestOf(HOME, "Submission", SUBMISSION)) },
    truth: { said: SAID.map(String), ...TRUTH, ...signed(digestOf(HOME, "Truth", TRUTH)) },
  }
}
