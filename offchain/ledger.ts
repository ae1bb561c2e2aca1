// What the chain has said so far, as plain lists: topics, registrations, eras, reports. Pure: blocks and
// logs go in, `rewind` takes back what a reorganisation undid, and every answer follows from what is left.

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
  /** Bit 0: inferer, bit 1: forecaster. */
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
  | ({ readonly name: "EraOpened" } & Era)
  | {
      readonly name: "MemberListed"
      readonly id: number
      readonly signer: Hex
      readonly url: string
    }
  | ({ readonly name: "ReportAccepted" } & Accepted)

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
  // Reports are by far the most and are asked for by topic and label: kept beside, in the same order.
  const reports = new Map<string, Accepted[]>()

  type Named<N extends Fact["name"]> = Entry & { readonly fact: Extract<Fact, { name: N }> }
  const facts = <N extends Fact["name"]>(name: N) => (entries.get(name) ?? []) as Named<N>[]

  function take(entry: Entry) {
    const list = entries.get(entry.fact.name)
    if (list) list.push(entry)
    else entries.set(entry.fact.name, [entry])
    if (entry.fact.name !== "ReportAccepted") return
    const key = `${entry.fact.topicId}/${entry.fact.label}`
    const known = reports.get(key)
    if (known) known.push(entry.fact)
    else reports.set(key, [entry.fact])
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
  }
}

export type Ledger = ReturnType<typeof createLedger>
