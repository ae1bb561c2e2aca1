// What counts as input, whose computing counts, and how signatures become an attestation that everyone has.
import assert from "node:assert/strict"
import type { Hex } from "viem"
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
  stage,
} from "../stage.ts"
import { TIMEOUT_MS } from "../world.ts"

export const votes: Scenarios = {
  async "a submission passed on after the close does not count"(create) {
    const world = stage(create, { faulty: [3] })
    const puppet = world.puppetAt(3)
    const late = world.submit(KEY, "late", [])
    const held = { [KEY]: [world.alice.hash, late.hash] }
    puppet.send(0, puppet.sign("OBSERVE", world.slot, 0, { held, locks: {} }))
    // The faulty member would hand out its bytes as well.
    puppet.react = ({ message }) => {
      if (message.type !== "WANT") return
      const submissions = { [KEY]: [late.bytes] }
      puppet.send(message.member, puppet.sign("GIVE", world.slot, message.view, { submissions }))
    }
    world.due(world.slot, [KEY])
    await reaches(world)
    assert.deepEqual(inputsOf(world), [world.alice.hash])
  },

  async "what a member takes in after the close is not observed in later views"(create) {
    const world = stage(create)
    const lost = losing(world, ({ type, view }) => type === "CERTIFY" && view === 0)
    world.due(world.slot, [KEY])
    await runs(world, TIMEOUT_MS / 2)
    world.submit(KEY, "late", [1, 2, 3])
    losing(world, ({ type, view }) => type === "OBSERVE" && view === 0)
    await reaches(world)
    assert(lost.fired > 0)
    assert.deepEqual(inputsOf(world), [world.alice.hash])
  },

  async "a worker with two different submissions misses the epoch"(create) {
    const world = stage(create)
    const first = world.submit(KEY, "bob", [0, 1], 1)
    const second = world.submit(KEY, "bob", [2, 3], 2)
    assert.notEqual(first.hash, second.hash)
    world.due(world.slot, [KEY])
    await reaches(world)
    assert.deepEqual(inputsOf(world), [world.alice.hash])
  },

  async "a forced submission beats any other of its worker"(create) {
    const world = stage(create)
    const sent = world.submit(KEY, "bob", [0, 1, 2, 3], 1)
    const forced = world.submit(KEY, "bob", [], 2)
    world.forced.set(KEY, [forced])
    world.due(world.slot, [KEY])
    await reaches(world)
    assert(inputsOf(world).includes(forced.hash))
    assert(!inputsOf(world).includes(sent.hash))
  },

  async "a leader asks for the bytes of submissions that it has not seen"(create) {
    const world = stage(create)
    const bob = world.submit(KEY, "bob", [1, 2])
    world.due(world.slot, [KEY])
    await reaches(world)
    assert(inputsOf(world).includes(bob.hash))
    assert.equal(highestView(world), 0)
  },

  async "leaves that one's own core does not bear out are not accepted"(create) {
    const world = stage(create, { faulty: [0] })
    const puppet = world.puppetAt(0)
    const leaves = { [KEY]: world.leavesOf(KEY, [world.alice.hash], { forged: true }) }
    once(puppet, { type: "OBSERVE", view: 0, count: 3 }, () => {
      const observations = messagesOf(puppet, "OBSERVE", 0)
      const submissions = { [KEY]: [world.alice] }
      const proposal = propose(world, puppet, { view: 0, observations, leaves, submissions })
      certifyWhenReady(world, puppet, proposal, leaves)
    })
    world.due(world.slot, [KEY])
    await reaches(world)
    assert.equal(dropped(world, "OutputsDiffer"), 3)
  },

  async "a proposal that leaves out an input is not accepted"(create) {
    const world = stage(create, { faulty: [0] })
    const puppet = world.puppetAt(0)
    const bob = world.submit(KEY, "bob", [1, 2, 3])
    const leaves = { [KEY]: world.leavesOf(KEY, [world.alice.hash]) }
    once(puppet, { type: "OBSERVE", view: 0, count: 3 }, () => {
      const observations = messagesOf(puppet, "OBSERVE", 0)
      const submissions = { [KEY]: [world.alice] }
      const proposal = propose(world, puppet, { view: 0, observations, leaves, submissions })
      certifyWhenReady(world, puppet, proposal, leaves)
    })
    world.due(world.slot, [KEY])
    await reaches(world)
    assert(inputsOf(world).includes(bob.hash))
    assert.equal(dropped(world, "SubmissionMissing"), 3)
  },

  async "a member that could not compute signs what a quorum accepted"(create) {
    // Member 3 prepares and withholds its signature, so that of member 2, which lacks bytes, is needed.
    const world = stage(create, { faulty: [3] })
    const puppet = world.puppetAt(3)
    world.memberAt(2).core = "lacks bytes"
    once(puppet, { type: "PROPOSE", view: 0, count: 1 }, () => {
      const [proposal] = messagesOf(puppet, "PROPOSE", 0)
      assert(proposal)
      const accepted = { [KEY]: world.leavesOf(KEY, [world.alice.hash]).map(({ hash }) => hash) }
      puppet.send(
        0,
        puppet.sign("PREPARE", world.slot, 0, { proposal: proposal.content, accepted }),
      )
    })
    world.due(world.slot, [KEY])
    await reaches(world)
    assert.equal(highestView(world), 0)
    assert.equal(dropped(world, "BytesMissing"), 1)
  },

  async "a member whose core differs raises the alarm and signs nothing"(create) {
    const world = stage(create)
    world.memberAt(2).core = "wrong"
    world.submit(OTHER_KEY, "alice", [0, 1, 2, 3])
    world.due(world.slot, [KEY, OTHER_KEY])
    await reaches(world, { keys: [KEY, OTHER_KEY] })
    const { alarms } = world.memberAt(2)
    assert.deepEqual(
      alarms.map(({ code }) => code),
      ["OutputsDiffer", "OutputsDiffer"],
    )
    for (const signers of world.checker.signers.values()) assert(!signers.has(2), "member 2 signed")
    for (const other of [0, 1, 3]) assert.deepEqual(world.memberAt(other).alarms, [])
  },

  async "a differing member stays with it when the key comes again as a lock"(create) {
    const world = stage(create)
    world.memberAt(2).core = "wrong"
    const lost = losing(world, ({ type, view }) => type === "SIGN" && view === 0)
    world.due(world.slot, [KEY])
    await reaches(world)
    assert(lost.fired > 0)
    assert.equal(highestView(world), 1)
    for (const signers of world.checker.signers.values()) assert(!signers.has(2), "member 2 signed")
    assert.equal(world.memberAt(2).alarms.length, 1)
  },

  async "a member that prepares and withholds its signature halts nobody"(create) {
    const world = stage(create)
    const withheld = losing(
      world,
      ({ from, type }) => from === 3 && (type === "SIGN" || type === "ATTEST"),
    )
    world.due(world.slot, [KEY])
    await reaches(world)
    assert(withheld.fired > 0)
    assert.equal(highestView(world), 0)
  },

  async "keys that a minority accepts are certified in a later view"(create) {
    const world = stage(create, { faulty: [3] })
    const second = world.submit(OTHER_KEY, "alice", [0, 1, 2])
    // Two of the three cannot compute the second key at first.
    const lost = { fired: 0 }
    for (const index of [1, 2]) {
      const member = world.memberAt(index)
      const timer = world.time.after(TIMEOUT_MS, () => {
        member.core = "right"
        lost.fired++
      })
      assert(timer)
      member.core = "lacks bytes"
    }
    world.due(world.slot, [KEY, OTHER_KEY])
    await reaches(world, { keys: [KEY, OTHER_KEY] })
    assert.equal(lost.fired, 2)
    assert.deepEqual(inputsOf(world, OTHER_KEY), [second.hash])
  },

  async "a member that never began a key, for its chain shows it as past, signs it with the rest"(
    create,
  ) {
    const world = stage(create, { faulty: [3] })
    world.submit(OTHER_KEY, "alice", [0, 1, 2])
    const puppet = world.puppetAt(3)
    once(puppet, { type: "PROPOSE", view: 0, count: 1 }, () => {
      const [proposal] = messagesOf(puppet, "PROPOSE", 0)
      assert(proposal)
      const accepted = {
        [KEY]: world.leavesOf(KEY, [world.alice.hash]).map(({ hash }) => hash),
        [OTHER_KEY]:
          proposal.body.leaves[OTHER_KEY]?.map(({ body }) => world.leaf(1, body)?.hash as Hex) ??
          [],
      }
      const answer = puppet.sign("PREPARE", world.slot, 0, { proposal: proposal.content, accepted })
      puppet.send(0, answer)
    })
    world.due(world.slot, [KEY, OTHER_KEY], [0, 1])
    world.due(world.slot, [KEY], [2])
    await reaches(world, { of: [0, 1], keys: [KEY, OTHER_KEY], ms: TIMEOUT_MS })
    assert.equal(world.memberAt(2).agreement?.status().slots[0]?.keys[OTHER_KEY], "accepted")
  },

  async "a certificate that leaves out a certified key is none"(create) {
    const world = stage(create, { faulty: [0] })
    const puppet = world.puppetAt(0)
    const other = world.submit(OTHER_KEY, "alice", [1, 2, 3])
    const leaves = {
      [KEY]: world.leavesOf(KEY, [world.alice.hash]),
      [OTHER_KEY]: world.leavesOf(OTHER_KEY, [other.hash]),
    }
    once(puppet, { type: "OBSERVE", view: 0, count: 3 }, () => {
      const submissions = { [KEY]: [world.alice], [OTHER_KEY]: [other] }
      propose(world, puppet, {
        view: 0,
        observations: messagesOf(puppet, "OBSERVE", 0),
        leaves,
        submissions,
      })
    })
    once(puppet, { type: "PREPARE", view: 0, count: 3 }, () => {
      const prepares = messagesOf(puppet, "PREPARE", 0)
      const proposal = prepares[0]?.body.proposal as Hex
      const body = { proposal, leaves: { [KEY]: bodiesOf(leaves[KEY] ?? []) } }
      for (const to of [1, 2, 3])
        puppet.send(to, puppet.sign("CERTIFY", world.slot, 0, body), prepares)
    })
    world.due(world.slot, [KEY, OTHER_KEY])
    await reaches(world, { keys: [KEY, OTHER_KEY] })
    assert.equal(dropped(world, "CertificateUnproven"), 3)
  },

  async "who has the attestation gives it to who comes later"(create) {
    const world = stage(create)
    const heals = 10 * TIMEOUT_MS
    const cut = losing(
      world,
      ({ from, to }) => (from === 3 || to === 3) && world.time.now() < heals,
    )
    world.due(world.slot, [KEY])
    await reachesEarly(world, [0, 1, 2])
    await runs(world, heals)
    assert(cut.fired > 0)
    assert(!world.attested(KEY, [3]))
    await reaches(world, { ms: 20 * TIMEOUT_MS })
    assert.equal(
      world.memberAt(0).agreement?.status().slots[0]?.view,
      0,
      "no view was needed for it",
    )
  },

  async "whoever completes an attestation sends it to those who have not signed"(create) {
    const world = stage(create)
    const lost = losing(
      world,
      ({ to, type }) => to === 3 && (type === "SIGN" || type === "CERTIFY"),
    )
    world.due(world.slot, [KEY])
    await reaches(world, { ms: TIMEOUT_MS })
    assert(lost.fired > 0)
  },

  async "an attestation of fewer than a quorum, or by strangers, is not taken"(create) {
    const world = stage(create, { faulty: [3] })
    const puppet = world.puppetAt(3)
    const leaves = world.leavesOf(KEY, [world.alice.hash], { forged: true })
    const root = world.digests.root(leaves.map(({ hash }) => hash))
    const own = puppet.sign("SIGN", world.slot, 0, root).signature
    world.due(world.slot, [KEY])
    const sets: [number, Hex][][] = [
      [[3, own]],
      [
        [3, own],
        [3, own],
        [3, own],
      ],
      [
        [1, own],
        [2, own],
        [3, own],
      ],
    ]
    for (const signatures of sets) {
      const body = { view: 0, leaves: bodiesOf(leaves), signatures }
      for (const to of [0, 1, 2]) puppet.send(to, puppet.sign("ATTEST", world.slot, 0, body))
    }
    await reaches(world)
    assert.equal(dropped(world, "QuorumNotReached"), 9)
    for (const { attested } of world.members.values()) {
      assert(!attested.get(KEY)?.leaves.some(({ body }) => body.includes("forged")))
    }
  },
}

async function reachesEarly(world: ReturnType<typeof stage>, of: readonly number[]): Promise<void> {
  assert(await world.time.run(TIMEOUT_MS, () => world.attested(KEY, of)))
}
