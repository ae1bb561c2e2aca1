// Nearest patterns: finds the past days whose last `length` changes looked most like the latest ones, and lets the
// last value change as it did after them, on average. Changes are relative to the value for a price.
import type { Model } from "../history.ts"

export type Patterns = {
  readonly length: number
  readonly neighbours: number
  readonly of: "growth" | "difference"
}

export function patterns({ length, neighbours, of }: Patterns): Model {
  return {
    name: "patterns",
    predict({ values }) {
      const last = values.at(-1) as number
      const changes = changesOf(values, of)
      const latest = changes.length - length
      // A pattern needs the change after it, so the latest one is not among the candidates.
      if (latest < neighbours) return last
      const near = nearest(changes, latest, length, neighbours)
      const mean =
        near.reduce((sum, start) => sum + (changes[start + length] as number), 0) / near.length
      return of === "growth" ? last * (1 + mean) : last + mean
    },
  }
}

function changesOf(values: readonly number[], of: Patterns["of"]): Float64Array {
  const changes = new Float64Array(values.length - 1)
  for (let i = 0; i < changes.length; i++) {
    const before = values[i] as number
    const change = (values[i + 1] as number) - before
    changes[i] = of === "growth" ? change / before : change
  }
  return changes
}

/** Starts of the patterns nearest to the one at `latest`; of equal ones the older. */
function nearest(
  changes: Float64Array,
  latest: number,
  length: number,
  count: number,
): readonly number[] {
  const found: { start: number; distance: number }[] = []
  for (let start = 0; start < latest; start++) {
    let distance = 0
    for (let i = 0; i < length; i++) {
      distance += ((changes[start + i] as number) - (changes[latest + i] as number)) ** 2
    }
    const worst = found.at(-1)
    if (found.length === count && worst && distance >= worst.distance) continue
    let place = found.length
    while (place > 0 && (found[place - 1] as { distance: number }).distance > distance) place--
    found.splice(place, 0, { start, distance })
    if (found.length > count) found.pop()
  }
  return found.map(({ start }) => start)
}
