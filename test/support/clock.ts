// A clock that stands still until a test moves it: timers run in the order of their time, then of their making.
import type { Clock } from "../../offchain/clock.ts"

export type ManualClock = Clock & {
  /** Moves time by `ms` and runs what falls due, also what those runs set for within the span. */
  readonly advance: (ms: number) => void
  /** How long until the next timer, or undefined if none is set. */
  readonly nextIn: () => number | undefined
}

export function manualClock(start = 0): ManualClock {
  let time = start
  let made = 0
  const timers = new Map<number, { at: number; run: () => void }>()

  const next = () => {
    let first: { id: number; at: number; run: () => void } | undefined
    for (const [id, timer] of timers) {
      if (first === undefined || timer.at < first.at) first = { id, ...timer }
    }
    return first
  }

  return {
    now: () => time,
    after(ms, run) {
      const id = made++
      timers.set(id, { at: time + Math.max(0, ms), run })
      return () => void timers.delete(id)
    },
    advance(ms) {
      const end = time + ms
      for (let timer = next(); timer !== undefined && timer.at <= end; timer = next()) {
        timers.delete(timer.id)
        time = timer.at
        timer.run()
      }
      time = end
    },
    nextIn() {
      const timer = next()
      return timer === undefined ? undefined : timer.at - time
    },
  }
}
