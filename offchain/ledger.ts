// What the chain has said so far, as plain lists: topics, registrations, stakes, eras, reports, settlements. Pure: blocks
// and logs go in, `rewind` takes back what a reorganisation undid, and every answer follows from what is left.

import type { Hex } from "viem"
import type { Parameters } from "../contracts/index.ts"
import { reportHash } from "./report.ts"
import { STATUS, type Status, unpackWord } from "./word.ts"

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
  | {
      readonly name: "WordMarked"
      readonly topicId: number
      readonly label: number
      readonly epoch: number
      readonly word: bigint
    }
  | {
      /** A dispute about a report that moved something: all that bears its context falls with it. */
      readonly name: "ReportFell"
      readonly topicId: number
      readonly label: number
      readonly epoch: number
      readonly leaf: Hex
      readonly status: "Void" | "Refuted"
    }
  | {
      readonly name: "SettlementTakenBack"
      readonly topicId: number
      readonly epoch: number
      readonly leaf: Hex
      /** The topic's from now on. */
      readonly generation: number
      /** The leaf that the next settlement follows; zero if it is to be the first. */
      readonly head: Hex
    }

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
  let taken: Entry[] = []
  const entries = new Map<Fact["name"], Entry[]>()
  // Reports and settlements are by far the most and are asked for by topic: kept beside, in the same order.
  const reports = new Map<string, Accepted[]>()
  const settlements = new Map<number, Settled[]>()
  // What words became after a dispute, by topic, label and epoch, and the newest such epoch by topic and label.
  const marks = new Map<string, bigint>()
  const markedUntil = new Map<string, number>()
  // What became of a report's context, by topic, epoch and context.
  const verdicts = new Map<string, "Void" | "Refuted">()
  const takenBack = new Map<number, { generation: number; settlements: Settled[] }>()

  type Named<N extends Fact["name"]> = Entry & { readonly fact: Extract<Fact, { name: N }> }
  const facts = <N extends Fact["name"]>(name: N) => (entries.get(name) ?? []) as Named<N>[]

  function take(entry: Entry) {
    taken.push(entry)
    push(entries, entry.fact.name, entry)
    if (entry.fact.name === "ReportAccepted")
      push(reports, `${entry.fact.topicId}/${entry.fact.label}`, entry.fact)
    if (entry.fact.name === "SettlementAccepted") {
      const { name, ...settlement } = entry.fact
      push(settlements, settlement.topicId, { ...settlement, acceptedAt: entry.time })
    }
    if (entry.fact.name === "WordMarked") {
      const { topicId, label, epoch, word } = entry.fact
      const name = `${topicId}/${label}`
      marks.set(`${name}/${epoch}`, word)
      markedUntil.set(name, Math.max(epoch, markedUntil.get(name) ?? 0))
    }
    if (entry.fact.name === "ReportFell") fall(entry.fact)
    if (entry.fact.name === "SettlementTakenBack") takeBack(entry.fact)
  }

  /** Words that have been displaced are not marked, so that a report is known to have fallen by its leaf. */
  function fall({ topicId, label, epoch, leaf, status }: Named<"ReportFell">["fact"]) {
    const accepted = reports.get(`${topicId}/${label}`)?.find((report) => report.epoch === epoch)
    if (accepted && isLeafOf(accepted, leaf))
      verdicts.set(`${topicId}/${epoch}/${accepted.context}`, status)
  }

  /** All that followed the head falls with the one that is named. */
  function takeBack({ topicId, head, generation }: Named<"SettlementTakenBack">["fact"]) {
    const all = settlements.get(topicId) ?? []
    const standing = all.findIndex(({ leaf }) => leaf === head) + 1
    const fallen = all.slice(standing)
    settlements.set(topicId, all.slice(0, standing))
    const earlier = takenBack.get(topicId)?.settlements ?? []
    takenBack.set(topicId, { generation, settlements: [...earlier, ...fallen] })
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
      // In their order on chain: what was taken back after it was accepted has to be so again.
      const kept = taken.filter((entry) => entry.block <= number)
      taken = []
      entries.clear()
      reports.clear()
      settlements.clear()
      marks.clear()
      markedUntil.clear()
      verdicts.clear()
      takenBack.clear()
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

    /** The newest epoch of a topic's label that a word stands for, accepted or refuted before it was. */
    newestEpoch(topicId: number, label: number): number | undefined {
      const name = `${topicId}/${label}`
      const [accepted, marked] = [reports.get(name)?.at(-1)?.epoch, markedUntil.get(name)]
      return accepted === undefined || marked === undefined
        ? (accepted ?? marked)
        : Math.max(accepted, marked)
    },

    /** How a label's epoch stands on the chain: None, Attested, Proven, Void or Refuted. `Final` is a matter of time. */
    statusOf(topicId: number, label: number, epoch: number): Status {
      const accepted = reports.get(`${topicId}/${label}`)?.find((report) => report.epoch === epoch)
      const verdict = accepted && verdicts.get(`${topicId}/${epoch}/${accepted.context}`)
      if (verdict) return verdict
      const word = marks.get(`${topicId}/${label}/${epoch}`) ?? accepted?.word
      return word === undefined ? "None" : (STATUS[unpackWord(word).status] ?? "None")
    },

    report: (topicId: number, label: number, epoch: number): Accepted | undefined =>
      reports.get(`${topicId}/${label}`)?.find((report) => report.epoch === epoch),

    reports: (topicId: number, label: number): readonly Accepted[] =>
      reports.get(`${topicId}/${label}`) ?? [],

    /** A topic's settlements that stand, each following the one before it. */
    settlements: (topicId: number): readonly Settled[] => settlements.get(topicId) ?? [],

    /** The one that the next settlement follows. */
    newestSettlement: (topicId: number): Settled | undefined => settlements.get(topicId)?.at(-1),

    settlement: (topicId: number, epoch: number): Settled | undefined =>
      settlements.get(topicId)?.find((settlement) => settlement.epoch === epoch),

    /** Which generation the next settlement of a topic has to be of. */
    generation: (topicId: number): number => takenBack.get(topicId)?.generation ?? 0,

    /** The settlements of a topic that were accepted and do not stand any more, oldest first. */
    fallen: (topicId: number): readonly Settled[] => takenBack.get(topicId)?.settlements ?? [],

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

/** The history that was signed is not in the word, so each that there can be is tried. */
function isLeafOf({ topicId, label, context, word }: Accepted, leaf: Hex): boolean {
  const { value, observedAt, epoch, lag, sigma } = unpackWord(word)
  const report = { topicId, label, epoch, observedAt, lag, value, sigma, context }
  for (let history = 0; history < 256; history++)
    if (reportHash({ ...report, history }) === leaf) return true
  return false
}

function push<K, T>(lists: Map<K, T[]>, key: K, item: T): void {
  const known = lists.get(key)
  if (known) known.push(item)
  else lists.set(key, [item])
}

export type Ledger = ReturnType<typeof createLedger>
