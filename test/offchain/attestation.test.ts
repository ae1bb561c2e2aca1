// The attestation's bytes and its refusals, under the contract's names.
import assert from "node:assert/strict"
import { describe, it } from "node:test"
import fc from "fast-check"
import { type Hex, keccak256, numberToHex } from "viem"
import {
  decodeAttestation,
  encodeAttestation,
  verifyAttestation,
} from "../../offchain/attestation.ts"
import { isRefusal, NodeError } from "../../offchain/errors.ts"
import { createSigner } from "../../offchain/signer.ts"

const DIGEST = keccak256("0xa1")
const MAX_MEMBERS = 64
const signers = Array.from({ length: MAX_MEMBERS }, (_, i) =>
  createSigner(numberToHex(i + 1, { size: 32 })),
)
const eraOf = (count: number, quorum: number) => ({
  members: signers.slice(0, count).map(({ address }) => address),
  quorum,
})
const signedBy = (indices: readonly number[], digest = DIGEST) =>
  encodeAttestation(
    new Map(indices.map((i) => [i, (signers[i] as (typeof signers)[0]).sign(digest)])),
  )
const codeOf = (result: unknown) => (isRefusal(result) ? result.code : "none")

describe("attestation", () => {
  it("is a scheme byte, a bitmap of 8 bytes and the signatures in member order", () => {
    const [first, third] = [signers[0]?.sign(DIGEST) as Hex, signers[2]?.sign(DIGEST) as Hex]
    const bytes = `0x00${"0000000000000005"}${first.slice(2)}${third.slice(2)}`
    assert.equal(signedBy([2, 0]), bytes)
    assert.deepEqual(
      [...(decodeAttestation(bytes as Hex) as Map<number, Hex>)],
      [
        [0, first],
        [2, third],
      ],
    )
  })

  it("counts each member of any quorum, and takes every member's bit to the last", () => {
    assert.deepEqual(verifyAttestation(DIGEST, signedBy([0, 1, 3]), eraOf(4, 3)), [0, 1, 3])
    assert.deepEqual(verifyAttestation(DIGEST, signedBy([0, 62, 63]), eraOf(64, 3)), [0, 62, 63])
  })

  it("refuses too few", () => {
    assert.deepEqual(verifyAttestation(DIGEST, signedBy([0, 1]), eraOf(4, 3)), {
      code: "QuorumNotReached",
      given: "2",
      required: "3",
    })
    assert.equal(codeOf(verifyAttestation(DIGEST, signedBy([]), eraOf(4, 3))), "QuorumNotReached")
  })

  it("refuses a signature of another digest, another member or a stranger", () => {
    const other = keccak256("0xa2")
    assert.equal(
      codeOf(verifyAttestation(other, signedBy([0, 1, 2]), eraOf(4, 3))),
      "InvalidSignature",
    )
    const sign = (i: number) => (signers[i] as (typeof signers)[0]).sign(DIGEST)
    const twice = encodeAttestation(
      new Map([
        [0, sign(0)],
        [1, sign(0)],
        [2, sign(2)],
      ]),
    )
    assert.equal(codeOf(verifyAttestation(DIGEST, twice, eraOf(4, 3))), "InvalidSignature")
    const stranger = encodeAttestation(
      new Map([
        [0, sign(0)],
        [1, sign(1)],
        [2, sign(40)],
      ]),
    )
    assert.equal(codeOf(verifyAttestation(DIGEST, stranger, eraOf(4, 3))), "InvalidSignature")
  })

  it("refuses a bit beyond the members, another length and another scheme", () => {
    const good = signedBy([0, 1, 2])
    assert.equal(
      codeOf(verifyAttestation(DIGEST, signedBy([0, 1, 4]), eraOf(4, 3))),
      "MalformedAttestation",
    )
    for (const wrong of [
      `${good}00`,
      good.slice(0, -2),
      "0x",
      "0x00",
      good.slice(0, 18),
      "hello",
      `${good}0`,
    ]) {
      assert.equal(
        codeOf(verifyAttestation(DIGEST, wrong as Hex, eraOf(4, 3))),
        "MalformedAttestation",
        wrong,
      )
    }
    assert.equal(
      codeOf(verifyAttestation(DIGEST, `0x01${good.slice(4)}`, eraOf(4, 3))),
      "UnknownScheme",
    )
  })

  it("never verifies with one bit flipped", () => {
    const good = Buffer.from(signedBy([0, 2, 3]).slice(2), "hex")
    fc.assert(
      fc.property(fc.nat(good.length * 8 - 1), (bit) => {
        const bytes = Buffer.from(good)
        bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7))
        const result = verifyAttestation(DIGEST, `0x${bytes.toString("hex")}`, eraOf(4, 3))
        assert.ok(isRefusal(result))
      }),
      { numRuns: 300 },
    )
  })

  it("does not pack what has no place", () => {
    const signature = signers[0]?.sign(DIGEST) as Hex
    for (const [index, bytes] of [
      [64, signature],
      [-1, signature],
      [0, "0x12"],
    ] as [number, Hex][]) {
      assert.throws(
        () => encodeAttestation(new Map([[index, bytes]])),
        (error) => error instanceof NodeError && error.code === "MalformedAttestation",
      )
    }
  })
})
