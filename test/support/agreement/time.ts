// Virtual time for simulations: events in order of their time, then of their making. Nothing waits for a real clock.
import type { Clock } from "../../../offchain/clock.ts"

type Event = { readonly at: number; readonly order: number; readonly run: () => void; off: boolean }

export type Time = Clock & {
  /** Runs until `done` says so or `ms` have passed; true if it said so. */
  readonly run: (ms: number, done?: () => boolean) => Promise<boolean>
}

export function createTime(): Time {
  const heap: Event[] = []
  let now = 0
  let made = 0

  function after(ms: number, run: () => void): () => void {
    const event = { at: now + ms, order: made++, run, off: false }
    push(heap, event)
    return () => {
      event.off = true
    }
  }

  async function run(ms: number, done: () => boolean = () => false): Promise<boolean> {
    const end = now + ms
    for (;;) {
      // Lets promises that hang on the last event settle before time goes on.
      await new Promise(setImmediate)
      if (done()) return true
      const next = heap[0]
      if (next === undefined || next.at > end) {
        now = end
        return false
      }
      pop(heap)
      now = next.at
      if (!next.off) next.run()
    }
  }

  return { now: () => now, after, run }
}

function before(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}

function push(heap: Event[], event: Event): void {
  let at = heap.push(event) - 1
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (!before(event, heap[parent] as Event)) break
    heap[at] = heap[parent] as Event
    at = parent
  }
  heap[at] = event
}

function pop(heap: Event[]): void {
  const last = heap.pop() as Event
  if (heap.length === 0) return
  let at = 0
  for (;;) {
    let child = 2 * at + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && before(heap[child + 1] as Event, heap[child] as Event)) child++
    if (!before(heap[child] as Event, last)) break
    heap[at] = heap[child] as Event
    at = child
  }
  heap[at] = last
}
