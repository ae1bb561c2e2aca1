// Keys for which it is too early, at some members or at all, and keys that are decided though nobody submitted anything.
import assert from "node:assert/strict"
import {
  blocksPass,
  counting,
  dropped,
  highestView,
  inputsOf,
  KEY,
  keysOf,
  reaches,
  runs,
  type Scenarios,
  SETTLEMENT,
  waitingStage,
} from "../stage.ts"
import { TIMEOUT_MS } from "../world.ts"

const LONG_MS = 600 * TIMEOUT_MS

export const readiness: Scenarios = {
  async "a mandatory key with no submission anywhere is attested by all, as computed from nothing"(
    create,
  ) {
    const world = waitingStage(create, { waits: [] })
    world.due(world.slot, [SETTLEMENT])
    await reaches(world, { keys: [SETTLEMENT] })
    assert.deepEqual(inputsOf(world, SETTLEMENT), [])
    assert.equal(highestView(world), 0)
    const [leaf] = world.leavesOf(SETTLEMENT, [])
    for (const index of world.all) {
      const attested = world.memberAt(index).attested.get(SETTLEMENT)
      assert.deepEqual(attested?.leaves, [leaf])
      assert(attested.signatures.length >= world.quorum)
    }
  },

  async "a key that is not ready costs no message and no view, however long it takes"(create) {
    const world = waitingStage(create)
    // Something is held of it, but it is not enough.
    world.submit(SETTLEMENT, "alice", world.all)
    const sent = counting(world)
    world.due(world.slot, [SETTLEMENT])
    await blocksPass(world, LONG_MS)
    assert.equal(sent.size, 0)
    assert.equal(highestView(world), 0)
    for (const index of world.all) {
      const sorts = world.memberAt(index).journal.entries()
      assert.deepEqual(
        sorts.map(({ sort }) => sort),
        ["era", "due"],
      )
    }
    world.submit(SETTLEMENT, "bob", world.all)
    world.ripen(SETTLEMENT)
    await reaches(world, { keys: [SETTLEMENT], ms: TIMEOUT_MS })
    assert.equal(highestView(world), 0)
    assert.equal(sent.get("OBSERVE 0"), world.n - 1)
    assert.equal(inputsOf(world, SETTLEMENT).length, 2)
  },

  async "a key that waits does not make views pass for one that nobody answered"(create) {
    const world = waitingStage(create)
    world.submit(SETTLEMENT, "alice", world.all)
    for (const { held } of world.members.values()) held.delete(KEY)
    const sent = counting(world)
    world.due(world.slot, [KEY, SETTLEMENT])
    await blocksPass(world, LONG_MS)
    assert.equal(highestView(world), 0)
    assert.deepEqual([...sent], [["OBSERVE 0", world.n - 1]])
    world.ripen(SETTLEMENT)
    await reaches(world, { keys: [SETTLEMENT] })
  },

  async "a key that is ready at a quorum is attested at once, and the last member has it too"(
    create,
  ) {
    const world = waitingStage(create, { waits: [3] })
    const sent = counting(world)
    world.due(world.slot, [SETTLEMENT])
    assert(await world.time.run(TIMEOUT_MS, () => world.attested(SETTLEMENT)))
    assert.equal(highestView(world), 0)
    assert.equal(dropped(world, "BytesMissing"), 1)
    world.ripen(SETTLEMENT)
    await runs(world, LONG_MS)
    assert.equal(highestView(world), 0)
    // Each has observed once, the last one late.
    assert.equal(sent.get("OBSERVE 0"), world.n - 1)
    await reaches(world, { keys: [SETTLEMENT] })
  },

  async "a leader at whom it is too early costs one view"(create) {
    const world = waitingStage(create, { waits: [0] })
    world.due(world.slot, [SETTLEMENT])
    await reaches(world, { keys: [SETTLEMENT] })
    assert.equal(highestView(world), 1)
  },

  async "one member alone at whom a key is ready waits in the next view for the others"(create) {
    const world = waitingStage(create, { waits: [0, 1, 2] })
    world.due(world.slot, [SETTLEMENT])
    await blocksPass(world, LONG_MS)
    assert.equal(highestView(world), 1)
    assert.equal(world.checker.signers.size, 0)
    world.ripen(SETTLEMENT)
    await reaches(world, { keys: [SETTLEMENT] })
  },

  async "fewer members than a quorum at whom a key is ready attest nothing, and views stay few"(
    create,
  ) {
    const world = waitingStage(create, { waits: [0, 1] })
    world.due(world.slot, [SETTLEMENT])
    await blocksPass(world, 111 * TIMEOUT_MS)
    // Time-outs of 1, 2, 4, 8 and then 16 each: view 10 begins after 111.
    const reached = highestView(world)
    assert(reached >= 5 && reached <= 10, `view ${reached}`)
    assert.equal(world.checker.signers.size, 0)
    world.ripen(SETTLEMENT, [0])
    await reaches(world, { keys: [SETTLEMENT], ms: 80 * TIMEOUT_MS })
    assert(highestView(world) <= reached + 4, `view ${highestView(world)}`)
  },

  async "a report is attested while the settlement of its slot waits, and that one later"(create) {
    const world = waitingStage(create)
    const sent = counting(world)
    world.due(world.slot, [KEY, SETTLEMENT])
    assert(await world.time.run(TIMEOUT_MS, () => world.attested(KEY)))
    for (const { agreement } of world.members.values()) agreement?.accepted(KEY)
    await blocksPass(world, LONG_MS)
    assert.equal(highestView(world), 0)
    for (const index of world.all)
      assert.deepEqual(keysOf(world, index), { [KEY]: "accepted", [SETTLEMENT]: "open" })
    world.ripen(SETTLEMENT)
    await reaches(world, { keys: [SETTLEMENT] })
    assert.equal(highestView(world), 1)
    const others = world.n - 1
    for (const view of [0, 1]) {
      assert.equal(sent.get(`OBSERVE ${view}`), others)
      assert.equal(sent.get(`PROPOSE ${view}`), others)
      assert.equal(sent.get(`PREPARE ${view}`), others)
      assert.equal(sent.get(`CERTIFY ${view}`), others)
      assert.equal(sent.get(`SIGN ${view}`), world.n * others)
    }
    for (const { agreement } of world.members.values()) {
      agreement?.accepted(SETTLEMENT)
      assert.deepEqual(agreement?.status().slots, [])
    }
  },

  async "what cannot be computed yet is attested once it can be, and as one thing"(create) {
    const world = waitingStage(create, { waits: [] })
    for (const member of world.members.values()) member.core = "lacks bytes"
    world.due(world.slot, [SETTLEMENT])
    await blocksPass(world, 9 * TIMEOUT_MS)
    assert(highestView(world) >= 2)
    assert.equal(world.checker.signers.size, 0)
    for (const member of world.members.values()) member.core = "right"
    await reaches(world, { keys: [SETTLEMENT], ms: 40 * TIMEOUT_MS })
    assert.deepEqual(inputsOf(world, SETTLEMENT), [])
  },

  async "what cannot be computed at first is computed again in the same view"(create) {
    const world = waitingStage(create, { waits: [] })
    const leader = world.memberAt(0)
    leader.core = "lacks bytes"
    world.time.after(TIMEOUT_MS / 4, () => {
      leader.core = "right"
    })
    world.due(world.slot, [SETTLEMENT])
    await reaches(world, { keys: [SETTLEMENT] })
    assert.equal(highestView(world), 0)
  },

  async "every slot with a mandatory key is kept, and of the idle ones the newest only"(create) {
    const world = waitingStage(create)
    const slots = 300
    const kept = 256
    for (let epoch = 1; epoch <= slots; epoch++) {
      const settlement = `2/9/${epoch}`
      world.mandatory.add(settlement)
      for (const { waits } of world.members.values()) waits.add(settlement)
      world.due(world.slot + 2 * epoch, [settlement])
      world.due(world.slot + 2 * epoch + 1, [`1/9/${epoch}`])
    }
    await runs(world, 60 * TIMEOUT_MS)
    const open = world.memberAt(1).agreement?.status().slots ?? []
    const ofKind = (kind: string) =>
      open.filter(({ keys }) => Object.keys(keys)[0]?.startsWith(kind)).map(({ slot }) => slot)
    assert.equal(ofKind("2/").length, slots)
    const newest = Array.from({ length: kept }, (_, i) => world.slot + 2 * (slots - i) + 1)
    assert.deepEqual(ofKind("1/"), newest.toReversed())
    // The oldest is decided all the same.
    world.ripen("2/9/1")
    await reaches(world, { keys: ["2/9/1"] })
  },
}
