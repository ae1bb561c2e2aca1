// In-memory twins of the transport and of the journal. The network loses, delays, repeats and reorders as told.
import type { Entry, Journal, Transport } from "../../../offchain/agreement.ts"
import type { Clock } from "../../../offchain/clock.ts"

/** What happens to a packet on its way: lost, or delivered after each of these times (ms). */
export type Fate = "lost" | readonly number[]
export type Route = (from: number, to: number, bytes: Uint8Array) => Fate

export type Mesh = {
  /** The transport of a member. A member that starts again takes its place anew. */
  readonly join: (member: number) => Transport
  readonly leave: (member: number) => void
}

export function createMesh(members: number, clock: Clock, route: Route): Mesh {
  const inboxes = new Map<number, (from: number, bytes: Uint8Array) => void>()

  function send(from: number, to: number, bytes: Uint8Array): void {
    const fate = route(from, to, bytes)
    if (fate === "lost") return
    for (const delay of fate) clock.after(delay, () => inboxes.get(to)?.(from, bytes))
  }

  return {
    join(self) {
      return {
        self,
        send: (to, bytes) => send(self, to, bytes),
        broadcast(bytes) {
          for (let to = 0; to < members; to++) if (to !== self) send(self, to, bytes)
        },
        onMessage(take) {
          inboxes.set(self, take)
        },
        reachable: () => [...inboxes.keys()].filter((member) => member !== self),
      }
    },
    leave: (member) => inboxes.delete(member),
  }
}

/** A journal that outlives the member that writes it, unless it is lost. */
export function createMemoryJournal(): Journal & { lose: () => void } {
  let lines: string[] = []
  return {
    entries: () => lines.map((line) => JSON.parse(line) as Entry),
    append: (entries) => lines.push(...entries.map((entry) => JSON.stringify(entry))),
    rewrite(entries) {
      lines = entries.map((entry) => JSON.stringify(entry))
    },
    close() {},
    lose() {
      lines = []
    },
  }
}
