// The suites of `npm test`: which there are, in which order they run, and which files are whose.
import { existsSync, readdirSync } from "node:fs"
import { join, relative, sep } from "node:path"

/** How a suite's files are run: by Hardhat's Solidity runner, by its Mocha, or by Node's own. */
export type Kind = "solidity" | "mocha" | "node"

export type Suite = {
  readonly name: string
  readonly kind: Kind
  /** Below test/. */
  readonly folder: string
  /** Whether its files may run at the same time. Those that start networks may not. */
  readonly parallel: boolean
}

export type Selection = { readonly suite: Suite; readonly files: readonly string[] }

export const SUITES: readonly Suite[] = [
  { name: "solidity", kind: "solidity", folder: "contracts", parallel: true },
  { name: "hardhat", kind: "node", folder: "hardhat", parallel: true },
  { name: "ethers", kind: "mocha", folder: "ethers", parallel: false },
  { name: "wasm", kind: "node", folder: "wasm", parallel: true },
  { name: "offchain", kind: "node", folder: "offchain", parallel: true },
  { name: "setup", kind: "node", folder: "setup", parallel: true },
  { name: "bench", kind: "node", folder: "bench", parallel: false },
  { name: "indexer", kind: "node", folder: "indexer", parallel: false },
  { name: "flow", kind: "node", folder: "flow", parallel: false },
  { name: "docs", kind: "node", folder: "docs", parallel: false },
]

export class SelectionError extends Error {
  override name = "SelectionError"
}

const isTestFile = (path: string) => /\.t\.sol$|\.test\.ts$/.test(path)

/** The test files below a folder, absolute and in order. */
export function testFiles(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter(isTestFile)
    .sort()
    .map((path) => join(folder, path))
}

/**
 * What to run for the patterns given: a suite's name takes all of it, anything else the files whose path contains it;
 * none takes everything. A suite without files is in, to be counted as the failure it is. Throws `SelectionError` for a
 * pattern that nothing fits, and for a test file that no suite would ever run.
 */
export function select(root: string, patterns: readonly string[]): Selection[] {
  const base = join(root, "test")
  const all = SUITES.map((suite) => ({ suite, files: testFiles(join(base, suite.folder)) }))
  const owned = new Set(all.flatMap(({ files }) => files))
  const stray = testFiles(base).find((file) => !owned.has(file))
  if (stray) {
    throw new SelectionError(
      `TestOutsideSuites: no suite runs this file\n  given:    ${relative(root, stray)}\n  required: one of the folders ${SUITES.map(({ folder }) => `test/${folder}`).join(", ")}`,
    )
  }
  if (patterns.length === 0) return all
  const fits = (file: string, pattern: string) =>
    relative(root, file).split(sep).join("/").includes(pattern)
  for (const pattern of patterns) {
    if (SUITES.some(({ name }) => name === pattern)) continue
    if ([...owned].some((file) => fits(file, pattern))) continue
    throw new SelectionError(
      `NoSuchTest: neither a suite nor a test file\n  given:    ${pattern}\n  required: a part of a test's path, or one of ${SUITES.map(({ name }) => name).join(", ")}`,
    )
  }
  return all
    .map(({ suite, files }) => ({
      suite,
      files: patterns.includes(suite.name)
        ? files
        : files.filter((file) => patterns.some((pattern) => fits(file, pattern))),
    }))
    .filter(({ suite, files }) => files.length > 0 || patterns.includes(suite.name))
}
