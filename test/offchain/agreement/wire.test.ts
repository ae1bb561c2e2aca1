// Messages as bytes, with the real digests and signatures: what is not a member's well-formed message is counted and
// dropped, whatever it is.
import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { type Hex, hashTypedData } from "viem"
import { createWire, toBytes } from "../../../offchain/agreement/wire.ts"
import { createAgreement, createDigests, PACKET_LIMIT } from "../../../offchain/agreement.ts"
import { createSigner, recover } from "../../../offchain/signer.ts"
import { createRandom, sha } from "../../support/agreement/random.ts"
import { dropped, KEY, losing, reaches, stage } from "../../support/agreement/stage.ts"
import { TIMEOUT_MS } from "../../support/agreement/world.ts"

const domain = {
  name: "Allora",
  version: "1",
  chainId: 31337,
  verifyingContract: `0x${"ab".repeat(20)}`,
} as const
const digests = createDigests(domain)
const signers = [1, 2, 3, 4].map((n) => createSigner(sha(`a key of member ${n}`)))
const stranger = createSigner(sha("a stranger's key"))
const era = {
  number: 7,
  startsAt: 0,
  members: signers.map(({ address }) => address),
  quorum: 3,
  faults: 1,
}
const wires = signers.map((signer, self) => createWire(era, self, { signer, recover, digests }))
const [alice, bob] = wires as [ReturnType<typeof createWire>, ReturnType<typeof createWire>]

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value))
const parsed = (packet: Uint8Array) =>
  JSON.parse(text(packet)) as { message: Record<string, unknown>; enclosed: unknown[] }

describe("agreement: messages", () => {
  it("are read as they were sent, with who signed them", () => {
    const prepare = alice.sign("PREPARE", 1200, 3, {
      proposal: sha("p"),
      accepted: { [KEY]: [sha("leaf")] },
    })
    const proposal = alice.sign("PROPOSE", 1200, 3, {
      observations: [],
      submissions: {},
      leaves: {},
    })
    const certify = bob.sign("CERTIFY", 1200, 3, { proposal: sha("p"), leaves: {} })
    const { type, era, slot, view, content, signature } = proposal
    const packet = bob.open(toBytes(certify, [prepare], [{ ...proposal, type: "PROPOSE" }]))
    assert(typeof packet === "object")
    assert.deepEqual(packet.message, certify)
    assert.deepEqual(packet.enclosed, [prepare])
    assert.deepEqual(packet.headers, [{ type, era, slot, view, content, signature, member: 0 }])
    assert.equal(packet.message.member, 1)
  })

  it("are signed as EIP-712 says, each sort under its own type", () => {
    const fields = [
      { name: "era", type: "uint32" },
      { name: "slot", type: "uint40" },
      { name: "view", type: "uint32" },
    ]
    const message = { era: 7, slot: 1200, view: 3 }
    const content = sha("content")
    const expected = (primaryType: string, last: string) => {
      const types = { [primaryType]: [...fields, { name: last, type: "bytes32" }] }
      return hashTypedData({ domain, types, primaryType, message: { ...message, [last]: content } })
    }
    for (const [type, name] of Object.entries({
      VIEW: "View",
      OBSERVE: "Observe",
      PROPOSE: "Propose",
      PREPARE: "Prepare",
      CERTIFY: "Certify",
      WANT: "Want",
      GIVE: "Give",
      ATTEST: "Attest",
    })) {
      assert.equal(digests.message(type, { ...message, content }), expected(name, "content"))
    }
    const sign = alice.sign("SIGN", 1200, 3, content)
    assert.equal(recover(expected("Batch", "root"), sign.signature), signers[0]?.address)
  })

  it("are dropped with a reason if they are not a member's", () => {
    const sent = parsed(toBytes(alice.sign("VIEW", 1200, 3, {})))
    const other = createWire({ ...era, number: 8 }, 0, {
      signer: signers[0] as typeof stranger,
      recover,
      digests,
    })
    const strange = createWire(era, 0, { signer: stranger, recover, digests })
    const cases: [string, unknown][] = [
      ["WrongEra", parsed(toBytes(other.sign("VIEW", 1200, 3, {})))],
      ["NotAMember", parsed(toBytes(strange.sign("VIEW", 1200, 3, {})))],
      ["NotAMember", { ...sent, message: { ...sent.message, view: 4 } }],
      ["NotAMember", { ...sent, message: { ...sent.message, slot: 1201 } }],
      ["NotAMember", { ...sent, message: { ...sent.message, type: "GIVE" } }],
      ["NotAMember", { ...sent, message: { ...sent.message, body: "{} " } }],
      ["NotAMember", { ...sent, message: { ...sent.message, signature: `0x${"00".repeat(64)}` } }],
      ["Malformed", { ...sent, message: { ...sent.message, extra: 1 } }],
      ["Malformed", { ...sent, message: { ...sent.message, view: -1 } }],
      ["Malformed", { ...sent, message: { ...sent.message, view: 2 ** 32 } }],
      ["Malformed", { ...sent, message: { ...sent.message, slot: 1.5 } }],
      ["Malformed", { ...sent, message: { ...sent.message, type: "SHOUT" } }],
      ["Malformed", { ...sent, message: { ...sent.message, signature: "0x" } }],
      ["Malformed", { ...sent, enclosed: [sent.message] }],
      [
        "Malformed",
        parsed(toBytes(alice.sign("OBSERVE", 1200, 3, { held: { "1/1": [] }, locks: {} }))),
      ],
      [
        "Malformed",
        parsed(
          toBytes(alice.sign("OBSERVE", 1200, 3, { held: { [KEY]: ["0x12" as Hex] }, locks: {} })),
        ),
      ],
      [
        "Malformed",
        parsed(
          toBytes(alice.sign("PREPARE", 1200, 3, { proposal: sha("p"), accepted: { [KEY]: [] } })),
        ),
      ],
      ["Malformed", null],
      ["Malformed", []],
      ["Malformed", { message: 7 }],
    ]
    for (const [reason, packet] of cases)
      assert.equal(bob.open(bytes(packet)), reason, JSON.stringify(packet))
    assert.equal(bob.open(new Uint8Array([0xff, 0xfe])), "Malformed")
    assert.equal(bob.open(new Uint8Array()), "Malformed")
    const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`
    assert.equal(bob.open(new TextEncoder().encode(deep)), "Malformed")
  })

  it("are dropped if they are longer than the limit, or enclose too much", () => {
    assert.equal(bob.open(new Uint8Array(PACKET_LIMIT + 1)), "TooLong")
    const prepare = alice.sign("PREPARE", 1200, 3, { proposal: sha("p"), accepted: {} })
    const certify = bob.sign("CERTIFY", 1200, 4, { proposal: sha("p"), leaves: {} })
    const most = Array(64 * 4).fill(prepare)
    assert.equal(typeof bob.open(toBytes(certify, most)), "object")
    assert.equal(bob.open(toBytes(certify, [...most, prepare])), "TooLong")
  })

  it("never disturb a member, whatever bytes come, and are counted", async () => {
    const world = stage(createAgreement, { faulty: [3] })
    const random = createRandom(11)
    world.due(world.slot, [KEY])
    const samples: Uint8Array[] = []
    losing(world, () => false)
    const deliver = world.net.route
    world.net.route = (from, to, sample) => {
      samples.push(sample)
      return deliver(from, to, sample)
    }
    await reaches(world)
    const fresh = stage(createAgreement, { seed: 2 })
    const member = fresh.memberAt(1).agreement
    let sent = 0
    for (const sample of samples) {
      for (let i = 0; i < 100; i++, sent++) {
        const broken = Uint8Array.from(sample)
        for (let flips = 1 + random.below(4); flips > 0; flips--)
          broken[random.below(broken.length)] = random.below(256)
        member?.handle(
          random.below(9),
          broken.subarray(0, random.chance(0.3) ? random.below(broken.length) : undefined),
        )
      }
    }
    const counted = Object.values(member?.status().dropped ?? {}).reduce(
      (sum, count) => sum + count,
      0,
    )
    assert(sent > 500 && counted > sent * 0.9, `${counted} of ${sent} counted`)
    fresh.due(fresh.slot, [KEY])
    await reaches(fresh, { ms: TIMEOUT_MS })
  })

  it("for slots not yet due are kept, few of each member", async () => {
    const world = stage(createAgreement, { faulty: [3] })
    const puppet = world.puppetAt(3)
    for (let slot = 1; slot <= 20; slot++)
      puppet.send(0, puppet.sign("VIEW", world.slot + slot, 1, {}))
    world.due(world.slot, [KEY], [1, 2])
    await world.time.run(TIMEOUT_MS / 2)
    assert.equal(dropped(world, "TooEarly"), 12)
    // Members 1 and 2 have spoken already; a quorum needs what they said.
    world.due(world.slot, [KEY], [0])
    await reaches(world, { ms: TIMEOUT_MS })
  })
})
