// Step 7: rows that nobody serves. They are demanded for a bond; who has them publishes them and takes it; what nobody
// publishes in time brings down the message that rests on it.
import { type Hex, parseEventLogs } from "viem"
import { disputesAbi } from "../../contracts/index.ts"
import { decimal } from "../decimal.ts"
import { demanded } from "../dispute/bytes.ts"
import type { Answer } from "../dispute/calls.ts"
import { answerTo, type Examined, leafOf, publishedRows } from "../dispute/examining.ts"
import type { OpenDemand } from "../dispute/memory.ts"
import { isNodeError } from "../errors.ts"
import type { Parts } from "./parts.ts"
import { type Entry, where } from "./standing.ts"

/** How often the bond that the contract asks for is given: what a row costs may have risen until it is mined. */
const BOND_FACTOR = 2n

export type Demands = ReturnType<typeof createDemands>

export function createDemands(parts: Parts) {
  const { options, chain, fetchRow, keep, memory, calls, acting, standing, counts } = parts
  const { deployment } = chain
  const third = Math.floor(deployment.disputeSeconds / 3)
  let heard = -1

  function note(log: ReturnType<typeof eventsOf>[number]): void {
    if (log.eventName === "RowDemanded") {
      const { topicId, epoch, leaf, kind, index, publishBefore } = log.args
      const numbers = { kind: Number(kind), index: Number(index) }
      const demand = { topicId, epoch, leaf, ...numbers, publishBefore: Number(publishBefore) }
      if (standing.follows(topicId)) memory.demanded(demand)
    }
    if (log.eventName === "RowPublished") {
      const { leaf, kind, index, answer } = log.args
      keep(publishedRows(answer))
      memory.closed({ leaf, kind: Number(kind), index: Number(index) })
    }
  }

  /** Undefined: nobody has the message whole. */
  async function leafAt(entry: Entry): Promise<Hex | undefined> {
    if (entry.kind === "settlement") return entry.at.leaf
    try {
      return (await standing.messageOf(entry)).leaf
    } catch (error) {
      if (!isNodeError(error, "NoMessage")) throw error
      return undefined
    }
  }

  async function entryOf({ topicId, epoch, leaf }: OpenDemand): Promise<Entry | undefined> {
    for (const entry of standing.entries()) {
      if (entry.at.topicId !== topicId || entry.at.epoch !== epoch) continue
      if ((await leafAt(entry)) === leaf) return entry
    }
    return undefined
  }

  async function publish(demand: OpenDemand, entry: Entry): Promise<void> {
    const { kind, index } = demand
    let answer: Answer
    try {
      answer = await answerTo(demand, entry.at, fetchRow)
    } catch (error) {
      // Neither here nor with anybody.
      if (!isNodeError(error, "RowMissing") && !isNodeError(error, "RowMismatch")) throw error
      return
    }
    const call = calls.publish(await standing.messageOf(entry), demand, answer)
    if (!(await acting?.holds(call, where(entry)))) return
    await acting?.send(call, { ...where(entry), kind, index }, "row published")
    memory.closed(demand)
    counts.published += 1
  }

  async function lapse(demand: OpenDemand, entry: Entry): Promise<void> {
    const message = await standing.messageOf(entry)
    const call = calls.lapse(message, demand, leafOf(standing.parentOf(entry)))
    if (await acting?.holds(call, where(entry))) {
      await acting?.send(call, where(entry), "lapsed: a row was demanded and nobody published it")
      counts.lapsed += 1
    }
    memory.closed(demand)
  }

  async function mind(demand: OpenDemand): Promise<void> {
    const entry = await entryOf(demand)
    if (!entry) {
      // It fell, or the chain that it was on was undone: it may come back until then.
      if (standing.now() > demand.publishBefore + deployment.disputeSeconds) memory.closed(demand)
      return
    }
    await parts.safely(entry, async () => {
      if (standing.now() >= demand.publishBefore) await lapse(demand, entry)
      else if (options.isPublishing) await publish(demand, entry)
    })
  }

  return {
    /** Takes note of what was demanded and published up to a block; what is published is kept. */
    async hear(upTo: number): Promise<void> {
      const from = Math.max(heard, memory.block(), deployment.startBlock - 1) + 1
      if (from > upTo) return
      for (const log of eventsOf(await chain.logs(deployment.disputes, from, upTo))) note(log)
      heard = upTo
    },

    /** The chain undid the blocks after this one. */
    forgetAfter(block: number): void {
      heard = Math.min(heard, block)
    },

    /** Demands the first row that is missing, if that is wanted; each row once. */
    async demandMissing(entry: Entry, { message, missing }: Examined): Promise<void> {
      const [first] = missing
      if (!first) return
      const { kind, index } = demanded(first)
      const name = `demanded/${kind}/${index}`
      if (memory.hasDone(name, message.leaf)) return
      const isDue = standing.now() < entry.time + third
      const isWanted = options.isDemanding && acting !== undefined
      if ((!isDue || !isWanted) && !parts.isFirst(`${entry.name}/missing/${isDue}`)) return
      const facts = { ...where(entry), row: first.hash, what: first.what, kind, index }
      if (!isDue)
        return parts.log.warn(facts, "nobody serves a row, and it is too late to demand it")
      const bond = (await chain.read<bigint>(calls.bond())) * BOND_FACTOR
      const told = { ...facts, bond: `${decimal(bond)} of the chain's coin` }
      if (!isWanted)
        return parts.log.warn(
          told,
          "nobody serves a row; with --demand and --key-file it is demanded, for a bond",
        )
      const call = calls.demand(message, { kind, index }, bond)
      if (!(await acting.holds(call, facts))) return
      await acting.send(call, told, "row demanded")
      memory.didThat(name, message.leaf)
      counts.demanded += 1
    },

    /** Answers demands, has lapsed what nobody answered, and takes the bonds that this brought. */
    async mindAll(): Promise<void> {
      if (!acting) return
      for (const demand of memory.demands()) await mind(demand)
      await acting.collect()
    },
  }
}

const eventsOf = (logs: Parameters<typeof parseEventLogs>[0]["logs"]) =>
  parseEventLogs({ abi: disputesAbi, logs })
