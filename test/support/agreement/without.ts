// Takes a rule out of the source and watches a scenario fail.
import assert from "node:assert/strict"
import { Violation } from "./checker.ts"
import { type Change, mutated } from "./mutate.ts"
import type { Scenarios } from "./stage.ts"

/** Where a rule stands, what stands there without it, which scenario breaks and how. */
export type Rule = Change & {
  readonly rule: string
  readonly scenario: string
  /** The promise that breaks; "expectation" where the scenario's own assertion says so. */
  readonly breaks: string
}

export async function failsWithout(
  { scenario, breaks, ...change }: Rule,
  scenarios: Scenarios,
): Promise<void> {
  const run = scenarios[scenario]
  assert(run, `there is a scenario "${scenario}"`)
  const { create, remove } = await mutated(change)
  try {
    await assert.rejects(run(create), (error) => {
      const found = error instanceof Violation ? error.promise : "expectation"
      if (!(error instanceof Violation || error instanceof assert.AssertionError)) throw error
      assert.equal(found, breaks, String(error))
      return true
    })
  } finally {
    remove()
  }
}
