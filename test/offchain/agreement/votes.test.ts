// Agreement: inputs, computing, signatures. Each scenario also serves rules.test.ts.
import { describe, it } from "node:test"
import { createAgreement } from "../../../offchain/agreement.ts"
import { votes } from "../../support/agreement/scenarios/votes.ts"

describe("agreement: votes", () => {
  for (const [promise, run] of Object.entries(votes)) it(promise, () => run(createAgreement))
})
