// Each rule of the protocol, taken out of the source, makes a scenario fail: the scenarios are what holds the rules.
// One table, an entry per rule: where it stands, what stands there without it, which scenario breaks and how.
import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { Violation } from "../../support/agreement/checker.ts"
import { type Change, mutated } from "../../support/agreement/mutate.ts"
import { leaders } from "../../support/agreement/scenarios/leaders.ts"
import { locks } from "../../support/agreement/scenarios/locks.ts"
import { restarts } from "../../support/agreement/scenarios/restarts.ts"
import { votes } from "../../support/agreement/scenarios/votes.ts"

const scenarios = { ...leaders, ...locks, ...restarts, ...votes }

type Rule = Change & {
  readonly rule: string
  readonly scenario: string
  /** The promise that breaks; "expectation" where the scenario's own assertion says so. */
  readonly breaks: string
}

const RULES = "agreement/rules.ts"
const SLOT = "agreement/slot.ts"
const LEADER = "agreement/leader.ts"
const VOTER = "agreement/voter.ts"
const STATE = "agreement/state.ts"
const GATHERING = "agreement/gathering.ts"
const WITNESS = "agreement/witness.ts"

const rules: readonly Rule[] = [
  {
    rule: "the leader rotates with the view",
    file: RULES,
    from: "return (first + view) % members",
    to: "return first % members",
    scenario: "a silent leader costs one view",
    breaks: "NoAttestation",
  },
  {
    rule: "a member enters the next view at its time-out",
    file: SLOT,
    from: "if (pendingKeys(state).length > 0) enter(state.view + 1)",
    to: "",
    scenario: "a silent leader costs one view",
    breaks: "NoAttestation",
  },
  {
    rule: "time-outs double",
    file: RULES,
    from: "firstMs * Math.min(2 ** view, LONGEST)",
    to: "firstMs",
    scenario: "time-outs grow until a slow network keeps up",
    breaks: "NoAttestation",
  },
  {
    rule: "time-outs double up to 16 times the first",
    file: RULES,
    from: "const LONGEST = 16",
    to: "const LONGEST = 2 ** 40",
    scenario: "time-outs stop growing at sixteen times the first",
    breaks: "expectation",
  },
  {
    rule: "a view is joined when f + 1 members are in it",
    file: RULES,
    from: "[faults] ?? 0",
    to: "[0] ?? 0",
    scenario: "one member that claims high views moves nobody",
    breaks: "NoAttestation",
  },
  {
    rule: "a time-out runs when a quorum is in the view",
    file: SLOT,
    from: "if (state.view > 0 && here < era.quorum) return",
    to: "void here",
    scenario: "a member that was left alone for long is met again",
    breaks: "expectation",
  },
  {
    rule: "who holds nothing and hears of nothing does not time out",
    file: SLOT,
    from: "if (!stirred && ![...state.keys.values()].some(concerns)) return",
    to: "void concerns",
    scenario: "a topic without submissions costs no views",
    breaks: "expectation",
  },
  {
    rule: "who hears of something times out",
    file: SLOT,
    from: 'if (type !== "OBSERVE" || view > 0) stirred = true',
    to: "",
    scenario: "members that hold nothing follow those that do",
    breaks: "NoAttestation",
  },
  {
    rule: "the leader waits for everyone it can hear",
    file: LEADER,
    from: "!(complete && everyoneIn(current))",
    to: "!complete",
    scenario: "a leader waits for a slow member, at most a third of the time-out",
    breaks: "expectation",
  },
  {
    rule: "the leader waits at most a third of the time-out",
    file: LEADER,
    from: `    wait("forObservations", propose)\n`,
    to: "",
    scenario: "a leader does not wait for ever for a member that it can hear",
    breaks: "NoAttestation",
  },
  {
    rule: "the leader takes no lock without its certificate",
    file: LEADER,
    from: "if (!locksAreProven(packet))",
    to: "if (!locksAreProven)",
    scenario: "a false claim of a lock does not spoil an honest leader's proposal",
    breaks: "NoAttestation",
  },
  {
    rule: "a leader without bytes asks for them",
    file: SLOT,
    from: "submissions[key] = given.map(({ bytes }) => bytes)",
    to: "",
    scenario: "a leader asks for the bytes of submissions that it has not seen",
    breaks: "expectation",
  },
  {
    rule: "a proposal rests on a quorum of observations",
    file: VOTER,
    from: "return found.size >= era.quorum ?",
    to: "return found.size >= 1 ?",
    scenario: "a proposal on fewer observations than a quorum is refused",
    breaks: "TwoSetsOfLeaves",
  },
  {
    rule: "observations are of different members",
    file: VOTER,
    from: "found.set(member, observation)",
    to: "found.set(found.size, observation)",
    scenario: "a proposal that counts one observation twice is refused",
    breaks: "TwoSetsOfLeaves",
  },
  {
    rule: "observations are of the proposal's view",
    file: VOTER,
    from: " || observation.view !== view",
    to: "",
    scenario: "a proposal on an observation of an earlier view is refused",
    breaks: "TwoSetsOfLeaves",
  },
  {
    rule: "a key with a lock among the observations is proposed as the lock says",
    file: VOTER,
    from: "lock !== undefined\n",
    to: "lock === null\n",
    scenario: "a proposal that passes over a lock is refused",
    breaks: "TwoSetsOfLeaves",
  },
  {
    rule: "the lock of the highest view wins",
    file: RULES,
    from: "claim.view > best.view",
    to: "claim.view < best.view",
    scenario: "the lock of the highest view is proposed",
    breaks: "TwoSetsOfLeaves",
  },
  {
    rule: "a lock needs its certificate",
    file: VOTER,
    from: 'if (lockView >= shown.view || certificate === undefined) return refuse("LockUnproven")',
    to: "if (certificate === undefined) return true",
    scenario: "a lock without its certificate binds nobody",
    breaks: "ForgedLeaves",
  },
  {
    rule: "the observations justify a proposal against a lock of one's own",
    file: VOTER,
    from: "if (own === undefined || own.over",
    to: "if (own?.lock !== undefined) return false\n    if (own === undefined || own.over",
    scenario: "a lock of one's own does not stand against what the observations say",
    breaks: "expectation",
  },
  {
    rule: "a locked key is accepted on its certificate alone",
    file: VOTER,
    from: "return !disputes(key, hashes, certificate)",
    to: "return state.keys.get(key)?.over === undefined && !disputes(key, hashes, certificate)",
    scenario: "a locked key is accepted past its deadline and whatever the chain shows",
    breaks: "NoAttestation",
  },
  {
    rule: "a certificate has a quorum",
    file: RULES,
    from: "if (voters.size >= quorum)",
    to: "if (voters.size >= 1)",
    scenario: "a certificate of fewer than a quorum is none",
    breaks: "ForgedLeaves",
  },
  {
    rule: "a certificate is of different members",
    file: RULES,
    from: "voters.set(prepare.member, prepare)",
    to: "voters.set(voters.size, prepare)",
    scenario: "a certificate needs a quorum of different members",
    breaks: "ForgedLeaves",
  },
  {
    rule: "a certificate is of one view",
    file: RULES,
    from: " || prepare.view !== claim.view",
    to: "",
    scenario: "a certificate of an earlier view is none",
    breaks: "expectation",
  },
  {
    rule: "a certificate is for these leaves",
    file: RULES,
    from: "if (!sameHashes(prepare.body.accepted[claim.key], claim.hashes)) continue",
    to: "",
    scenario: "a certificate for other leaves is none",
    breaks: "ForgedLeaves",
  },
  {
    rule: "what a quorum accepts is certified",
    file: VOTER,
    from: "return withheld || locks.size === 0",
    to: "return locks.size === 0",
    scenario: "a certificate that leaves out a certified key is none",
    breaks: "expectation",
  },
  {
    rule: "inputs are what f + 1 observations hold",
    file: RULES,
    from: "count >= faults + 1",
    to: "count >= 1",
    scenario: "a submission passed on after the close does not count",
    breaks: "expectation",
  },
  {
    rule: "who sent two different submissions misses the epoch",
    file: RULES,
    from: "for (const worker of doubled) byWorker.delete(worker)",
    to: "",
    scenario: "a worker with two different submissions misses the epoch",
    breaks: "expectation",
  },
  {
    rule: "a forced submission is in",
    file: RULES,
    from: "for (const input of forced) byWorker.set(input.worker, input)",
    to: "",
    scenario: "a forced submission beats any other of its worker",
    breaks: "expectation",
  },
  {
    rule: "every input is shown",
    file: VOTER,
    from: `if (chosen.length < hashes.length) return refuse("SubmissionMissing")`,
    to: "",
    scenario: "a proposal that leaves out an input is not accepted",
    breaks: "expectation",
  },
  {
    rule: "a member recomputes with its own core",
    file: VOTER,
    from: "if (sameHashes(hashesOf(computed), hashesOf(leaves))) return true",
    to: "return true",
    scenario: "leaves that one's own core does not bear out are not accepted",
    breaks: "ForgedLeaves",
  },
  {
    rule: "whose core differs signs nothing and raises the alarm",
    file: VOTER,
    from: "if (contested.length > 0) return",
    to: "",
    scenario: "a member whose core differs raises the alarm and signs nothing",
    breaks: "expectation",
  },
  {
    rule: "a dispute lasts",
    file: VOTER,
    from: "if (disputed.has(name)) return true",
    to: "",
    scenario: "a differing member stays with it when the key comes again as a lock",
    breaks: "expectation",
  },
  {
    rule: "what could not be computed is signed all the same",
    file: VOTER,
    from: `if (computed === undefined) return refuse("BytesMissing")`,
    to: `if (computed === undefined) differing.set(content, new Set([key]))
    if (computed === undefined) return refuse("BytesMissing")`,
    scenario: "a member that could not compute signs what a quorum accepted",
    breaks: "NoAttestation",
  },
  {
    rule: "one message of each sort per view",
    file: STATE,
    from: "if (!state.takesPart || state.sent.has(type)) return false",
    to: "if (!state.takesPart) return false",
    scenario: "a member that restarts accepts no second proposal of its view",
    breaks: "SpokeTwice",
  },
  {
    rule: "the journal comes before the message",
    file: STATE,
    from: 'append([...entries, { sort: "sent", slot: state.slot, view: state.view, type }])',
    to: "append(entries)",
    scenario: "a member that restarts accepts no second proposal of its view",
    breaks: "SpokeTwice",
  },
  {
    rule: "never back to a lower view",
    file: SLOT,
    from: 'context.append([...entries, { sort: "view", slot, view: state.view }])',
    to: "context.append(entries)",
    scenario: "a member that restarts does not go back to a lower view",
    breaks: "WentBack",
  },
  {
    rule: "the lock is in the journal before the signature",
    file: VOTER,
    from: `if (!pledge(context, state, "SIGN", entries)) return`,
    to: `if (!pledge(context, state, "SIGN")) return\n    void entries`,
    scenario: "a lock outlives a restart",
    breaks: "TwoSetsOfLeaves",
  },
  {
    rule: "a member locks what it signs",
    file: VOTER,
    from: "for (const [key, lock] of locks) keyAt(key).lock = lock",
    to: "void keyAt",
    scenario: "a certificate that reaches one member only binds those who come after",
    breaks: "expectation",
  },
  {
    rule: "who has lost its journal takes no part in slots already due",
    file: "agreement.ts",
    from: "past !== undefined || slot > memory.floor",
    to: "true",
    scenario: "without its journal a member takes no part in slots already due",
    breaks: "TwoSetsOfLeaves",
  },
  {
    rule: "a slot that has ended is over",
    file: "agreement.ts",
    from: "if (slots.has(slot) || memory.ended.has(slot)) return",
    to: "if (slots.has(slot)) return",
    scenario: "a slot that has ended is not begun again after a restart",
    breaks: "SpokeTwice",
  },
  {
    rule: "who holds an attestation gives it to who asks",
    file: SLOT,
    from: "gathering.answer(message.member)",
    to: "void gathering",
    scenario: "who has the attestation gives it to who comes later",
    breaks: "NoAttestation",
  },
  {
    rule: "whoever has an attestation spreads it",
    file: GATHERING,
    from: "if (!signatures.some((one) => one.member === member)) give(member, attested)",
    to: "void give",
    scenario: "whoever completes an attestation sends it to those who have not signed",
    breaks: "NoAttestation",
  },
  {
    rule: "an attestation has a quorum of different members",
    file: GATHERING,
    from: "if (!hasQuorum(batch, signatures))",
    to: "if (!hasQuorum)",
    scenario: "an attestation of fewer than a quorum, or by strangers, is not taken",
    breaks: "expectation",
  },
  {
    rule: "two batches of a member are evidence",
    file: GATHERING,
    from: "else if (first.content !== message.content) {",
    to: "else if (first === message) {",
    scenario: "a member that signs two batches in one view is convicted",
    breaks: "expectation",
  },
  {
    rule: "two proposals of a leader are evidence",
    file: WITNESS,
    from: `PROPOSE: "TwoProposals", `,
    to: "",
    scenario: "a leader that sends two proposals is convicted and agreement goes on",
    breaks: "expectation",
  },
  {
    rule: "two certificates of a leader are evidence",
    file: WITNESS,
    from: `, CERTIFY: "TwoCertificates"`,
    to: "",
    scenario: "a leader that sends two certificates is convicted and agreement goes on",
    breaks: "expectation",
  },
]

describe("agreement: each rule, taken out, makes a test fail", () => {
  for (const { rule, scenario, breaks, ...change } of rules) {
    it(rule, async () => {
      const run = scenarios[scenario]
      assert(run, `there is a scenario "${scenario}"`)
      const { create, remove } = await mutated(change)
      try {
        await assert.rejects(run(create), (error) => {
          const found = error instanceof Violation ? error.promise : "expectation"
          if (!(error instanceof Violation || error instanceof assert.AssertionError)) throw error
          assert.equal(found, breaks, String(error))
          return true
        })
      } finally {
        remove()
      }
    })
  }
})
