// A chain moved by hand for a watcher: what a committee posts, in calldata as a follower finds it, what `Disputes` says to each
// call, and what was sent. Rows are served as a test says.
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import {
  encodeAbiParameters,
  encodeEventTopics,
  encodeFunctionData,
  type Hex,
  numberToHex,
} from "viem"
import { type Deployment, disputesAbi, reportsAbi } from "../../contracts/index.ts"
import type { Call, Chain } from "../../offchain/chain.ts"
import { openMemory } from "../../offchain/dispute/memory.ts"
import { NodeError } from "../../offchain/errors.ts"
import type { Fact } from "../../offchain/ledger.ts"
import { createLog } from "../../offchain/log.ts"
import { batchRoot, multiproof, type Report, reportHash } from "../../offchain/report.ts"
import { openRows } from "../../offchain/rows.ts"
import type { Signer } from "../../offchain/signer.ts"
import type { WatcherOptions } from "../../offchain/watch/parts.ts"
import { createWatcher } from "../../offchain/watch/watcher.ts"
import { POSTED_UNIT } from "../../offchain/word.ts"
import { rowHash } from "../../wasm/index.ts"
import { manualClock } from "./clock.ts"
import { DISPUTED, registered } from "./disputed.ts"
import { chainOfReputers, DELAY_SECONDS, DOMAIN, person } from "./reputers.ts"

/** W; a row can be demanded for a third of it, and published for another. */
export const DISPUTE_SECONDS = 3_000
/** What the contract asks for, in 1e-18 of the chain's coin. */
export const BOND = 25n * 10n ** 14n
export const KEY: Signer = person(99).signer

const at = (n: number): Hex => numberToHex(n, { size: 20 })
const HOME: Deployment = {
  chainId: DOMAIN.chainId,
  startBlock: 1,
  allo: at(1),
  topics: at(2),
  stakes: at(3),
  committee: at(4),
  reports: DOMAIN.verifyingContract,
  settlements: at(5),
  disputes: at(6),
  facts: at(7),
  verifier: at(8),
  ecosystem: at(9),
  delaySeconds: DELAY_SECONDS,
  disputeSeconds: DISPUTE_SECONDS,
}

export type Said = {
  readonly level: string
  readonly msg: string
  readonly [fact: string]: unknown
}
export type Watched = ReturnType<typeof watchedChain>

export function watchedChain() {
  const folder = mkdtempSync(join(tmpdir(), "allora-watched-"))
  const local = chainOfReputers(DISPUTED)
  const { ledger } = local
  registered(local)
  const rows = new Map<Hex, Uint8Array>()
  const withheld = new Set<Hex>()
  const inputs = new Map<Hex, { to: Hex; input: Hex }>()
  const events: { block: number; topics: Hex[]; data: Hex }[] = []
  const sent: Call[] = []
  const asked: string[] = []
  // By the call's function: what the chain refuses it by.
  const refusals = new Map<string, string>()
  let isDown: (what: string) => boolean = () => false

  const next = () => (ledger.head()?.number ?? 0) + 1
  const answer = async <T>(what: string, value: T): Promise<T> => {
    asked.push(what)
    if (isDown(what)) throw new NodeError("NoChain", { sentence: "no chain", remedy: "retry" })
    return value
  }
  async function simulate(_: Hex, { functionName }: Call): Promise<void> {
    await answer(`simulate ${functionName}`, undefined)
    const code = refusals.get(functionName)
    if (code) throw new NodeError(code, { sentence: "refused", remedy: "refuse" })
  }
  const partial = {
    rpc: "",
    chainId: HOME.chainId,
    deployment: HOME,
    ledger,
    memberUrls: (era: number) =>
      (ledger.era(era)?.memberIds ?? []).flatMap((id) => ledger.member(id)?.url ?? []),
    transaction: (hash: Hex) => answer("transaction", inputs.get(hash)),
    logs: (_: Hex, from: number, to: number) =>
      answer(
        "logs",
        events.filter(({ block }) => block >= from && block <= to),
      ),
    read: ({ functionName }: Call) => answer(functionName, functionName === "bond" ? BOND : 0n),
    simulate,
    async write(signer: Signer, call: Call) {
      await simulate(signer.address, call)
      await answer(`write ${call.functionName}`, undefined)
      sent.push(call)
      return { hash: numberToHex(sent.length, { size: 32 }), gasUsed: 100_000n }
    },
  }
  const chain = partial as unknown as Chain

  const fetchRow = async (hash: Hex, what: string): Promise<Uint8Array> => {
    const row = withheld.has(hash) ? undefined : rows.get(hash)
    if (row) return row
    throw new NodeError("RowMissing", { sentence: `nobody has the ${what} row`, remedy: "retry" })
  }

  return {
    chain,
    ledger,
    rows,
    withheld,
    sent,
    refusals,
    folder,
    /** What was asked of the chain so far, and whether it answers the next time. */
    asked,
    answersUnless(isUnanswered: (what: string) => boolean) {
      isDown = isUnanswered
    },

    at: local.at,

    /** Accepts the reports of one context at that time, out of a transaction of its own; `isPlain`: a plain call of `post`. */
    post(reports: readonly Report[], time: number, { isPlain = true } = {}): void {
      const hashes = reports.map(reportHash)
      const transaction = numberToHex(0xfff000 + inputs.size, { size: 32 })
      const slot = reports[0]?.observedAt ?? 0
      const args = [
        { era: 1, slot, viewNumber: 0, root: batchRoot(hashes) },
        reports,
        multiproof(hashes, [...hashes.keys()]),
        "0x",
      ]
      const input = encodeFunctionData({
        abi: reportsAbi,
        functionName: "post",
        args: args as never,
      })
      inputs.set(transaction, { to: isPlain ? HOME.reports : at(77), input })
      const block = next()
      local.at(
        time,
        ...reports.map((report): Fact => {
          const { topicId, label, epoch, context } = report
          return {
            name: "ReportAccepted",
            topicId,
            label,
            epoch,
            context,
            block,
            transaction,
            word: wordOf(report, time),
          }
        }),
      )
    },

    /** One event of `Disputes` in a block of its own. */
    say(
      time: number,
      eventName: "RowDemanded" | "RowPublished",
      args: Readonly<Record<string, unknown>>,
    ): void {
      const item = disputesAbi.find((each) => each.type === "event" && each.name === eventName)
      const plain = (item && "inputs" in item ? item.inputs : []).filter(
        (input) => !("indexed" in input && input.indexed),
      )
      const topics = encodeEventTopics({
        abi: disputesAbi,
        eventName,
        args: args as never,
      }) as Hex[]
      const data = encodeAbiParameters(
        plain as never,
        plain.map(({ name }) => args[name ?? ""]) as never,
      )
      events.push({ block: next(), topics, data })
      local.at(time)
    },

    /** A watcher with a memory of its own, or that of an earlier one of the same name. */
    watcher(name: string, options: Partial<WatcherOptions> = {}, signer?: Signer) {
      const said: Said[] = []
      const log = createLog(
        { json: true, level: "debug" },
        { write: (line: string) => void said.push(JSON.parse(line) as Said) },
      )
      const memory = openMemory(HOME, join(folder, `${name}.json`))
      const watcher = createWatcher(
        { keepSeconds: 2 ** 40, ...options },
        {
          chain,
          rows: openRows(join(folder, `${name}.sqlite`)),
          fetchRow,
          memory,
          signer,
          clock: manualClock(),
          log,
        },
      )
      return {
        ...watcher,
        memory,
        look: () => watcher.blockSeen(),
        said: (what: string) => said.filter(({ msg }) => msg.includes(what)),
        alarms: () => said.filter(({ msg }) => msg.startsWith("ALARM")),
      }
    },

    serve(made: Iterable<Uint8Array>): void {
      for (const row of made) rows.set(rowHash(row), row)
    },
    end: () => rmSync(folder, { recursive: true }),
  }
}

/** As contracts/types/Word.sol lays it out. */
function wordOf({ value, observedAt, epoch, lag, sigma }: Report, time: number): bigint {
  const postedAfter = Math.ceil((time - observedAt) / POSTED_UNIT)
  return (
    (BigInt.asUintN(128, value) << 128n) |
    (BigInt(observedAt) << 96n) |
    (BigInt(epoch) << 68n) |
    (BigInt(lag) << 44n) |
    (BigInt(postedAfter) << 28n) |
    (1n << 24n) |
    BigInt(sigma)
  )
}
