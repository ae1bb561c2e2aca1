// What a suite's runner saw, as counts. Only a test that ran and held counts as passed: a skipped one, one marked as
// still to do, and a file or suite without tests are failures, each with a line that says so.

export type Tally = { passed: number; failed: number; readonly findings: string[] }

export const emptyTally = (): Tally => ({ passed: 0, failed: 0, findings: [] })

export function pass(tally: Tally): void {
  tally.passed++
}

/** Counts a failure; `finding` where the runner's own output does not show one. */
export function fail(tally: Tally, finding?: string): void {
  tally.failed++
  if (finding) tally.findings.push(finding)
}

/** An event of Node's test runner, as far as it is counted. */
export type NodeEvent = {
  readonly name: string
  readonly file?: string
  readonly skip?: string | boolean
  readonly todo?: string | boolean
  readonly details: { readonly type?: string; readonly error?: unknown }
}

/**
 * Counts one `test:pass` or `test:fail`. A suite counts only if it failed for a reason of its own, and a file only if
 * it failed or, passing under its own name, had no test in it.
 */
export function countNode(tally: Tally, outcome: "pass" | "fail", event: NodeEvent): void {
  const isFile = event.name === event.file
  const isSuite = event.details.type === "suite"
  if (event.skip !== undefined) return fail(tally, `skipped: ${event.name}`)
  if (event.todo !== undefined) return fail(tally, `still to do: ${event.name}`)
  if (outcome === "pass") {
    if (isFile) fail(tally, `no test in ${event.name}`)
    else if (!isSuite) pass(tally)
    return
  }
  const error = Object(event.details.error) as { failureType?: string; exitCode?: unknown }
  if (isFile) fail(tally, `${event.name} ended with exit code ${error.exitCode}`)
  else if (error.failureType !== "subtestsFailed") fail(tally)
}

type SolidityResult = {
  readonly id: { readonly name: string }
  readonly testResults: readonly { readonly name: string; readonly status: string }[]
}

/** Counts what Hardhat's Solidity runner answers. Throws if the answer has another shape. */
export function countSolidity(
  tally: Tally,
  success: boolean,
  suites: readonly SolidityResult[],
): void {
  for (const { id, testResults } of suites) {
    for (const { name, status } of testResults) {
      if (status === "Success") pass(tally)
      else if (status === "Failure") fail(tally)
      else fail(tally, `${status.toLowerCase()}: ${id.name}.${name}`)
    }
  }
  if (!success && tally.failed === 0) fail(tally, "the runner failed, and no test says why")
}
