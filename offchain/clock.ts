// Time of this machine, for time-outs only: monotonic milliseconds and timers. Windows follow block time, which
// comes from the chain. `test/support/clock.ts` has a twin that is moved by hand.
export type Clock = {
  /** Milliseconds since some fixed moment; never goes back. */
  readonly now: () => number
  /** Calls `run` once after `ms`; the answer cancels it. */
  readonly after: (ms: number, run: () => void) => () => void
}

// setTimeout takes a longer wait for 1 ms.
const MAX_WAIT_MS = 2 ** 31 - 1

export function createClock(): Clock {
  return {
    now: () => performance.now(),
    after(ms, run) {
      const timer = setTimeout(run, Math.min(ms, MAX_WAIT_MS))
      return () => clearTimeout(timer)
    },
  }
}
