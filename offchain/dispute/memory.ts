// What a watcher remembers over restarts, in one small file: up to which block all was looked at, what it has done, and what
// it still waits for.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import type { Hex } from "viem"
import { z } from "zod"
import { NodeError } from "../errors.ts"

const shape = z.strictObject({
  /** Which network it is of. */
  chainId: z.number(),
  disputes: z.string(),
  /** The last block up to which everything was looked at; -1: none. */
  block: z.number(),
  /** Leaves that were refuted, struck, proven or lapsed, by what was done. */
  done: z.array(z.string()),
  /** Messages that could not be looked at for want of rows, by name; they are looked at again. */
  waiting: z.array(z.string()),
  /** Rows that somebody demanded and nobody has published. */
  demands: z.array(
    z.strictObject({
      topicId: z.number(),
      epoch: z.number(),
      leaf: z.string(),
      kind: z.number(),
      index: z.number(),
      publishBefore: z.number(),
    }),
  ),
})

type Kept = z.infer<typeof shape>
export type OpenDemand = Omit<Kept["demands"][number], "leaf"> & { readonly leaf: Hex }
type Network = { readonly chainId: number; readonly disputes: string }

/** Leaves that are remembered as done: far more than stand within one window. */
const DONE_LIMIT = 10_000

export type Memory = ReturnType<typeof openMemory>

/** Reads the file, or starts anew; without one it is kept in this process alone. */
export function openMemory({ chainId, disputes }: Network, file?: string) {
  const network = { chainId, disputes }
  let kept: Kept = { ...network, block: -1, done: [], waiting: [], demands: [] }
  if (file && existsSync(file)) kept = read(file, network)
  const done = new Set(kept.done)
  const waiting = new Set(kept.waiting)

  function save(changed: Partial<Kept> = {}): void {
    kept = { ...kept, ...changed, done: [...done].slice(-DONE_LIMIT), waiting: [...waiting] }
    if (!file) return
    mkdirSync(dirname(file), { recursive: true })
    // Either the old file or the new one is there, whenever the machine stops.
    writeFileSync(`${file}.next`, `${JSON.stringify(kept, undefined, 2)}\n`)
    renameSync(`${file}.next`, file)
  }

  return {
    block: () => kept.block,
    lookedTo: (block: number) => save({ block }),

    hasDone: (what: string, leaf: Hex) => done.has(`${what}/${leaf}`),
    didThat(what: string, leaf: Hex) {
      done.add(`${what}/${leaf}`)
      save()
    },

    isWaiting: (name: string) => waiting.has(name),
    /** Whether a message has to be looked at again. */
    waits(name: string, isWaiting: boolean) {
      if (isWaiting === waiting.has(name)) return
      if (isWaiting) waiting.add(name)
      else waiting.delete(name)
      save()
    },
    waitingCount: () => waiting.size,

    demands: () => kept.demands as readonly OpenDemand[],
    /** What is heard again is one demand still. */
    demanded: (demand: OpenDemand) =>
      save({ demands: [...kept.demands.filter((each) => !isSame(each, demand)), demand] }),
    /** It was answered, or it lapsed. */
    closed: (demand: Pick<OpenDemand, "leaf" | "kind" | "index">) =>
      save({ demands: kept.demands.filter((each) => !isSame(each, demand)) }),
  }
}

type Named = Pick<Kept["demands"][number], "leaf" | "kind" | "index">

const isSame = (a: Named, b: Named) => a.leaf === b.leaf && a.kind === b.kind && a.index === b.index

function read(file: string, { chainId, disputes }: Network): Kept {
  const parsed = shape.safeParse(jsonOf(file))
  if (!parsed.success)
    throw new NodeError("MemoryUnreadable", {
      sentence: `what the watcher remembers in ${file} cannot be read; move the file away, and it looks at everything again`,
      remedy: "stop",
      facts: { file },
    })
  const kept = parsed.data
  if (kept.chainId === chainId && kept.disputes === disputes) return kept
  throw new NodeError("MemoryOfAnother", {
    sentence: `${file} is what a watcher of another network remembers; name another file`,
    remedy: "stop",
    given: `chain ${kept.chainId}, Disputes ${kept.disputes}`,
    required: `chain ${chainId}, Disputes ${disputes}`,
  })
}

function jsonOf(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"))
  } catch {
    return undefined
  }
}
