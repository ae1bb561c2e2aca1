// What losses to expect of workers after those they had: the level of the last epochs, and by how much each worker was
// usually above or below it. Pure.
import type { Hex } from "viem"

/** An epoch's log losses, by the workers' owners. */
export type PastLosses = { readonly epoch: number; readonly losses: ReadonlyMap<Hex, number> }

/** An epoch counts nine tenths of the next one: a memory of about ten. */
const FADING = 0.9
/** As if each worker had been seen so many epochs more, on the level: draws those hardly seen to it. */
const PRIOR_EPOCHS = 2

/** Undefined where there is nothing to go by. A worker never seen is expected on the level. */
export function expectedLosses(
  past: readonly PastLosses[],
  owners: readonly Hex[],
): ReadonlyMap<Hex, number> | undefined {
  const seen = past.filter(({ losses }) => losses.size > 0)
  if (seen.length === 0) return undefined
  const newest = Math.max(...seen.map(({ epoch }) => epoch))
  const all = seen.map(({ epoch, losses }) => {
    const sum = [...losses.values()].reduce((total, loss) => total + loss, 0)
    return { losses, level: sum / losses.size, weight: FADING ** (newest - epoch) }
  })
  const weights = all.reduce((sum, { weight }) => sum + weight, 0)
  const level = all.reduce((sum, each) => sum + each.weight * each.level, 0) / weights
  return new Map(
    owners.map((owner) => {
      let off = 0
      let weight = 0
      for (const epoch of all) {
        const loss = epoch.losses.get(owner)
        if (loss === undefined) continue
        // Against its epoch's level: who was away on a hard day is not better for it.
        off += epoch.weight * (loss - epoch.level)
        weight += epoch.weight
      }
      return [owner, level + off / (weight + PRIOR_EPOCHS)]
    }),
  )
}
