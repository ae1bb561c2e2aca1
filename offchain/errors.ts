// Faults and refusals of everything that runs off chain. A fault is thrown (`NodeError`); a refusal that anyone can
// cause is a value (`Refusal`). Both carry what was given and what is required.

/** What the caller does about a fault: try again, refuse the input, or stop the program. */
export type Remedy = "retry" | "refuse" | "stop"

export type Facts = Readonly<Record<string, unknown>>

export type Fault = {
  /** One sentence in words, facts included, without what was given and required. */
  readonly sentence: string
  readonly remedy: Remedy
  readonly facts?: Facts
  readonly given?: unknown
  readonly required?: unknown
  readonly cause?: unknown
}

/** The one error class. Compare `code`, never the message. */
export class NodeError<Code extends string = string> extends Error {
  override readonly name = "NodeError"
  readonly code: Code
  readonly facts: Facts
  readonly remedy: Remedy

  constructor(code: Code, { sentence, remedy, facts = {}, given, required, cause }: Fault) {
    const lines = [sentence]
    if (given !== undefined) lines.push(`  given     ${given}`)
    if (required !== undefined) lines.push(`  required  ${required}`)
    super(lines.join("\n"), cause === undefined ? undefined : { cause })
    this.code = code
    this.remedy = remedy
    this.facts = {
      ...facts,
      ...(given === undefined ? {} : { given }),
      ...(required === undefined ? {} : { required }),
    }
  }
}

/** Why an input from outside was not taken. It travels as JSON, so both values are text. */
export type Refusal = {
  readonly code: string
  readonly given?: string
  readonly required?: string
}

/** Makes a refusal; the two values are put into words as they stand. */
export function refusal(code: string, given?: unknown, required?: unknown): Refusal {
  return {
    code,
    ...(given === undefined ? {} : { given: String(given) }),
    ...(required === undefined ? {} : { required: String(required) }),
  }
}

/** Tells a refusal from a result, in functions that answer with either. */
export function isRefusal(value: unknown): value is Refusal {
  return (
    typeof value === "object" &&
    value !== null &&
    "code" in value &&
    typeof value.code === "string" &&
    !(value instanceof Error)
  )
}

/** Whether that is a fault of ours with this code. */
export function isNodeError<Code extends string>(
  error: unknown,
  code: Code,
): error is NodeError<Code> {
  return error instanceof NodeError && error.code === code
}
