// The claims stand in Solidity (the norm) and in TypeScript; here they are held to each other.
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { describe, it } from "node:test"
import { CLAIMS, claimNumber } from "../../../offchain/dispute/claims.ts"

const norm = readFileSync(new URL("../../../contracts/types/Claim.sol", import.meta.url), "utf8")

describe("claims", () => {
  it("have the names and the order that the contracts have", () => {
    const [, body = ""] = /enum Claim \{([^}]*)\}/.exec(norm) ?? []
    const declared = body.replaceAll(/\/\/.*/g, "").match(/\w+/g) ?? []
    assert.equal(declared.length, 45)
    assert.deepEqual(CLAIMS, declared)
    assert.equal(claimNumber("TruthSignature"), 44)
  })
})
