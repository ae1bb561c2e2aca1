// A committee in one process, in virtual time: honest members that run the agreement, faulty ones that a test drives with
// their real keys, a network as bad as told, and the checker that sees every signature. Deterministic by its seed.
import type { Hex } from "viem"
import { leaderOf } from "../../../offchain/agreement/rules.ts"
import { createWire, type Message, type Packet, toBytes } from "../../../offchain/agreement/wire.ts"
import type {
  Agreement,
  Alarm,
  Application,
  Attested,
  createAgreement,
  Evidence,
  Key,
  Leaf,
  Submission,
} from "../../../offchain/agreement.ts"
import { type Checker, createChecker } from "./checker.ts"
import { createMemoryJournal, createMesh, type Fate } from "./memory.ts"
import { addressOf, cheapDigests, cheapRecover, cheapSign, createRandom, sha } from "./random.ts"
import { createTime } from "./time.ts"

export type Create = typeof createAgreement

export const TIMEOUT_MS = 1000
/** Leaves of a key, by its kind: reports have one a label, a settlement is one. */
const LEAVES: Readonly<Record<string, number>> = { 1: 2, 2: 1 }
const SILENT = { debug() {}, info() {}, warn() {} }

export type WorldOptions = {
  readonly create: Create
  readonly n?: number
  /** Members that the test drives; the checker takes it that they sign everything. */
  readonly faulty?: readonly number[]
  readonly seed?: number
}

export type Member = {
  agreement: Agreement | undefined
  readonly journal: ReturnType<typeof createMemoryJournal>
  readonly held: Map<Key, Submission[]>
  readonly attested: Map<Key, Attested>
  readonly alarms: Alarm[]
  readonly evidence: Evidence[]
  /** A core that is right, that lacks bytes, or that makes something else from them. */
  core: "right" | "lacks bytes" | "wrong"
  computeMs: number
  /** What the chain says of leaves that the core made too. */
  twin: "confirms" | "denies" | "silent"
  /** How often it was asked. */
  asked: number
  /** Keys for which it is too early here: not ready, and nothing is computed. */
  readonly waits: Set<Key>
}

export type Puppet = {
  readonly sign: ReturnType<typeof createWire>["sign"]
  readonly send: (to: number, message: Message, enclosed?: readonly Message[]) => void
  readonly received: Packet[]
  react: (packet: Packet) => void
}

export type World = ReturnType<typeof createWorld>

export function createWorld({ create, n = 4, faulty = [], seed = 1 }: WorldOptions) {
  const faults = Math.floor((n - 1) / 3)
  const quorum = Math.floor((n + faults) / 2) + 1
  const era = {
    number: 7,
    startsAt: 0,
    members: Array.from({ length: n }, (_, member) => addressOf(member)),
    quorum,
    faults,
  }
  const random = createRandom(seed)
  const time = createTime()
  const checker: Checker = createChecker({ quorum, faulty: new Set(faulty) })
  const digests = cheapDigests({ root: checker.rootSeen })
  const book = new Map<string, Submission>()
  const forced = new Map<Key, Submission[]>()
  /** Keys that are decided without submissions too. */
  const mandatory = new Set<Key>()
  const chain = { time: 1 }
  /** What the network does; the default delivers within 5 to 30 ms. */
  const net = {
    route: (_from: number, _to: number, _bytes: Uint8Array): Fate => [5 + random.below(25)],
  }
  const mesh = createMesh(n, time, (from, to, bytes) => net.route(from, to, bytes))
  const members = new Map<number, Member>()
  const puppets = new Map<number, Puppet>()
  for (let i = 0; i < n; i++) {
    if (faulty.includes(i)) puppets.set(i, createPuppet(i))
    else members.set(i, createMember())
  }

  function parts(member: number) {
    return {
      signer: { sign: (digest: Hex) => cheapSign(member, digest) },
      recover: cheapRecover,
      digests,
    }
  }

  function createMember(): Member {
    return {
      agreement: undefined,
      journal: createMemoryJournal(),
      held: new Map(),
      attested: new Map(),
      alarms: [],
      evidence: [],
      core: "right",
      computeMs: 1,
      twin: "confirms",
      asked: 0,
      waits: new Set(),
    }
  }

  /** Starts a member, with what its journal holds. */
  function start(index: number, journal: "kept" | "lost" = "kept"): void {
    const member = memberAt(index)
    if (journal === "lost") member.journal.lose()
    const inner = parts(index)
    // Whatever an honest member signs goes past the checker, by way of the digest.
    const spoken = new Map<Hex, Parameters<Checker["signed"]>[1]>()
    const watched = {
      root: inner.digests.root,
      batch(batch: Parameters<typeof digests.batch>[0]) {
        const digest = digests.batch(batch)
        spoken.set(digest, { ...batch, type: "SIGN", content: batch.root })
        return digest
      },
      message(type: string, message: Parameters<typeof digests.message>[1]) {
        const digest = digests.message(type, message)
        spoken.set(digest, { ...message, type: type as Message["type"] })
        return digest
      },
    }
    const signer = {
      sign(digest: Hex) {
        checker.signed(index, spoken.get(digest) as Parameters<Checker["signed"]>[1])
        return inner.signer.sign(digest)
      },
    }
    member.agreement = create(
      { era, self: index, timeoutMs: TIMEOUT_MS, startedAt: chain.time },
      {
        signer,
        recover: cheapRecover,
        digests: watched,
        journal: member.journal,
        transport: mesh.join(index),
        clock: time,
        application: applicationOf(member),
        log: SILENT,
      },
    )
  }

  function applicationOf(member: Member): Application {
    return {
      held: (key) => member.held.get(key) ?? [],
      ready: (key) => !member.waits.has(key),
      mandatory: (key) => mandatory.has(key),
      check: (_key, bytes) => book.get(bytes) ?? { code: "Malformed" },
      forced: (key) => forced.get(key) ?? [],
      leaf,
      async compute(key, inputs) {
        await new Promise<void>((resolve) => time.after(member.computeMs, resolve))
        if (member.core === "lacks bytes" || member.waits.has(key)) return undefined
        return leavesOf(
          key,
          inputs.map(({ hash }) => hash),
          member.core === "wrong" ? { wrong: true } : {},
        )
      },
      async confirm() {
        member.asked += 1
        if (member.twin === "silent") return new Promise(() => undefined)
        return member.twin === "denies" ? { code: "TwinDiffers" } : "confirmed"
      },
      attested(attested) {
        for (const { body } of attested.leaves) {
          const { key } = JSON.parse(body) as { key: Key }
          if (!member.attested.has(key)) member.attested.set(key, attested)
        }
      },
      alarm: (alarm) => member.alarms.push(alarm),
      evidence: (evidence) => member.evidence.push(evidence),
    }
  }

  function createPuppet(index: number): Puppet {
    const wire = createWire(era, index, parts(index))
    const transport = mesh.join(index)
    const puppet: Puppet = {
      sign: wire.sign,
      send: (to, message, enclosed = []) => transport.send(to, toBytes(message, enclosed)),
      received: [],
      react() {},
    }
    transport.onMessage((_from, bytes) => {
      const packet = wire.open(bytes)
      if (typeof packet === "string") return
      puppet.received.push(packet)
      puppet.react(packet)
    })
    return puppet
  }

  function leaf(kind: number, body: string): Leaf | undefined {
    const { key, label } = JSON.parse(body) as { key: Key; label: number }
    const [, topicId, epoch, generation] = key.split("/").map(Number)
    const hash = sha(body)
    checker.leafSeen(hash, body)
    const place = { topicId: topicId as number, label, epoch: epoch as number, generation }
    return { kind, ...place, hash, body }
  }

  /** What a right core makes of inputs; `extra` makes other leaves of them. */
  function leavesOf(key: Key, inputs: readonly Hex[], extra: object = {}): readonly Leaf[] {
    const kind = Number(key.split("/")[0])
    return Array.from({ length: LEAVES[kind] as number }, (_, label) => {
      return leaf(kind, JSON.stringify({ key, label, inputs, ...extra })) as Leaf
    })
  }

  /** A worker's submission, which these members took in before the close. */
  function submit(key: Key, worker: string, holders: Iterable<number>, variant = 0): Submission {
    const bytes = JSON.stringify({ key, worker, variant })
    const submission = { hash: sha(bytes), worker: sha(worker).slice(0, 42) as Hex, bytes }
    book.set(bytes, submission)
    for (const holder of holders) {
      const held = members.get(holder)?.held
      held?.set(key, [...(held.get(key) ?? []), submission])
    }
    return submission
  }

  function memberAt(index: number): Member {
    const member = members.get(index)
    if (member === undefined) throw new Error(`member ${index} is not an honest one`)
    return member
  }

  function puppetAt(index: number): Puppet {
    const puppet = puppets.get(index)
    if (puppet === undefined) throw new Error(`member ${index} is not a faulty one`)
    return puppet
  }

  function due(
    slot: number,
    keys: readonly Key[],
    indices: Iterable<number> = members.keys(),
  ): void {
    chain.time = Math.max(chain.time, slot)
    for (const index of indices) members.get(index)?.agreement?.due(slot, keys)
  }

  /** It is no longer too early for a key at these members, and they look. */
  function ripen(key: Key, indices: Iterable<number> = members.keys()): void {
    for (const index of indices) {
      memberAt(index).waits.delete(key)
      memberAt(index).agreement?.look()
    }
  }

  function crash(index: number): void {
    memberAt(index).agreement?.stop()
    memberAt(index).agreement = undefined
    mesh.leave(index)
  }

  /** Whether these members, or all that run, hold an attestation of the key. */
  function attested(key: Key, indices?: readonly number[]): boolean {
    return [...members].every(([index, member]) => {
      const asked = indices?.includes(index) ?? member.agreement !== undefined
      return !asked || member.attested.has(key)
    })
  }

  function stop(): void {
    for (const member of members.values()) member.agreement?.stop()
  }

  for (const index of members.keys()) start(index)

  return {
    leaf,
    n,
    quorum,
    faults,
    era,
    random,
    time,
    checker,
    net,
    mesh,
    book,
    forced,
    mandatory,
    chain,
    digests,
    members,
    memberAt,
    puppetAt,
    start,
    crash,
    submit,
    leavesOf,
    due,
    ripen,
    attested,
    stop,
    all: Array.from({ length: n }, (_, member) => member),
    /** A slot whose first view this member leads. */
    slotLedBy(member: number, after = 1000) {
      let slot = after * n
      while (leaderOf(slot, 0, n) !== member) slot += 1
      return slot
    },
    leaderOf: (slot: number, view: number) => leaderOf(slot, view, n),
  }
}

/** The message of a packet on the wire, unchecked. */
export function peek(bytes: Uint8Array): { type: string; slot: number; view: number } {
  return (
    JSON.parse(new TextDecoder().decode(bytes)) as {
      message: { type: string; slot: number; view: number }
    }
  ).message
}
