// The witness of seating: who sits and who waits after registrations, in the chain's order.
import type { Registration, Seats, Waiting } from "../../../wasm/index.ts"

export type Size = { readonly infererSeats: number; readonly forecasterSeats: number }

/** `left` says which seats somebody left on the way. */
export type Seating = Seats & { readonly left: ReadonlySet<number> }

const ROLES = [
  { role: 1, first: 0, count: (size: Size) => size.infererSeats },
  { role: 2, first: 0x80, count: (size: Size) => size.forecasterSeats },
]

export function seatsAfter(before: Seats, changes: readonly Registration[], size: Size): Seating {
  const owners = new Map(before.seated.map(({ seat, owner }) => [seat, owner]))
  let waiting: Waiting[] = [...before.waiting]
  const left = new Set<number>()
  const free = (role: number) => {
    const { first, count } = ROLES[role - 1] as (typeof ROLES)[number]
    const all = Array.from({ length: count(size) }, (_, k) => first + k)
    return all.find((seat) => !owners.has(seat))
  }
  for (const { change, roles, owner } of changes) {
    if (change === "joined") {
      const isThere = [...owners.values(), ...waiting.map((entry) => entry.owner)].includes(owner)
      if (isThere) continue
      let missing = 0
      for (const { role } of ROLES.filter(({ role }) => (roles & role) !== 0)) {
        const seat = free(role)
        if (seat === undefined) missing += role
        else owners.set(seat, owner)
      }
      if (missing > 0 && waiting.length < 512) waiting.push({ roles: missing, owner })
    }
    if (change === "left") {
      for (const [seat, sits] of [...owners]) {
        if (sits !== owner) continue
        owners.delete(seat)
        left.add(seat)
      }
      waiting = waiting.filter((entry) => entry.owner !== owner)
      for (const { role } of ROLES) {
        for (;;) {
          const seat = free(role)
          const next = waiting.findIndex((entry) => (entry.roles & role) !== 0)
          if (seat === undefined || next < 0) break
          const { roles: waits, owner: taker } = waiting[next] as Waiting
          owners.set(seat, taker)
          waiting[next] = { roles: waits - role, owner: taker }
          waiting = waiting.filter((entry) => entry.roles > 0)
        }
      }
    }
  }
  const seated = [...owners].sort(([a], [b]) => a - b).map(([seat, owner]) => ({ seat, owner }))
  return { seated, waiting, left }
}
