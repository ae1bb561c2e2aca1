// A faulty member that plays by the rules wherever that helps it to break them: as leader it proposes different things to
// different members and shows certificates to few, as member it tells every leader something else, and it prepares
// whatever it sees. Its signature over batches needs no showing: the checker takes it as given.
import type { Hex } from "viem"
import { highest, inputsOf, onePerWorker } from "../../../offchain/agreement/rules.ts"
import type { Message, Packet } from "../../../offchain/agreement/wire.ts"
import type { Key, Submission } from "../../../offchain/agreement.ts"
import { bodiesOf, mapValues, messagesOf } from "./stage.ts"
import type { World } from "./world.ts"

/** Counts what it did. */
export type Deeds = {
  proposals: number
  secondProposals: number
  certificates: number
  hiddenCertificates: number
  lateClaims: number
  falseLocks: number
  unjustified: number
}

export function createRogue(
  world: World,
  member: number,
  {
    slot,
    keys,
    late,
    deeds,
  }: { slot: number; keys: readonly Key[]; late: readonly Submission[]; deeds: Deeds },
): void {
  const puppet = world.puppetAt(member)
  const { random, quorum, faults } = world
  const led = new Set<number>()
  const certified = new Set<string>()
  const observed = new Set<number>()
  const proposals: {
    message: Message<"PROPOSE">
    leaves: Record<Key, ReturnType<World["leavesOf"]>>
  }[] = []

  const some = () => world.all.filter(() => random.chance(0.6))

  function ownObservation(view: number): Message<"OBSERVE"> {
    const held = Object.fromEntries(
      keys.map((key): [Key, Hex[]] => {
        const known = [...world.book.values()].filter(
          ({ bytes }) => (JSON.parse(bytes) as { key: Key }).key === key,
        )
        return [key, known.filter(() => random.chance(0.6)).map(({ hash }) => hash)]
      }),
    )
    if (late.some(({ hash }) => Object.values(held).flat().includes(hash))) deeds.lateClaims++
    const locks: Message<"OBSERVE">["body"]["locks"] = {}
    if (view > 0 && random.chance(0.2)) {
      deeds.falseLocks++
      const key = keys[random.below(keys.length)] as Key
      locks[key] = {
        view: random.below(view),
        leaves: bodiesOf(world.leavesOf(key, [], { forged: true })),
      }
    }
    return puppet.sign("OBSERVE", slot, view, { held, locks })
  }

  /** A proposal as an honest leader would make it, from observations of its choice. */
  function propose(view: number, to: readonly number[]): void {
    const others = messagesOf(puppet, "OBSERVE", view).filter((one) => one.member !== member)
    const own = ownObservation(view)
    const chosen = others.filter(() => random.chance(0.7)).slice(0, quorum)
    const observations = [
      own,
      ...(chosen.length + 1 >= quorum ? chosen : others.slice(0, quorum - 1)),
    ]
    if (random.chance(0.25)) {
      // Too few, none of which shows a lock, one counted twice.
      deeds.unjustified++
      const unlocked = others.filter(({ body }) => Object.keys(body.locks).length === 0)
      observations.splice(0, observations.length, own, own, ...unlocked)
    }
    const leaves: Record<Key, ReturnType<World["leavesOf"]>> = {}
    const submissions: Record<Key, string[]> = {}
    for (const key of keys) {
      const claims = observations.flatMap(({ body }) => body.locks[key] ?? [])
      const lock = random.chance(0.7) ? highest(claims) : claims[random.below(claims.length + 1)]
      const shown = [...world.book.values()].filter(({ hash }) => {
        return inputsOf(
          observations.map(({ body }) => body.held[key] ?? []),
          faults,
        ).includes(hash)
      })
      const inputs = onePerWorker(shown, [])
      if (lock !== undefined && random.chance(0.8)) {
        leaves[key] = lock.leaves
          .map(({ kind, body }) => world.leaf(kind, body))
          .filter((leaf) => leaf !== undefined)
      } else if (inputs.length > 0 || world.mandatory.has(key)) {
        const extra = random.chance(0.1) ? { forged: true } : {}
        leaves[key] = world.leavesOf(
          key,
          inputs.map(({ hash }) => hash),
          extra,
        )
        submissions[key] = shown.map(({ bytes }) => bytes)
      }
    }
    const message = puppet.sign("PROPOSE", slot, view, {
      observations: observations.map((one) => [one.member, one.content]),
      submissions,
      leaves: mapValues(leaves, bodiesOf),
    })
    deeds.proposals++
    proposals.push({ message, leaves })
    if (proposals.length > 8) proposals.shift()
    for (const recipient of to) puppet.send(recipient, message, [...observations, ...allPrepares()])
  }

  function allPrepares(): Message<"PREPARE">[] {
    const found = new Map<Hex, Message<"PREPARE">>()
    for (const { message, enclosed } of puppet.received.slice(-60)) {
      for (const part of [message, ...enclosed])
        if (part.type === "PREPARE") found.set(part.signature, part)
    }
    return [...found.values()].slice(-40)
  }

  function certify(view: number): void {
    for (const { message: proposal, leaves } of proposals) {
      if (proposal.view !== view) continue
      const accepted = mapValues(leaves, (own) => own.map(({ hash }) => hash))
      const own = puppet.sign("PREPARE", slot, view, { proposal: proposal.content, accepted })
      const others = messagesOf(puppet, "PREPARE", view).filter(
        ({ body }) => body.proposal === proposal.content,
      )
      const prepares = [own, ...others]
      const keysOf = Object.keys(leaves).filter(
        (key) => prepares.filter(({ body }) => body.accepted[key]).length >= quorum,
      )
      const name = `${proposal.content} ${keysOf}`
      if (keysOf.length === 0 || certified.has(name)) continue
      certified.add(name)
      const body = {
        proposal: proposal.content,
        leaves: Object.fromEntries(keysOf.map((key) => [key, bodiesOf(leaves[key] ?? [])])),
      }
      const certificate = puppet.sign("CERTIFY", slot, view, body)
      const recipients = some()
      deeds.certificates++
      if (recipients.length < world.n - 1) deeds.hiddenCertificates++
      for (const to of recipients) puppet.send(to, certificate, prepares)
    }
  }

  function onPropose(proposal: Message<"PROPOSE">): void {
    const accepted = mapValues(proposal.body.leaves, (list) =>
      list.flatMap(({ kind, body }) => world.leaf(kind, body)?.hash ?? []),
    )
    const leader = world.leaderOf(slot, proposal.view)
    puppet.send(
      leader,
      puppet.sign("PREPARE", slot, proposal.view, { proposal: proposal.content, accepted }),
    )
  }

  function onWant({ member: leader, view, body }: Message<"WANT">): void {
    const known = [...world.book.values()]
    const submissions = mapValues(body.wanted, (wanted) => {
      return known.filter(({ hash }) => wanted.includes(hash)).map(({ bytes }) => bytes)
    })
    puppet.send(leader, puppet.sign("GIVE", slot, view, { submissions }))
  }

  function onView(view: number): void {
    if (observed.has(view)) return
    observed.add(view)
    for (const to of some()) puppet.send(to, puppet.sign("VIEW", slot, view, {}))
    const leader = world.leaderOf(slot, view)
    if (leader !== member && random.chance(0.7)) puppet.send(leader, ownObservation(view))
  }

  puppet.react = ({ message }: Packet) => {
    if (message.slot !== slot) return
    onView(message.view)
    if (message.type === "PROPOSE") onPropose(message)
    if (message.type === "PREPARE") certify(message.view)
    if (message.type === "WANT") onWant(message)
    if (message.type !== "OBSERVE" || led.has(message.view)) return
    if (
      messagesOf(puppet, "OBSERVE", message.view).filter((one) => one.member !== member).length <
      quorum - 1
    )
      return
    led.add(message.view)
    // Whoever gets a second one has had a first, or not.
    propose(message.view, some())
    if (random.chance(0.7)) {
      deeds.secondProposals++
      propose(message.view, some())
    }
  }
}
