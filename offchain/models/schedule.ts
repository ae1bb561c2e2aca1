// When a bundled topic's windows and truths are. The window lies late in the epoch, after the truth of the epoch before
// has been told and settled, so that every answer is weighed by all that is known.
import type { Parameters } from "../../contracts/index.ts"
import { NodeError } from "../errors.ts"

export type Timing = {
  /** When the first epoch starts, in seconds since 1970. */
  readonly start: number
  /** How long an epoch is; without it a day. */
  readonly length?: number | undefined
  /** How long its window is; without it an hour of the day. */
  readonly windowLength?: number | undefined
}

const DAY = 86_400
const HOUR = 3_600
const MINUTE = 60

/**
 * A day: the window from 22:00 to 23:00, about the next day's 21:00; the truth until 21:30, settled or missed at 21:45.
 * Another length: the window at the epoch's end, and what lies between two windows shared out so that as much as a
 * settlement takes is left before the next one opens.
 */
export function dailySchedule({
  start,
  length = DAY,
  windowLength,
}: Timing): Omit<Parameters["schedule"], "firstEpoch"> {
  if (length === DAY && windowLength === undefined) {
    return {
      start,
      length,
      windowOpens: 22 * HOUR,
      windowLength: HOUR,
      lag: 22 * HOUR,
      truthWindow: 30 * MINUTE,
      deadline: 45 * MINUTE,
    }
  }
  const window = windowLength ?? Math.ceil((length * HOUR) / DAY)
  const between = length - window
  // Four parts of a second at least: waiting, telling, waiting for those who are late, settling.
  if (window < 1 || between < 4) {
    throw new NodeError("WindowTooLong", {
      sentence: "between two windows there is no time for a truth and its settlement",
      remedy: "stop",
      given: `a window of ${window} s in an epoch of ${length} s`,
      required: "a window of at least 1 s, at least 4 s shorter than the epoch",
    })
  }
  return {
    start,
    length,
    windowOpens: between,
    windowLength: window,
    lag: Math.floor(between / 2),
    truthWindow: Math.floor(between / 4),
    deadline: Math.floor((between * 3) / 8),
  }
}
