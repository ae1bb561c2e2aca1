// What the chain has said so far, as plain lists: topics, registrations, stakes, eras, reports, settlements. Pure: blocks
// and logs go in, `rewind` takes back what a reorganisation undid, and every answer follows from what is left.

import type { Hex } from "viem"
import type { Parameters } from "../contracts/index.ts"

export type Block = {
  readonly number: number
  readonly hash: Hex
  readonly parentHash: Hex
  /** Seconds since 1970. */
  readonly time: number
}

export type Change = {
  readonly change: "joined" | "left" | "signerChanged"
  /** The sum of 1 inferer, 2 forecaster, 4 reputer. */
  readonly roles: number
  readonly owner: Hex
  readonly signer: Hex
}

export type Era = {
  readonly number: number
  readonly memberIds: readonly number[]
  /** The members' signing addresses, in the order of an attestation's bitmap. */
  readonly members: readonly Hex[]
  readonly quorum: number
  readonly coreId: Hex
  readonly verifier: Hex
  readonly startsAt: number
  readonly expiresAt: number
}

export type Accepted = {
  readonly topicId: number
  readonly label: number
  readonly epoch: number
  readonly word: bigint
  readonly context: Hex
  readonly block: number
  readonly transaction: Hex
}

/** An accepted settlement; each follows the one before it. */
export type Settled = {
  readonly topicId: number
  readonly epoch: number
  /** Its leaf hash, by which reports and the next settlement name it. */
  readonly leaf: Hex
  readonly generation: number
  /** The leaf of the settlement before; zero for the first. */
  readonly parent: Hex
  /** The hash of the list of state rows that it left. */
  readonly state: Hex
  readonly pot: bigint
  readonly quality: Hex
  readonly context: Hex
  /** Block time. */
  readonly acceptedAt: number
  readonly block: number
  readonly transaction: Hex
}

/** One decoded log of the deployment's contracts. */
export type Fact =
  | {
      readonly name: "TopicCreated"
      readonly topicId: number
      readonly parametersHash: Hex
      readonly parameters: Parameters
    }
  | {
      readonly name: "ParametersPatched"
      readonly topicId: number
      readonly fromEpoch: number
      readonly parametersHash: Hex
      readonly parameters: Parameters
    }
  | ({ readonly name: "WorkerChanged"; readonly topicId: number } & Change)
  | {
      readonly name: "StakeChanged"
      readonly topicId: number
      readonly reputer: Hex
      /** What the reputer's pool holds after it, in 1e-18 ALLO. */
      readonly stake: bigint
    }
  | ({ readonly name: "EraOpened" } & Era)
  | {
      readonly name: "MemberListed"
      readonly id: number
      readonly signer: Hex
      readonly url: string
    }
  | ({ readonly name: "ReportAccepted" } & Accepted)
  | ({ readonly name: "SettlementAccepted" } & Omit<Settled, "acceptedAt">)

export type Terms = {
  readonly hash: Hex
  readonly parameters: Parameters
}

/** A fact with the block that holds it. */
export type Entry = { readonly block: number; readonly time: number; readonly fact: Fact }

/** How many blocks a reorganisation may undo before a follower has to start again. */
export const REWIND_LIMIT = 256

export function createLedger() {
  let blocks: Block[] = []
  const entries = new Map<Fact["name"], Entry[]>()
  // Reports and settlements are by far the most and are asked for by topic: kept beside, in the same order.
  const reports = new Map<string, Accepted[]>()
  const settlements = new Map<number, Settled[]>()

  type Named<N extends Fact["name"]> = Entry & { readonly fact: Extract<Fact, { name: N }> }
  const facts = <N extends Fact["name"]>(name: N) => (entries.get(name) ?? []) as Named<N>[]

  function take(entry: Entry) {
    push(entries, entry.fact.name, entry)
    if (entry.fact.name === "ReportAccepted")
      push(reports, `${entry.fact.topicId}/${entry.fact.label}`, entry.fact)
    if (entry.fact.name === "SettlementAccepted") {
      const { name, ...settlement } = entry.fact
      push(settlements, settlement.topicId, { ...settlement, acceptedAt: entry.time })
    }
  }

  return {
    /** The newest block taken in. */
    head: (): Block | undefined => blocks.at(-1),

    /** The blocks taken in, ascending, as far back as `REWIND_LIMIT`. */
    blocks: (): readonly Block[] => blocks,

    /** Takes in facts up to and including `block`, in their order on chain. */
    apply(block: Block, found: readonly Entry[]) {
      for (const entry of found) take(entry)
      blocks = [...blocks.slice(-(REWIND_LIMIT - 1)), block]
    },

    /** Forgets everything above that block. */
    rewind(number: number) {
      if ((blocks.at(-1)?.number ?? -1) <= number) return
      blocks = blocks.filter((block) => block.number <= number)
      const kept = [...entries.values()].flat().filter((entry) => entry.block <= number)
      entries.clear()
      reports.clear()
      settlements.clear()
      for (const entry of kept) take(entry)
    },

    topics: (): readonly number[] => facts("TopicCreated").map(({ fact }) => fact.topicId),

    /** The parameters that hold for an epoch; undefined for a topic that does not exist. */
    terms(topicId: number, epoch: number): Terms | undefined {
      const created = facts("TopicCreated").find(({ fact }) => fact.topicId === topicId)
      if (!created) return undefined
      const patch = facts("ParametersPatched")
        .filter(({ fact }) => fact.topicId === topicId && fact.fromEpoch <= epoch)
        .at(-1)
      const { parametersHash, parameters } = (patch ?? created).fact
      return { hash: parametersHash, parameters }
    },

    /** When the topic was created (block time), or undefined. */
    createdAt: (topicId: number): number | undefined =>
      facts("TopicCreated").find(({ fact }) => fact.topicId === topicId)?.time,

    /** The registrations of a topic that stood at that time, in their order on chain. */
    changes: (topicId: number, time: number): readonly Change[] =>
      facts("WorkerChanged")
        .filter((entry) => entry.fact.topicId === topicId && entry.time <= time)
        .map(({ fact: { change, roles, owner, signer } }) => ({ change, roles, owner, signer })),

    /** The era in force at that time. */
    eraAt(time: number): Era | undefined {
      const era = facts("EraOpened")
        .filter(({ fact }) => fact.startsAt <= time)
        .at(-1)?.fact
      return era && time < era.expiresAt ? era : undefined
    },

    era: (number: number): Era | undefined =>
      facts("EraOpened").find(({ fact }) => fact.number === number)?.fact,

    /** The newest listing of a committee member. */
    member: (id: number) =>
      facts("MemberListed")
        .filter(({ fact }) => fact.id === id)
        .at(-1)?.fact,

    /** The newest accepted report of a topic's label. */
    newest: (topicId: number, label: number): Accepted | undefined =>
      reports.get(`${topicId}/${label}`)?.at(-1),

    report: (topicId: number, label: number, epoch: number): Accepted | undefined =>
      reports.get(`${topicId}/${label}`)?.find((report) => report.epoch === epoch),

    reports: (topicId: number, label: number): readonly Accepted[] =>
      reports.get(`${topicId}/${label}`) ?? [],

    /** A topic's accepted settlements, each following the one before it. */
    settlements: (topicId: number): readonly Settled[] => settlements.get(topicId) ?? [],

    /** The one that the next settlement follows. */
    newestSettlement: (topicId: number): Settled | undefined => settlements.get(topicId)?.at(-1),

    settlement: (topicId: number, epoch: number): Settled | undefined =>
      settlements.get(topicId)?.find((settlement) => settlement.epoch === epoch),

    /** The last one accepted before that time, as `Settlements.lastAcceptedBefore` answers. */
    settledBefore: (topicId: number, time: number): Settled | undefined =>
      settlements.get(topicId)?.findLast(({ acceptedAt }) => acceptedAt < time),

    /** The stakes above zero in a topic's pools after all changes up to and at that time, by reputer. */
    stakes(topicId: number, time: number): ReadonlyMap<Hex, bigint> {
      const stakes = new Map<Hex, bigint>()
      for (const { time: changedAt, fact } of facts("StakeChanged"))
        if (fact.topicId === topicId && changedAt <= time) stakes.set(fact.reputer, fact.stake)
      return new Map([...stakes].filter(([, stake]) => stake > 0n))
    },
  }
}

function push<K, T>(lists: Map<K, T[]>, key: K, item: T): void {
  const known = lists.get(key)
  if (known) known.push(item)
  else lists.set(key, [item])
}

export type Ledger = ReturnType<typeof createLedger>
