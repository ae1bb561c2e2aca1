// Agreement with real keys, real digests and real report leaves: what comes out is an attestation that stands by itself.
import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { hashTypedData } from "viem"
import {
  type Attested,
  createAgreement,
  createDigests,
  type Leaf,
} from "../../../offchain/agreement.ts"
import { reportHash } from "../../../offchain/report.ts"
import { createSigner, recover } from "../../../offchain/signer.ts"
import { createMemoryJournal, createMesh } from "../../support/agreement/memory.ts"
import { sha } from "../../support/agreement/random.ts"
import { createTime } from "../../support/agreement/time.ts"

const domain = {
  name: "Allora",
  version: "1",
  chainId: 31337,
  verifyingContract: `0x${"ab".repeat(20)}`,
} as const
const SLOT = 1_700_000_000
const KEYS = ["1/1/5", "1/2/5", "1/3/5"]
const LOG = { debug() {}, info() {}, warn() {} }

/** The body is the report as JSON; every submission is worth its value, and the report is their sum. */
function leaf(kind: number, body: string): Leaf | undefined {
  const { topicId, epoch, value } = JSON.parse(body) as {
    topicId: number
    epoch: number
    value: string
  }
  const report = {
    topicId,
    label: 0,
    epoch,
    observedAt: SLOT,
    lag: 60,
    history: 0,
    value: BigInt(value),
    sigma: 0xffffff,
    context: sha(body),
  }
  return { kind, topicId, label: 0, epoch, hash: reportHash(report), body }
}

describe("agreement with real signatures", () => {
  it("attests three keys in one batch that viem and the members' addresses bear out", async () => {
    const signers = [0, 1, 2, 3].map((n) => createSigner(sha(`a key of member ${n}`)))
    const era = {
      number: 7,
      startsAt: 0,
      members: signers.map(({ address }) => address),
      quorum: 3,
      faults: 1,
    }
    const time = createTime()
    const mesh = createMesh(4, time, () => [10])
    const results: Attested[][] = [[], [], [], []]
    const submission = { hash: sha("1"), worker: `0x${"01".repeat(20)}`, bytes: "1" } as const
    const agreements = signers.map((signer, self) =>
      createAgreement(
        { era, self, timeoutMs: 1000, startedAt: SLOT - 1 },
        {
          signer,
          recover,
          digests: createDigests(domain),
          journal: createMemoryJournal(),
          transport: mesh.join(self),
          clock: time,
          log: LOG,
          application: {
            held: () => [submission],
            check: () => submission,
            leaf,
            async compute(key) {
              const [kind, topicId, epoch] = key.split("/").map(Number)
              const made = leaf(kind ?? 0, JSON.stringify({ topicId, epoch, value: "42" }))
              return made && [made]
            },
            attested: (attested) => results[self]?.push(attested),
            alarm: ({ code }) => assert.fail(code),
            evidence: ({ kind }) => assert.fail(kind),
          },
        },
      ),
    )
    for (const agreement of agreements) agreement.due(SLOT, KEYS)
    assert(await time.run(1000, () => results.every((list) => list.length > 0)))
    for (const agreement of agreements) agreement.stop()
    for (const [attested] of results) {
      assert(attested)
      assert.deepEqual(
        attested.leaves.map(({ topicId }) => topicId),
        [1, 2, 3],
      )
      const types = {
        Batch: [
          { name: "era", type: "uint32" },
          { name: "slot", type: "uint40" },
          { name: "view", type: "uint32" },
          { name: "root", type: "bytes32" },
        ],
      }
      const digest = hashTypedData({ domain, types, primaryType: "Batch", message: attested.batch })
      assert(attested.signatures.length >= 3)
      for (const { member, signature } of attested.signatures) {
        assert.equal(recover(digest, signature), era.members[member])
      }
      assert.equal(attested.batch.root, results[0]?.[0]?.batch.root)
    }
  })
})
