// Step 7: the watcher. Recomputes every accepted report and settlement of the topics that it follows from public bytes, with
// its own core and along its own states, says exactly what is wrong, and with a key has the chain take it back. Nothing that
// a member says is believed, and no quorum is needed: one watcher that runs is enough.
import { createExamining, type Examined } from "../dispute/examining.ts"
import { isNodeError, NodeError } from "../errors.ts"
import type { Settled } from "../ledger.ts"
import { fetchListed } from "../replay.ts"
import { createStates } from "../states.ts"
import { createDemands } from "./demands.ts"
import { createParts, type WatcherCounts, type WatcherDeps, type WatcherOptions } from "./parts.ts"
import { createRefuting } from "./refuting.ts"
import { type Entry, where } from "./standing.ts"
import { createStriking } from "./striking.ts"

const PROGRESS_MS = 2_000

export type Watcher = ReturnType<typeof createWatcher>

export function createWatcher(options: WatcherOptions, deps: WatcherDeps) {
  const parts = createParts(options, deps)
  const { chain, rows, fetchRow, keep, memory, clock, log, standing, counts } = parts
  const { ledger, deployment } = chain
  const states = createStates({ ledger, ...deployment, rows, keep, fetchRow, log })
  const examining = createExamining({ ledger, deployment, states, keep, fetchRow })
  const striking = createStriking(parts)
  const refuting = createRefuting(parts, striking)
  const demands = createDemands(parts)
  // What was examined in this run; over restarts the memory says what need not be judged again.
  const seen = new Set<string>()
  let head = -1
  let stopped = false
  let running: Promise<void> = Promise.resolve()

  /** One look at all that is new: hear demands, examine and judge in order, strike, mind demands. */
  async function look(): Promise<void> {
    const upTo = ledger.head()?.number ?? -1
    await demands.hear(upTo)
    const due = standing.entries().filter(({ name }) => !seen.has(name) || memory.isWaiting(name))
    const before = counts.looked
    let told = clock.now()
    for (const [index, entry] of due.entries()) {
      if (stopped) return
      if (clock.now() - told > PROGRESS_MS) {
        told = clock.now()
        log.info({ looked: index, of: due.length, ...where(entry) }, "looking")
      }
      // Only then: what a fault came between is looked at again.
      await parts.safely(entry, async () => {
        await lookAt(entry)
        seen.add(entry.name)
      })
    }
    await striking.strikeUnfounded()
    await demands.mindAll()
    memory.lookedTo(upTo)
    if (counts.looked > before)
      log.info(
        { looked: counts.looked - before, wrong: counts.wrong, waiting: memory.waitingCount() },
        "looked at all there is",
      )
    rows.prune(standing.now())
  }

  /** Looked at before the last restart, or before what was asked for: followed, and not judged again. */
  const isPast = ({ at }: Entry) =>
    at.block <= memory.block() ||
    at.block < (options.fromBlock ?? 0) ||
    at.epoch < (options.fromEpoch ?? 0)

  const isStateHere = (at: Settled) => states.pastOf(at.topicId, at) !== undefined

  /** Where nobody serves the rows any more to make it again, the state that nothing can move is the chain's word. */
  async function takeState(at: Settled): Promise<void> {
    if (isStateHere(at)) return
    try {
      const state = await fetchListed(at.state, "state", fetchRow)
      states.made(state)
      log.warn(
        { topicId: at.topicId, epoch: at.epoch },
        "state taken by its hash, as nobody serves the rows to replay it",
      )
    } catch (error) {
      if (!isNodeError(error, "RowMissing") && !isNodeError(error, "RowMismatch")) throw error
    }
  }

  async function lookAt(entry: Entry): Promise<void> {
    const wasWaiting = memory.isWaiting(entry.name)
    const isJudged = wasWaiting || !isPast(entry)
    // Of what is past only states are needed.
    if (!isJudged && (entry.kind === "report" || isStateHere(entry.at))) return
    const message = await standing.messageOf(entry)
    const examined =
      message.kind === "report"
        ? await examining.report(message)
        : await examining.settlement(message, entry.at as Settled)
    const isNew = !seen.has(entry.name)
    const waits = !examined || examined.missing.length > 0
    const canMove = () => standing.stands(entry) && standing.isOpen(entry)
    memory.waits(entry.name, waits && canMove())
    if (entry.kind === "settlement" && !standing.isOpen(entry)) await takeState(entry.at)
    if (!isJudged || !standing.stands(entry)) return
    // Of a message whose state is not here nothing can be said; the settlement before it is what is looked into.
    if (!examined) {
      if (isNew)
        log.warn(where(entry), "cannot be judged yet: the state that it starts from is not here")
      return
    }
    const isDone = await judge(entry, examined)
    if (!waits && parts.isFirst(`${entry.name}/whole`)) counts.looked += 1
    // What is wrong still may be refuted later, such as after a restart with a key.
    memory.waits(entry.name, (waits || !isDone) && canMove())
  }

  /** Whether there is nothing more to be done about it. */
  async function judge(entry: Entry, examined: Examined): Promise<boolean> {
    const { differences, missing } = examined
    if (differences.length === 0 && missing.length === 0) {
      log.debug(where(entry), "is what our core makes")
      if (options.isProving) await refuting.prove(entry, examined)
      return true
    }
    const outcome = await refuting.dispute(entry, examined)
    if (missing.length > 0 && outcome !== "over") await demands.demandMissing(entry, examined)
    return outcome !== "open"
  }

  return {
    /** To be called at each new block; looks at what is new, one look at a time. */
    blockSeen({ undone = 0 }: { readonly undone?: number } = {}): Promise<void> {
      if (undone > 0) {
        // Counted from the head of the chain that was undone.
        const common = Math.max(head - undone, -1)
        demands.forgetAfter(common)
        if (memory.block() > common) memory.lookedTo(common)
      }
      head = ledger.head()?.number ?? -1
      running = running.then(async () => {
        if (stopped) return
        try {
          await look()
        } catch (error) {
          const fault = error instanceof NodeError ? { code: error.code } : {}
          log.warn(
            { error, ...fault },
            "a look could not be finished; the next block brings another",
          )
        }
      })
      return running
    },

    counts: (): Readonly<WatcherCounts> => ({ ...counts }),

    /** Ends after what is being done. */
    async stop(): Promise<void> {
      stopped = true
      await running
    },
  }
}
