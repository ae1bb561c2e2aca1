// Agreement: keys that are agreed on again, each generation for itself.
import { describe, it } from "node:test"
import { createAgreement } from "../../../offchain/agreement.ts"
import { generations } from "../../support/agreement/scenarios/generations.ts"

describe("agreement: generations", () => {
  for (const [promise, run] of Object.entries(generations)) it(promise, () => run(createAgreement))
})
