// What every step of verifying shares: two values that have to be the same.
import { NodeError } from "../errors.ts"

/** Throws `Mismatch` unless both are equal; says what differs, and both values. */
export function requireEqual(what: string, given: unknown, required: unknown): void {
  if (given === required) return
  throw new NodeError("Mismatch", {
    sentence: `${what} differs`,
    remedy: "refuse",
    given,
    required,
  })
}
