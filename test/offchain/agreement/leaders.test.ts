// Agreement when leaders fail: every scenario also serves rules.test.ts, which takes the rule out and watches it fail.
import { describe, it } from "node:test"
import { createAgreement } from "../../../offchain/agreement.ts"
import { leaders } from "../../support/agreement/scenarios/leaders.ts"

describe("agreement: leaders and views", () => {
  for (const [promise, run] of Object.entries(leaders)) it(promise, () => run(createAgreement))
})
