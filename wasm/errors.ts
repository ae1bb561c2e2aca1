// The one error of the core: `code` is the name that Rust and Solidity use for the same failure.

export class CoreError extends Error {
  readonly code: string
  /** What did not fit, where the code alone does not say it. */
  readonly what: string | undefined

  constructor(code: string, what?: string) {
    super(what === undefined ? code : `${code}: ${what}`)
    this.name = "CoreError"
    this.code = code
    this.what = what
  }
}

/** Throws that bytes, or values meant to become bytes, are not a row. */
export function malformed(what: string): never {
  throw new CoreError("MalformedRow", what)
}
