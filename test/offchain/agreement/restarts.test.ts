// Agreement: members that stop and start again. Each scenario also serves rules.test.ts.
import { describe, it } from "node:test"
import { createAgreement } from "../../../offchain/agreement.ts"
import { restarts } from "../../support/agreement/scenarios/restarts.ts"

describe("agreement: restarts", () => {
  for (const [promise, run] of Object.entries(restarts)) it(promise, () => run(createAgreement))
})
