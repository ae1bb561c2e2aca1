// Leaders that fail their members, and how views bring the next one.
import assert from "node:assert/strict"
import { cheapRecover, createRandom } from "../random.ts"
import {
  certifyWhenReady,
  dropped,
  highestView,
  inputsOf,
  KEY,
  losing,
  messagesOf,
  OTHER_KEY,
  once,
  propose,
  reaches,
  runs,
  type Scenarios,
  stage,
} from "../stage.ts"
import { createWorld, TIMEOUT_MS } from "../world.ts"

export const leaders: Scenarios = {
  async "a silent leader costs one view"(create) {
    const world = stage(create, { faulty: [0] })
    world.due(world.slot, [KEY])
    await reaches(world)
    assert.equal(highestView(world), 1)
    assert(messagesOf(world.puppetAt(0), "OBSERVE", 0).length === 3, "the silent leader was asked")
  },

  async "two silent leaders of seven cost two views"(create) {
    const world = stage(create, { n: 7, faulty: [0, 1] })
    world.due(world.slot, [KEY])
    await reaches(world)
    assert.equal(highestView(world), 2)
  },

  async "a leader that sends two proposals is convicted and agreement goes on"(create) {
    const world = stage(create, { faulty: [0] })
    const puppet = world.puppetAt(0)
    const bob = world.submit(KEY, "bob", [1, 2, 3])
    once(puppet, { type: "OBSERVE", view: 0, count: 3 }, () => {
      const observations = messagesOf(puppet, "OBSERVE", 0)
      const own = puppet.sign("OBSERVE", world.slot, 0, {
        held: { [KEY]: [world.alice.hash] },
        locks: {},
      })
      const inputs = [world.alice, bob].sort((a, b) => (a.worker < b.worker ? -1 : 1))
      const leaves = {
        [KEY]: world.leavesOf(
          KEY,
          inputs.map(({ hash }) => hash),
        ),
      }
      const submissions = { [KEY]: inputs }
      propose(world, puppet, { view: 0, observations, leaves, submissions, to: [1, 2] })
      propose(world, puppet, {
        view: 0,
        observations: [own, ...observations],
        leaves,
        submissions,
        to: [3],
      })
    })
    world.due(world.slot, [KEY])
    await reaches(world)
    await expectEvidence(world, "TwoProposals", 0)
  },

  async "a leader that sends two certificates is convicted and agreement goes on"(create) {
    const world = stage(create, { faulty: [0] })
    const puppet = world.puppetAt(0)
    const other = world.submit(OTHER_KEY, "alice", [1, 2, 3])
    once(puppet, { type: "OBSERVE", view: 0, count: 3 }, () => {
      const observations = messagesOf(puppet, "OBSERVE", 0)
      const submissions = { [KEY]: [world.alice], [OTHER_KEY]: [other] }
      const one = { [KEY]: world.leavesOf(KEY, [world.alice.hash]) }
      const both = { ...one, [OTHER_KEY]: world.leavesOf(OTHER_KEY, [other.hash]) }
      const proposal = propose(world, puppet, { view: 0, observations, leaves: both, submissions })
      // Each is by the rule: three accept one key in the one, three accept both in the other.
      certifyWhenReady(world, puppet, proposal, both, [1])
      certifyWhenReady(world, puppet, proposal, one, [2, 3])
    })
    world.due(world.slot, [KEY, OTHER_KEY])
    await reaches(world, { keys: [KEY, OTHER_KEY] })
    await expectEvidence(world, "TwoCertificates", 0)
  },

  async "a member that signs two batches in one view is convicted"(create) {
    const world = stage(create, { faulty: [3] })
    const puppet = world.puppetAt(3)
    once(puppet, { type: "SIGN", view: 0, count: 1 }, () => {
      for (const root of [`0x${"11".repeat(32)}`, `0x${"22".repeat(32)}`] as const) {
        for (const to of [0, 1, 2]) puppet.send(to, puppet.sign("SIGN", world.slot, 0, root))
      }
    })
    world.due(world.slot, [KEY])
    await reaches(world)
    await runs(world, TIMEOUT_MS)
    await expectEvidence(world, "TwoBatches", 3)
  },

  async "a certificate that reaches one member only binds those who come after"(create) {
    const world = stage(create, { faulty: [0] })
    const puppet = world.puppetAt(0)
    // Without the lock the next leader would count BOB too: three hold him, the first proposal shows two of them.
    const bob = world.submit(KEY, "bob", [3])
    once(puppet, { type: "OBSERVE", view: 0, count: 3 }, () => {
      const observations = messagesOf(puppet, "OBSERVE", 0)
      const leaves = { [KEY]: world.leavesOf(KEY, [world.alice.hash]) }
      const submissions = { [KEY]: [world.alice] }
      const proposal = propose(world, puppet, { view: 0, observations, leaves, submissions })
      certifyWhenReady(world, puppet, proposal, leaves, [2])
    })
    once(puppet, { type: "VIEW", view: 1, count: 3 }, () => {
      const observation = puppet.sign("OBSERVE", world.slot, 1, {
        held: { [KEY]: [bob.hash] },
        locks: {},
      })
      puppet.send(1, observation)
    })
    world.due(world.slot, [KEY])
    await world.time.run(TIMEOUT_MS / 2)
    const locked = world.memberAt(2).agreement?.status().slots[0]?.keys[KEY]
    assert.equal(locked, "locked")
    assert.equal(world.memberAt(3).agreement?.status().slots[0]?.keys[KEY], "open")
    await reaches(world)
    assert.deepEqual(inputsOf(world), [world.alice.hash])
    assert.equal(highestView(world), 1)
  },

  async "a leader waits for a slow member, at most a third of the time-out"(create) {
    const world = stage(create)
    // BOB counts only if both who hold him are heard, and one of them comes after the quorum.
    const bob = world.submit(KEY, "bob", [2, 3])
    const deliver = world.net.route
    world.net.route = (from, to, bytes) => (from === 3 ? [200] : deliver(from, to, bytes))
    world.due(world.slot, [KEY])
    await reaches(world)
    assert(inputsOf(world).includes(bob.hash))
    assert.equal(highestView(world), 0)
  },

  async "a leader does not wait for ever for a member that it can hear"(create) {
    const world = stage(create, { faulty: [3] })
    world.due(world.slot, [KEY])
    await reaches(world, { ms: TIMEOUT_MS })
    assert(world.time.now() >= TIMEOUT_MS / 3)
    assert.equal(highestView(world), 0)
  },

  async "a false claim of a lock does not spoil an honest leader's proposal"(create) {
    const world = stage(create, { faulty: [3] })
    const puppet = world.puppetAt(3)
    const forged = world.leavesOf(KEY, [], { forged: true })
    puppet.react = ({ message }) => {
      if (message.type !== "VIEW") return
      const lock = {
        view: message.view - 1,
        leaves: forged.map(({ kind, body }) => ({ kind, body })),
      }
      const claim = puppet.sign("OBSERVE", world.slot, message.view, {
        held: {},
        locks: { [KEY]: lock },
      })
      puppet.send(world.leaderOf(world.slot, message.view), claim)
    }
    const prepares = losing(world, ({ type, view }) => type === "PREPARE" && view === 0)
    world.due(world.slot, [KEY])
    await reaches(world, { ms: 4 * TIMEOUT_MS })
    assert(prepares.fired > 0)
    assert(dropped(world, "LockUnproven") > 0)
  },

  async "time-outs grow until a slow network keeps up"(create) {
    const world = stage(create)
    // A view takes five messages one after the other: 2000 ms, with a first time-out of 1000.
    world.net.route = () => [400]
    world.due(world.slot, [KEY])
    await reaches(world, { ms: 12 * TIMEOUT_MS })
    assert(highestView(world) >= 1)
  },

  async "time-outs stop growing at sixteen times the first"(create) {
    const world = stage(create)
    const cut = { until: 300 * TIMEOUT_MS }
    // Everybody hears of views, so they pass, but nobody gets an observation.
    const lost = losing(world, ({ type }) => type === "OBSERVE" && world.time.now() < cut.until)
    world.due(world.slot, [KEY])
    await runs(world, cut.until)
    assert(lost.fired > 0 && highestView(world) > 8)
    await reaches(world, { ms: 2 * 16 * TIMEOUT_MS })
  },

  async "one member that claims high views moves nobody"(create) {
    const world = stage(create, { faulty: [3] })
    const puppet = world.puppetAt(3)
    let claimed = 0
    const random = createRandom(3)
    function claim(): void {
      claimed += 1 + random.below(50)
      for (const to of [0, 1, 2]) puppet.send(to, puppet.sign("VIEW", world.slot, claimed, {}))
      world.time.after(10, claim)
    }
    claim()
    world.due(world.slot, [KEY])
    await reaches(world, { ms: 4 * TIMEOUT_MS })
    assert(claimed > 100)
  },

  async "a topic without submissions costs no views"(create) {
    const world = createWorld({ create })
    const slot = world.slotLedBy(0)
    world.due(slot, [KEY])
    await runs(world, 100 * TIMEOUT_MS)
    assert.equal(highestView(world), 0)
    assert(!world.attested(KEY))
    world.stop()
  },

  async "members that hold nothing follow those that do"(create) {
    // Of the honest only member 1 holds BOB. Leader 0 is silent, then says that it held him too: f + 1 did.
    const world = createWorld({ create, faulty: [0] })
    const puppet = world.puppetAt(0)
    const slot = world.slotLedBy(0)
    const bob = world.submit(KEY, "bob", [1])
    puppet.react = ({ message }) => {
      if (message.type !== "VIEW" || message.view % 4 !== 1) return
      puppet.send(
        1,
        puppet.sign("OBSERVE", slot, message.view, { held: { [KEY]: [bob.hash] }, locks: {} }),
      )
    }
    world.due(slot, [KEY])
    await reaches(world)
    assert.deepEqual(inputsOf(world), [bob.hash])
  },

  async "a member that was left alone for long is met again"(create) {
    const world = stage(create, { faulty: [3] })
    const lost = losing(world, ({ type, view }) => type === "CERTIFY" && view === 0)
    world.due(world.slot, [KEY])
    await runs(world, TIMEOUT_MS / 2)
    assert(lost.fired > 0)
    world.crash(0)
    world.crash(1)
    await runs(world, 100 * TIMEOUT_MS)
    assert.equal(highestView(world), 1, "one view ahead of the others, no more")
    world.start(0)
    world.start(1)
    // All three are needed, in one view.
    await reaches(world, { ms: 10 * TIMEOUT_MS })
  },
}

/** Some honest member has this evidence, once, and both signatures are the culprit's. */
async function expectEvidence(
  world: ReturnType<typeof stage>,
  kind: string,
  culprit: number,
): Promise<void> {
  const found = [...world.members.values()].flatMap(({ evidence }) => evidence)
  const of = found.filter((evidence) => evidence.kind === kind)
  assert(of.length > 0, `no evidence ${kind}`)
  assert.deepEqual(
    new Set(found.map(({ member }) => member)),
    new Set([culprit]),
    "only the culprit",
  )
  for (const { evidence } of world.members.values()) {
    assert(evidence.filter((one) => one.kind === kind).length <= 1, "reported once")
  }
  for (const { first, second } of of) {
    assert.notEqual(first.content, second.content)
    assert.deepEqual([first.slot, first.view, first.type], [second.slot, second.view, second.type])
    for (const signed of [first, second]) {
      const digest =
        kind === "TwoBatches"
          ? world.digests.batch({ ...signed, root: signed.content })
          : world.digests.message(signed.type, signed)
      assert.equal(cheapRecover(digest, signed.signature), world.era.members[culprit])
    }
  }
}
