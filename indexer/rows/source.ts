// Rows by hash from the committee's members. Whoever has answered last is asked first, whoever has not is left alone for a
// while, so that a member that is down costs one try and no more.
import { type Hex, hexToBytes } from "viem"
import { fetchRow } from "../../offchain/rowclient.ts"
import type { GetRow } from "./content.ts"

/** For so long a member that had no answer is asked last. */
const REST_MS = 5_000
/** Parameters, registrations and seats are the same from epoch to epoch. */
const KEPT = 2_000

/** Throws `RowMissing` or `RowMismatch`. */
export type FetchRow = (hash: Hex, what: string, urls: readonly string[]) => Promise<Uint8Array>

/** What a member does not serve may lie on the chain, because somebody demanded it. */
export function orPublished(get: GetRow, find: (hash: Hex) => Promise<Hex | undefined>): GetRow {
  return async (hash, what) => {
    try {
      return await get(hash, what)
    } catch (error) {
      const bytes = await find(hash)
      if (bytes === undefined) throw error
      return hexToBytes(bytes)
    }
  }
}

export function createSource(
  urls: () => Promise<readonly string[]>,
  {
    fetch = fetchRow,
    now = () => performance.now(),
  }: { readonly fetch?: FetchRow; readonly now?: () => number } = {},
): GetRow {
  const kept = new Map<Hex, Uint8Array>()
  const restsUntil = new Map<string, number>()
  let best: string | undefined

  async function ask(hash: Hex, what: string): Promise<Uint8Array> {
    const rank = (url: string) =>
      url === best ? -1 : Math.max(0, (restsUntil.get(url) ?? 0) - now())
    const all = [...(await urls())].sort((a, b) => rank(a) - rank(b))
    const awake = all.filter((url) => rank(url) <= 0)
    let failure: unknown
    // All of them rest: then the one that has rested longest is tried, and no other.
    for (const url of awake.length > 0 ? awake : all.slice(0, 1)) {
      try {
        const row = await fetch(hash, what, [url])
        best = url
        return row
      } catch (error) {
        failure = error
        restsUntil.set(url, now() + REST_MS)
        if (best === url) best = undefined
      }
    }
    // No member at all: the client says so by name.
    throw failure ?? (await fetch(hash, what, []).catch((error: unknown) => error))
  }

  return async (hash, what) => {
    const known = kept.get(hash)
    if (known) return known
    const row = await ask(hash, what)
    kept.set(hash, row)
    if (kept.size > KEPT) kept.delete(kept.keys().next().value as Hex)
    return row
  }
}
