// Locks: what a quorum may have signed is never signed otherwise, and a split never halts a topic.
import assert from "node:assert/strict"
import type { Hex } from "viem"
import type { Leaf } from "../../../../offchain/agreement.ts"
import {
  bodiesOf,
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
  type Stage,
  stage,
} from "../stage.ts"
import { type Create, TIMEOUT_MS } from "../world.ts"

type Attack = (attack: {
  world: Stage
  /** Observations of view 1 by member, the faulty leader's own among them. */
  observations: (member: number) => ReturnType<typeof messagesOf<"OBSERVE">>[number]
  fresh: readonly Leaf[]
}) => Partial<Parameters<typeof propose>[2]>

/**
 * In view 0 members 0 and 2 lock ALICE's leaves and sign; with the faulty member's signature that is a quorum. Member 3
 * hears nothing of it. Member 1 leads view 1 and tries to get a quorum for other leaves, made of ALICE's and BOB's.
 */
async function secondSet(create: Create, attack: Attack, reason: string): Promise<void> {
  const world = stage(create, { faulty: [1] })
  const puppet = world.puppetAt(1)
  const bob = world.submit(KEY, "bob", [3])
  const both = [world.alice, bob].sort((a, b) => (a.worker < b.worker ? -1 : 1))
  const fresh = world.leavesOf(
    KEY,
    both.map(({ hash }) => hash),
  )
  const hidden = losing(
    world,
    ({ to, type, view }) => view === 0 && to === 3 && type !== "OBSERVE" && type !== "PROPOSE",
  )
  once(puppet, { type: "OBSERVE", view: 1, count: 3 }, () => {
    const held = { [KEY]: both.map(({ hash }) => hash) }
    const own = puppet.sign("OBSERVE", world.slot, 1, { held, locks: {} })
    const observations = (member: number) => {
      const found = messagesOf(puppet, "OBSERVE", 1).find(
        (observation) => observation.member === member,
      )
      return member === 1 ? own : (found as typeof own)
    }
    const made = attack({ world, observations, fresh })
    const leaves = made.leaves ?? { [KEY]: fresh }
    const proposal = { view: 1, observations: [], submissions: { [KEY]: both }, leaves, ...made }
    certifyWhenReady(world, puppet, propose(world, puppet, proposal), leaves)
  })
  world.due(world.slot, [KEY])
  await reaches(world)
  assert(hidden.fired > 0)
  assert(dropped(world, reason) > 0, `refused as ${reason}`)
  assert.deepEqual(inputsOf(world), [world.alice.hash])
}

export const locks: Scenarios = {
  "a proposal on fewer observations than a quorum is refused": (create) =>
    secondSet(
      create,
      ({ observations }) => ({ observations: [1, 3].map(observations) }),
      "ProposalUnjustified",
    ),

  "a proposal that counts one observation twice is refused": (create) =>
    secondSet(
      create,
      ({ observations }) => ({ observations: [1, 3, 3].map(observations) }),
      "ProposalUnjustified",
    ),

  "a proposal on an observation of an earlier view is refused": (create) =>
    secondSet(
      create,
      ({ world, observations }) => {
        const [old] = messagesOf(world.puppetAt(1), "OBSERVE", 0).filter(
          ({ member }) => member === 0,
        )
        assert(old, "the first proposal has shown it")
        return { observations: [observations(1), observations(3), old] }
      },
      "ProposalUnjustified",
    ),

  "a proposal that passes over a lock is refused": (create) =>
    secondSet(
      create,
      ({ world, observations }) => ({
        observations: [0, 1, 3].map(observations),
        prepares: messagesOf(world.puppetAt(1), "PREPARE", 0),
      }),
      "LockUnproven",
    ),

  async "a lock without its certificate binds nobody"(create) {
    const world = stage(create, { faulty: [1], leader: 1 })
    const puppet = world.puppetAt(1)
    const forged = { [KEY]: world.leavesOf(KEY, [world.alice.hash], { forged: true }) }
    const view = 4
    once(puppet, { type: "OBSERVE", view, count: 3 }, () => {
      const lock = { view: 3, leaves: bodiesOf(forged[KEY] as readonly Leaf[]) }
      const own = puppet.sign("OBSERVE", world.slot, view, { held: {}, locks: { [KEY]: lock } })
      const observations = [own, ...messagesOf(puppet, "OBSERVE", view)]
      certifyWhenReady(
        world,
        puppet,
        propose(world, puppet, { view, observations, leaves: forged }),
        forged,
      )
    })
    losing(world, ({ type, view }) => type === "CERTIFY" && view < 4)
    world.due(world.slot, [KEY])
    await reaches(world, { ms: 60 * TIMEOUT_MS })
    assert(dropped(world, "LockUnproven") > 0)
  },

  async "a certificate needs a quorum of different members"(create) {
    await forgedCertificate(create, (own) => [own, own, own])
  },

  async "a certificate for other leaves is none"(create) {
    await forgedCertificate(create, (own, honest) => [own, ...honest])
  },

  async "a certificate of fewer than a quorum is none"(create) {
    await forgedCertificate(create, (own) => [own])
  },

  async "a certificate of an earlier view is none"(create) {
    const world = stage(create, { faulty: [1], leader: 1 })
    const puppet = world.puppetAt(1)
    const leaves = { [KEY]: world.leavesOf(KEY, [world.alice.hash]) }
    const submissions = { [KEY]: [world.alice] }
    once(puppet, { type: "OBSERVE", view: 0, count: 3 }, () => {
      propose(world, puppet, {
        view: 0,
        observations: messagesOf(puppet, "OBSERVE", 0),
        leaves,
        submissions,
      })
    })
    once(puppet, { type: "OBSERVE", view: 4, count: 3 }, () => {
      const prepares = messagesOf(puppet, "PREPARE", 0)
      assert(prepares.length >= 3)
      const body = {
        proposal: prepares[0]?.body.proposal ?? "0x",
        leaves: { [KEY]: bodiesOf(leaves[KEY] ?? []) },
      }
      for (const to of [0, 2, 3])
        puppet.send(to, puppet.sign("CERTIFY", world.slot, 4, body), prepares)
    })
    losing(world, ({ type, view, from }) => type === "CERTIFY" && view < 5 && from !== 1)
    world.due(world.slot, [KEY])
    await reaches(world, { ms: 60 * TIMEOUT_MS })
    assert(dropped(world, "CertificateUnproven") > 0)
    assert.equal(highestView(world), 5)
  },

  async "the lock of the highest view is proposed"(create) {
    // View 0: ALICE's leaves, certified to member 0 alone. View 1: nobody shows that lock, other leaves are certified to 2
    // and 3, who sign; with the faulty member that is a quorum. View 2: both locks are shown.
    const world = stage(create, { faulty: [1] })
    const puppet = world.puppetAt(1)
    const bob = world.submit(KEY, "bob", [2, 3])
    const both = [world.alice, bob].sort((a, b) => (a.worker < b.worker ? -1 : 1))
    const leaves = {
      [KEY]: world.leavesOf(
        KEY,
        both.map(({ hash }) => hash),
      ),
    }
    const first = losing(world, ({ type, view, from, to }) => {
      return (
        view === 0 &&
        ((type === "OBSERVE" && from === 3) || type === "CERTIFY" || (type === "SIGN" && to !== 1))
      )
    })
    puppet.send(
      0,
      puppet.sign("OBSERVE", world.slot, 0, { held: { [KEY]: [world.alice.hash] }, locks: {} }),
    )
    once(puppet, { type: "OBSERVE", view: 1, count: 3 }, () => {
      const own = puppet.sign("OBSERVE", world.slot, 1, {
        held: { [KEY]: both.map(({ hash }) => hash) },
        locks: {},
      })
      const shown = messagesOf(puppet, "OBSERVE", 1).filter(({ member }) => member !== 0)
      const made = { view: 1, observations: [own, ...shown], leaves, submissions: { [KEY]: both } }
      certifyWhenReady(world, puppet, propose(world, puppet, made), leaves, [2, 3])
    })
    losing(world, ({ type, view }) => view === 1 && type === "SIGN")
    world.due(world.slot, [KEY])
    await reaches(world)
    assert(first.fired > 0)
    assert(inputsOf(world).includes(bob.hash))
    assert.equal(highestView(world), 2)
  },

  async "a lock of one's own does not stand against what the observations say"(create) {
    const world = stage(create, { faulty: [3] })
    const puppet = world.puppetAt(3)
    const bob = world.submit(KEY, "bob", [2])
    // Member 0 leads view 0 and alone gets its own certificate. In view 1 nobody hears its observation, yet its vote is
    // needed: the faulty member observes and then is silent.
    const lost = losing(world, ({ type, view, from }) => {
      return (view === 0 && type === "CERTIFY") || (view === 1 && type === "OBSERVE" && from === 0)
    })
    puppet.react = ({ message }) => {
      if (message.type !== "VIEW" || message.view !== 1) return
      const held = { [KEY]: [world.alice.hash, bob.hash] }
      puppet.send(1, puppet.sign("OBSERVE", world.slot, 1, { held, locks: {} }))
    }
    world.due(world.slot, [KEY])
    await world.time.run(TIMEOUT_MS / 2)
    assert.equal(world.memberAt(0).agreement?.status().slots[0]?.keys[KEY], "locked")
    await reaches(world)
    assert(lost.fired > 0)
    assert(inputsOf(world).includes(bob.hash), "not what the lock said")
    assert.equal(highestView(world), 1)
  },

  async "a locked key is accepted past its deadline and whatever the chain shows"(create) {
    const world = stage(create, { faulty: [3] })
    world.submit(OTHER_KEY, "alice", [0])
    const lost = losing(world, ({ type, view }) => view === 0 && type === "CERTIFY")
    world.due(world.slot, [KEY, OTHER_KEY])
    await runs(world, TIMEOUT_MS / 2)
    assert(lost.fired > 0)
    // The other key keeps the slot going at member 2, whose vote is needed.
    world.memberAt(2).agreement?.tooLate(KEY)
    await reaches(world, { of: [0, 1], ms: 4 * TIMEOUT_MS })
    assert.equal(inputsOf(world).length, 1)
  },

  async "keys of one slot in different states end in one view"(create) {
    const world = stage(create, { n: 7, faulty: [6] })
    const third = "1/3/5"
    const second = world.submit(OTHER_KEY, "alice", [0, 1, 2, 3, 4, 5])
    const late = world.submit(third, "alice", [3, 4, 5])
    // View 0 knows nothing of the third key and its certificate for the others reaches members 0 and 1 only.
    const lost = losing(world, ({ type, view, from, to }) => {
      return view === 0 && ((type === "CERTIFY" && to > 1) || (type === "OBSERVE" && from === 5))
    })
    world.memberAt(0).held.set(third, [])
    world.due(world.slot, [KEY, OTHER_KEY, third])
    world.memberAt(2).agreement?.accepted(OTHER_KEY)
    await reaches(world, { keys: [KEY, OTHER_KEY, third] })
    assert.equal(highestView(world), 1)
    assert(lost.fired > 0)
    assert.deepEqual(inputsOf(world, third), [late.hash])
    assert.deepEqual(inputsOf(world, OTHER_KEY), [second.hash])
  },
}

/** A faulty leader certifies leaves of its own making with whatever PREPAREs it has. */
async function forgedCertificate(
  create: Create,
  pick: (
    own: ReturnType<typeof messagesOf<"PREPARE">>[number],
    honest: (typeof own)[],
  ) => (typeof own)[],
): Promise<void> {
  const world = stage(create, { faulty: [1], leader: 1 })
  const puppet = world.puppetAt(1)
  const leaves = { [KEY]: world.leavesOf(KEY, [world.alice.hash]) }
  const forged = world.leavesOf(KEY, [world.alice.hash], { forged: true })
  const submissions = { [KEY]: [world.alice] }
  once(puppet, { type: "OBSERVE", view: 0, count: 3 }, () => {
    const observations = messagesOf(puppet, "OBSERVE", 0)
    propose(world, puppet, { view: 0, observations, leaves, submissions })
  })
  once(puppet, { type: "PREPARE", view: 0, count: 3 }, () => {
    const honest = messagesOf(puppet, "PREPARE", 0)
    const proposal = honest[0]?.body.proposal as Hex
    const accepted = { [KEY]: forged.map(({ hash }) => hash) }
    const own = puppet.sign("PREPARE", world.slot, 0, { proposal, accepted })
    const body = { proposal, leaves: { [KEY]: bodiesOf(forged) } }
    for (const to of [0, 2, 3])
      puppet.send(to, puppet.sign("CERTIFY", world.slot, 0, body), pick(own, honest))
  })
  world.due(world.slot, [KEY])
  await reaches(world)
  assert(dropped(world, "CertificateUnproven") > 0)
}
