// Before a member accepts what its own core made too, it asks the core's twin on the chain.
import assert from "node:assert/strict"
import { dropped, KEY, keysOf, OTHER_KEY, reaches, runs, type Scenarios, stage } from "../stage.ts"
import { TIMEOUT_MS } from "../world.ts"

export const twins: Scenarios = {
  async "what the twin denies is not accepted, signed by nobody, and raises one alarm a member"(
    create,
  ) {
    const world = stage(create)
    for (const index of world.all) world.memberAt(index).twin = "denies"
    world.due(world.slot, [KEY])
    await runs(world, 20 * TIMEOUT_MS)
    assert.equal(world.attested(KEY, [0]), false)
    for (const index of world.all) {
      assert.deepEqual(keysOf(world, index), { [KEY]: "open" })
      const alarms = world.memberAt(index).alarms.map(({ code, key }) => [code, key])
      assert.deepEqual(alarms, [["TwinDiffers", KEY]])
    }
    assert(dropped(world, "TwinDiffers") >= world.n)
  },

  async "a quorum to whom the twin says yes needs no other, and who was told no signs nothing"(
    create,
  ) {
    const world = stage(create)
    world.memberAt(3).twin = "denies"
    world.due(world.slot, [KEY])
    await reaches(world)
    const signers = world
      .memberAt(0)
      .attested.get(KEY)
      ?.signatures.map(({ member }) => member)
    assert.deepEqual(signers, [0, 1, 2])
    const codes = world.memberAt(3).alarms.map(({ code }) => code)
    assert.deepEqual(codes, ["TwinDiffers", "OutputsDiffer"])
  },

  async "without an answer in time a key is not accepted in this view, and the others are"(create) {
    const world = stage(create)
    world.submit(OTHER_KEY, "alice", world.all)
    for (const index of [0, 1]) {
      // The first question of each is never answered.
      const member = world.memberAt(index)
      member.twin = "silent"
      world.time.after(TIMEOUT_MS / 10, () => {
        member.twin = "confirms"
      })
    }
    world.due(world.slot, [KEY, OTHER_KEY])
    await runs(world, TIMEOUT_MS / 2)
    assert.equal(world.attested(KEY), false)
    assert.equal(dropped(world, "TwinSilent"), 4)
    assert(world.memberAt(0).alarms.length === 0)
    await reaches(world, { keys: [KEY, OTHER_KEY] })
    assert((world.memberAt(2).attested.get(KEY)?.batch.view ?? 0) > 0)
  },

  async "what is locked is signed again without asking"(create) {
    const world = stage(create)
    const deliver = world.net.route
    world.net.route = (from, to, bytes) =>
      new TextDecoder().decode(bytes.subarray(0, 200)).includes('"SIGN"')
        ? "lost"
        : deliver(from, to, bytes)
    world.due(world.slot, [KEY])
    await runs(world, TIMEOUT_MS / 2)
    const asked = world.all.map((index) => world.memberAt(index).asked)
    assert.deepEqual(asked, [1, 1, 1, 1])
    for (const index of world.all) {
      assert.deepEqual(keysOf(world, index), { [KEY]: "locked" })
      world.memberAt(index).twin = "denies"
    }
    world.net.route = deliver
    await reaches(world)
    assert.deepEqual(
      world.all.map((index) => world.memberAt(index).asked),
      asked,
    )
  },
}
