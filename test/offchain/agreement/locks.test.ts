// Agreement and locks: what may have a quorum is never signed otherwise. Each scenario also serves rules.test.ts.
import { describe, it } from "node:test"
import { createAgreement } from "../../../offchain/agreement.ts"
import { locks } from "../../support/agreement/scenarios/locks.ts"

describe("agreement: locks and certificates", () => {
  for (const [promise, run] of Object.entries(locks)) it(promise, () => run(createAgreement))
})
