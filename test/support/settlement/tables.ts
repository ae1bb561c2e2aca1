// The witness of the tables of regrets: what counterfactual losses make of them.
import type { CounterfactualLists, Losses, RegretTable } from "../../../wasm/index.ts"
import { average } from "./numbers.ts"

export type Tables = {
  readonly oneOut: readonly RegretTable[]
  readonly oneIn: readonly RegretTable[]
}

export type Lesson = {
  readonly losses: Losses
  readonly lists: CounterfactualLists
  /** Who still holds the seat on which it took part. */
  readonly learners: readonly number[]
  readonly alpha: bigint
  readonly unseen: bigint
}

/** Without whoever left, and without the tables that this leaves empty. */
export function tablesOfThose(
  { oneOut, oneIn }: Tables,
  stays: (entry: { seat: number }) => boolean,
): Tables {
  const kept = (tables: readonly RegretTable[]) =>
    tables
      .filter(stays)
      .map(({ seat, entries }) => ({ seat, entries: entries.filter(stays) }))
      .filter(({ entries }) => entries.length > 0)
  return { oneOut: kept(oneOut), oneIn: kept(oneIn) }
}

export function tablesAfter(before: Tables, lesson: Lesson): Tables {
  const { losses, lists, learners, alpha, unseen } = lesson
  const own = new Map(losses.entries.map(({ seat, loss }) => [seat, loss]))
  const without = new Map(lists.oneOutImplied.map((l) => [`${l.forecaster}/${l.inferer}`, l.value]))
  const oneOut = asMaps(before.oneOut)
  const oneIn = asMaps(before.oneIn)
  const learn = (
    tables: Map<number, Map<number, bigint>>,
    of: number,
    seat: number,
    delta: bigint,
  ) => {
    const table = tables.get(of) ?? new Map<number, bigint>()
    tables.set(of, table.set(seat, average(alpha, delta, table.get(seat) ?? unseen)))
  }
  for (const seat of learners) {
    for (const { seat: of, value } of lists.oneOutInferers) {
      const loss = seat < 0x80 ? own.get(seat) : without.get(`${seat}/${of}`)
      if (seat === of || !learners.includes(of) || loss === undefined) continue
      learn(oneOut, of, seat, value - loss)
    }
    for (const { seat: of, value } of lists.oneOutForecasters) {
      if (seat !== of && learners.includes(of))
        learn(oneOut, of, seat, value - (own.get(seat) as bigint))
    }
    for (const { seat: of, value } of lists.oneInForecasters) {
      const isIn = seat < 0x80 || seat === of
      if (isIn && learners.includes(of)) learn(oneIn, of, seat, value - (own.get(seat) as bigint))
    }
  }
  return { oneOut: asTables(oneOut), oneIn: asTables(oneIn) }
}

function asMaps(tables: readonly RegretTable[]): Map<number, Map<number, bigint>> {
  return new Map(
    tables.map(({ seat, entries }) => [seat, new Map(entries.map((e) => [e.seat, e.regret]))]),
  )
}

function asTables(maps: ReadonlyMap<number, ReadonlyMap<number, bigint>>): RegretTable[] {
  const bySeat = <T>(map: ReadonlyMap<number, T>) => [...map].sort(([a], [b]) => a - b)
  return bySeat(maps).map(([seat, table]) => ({
    seat,
    entries: bySeat(table).map(([of, regret]) => ({ seat: of, regret })),
  }))
}
