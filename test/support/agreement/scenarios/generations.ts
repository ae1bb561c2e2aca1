// What was accepted and taken back is agreed on again: a key of the next generation, in the slot that the first one had.
import assert from "node:assert/strict"
import type { Key } from "../../../../offchain/agreement.ts"
import { KEY, keysOf, losing, runs, type Scenarios, type Stage, stage } from "../stage.ts"
import { type Create, TIMEOUT_MS } from "../world.ts"

const FIRST: Key = "2/1/4/0"
const AGAIN: Key = "2/1/4/1"
const THIRD: Key = "2/1/4/2"

/** A settlement of the first generation is attested and accepted, and its slot over. */
async function settledStage(create: Create): Promise<Stage> {
  const world = stage(create)
  for (const key of [FIRST, AGAIN, THIRD]) world.mandatory.add(key)
  world.due(world.slot, [FIRST])
  await attests(world, FIRST)
  accept(world, FIRST)
  assert.deepEqual(keysOf(world, 0), undefined)
  return world
}

/** Runs until all members hold an attestation of the key, and goes on. */
async function attests(world: Stage, key: Key): Promise<void> {
  assert(await world.time.run(20 * TIMEOUT_MS, () => world.attested(key)), key)
  world.checker.check()
}

function accept(world: Stage, key: Key): void {
  for (const { agreement } of world.members.values()) agreement?.accepted(key)
}

const batchOf = (world: Stage, key: Key) => world.memberAt(0).attested.get(key)?.batch

export const generations: Scenarios = {
  async "a slot that has ended opens again for the next generation of its key, in a later view"(
    create,
  ) {
    const world = await settledStage(create)
    world.due(world.slot, [FIRST])
    assert.deepEqual(keysOf(world, 0), undefined)
    world.due(world.slot, [AGAIN])
    await attests(world, AGAIN)
    const [first, again] = [batchOf(world, FIRST), batchOf(world, AGAIN)]
    assert.equal(again?.slot, first?.slot)
    assert((again?.view ?? 0) > (first?.view ?? 0))
    // Each generation once: the chain shows it late, or its block was undone.
    accept(world, AGAIN)
    world.due(world.slot, [AGAIN])
    assert.deepEqual(keysOf(world, 0), undefined)
    world.due(world.slot, [THIRD])
    await attests(world, THIRD)
    assert((batchOf(world, THIRD)?.view ?? 0) > (again?.view ?? 0))
  },

  async "an open slot takes the next generation up beside the first"(create) {
    const world = stage(create)
    for (const key of [FIRST, AGAIN]) world.mandatory.add(key)
    for (const index of world.all) world.memberAt(index).waits.add(FIRST)
    world.due(world.slot, [FIRST])
    await runs(world, TIMEOUT_MS / 2)
    world.due(world.slot, [AGAIN])
    for (const { agreement } of world.members.values()) agreement?.tooLate(FIRST)
    await attests(world, AGAIN)
    assert.deepEqual(keysOf(world, 0), { [FIRST]: "tooLate", [AGAIN]: "attested" })
    assert.equal(world.attested(FIRST), false)
  },

  async "members that restart go on with a slot that was opened again, and say nothing twice"(
    create,
  ) {
    const world = await settledStage(create)
    const lost = losing(world, ({ type }) => type === "SIGN")
    world.due(world.slot, [AGAIN])
    await runs(world, 3 * TIMEOUT_MS)
    assert(lost.fired > 0)
    assert.deepEqual(keysOf(world, 0), { [AGAIN]: "locked" })
    const slots = world.all.map((index) => world.memberAt(index).agreement?.status().slots[0])
    for (const index of world.all) {
      world.crash(index)
      world.start(index)
    }
    await runs(world, 1)
    for (const index of world.all) {
      const slot = world.memberAt(index).agreement?.status().slots[0]
      assert.equal(slot?.view, slots[index]?.view)
      assert.deepEqual(slot?.keys, { [AGAIN]: "locked" })
    }
    world.net.route = () => [5]
    await attests(world, AGAIN)
  },

  async "what ended before a restart opens again above the view in which it ended"(create) {
    const world = await settledStage(create)
    for (const index of world.all) {
      world.crash(index)
      world.start(index)
    }
    world.due(world.slot, [FIRST])
    await runs(world, 10)
    assert.deepEqual(keysOf(world, 0), undefined)
    world.due(world.slot, [AGAIN])
    await attests(world, AGAIN)
    assert((batchOf(world, AGAIN)?.view ?? 0) > (batchOf(world, FIRST)?.view ?? 0))
  },

  async "a member that has not seen the taking back yet signs with the others, and follows"(
    create,
  ) {
    const world = stage(create)
    for (const key of [FIRST, AGAIN]) world.mandatory.add(key)
    // The slot stays open for another topic's report.
    for (const index of world.all) world.memberAt(index).waits.add(KEY)
    world.due(world.slot, [FIRST, KEY])
    await attests(world, FIRST)
    accept(world, FIRST)
    world.due(world.slot, [AGAIN], [0, 1, 2])
    await attests(world, AGAIN)
    assert.equal(keysOf(world, 3)?.[AGAIN], "attested")
    world.due(world.slot, [AGAIN], [3])
    accept(world, AGAIN)
    assert.deepEqual(keysOf(world, 3)?.[AGAIN], "accepted")
  },
}
