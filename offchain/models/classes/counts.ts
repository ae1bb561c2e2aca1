// Counts of classes, and the probabilities that they make: what every model of classes begins with.

/** How often each class stands on the days given, each counted by its weight. */
export function countsOf(
  classes: number,
  days: Iterable<{ readonly value: number; readonly weight: number }>,
): readonly number[] {
  const counts = new Array<number>(classes).fill(0)
  for (const { value, weight } of days) counts[value] = (counts[value] as number) + weight
  return counts
}

/** Counts drawn towards `prior`, as if so many days more had been seen and had been as it says. */
export function probabilitiesOf(
  counts: readonly number[],
  prior: readonly number[],
  priorDays: number,
): readonly number[] {
  const total = counts.reduce((sum, count) => sum + count, 0) + priorDays
  return counts.map((count, index) => (count + priorDays * (prior[index] as number)) / total)
}

/** Every class alike: what is known before the first day. */
export const evenly = (classes: number): readonly number[] =>
  new Array<number>(classes).fill(1 / classes)
