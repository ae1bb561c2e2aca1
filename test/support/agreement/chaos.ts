// One random run: a network that loses, delays, repeats and parts, members that crash and come back, rogues, keys that are
// ready at one member long before another. It heals at a random moment; from then on every key has to be attested. The
// checker watches throughout.
import type { Hex } from "viem"
import { Violation } from "./checker.ts"
import { createRogue, type Deeds } from "./rogue.ts"
import { highestView, KEY, OTHER_KEY, SETTLEMENT } from "./stage.ts"
import { type Create, createWorld, TIMEOUT_MS, type World } from "./world.ts"

const KEYS = [KEY, OTHER_KEY, SETTLEMENT] as const

export type Faults = Deeds & {
  lost: number
  delayed: number
  repeated: number
  parted: number
  crashes: number
  lostJournals: number
  lackingBytes: number
  /** Keys that became ready at a member more than a time-out after they fell due. */
  lateReady: number
  /** Runs in which a key became ready so late that a quorum did not have it before. */
  lateRuns: number
  /** Keys that were ready at a member and were not any more after its restart. */
  unready: number
}

export function noFaults(): Faults {
  return {
    lost: 0,
    delayed: 0,
    repeated: 0,
    parted: 0,
    crashes: 0,
    lostJournals: 0,
    lackingBytes: 0,
    lateReady: 0,
    lateRuns: 0,
    unready: 0,
    proposals: 0,
    secondProposals: 0,
    certificates: 0,
    hiddenCertificates: 0,
    lateClaims: 0,
    falseLocks: 0,
    unjustified: 0,
  }
}

/** Runs a seed; throws a `Violation` if a promise breaks. Answers with the views it took after healing. */
export async function chaos(
  create: Create,
  n: number,
  seed: number,
  faults: Faults,
): Promise<number> {
  const bound = Math.floor((n - 1) / 3)
  const faulty = pickFaulty(n, seed, bound)
  const world = createWorld({ create, n, faulty, seed })
  const { random, time } = world
  const slot = world.slotLedBy(random.below(n))
  const heals = random.below(12) * TIMEOUT_MS
  fillPools(world)
  const late = KEYS.map((key) => world.submit(key, "late", []))
  disturb(world, heals, faults)
  ripenLate(world, heals, faults)
  for (const member of faulty) {
    if (random.chance(0.85)) createRogue(world, member, { slot, keys: KEYS, late, deeds: faults })
  }
  for (const [index, member] of world.members) {
    member.computeMs = random.below(100)
    time.after(random.below(300), () => world.due(slot, KEYS, [index]))
  }
  const forgetful =
    faulty.length < bound ? [...world.members.keys()][random.below(world.members.size)] : undefined
  scheduleCrashes(world, { slot, heals, forgetful, faults })
  await time.run(heals)
  const viewAtHealing = highestView(world)
  const needed = [...world.members.keys()].filter((index) => index !== forgetful)
  const reached = await time.run(400 * TIMEOUT_MS, () =>
    KEYS.every((key) => world.attested(key, needed)),
  )
  const views = highestView(world) - viewAtHealing
  world.stop()
  world.checker.check()
  if (!reached) throw new Violation("NoAttestation", { n, seed, views })
  return views
}

/** As many as the era can bear, or fewer. */
function pickFaulty(n: number, seed: number, bound: number): number[] {
  const count = seed % 4 === 0 ? bound - 1 : bound
  return Array.from({ length: count }, (_, i) => (seed * 7 + i * 3) % n).filter(
    (m, i, all) => all.indexOf(m) === i,
  )
}

/** ALICE reaches everyone, so every report can be attested; the others reach some, and one sends two. */
function fillPools(world: World): void {
  const { random } = world
  const inTime = new Set<Hex>()
  world.mandatory.add(SETTLEMENT)
  for (const key of KEYS) {
    // Sometimes nobody says anything of a settlement.
    if (key === SETTLEMENT && random.chance(0.3)) continue
    inTime.add(world.submit(key, "alice", world.members.keys()).hash)
    for (const worker of ["bob", "carol", "dave"]) {
      const holders = [...world.members.keys()].filter(() => random.chance(0.6))
      if (holders.length > 0) inTime.add(world.submit(key, worker, holders).hash)
      if (worker === "dave") inTime.add(world.submit(key, worker, holders.slice(0, 2), 2).hash)
    }
  }
  world.checker.setRules((_key, inputs) => {
    if (!inputs.every((hash) => inTime.has(hash))) return "LateInput"
    return undefined
  })
}

function disturb(world: World, heals: number, faults: Faults): void {
  const { random, time } = world
  const loss = random.next() * 0.3
  const slowest = random.below(2 * TIMEOUT_MS)
  const side = world.all.map(() => random.chance(0.5))
  const parts = random.chance(0.5) ? random.below(heals + 1) : 0
  world.net.route = (from, to) => {
    if (time.now() >= heals) return [5 + random.below(45)]
    if (time.now() < parts && side[from] !== side[to]) {
      faults.parted++
      return "lost"
    }
    if (random.chance(loss)) {
      faults.lost++
      return "lost"
    }
    const delay = random.chance(0.3) ? random.below(slowest + 1) : random.below(60)
    if (delay > 100) faults.delayed++
    if (!random.chance(0.05)) return [delay]
    faults.repeated++
    return [delay, random.below(slowest + 1)]
  }
}

/** Each key becomes ready at each member at a moment of its own, before the network has healed. */
function ripenLate(world: World, heals: number, faults: Faults): void {
  const { random, time, members, quorum } = world
  let isLate = false
  for (const key of KEYS) {
    const share = key === SETTLEMENT ? 0.9 : 0.2
    const moments = [...members].map(([index, { waits }]) => {
      if (!random.chance(share)) return 0
      const moment = random.below(heals + 1)
      waits.add(key)
      time.after(moment, () => world.ripen(key, [index]))
      return moment
    })
    faults.lateReady += moments.filter((moment) => moment > TIMEOUT_MS).length
    isLate ||= (moments.sort((a, b) => a - b)[quorum - 1] ?? 0) > TIMEOUT_MS
  }
  if (isLate) faults.lateRuns++
}

function scheduleCrashes(
  world: World,
  {
    slot,
    heals,
    forgetful,
    faults,
  }: { slot: number; heals: number; forgetful: number | undefined; faults: Faults },
): void {
  const { random, time } = world
  for (const [index, member] of world.members) {
    if (random.chance(0.2)) {
      faults.lackingBytes++
      member.core = "lacks bytes"
      time.after(heals, () => {
        member.core = "right"
      })
    }
    if (index !== forgetful && !random.chance(0.4)) continue
    const down = 300 + random.below(Math.max(1, heals))
    const up = down + random.below(3 * TIMEOUT_MS)
    time.after(down, () => {
      faults.crashes++
      world.crash(index)
    })
    time.after(up, () => {
      if (index === forgetful) faults.lostJournals++
      // What had come in is gone with the process, until it is time anyway.
      if (random.chance(0.3)) {
        faults.unready++
        member.waits.add(SETTLEMENT)
        time.after(random.below(TIMEOUT_MS), () => world.ripen(SETTLEMENT, [index]))
      }
      world.start(index, index === forgetful ? "lost" : "kept")
      world.due(slot, KEYS, [index])
    })
  }
}
