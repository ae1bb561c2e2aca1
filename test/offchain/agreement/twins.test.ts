// Agreement: what the chain says of a number before it is accepted.
import { describe, it } from "node:test"
import { createAgreement } from "../../../offchain/agreement.ts"
import { twins } from "../../support/agreement/scenarios/twins.ts"

describe("agreement: the twin on the chain", () => {
  for (const [promise, run] of Object.entries(twins)) it(promise, () => run(createAgreement))
})
