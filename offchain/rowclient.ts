// Rows by hash from whoever serves them. What comes back is checked against its hash, so a server is never trusted.
import type { Hex } from "viem"
import { rowHash } from "../wasm/index.ts"
import { NodeError } from "./errors.ts"

/** The longest row there is, in bytes. */
const ROW_LIMIT = 16_384
const TIMEOUT_MS = 5_000

/** Answers the row with that hash from the first of `urls` that has it. `what` names it in an error. */
export async function fetchRow(
  hash: Hex,
  what: string,
  urls: readonly string[],
): Promise<Uint8Array> {
  let mismatch: { url: string; given: Hex } | undefined
  for (const url of urls) {
    const row = await request(`${url.replace(/\/$/, "")}/rows/${hash}`)
    if (!row) continue
    const given = rowHash(row)
    if (given === hash) return row
    mismatch ??= { url, given }
  }
  if (mismatch)
    throw new NodeError("RowMismatch", {
      sentence: `the ${what} row that ${mismatch.url} serves is not the one that was signed (keccak256 of its bytes)`,
      remedy: "refuse",
      given: mismatch.given,
      required: hash,
    })
  throw new NodeError("RowMissing", {
    sentence: `nobody asked serves the ${what} row; name members that do with --members`,
    remedy: "retry",
    given: urls.length === 0 ? "no member's address" : urls.join(", "),
    required: hash,
  })
}

async function request(url: string): Promise<Uint8Array | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) })
    if (!response.ok || Number(response.headers.get("content-length") ?? 0) > ROW_LIMIT)
      return undefined
    const parts: Uint8Array[] = []
    let size = 0
    // Read piece by piece: a length that is not told must not fill the memory.
    for await (const part of response.body ?? []) {
      size += part.length
      if (size > ROW_LIMIT) return undefined
      parts.push(part)
    }
    return new Uint8Array(Buffer.concat(parts))
  } catch {
    return undefined
  }
}
