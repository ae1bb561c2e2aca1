// Steps 2 and 3: before a member accepts a number that its own core made, it asks the core's twin on the chain whether it
// makes the same of the same rows. Whoever signs what the chain would refute pays for it.
import type { Hex } from "viem"
import { decodeInferences, KIND } from "../wasm/index.ts"
import { isRefusal, NodeError, type Refusal, refusal } from "./errors.ts"
import type { Log } from "./log.ts"
import { type Report, reportHash } from "./report.ts"
import type { Synthesis } from "./synthesis.ts"

/** Gas of one question; 32 inferers and 6 forecasters take less than a tenth of it. */
export const TWIN_GAS = 10_000_000n
/** Questions under way at a time. */
const AT_ONCE = 16
/** Reports whose answers, and whose rows while there is none, are remembered. */
const ANSWERS_KEPT = 8_192
const QUESTIONS_KEPT = 512

/** What `IVerifier.confirms` takes besides the report; the fields are those of `contracts/types/Claim.sol`. */
export type TwinEvidence = {
  readonly context: Hex
  readonly inputs: Hex
  readonly outputs: Hex
  readonly beforehand: Hex
  readonly afterwards: Hex
  readonly origin: readonly []
  readonly rows: readonly Hex[]
}

/** Whether the chain confirms value and sigma. Throws `NodeError`: to refuse where the contract reverts by name, else to retry. */
export type AskTwin = (report: Report, evidence: TwinEvidence) => Promise<boolean>

export type Answer = "confirmed" | Refusal
export type Twin = ReturnType<typeof createTwin>

export function createTwin({ ask, log }: { readonly ask: AskTwin; readonly log: Log }) {
  // By the report's leaf, which stands for every row under it.
  const questions = new Map<Hex, { report: Report; evidence: TwinEvidence }>()
  const answers = new Map<Hex, Answer>()
  const asked = new Map<Hex, Promise<Answer | undefined>>()
  const waiting: (() => void)[] = []
  let running = 0
  const counts = { confirmed: 0, denied: 0, unanswered: 0 }

  async function inTurn<T>(run: () => Promise<T>): Promise<T> {
    if (running >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve))
    running += 1
    try {
      return await run()
    } finally {
      running -= 1
      waiting.shift()?.()
    }
  }

  async function answerOf(leaf: Hex): Promise<Answer | undefined> {
    const question = questions.get(leaf)
    if (!question) return undefined
    const { report, evidence } = question
    const { topicId, label, epoch, value, sigma } = report
    try {
      const answer = (await inTurn(() => ask(report, evidence)))
        ? "confirmed"
        : refusal(
            "TwinDiffers",
            `value ${value}, sigma ${sigma}`,
            "what the era's verifier computes",
          )
      return given(leaf, answer)
    } catch (error) {
      if (!(error instanceof NodeError)) throw error
      log.warn(
        { topicId, label, epoch, code: error.code },
        `the twin gives no answer: ${error.message}`,
      )
      if (error.remedy === "refuse")
        return given(leaf, refusal("TwinDiffers", error.code, "an answer"))
      counts.unanswered += 1
      return undefined
    }
  }

  function given(leaf: Hex, answer: Answer): Answer {
    counts[answer === "confirmed" ? "confirmed" : "denied"] += 1
    keep(answers, ANSWERS_KEPT, leaf, answer)
    questions.delete(leaf)
    return answer
  }

  function asking(leaf: Hex): Promise<Answer | undefined> {
    const known = answers.get(leaf)
    if (known) return Promise.resolve(known)
    const under = asked.get(leaf) ?? answerOf(leaf).finally(() => asked.delete(leaf))
    asked.set(leaf, under)
    return under
  }

  return {
    /** Answers so far. */
    counts: (): Readonly<typeof counts> => ({ ...counts }),

    /** Keeps what is to be asked about a synthesis. */
    made(synthesis: Synthesis, state: readonly Uint8Array[]): void {
      for (const report of synthesis.reports) {
        const leaf = reportHash(report)
        if (!answers.has(leaf))
          keep(questions, QUESTIONS_KEPT, leaf, {
            report,
            evidence: evidenceOf(report, synthesis, state),
          })
      }
    },

    /** Asks about all labels at once; undefined while one is not answered. A leaf is asked about until it is. */
    async confirms(leaves: readonly Hex[]): Promise<Answer | undefined> {
      const found = await Promise.all(leaves.map(asking))
      const refused = found.find(isRefusal)
      if (refused) return refused
      return found.includes(undefined) ? undefined : "confirmed"
    },
  }
}

/** The rows that the number of a label rests on: parameters, its inferences, regrets, errors, all forecasts. */
function evidenceOf(
  { label }: Report,
  { inputs, rows }: Synthesis,
  state: readonly Uint8Array[],
): TwinEvidence {
  const [context, inputsList, stateList] = rows as [Uint8Array, Uint8Array, Uint8Array]
  const ofKind = (from: readonly Uint8Array[], kind: number) =>
    from.filter((row) => row[0] === kind)
  const needed = [
    ...ofKind(inputs, KIND.parameters),
    ...ofKind(inputs, KIND.inferences).filter((row) => decodeInferences(row).label === label),
    ...ofKind(state, KIND.regrets),
    ...ofKind(state, KIND.errors),
    ...ofKind(inputs, KIND.forecast),
  ]
  return {
    context: hexOf(context),
    inputs: hexOf(inputsList),
    outputs: "0x",
    beforehand: hexOf(stateList),
    afterwards: "0x",
    origin: [],
    rows: needed.map(hexOf),
  }
}

function keep<T>(map: Map<Hex, T>, limit: number, leaf: Hex, item: T): void {
  map.set(leaf, item)
  if (map.size > limit) map.delete(map.keys().next().value as Hex)
}

const hexOf = (bytes: Uint8Array): Hex => `0x${Buffer.from(bytes).toString("hex")}`
