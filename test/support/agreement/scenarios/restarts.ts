// Members that stop and start again, with their journal and without. What was said stays said.
import assert from "node:assert/strict"
import {
  blocksPass,
  certifyWhenReady,
  highestView,
  inputsOf,
  KEY,
  keysOf,
  losing,
  messagesOf,
  once,
  propose,
  reaches,
  runs,
  type Scenarios,
  SETTLEMENT,
  type Stage,
  stage,
  waitingStage,
} from "../stage.ts"
import { type Create, TIMEOUT_MS } from "../world.ts"

export const restarts: Scenarios = {
  async "a member that restarts with its journal goes on where it was"(create) {
    const world = stage(create, { faulty: [3] })
    const lost = losing(world, ({ type, view }) => type === "CERTIFY" && view === 0)
    world.due(world.slot, [KEY])
    await runs(world, TIMEOUT_MS / 2)
    world.crash(2)
    await runs(world, TIMEOUT_MS)
    world.start(2)
    // Its vote is needed: nobody else tells it that the slot was due.
    await reaches(world)
    assert(lost.fired > 0)
  },

  async "a member that restarts accepts no second proposal of its view"(create) {
    const world = stage(create, { faulty: [0] })
    const puppet = world.puppetAt(0)
    const bob = world.submit(KEY, "bob", [1, 2, 3])
    const both = [world.alice, bob].sort((a, b) => (a.worker < b.worker ? -1 : 1))
    const leaves = {
      [KEY]: world.leavesOf(
        KEY,
        both.map(({ hash }) => hash),
      ),
    }
    function proposeOn(members: readonly number[]) {
      const own = puppet.sign("OBSERVE", world.slot, 0, { held: {}, locks: {} })
      const observations = [own, ...messagesOf(puppet, "OBSERVE", 0)].filter(({ member }) =>
        members.includes(member),
      )
      return propose(world, puppet, { view: 0, observations, leaves, submissions: { [KEY]: both } })
    }
    once(puppet, { type: "OBSERVE", view: 0, count: 3 }, () => proposeOn([1, 2, 3]))
    world.due(world.slot, [KEY])
    await runs(world, TIMEOUT_MS / 2)
    assert.equal(messagesOf(puppet, "PREPARE", 0).length, 3)
    world.crash(2)
    world.start(2)
    await runs(world, 1)
    proposeOn([0, 1, 2, 3])
    await runs(world, TIMEOUT_MS / 4)
    await reaches(world)
  },

  async "a member that restarts does not go back to a lower view"(create) {
    const world = stage(create, { faulty: [3] })
    losing(world, ({ type, view }) => type === "CERTIFY" && view < 3)
    world.due(world.slot, [KEY])
    await world.time.run(20 * TIMEOUT_MS, () => highestView(world) === 2)
    await runs(world, 100)
    world.crash(2)
    world.start(2)
    await runs(world, 1)
    assert.equal(world.memberAt(2).agreement?.status().slots[0]?.view, 2)
    await reaches(world)
    // The faulty member leads view 3.
    assert.equal(highestView(world), 4)
  },

  async "a lock outlives a restart"(create) {
    const world = await hiddenQuorum(create, "kept")
    await reaches(world)
    assert.deepEqual(inputsOf(world), [world.alice.hash])
  },

  async "without its journal a member takes no part in slots already due"(create) {
    const world = await hiddenQuorum(create, "lost")
    await runs(world, 20 * TIMEOUT_MS)
    assert.equal(world.memberAt(0).agreement?.status().slots[0]?.takesPart, false)
    // It takes part in the next one.
    const next = world.slot + world.n
    const key = "1/1/6"
    world.submit(key, "alice", world.members.keys())
    world.due(next, [key])
    await reaches(world, { keys: [key] })
    assert(
      world
        .memberAt(0)
        .agreement?.status()
        .slots.find(({ slot }) => slot === next)?.takesPart,
    )
  },

  async "a slot that has ended is not begun again after a restart"(create) {
    const world = stage(create)
    world.due(world.slot, [KEY])
    assert(await world.time.run(TIMEOUT_MS, () => world.attested(KEY)))
    for (const { agreement } of world.members.values()) agreement?.accepted(KEY)
    await runs(world, TIMEOUT_MS)
    for (const index of world.all) {
      assert.deepEqual(world.memberAt(index).agreement?.status().slots, [])
      world.crash(index)
      world.memberAt(index).held.clear()
      world.start(index)
    }
    world.submit(KEY, "bob", world.all)
    world.due(world.slot, [KEY])
    await runs(world, 20 * TIMEOUT_MS)
    for (const { agreement } of world.members.values())
      assert.deepEqual(agreement?.status().slots, [])
    assert.deepEqual(inputsOf(world), [world.alice.hash])
  },

  async "a member that restarts while a key waits takes part once it is ready"(create) {
    const world = waitingStage(create, { faulty: [3] })
    world.due(world.slot, [SETTLEMENT])
    await blocksPass(world, 10 * TIMEOUT_MS)
    for (const index of [1, 2]) {
      world.crash(index)
      world.start(index)
    }
    await blocksPass(world, 10 * TIMEOUT_MS)
    assert.equal(highestView(world), 0)
    // Two of three that are up have nothing but their journals to tell them of the slot.
    world.ripen(SETTLEMENT)
    await reaches(world, { keys: [SETTLEMENT] })
    assert.equal(highestView(world), 0)
  },

  async "a member that restarts after it observed is not ready again, and yet keeps its lock"(
    create,
  ) {
    const world = waitingStage(create, { waits: [], faulty: [3] })
    const alice = world.submit(SETTLEMENT, "alice", [0, 1, 2])
    const deliver = world.net.route
    let hidden = 0
    world.net.route = (from, to, bytes) => {
      const isSign = new TextDecoder().decode(bytes.subarray(0, 200)).includes('"SIGN"')
      if (isSign) hidden += 1
      return isSign ? "lost" : deliver(from, to, bytes)
    }
    world.due(world.slot, [SETTLEMENT])
    await runs(world, TIMEOUT_MS / 2)
    assert.equal(hidden, 3 * 3)
    world.net.route = deliver
    // What was submitted is gone with the processes, and so nothing says that it is time.
    for (const index of [0, 1, 2]) {
      assert.deepEqual(keysOf(world, index), { [SETTLEMENT]: "locked" })
      world.memberAt(index).held.clear()
      world.memberAt(index).waits.add(SETTLEMENT)
      world.crash(index)
      world.start(index)
    }
    await reaches(world, { keys: [SETTLEMENT] })
    assert.deepEqual(inputsOf(world, SETTLEMENT), [alice.hash])
  },

  async "a member that votes before a key is ready here votes no second time after a restart"(
    create,
  ) {
    const world = waitingStage(create, { faulty: [0], waits: [3] })
    const puppet = world.puppetAt(0)
    const leaves = { [SETTLEMENT]: world.leavesOf(SETTLEMENT, []) }
    function proposeOn(members: readonly number[]) {
      const own = puppet.sign("OBSERVE", world.slot, 0, { held: {}, locks: {} })
      const observed = [own, ...messagesOf(puppet, "OBSERVE", 0)]
      const observations = observed.filter(({ member }) => members.includes(member))
      return propose(world, puppet, { view: 0, observations, leaves })
    }
    once(puppet, { type: "OBSERVE", view: 0, count: 2 }, () => {
      certifyWhenReady(world, puppet, proposeOn([0, 1, 2]), leaves)
    })
    world.due(world.slot, [SETTLEMENT])
    assert(await world.time.run(TIMEOUT_MS / 2, () => world.attested(SETTLEMENT)))
    assert.deepEqual(keysOf(world, 3), { [SETTLEMENT]: "attested" })
    world.ripen(SETTLEMENT, [3])
    await runs(world, 100)
    assert(messagesOf(puppet, "OBSERVE", 0).some(({ member }) => member === 3))
    world.crash(3)
    world.start(3)
    await runs(world, 1)
    proposeOn([0, 1, 2, 3])
    await runs(world, TIMEOUT_MS / 4)
    await reaches(world, { keys: [SETTLEMENT] })
  },
}

/**
 * ALICE's leaves are locked and signed by members 0 and 2; with the faulty member's signature that is a quorum. Both
 * restart. The faulty member leads view 1 and proposes other leaves, which member 3 would accept.
 */
async function hiddenQuorum(create: Create, journal: "kept" | "lost"): Promise<Stage> {
  const world = stage(create, { faulty: [1] })
  const puppet = world.puppetAt(1)
  const bob = world.submit(KEY, "bob", [3])
  const both = [world.alice, bob].sort((a, b) => (a.worker < b.worker ? -1 : 1))
  const leaves = {
    [KEY]: world.leavesOf(
      KEY,
      both.map(({ hash }) => hash),
    ),
  }
  const hidden = losing(
    world,
    ({ to, type, view }) => view === 0 && to === 3 && type !== "OBSERVE" && type !== "PROPOSE",
  )
  // It needs two who show no lock: member 3, and one who has forgotten it.
  let proposed = false
  puppet.react = () => {
    const unlocked = messagesOf(puppet, "OBSERVE", 1).filter(({ body }) => !body.locks[KEY])
    if (proposed || unlocked.length < 2) return
    proposed = true
    const held = { [KEY]: both.map(({ hash }) => hash) }
    const own = puppet.sign("OBSERVE", world.slot, 1, { held, locks: {} })
    const proposal = {
      view: 1,
      observations: [own, ...unlocked],
      leaves,
      submissions: { [KEY]: both },
    }
    certifyWhenReady(world, puppet, propose(world, puppet, proposal), leaves)
  }
  world.due(world.slot, [KEY])
  await runs(world, TIMEOUT_MS / 2)
  for (const index of [0, 2]) {
    assert.equal(world.memberAt(index).agreement?.status().slots[0]?.keys[KEY], "locked")
    world.crash(index)
    world.start(index, index === 0 ? journal : "kept")
    world.due(world.slot, [KEY], [index])
  }
  // The faulty member is in view 1 too, for all to see.
  for (const to of [0, 2, 3]) puppet.send(to, puppet.sign("VIEW", world.slot, 1, {}))
  await runs(world, 2 * TIMEOUT_MS)
  assert(hidden.fired > 0)
  return world
}
