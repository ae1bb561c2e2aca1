// Agreement on keys that are not ready when they fall due, and on keys that nobody submits anything for. As in
// rules.test.ts each rule is also taken out of the source, and its scenario then fails.
import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { createAgreement } from "../../../offchain/agreement.ts"
import { readiness } from "../../support/agreement/scenarios/readiness.ts"
import { restarts } from "../../support/agreement/scenarios/restarts.ts"
import { reaches, waitingStage } from "../../support/agreement/stage.ts"
import { failsWithout, type Rule } from "../../support/agreement/without.ts"
import { TIMEOUT_MS } from "../../support/agreement/world.ts"

const SLOT = "agreement/slot.ts"

const rules: readonly Rule[] = [
  {
    rule: "a leader proposes a mandatory key without inputs",
    file: "agreement/leader.ts",
    from: "inputs.length === 0 && !mandatory ?",
    to: "inputs.length === 0 ?",
    scenario:
      "a mandatory key with no submission anywhere is attested by all, as computed from nothing",
    breaks: "NoAttestation",
  },
  {
    rule: "a voter accepts a mandatory key without inputs",
    file: "agreement/voter.ts",
    from: `if (inputs.length === 0 && !own.mandatory) return refuse("NoInputs")`,
    to: `if (inputs.length === 0) return refuse("NoInputs")`,
    scenario:
      "a mandatory key with no submission anywhere is attested by all, as computed from nothing",
    breaks: "NoAttestation",
  },
  {
    rule: "who has nothing ready does not observe in the first view",
    file: SLOT,
    from: "if (early || ",
    to: "void early\n    if (",
    scenario: "a key that is not ready costs no message and no view, however long it takes",
    breaks: "expectation",
  },
  {
    rule: "a key that is not ready is not pending",
    file: "agreement/state.ts",
    from: "ready && !attested",
    to: "(ready || true) && !attested",
    scenario: "a key that is not ready costs no message and no view, however long it takes",
    breaks: "expectation",
  },
  {
    rule: "what is held counts when the key is ready, not when it fell due",
    file: SLOT,
    from: "own.held = application.held(key)",
    to: "if (own.held.length === 0) own.held = application.held(key)",
    scenario: "a key that is not ready costs no message and no view, however long it takes",
    breaks: "expectation",
  },
  {
    rule: "only pending keys let views pass",
    file: SLOT,
    from: "!pending.some((key) => concerns(state.keys.get(key) as KeyState))",
    to: "![...state.keys.values()].some(concerns)",
    scenario: "a key that waits does not make views pass for one that nobody answered",
    breaks: "expectation",
  },
  {
    rule: "a key that becomes ready after the observation waits for the next view's",
    file: SLOT,
    from: "    arm()\n  }\n\n  function enter",
    to: "  }\n\n  function enter",
    scenario: "a report is attested while the settlement of its slot waits, and that one later",
    breaks: "NoAttestation",
  },
  {
    rule: "a slot goes on for the keys that wait",
    file: SLOT,
    from: "every(({ over }) => over !== undefined)",
    to: "every(({ over, ready }) => over !== undefined || !ready)",
    scenario: "a report is attested while the settlement of its slot waits, and that one later",
    breaks: "expectation",
  },
  {
    rule: "a slot with a mandatory key is never idle",
    file: SLOT,
    from: " || (own.mandatory && own.over === undefined)",
    to: "",
    scenario: "every slot with a mandatory key is kept, and of the idle ones the newest only",
    breaks: "expectation",
  },
  {
    rule: "what could not be computed may be later",
    file: SLOT,
    from: "void under.then((leaves) => leaves ?? computed.delete(name))",
    to: "",
    scenario: "what cannot be computed at first is computed again in the same view",
    breaks: "expectation",
  },
  {
    rule: "what is locked is ready",
    file: SLOT,
    from: "own.lock !== undefined || (application",
    to: "own.lock === null || (application",
    scenario: "a member that restarts after it observed is not ready again, and yet keeps its lock",
    breaks: "NoAttestation",
  },
  {
    rule: "what was sent before the observation is remembered too",
    file: "agreement/past.ts",
    from: "if (entry.view !== past.view) past.sent.clear()",
    to: "past.sent.clear()",
    scenario: "a member that votes before a key is ready here votes no second time after a restart",
    breaks: "SpokeTwice",
  },
]

describe("agreement: readiness", () => {
  for (const [promise, run] of Object.entries(readiness)) it(promise, () => run(createAgreement))

  it("has in a compacted journal a slot that waits, one that voted, and not the ended ones", async () => {
    const world = waitingStage(createAgreement)
    const [waiting, voted] = ["2/8/1", "2/8/2"]
    for (const key of [waiting, voted]) {
      world.mandatory.add(key)
      for (const { waits } of world.members.values()) waits.add(key)
    }
    const open = world.slot + 5000
    world.due(open, [waiting])
    world.due(open + 1, [voted])
    world.ripen(voted)
    assert(await world.time.run(TIMEOUT_MS, () => world.attested(voted)))
    for (let epoch = 0; epoch < 300; epoch++) {
      const key = `1/1/${epoch}`
      world.submit(key, "alice", world.all)
      world.due(open + 2 + epoch, [key])
      assert(await world.time.run(TIMEOUT_MS, () => world.attested(key)))
      for (const { agreement } of world.members.values()) agreement?.accepted(key)
    }
    const entries = world.memberAt(2).journal.entries()
    const sortsOf = (slot: number) =>
      entries.filter((entry) => entry.slot === slot).map(({ sort }) => sort)
    assert.deepEqual(sortsOf(open + 2), ["end"])
    assert.deepEqual(sortsOf(open), ["due"])
    assert.deepEqual(new Set(sortsOf(open + 1)), new Set(["due", "view", "sent", "lock"]))
    world.crash(2)
    world.crash(3)
    world.start(2)
    await world.time.run(10)
    assert.deepEqual(world.memberAt(2).agreement?.status().slots, [
      { slot: open, view: 0, takesPart: true, keys: { [waiting]: "open" } },
      { slot: open + 1, view: 0, takesPart: true, keys: { [voted]: "locked" } },
    ])
    // It is needed now, and knows of the slot from its journal alone.
    world.ripen(waiting, [0, 1, 2])
    await reaches(world, { keys: [waiting], of: [0, 1, 2] })
  })
})

describe("agreement: each rule of readiness, taken out, makes a test fail", () => {
  for (const rule of rules) it(rule.rule, () => failsWithout(rule, { ...readiness, ...restarts }))
})
