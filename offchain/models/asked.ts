// A worker whose answers come from outside: a program or a server is asked each epoch, within a time, and what it says
// is read strictly. Whatever goes wrong is a refusal, which costs that epoch and says what was given and required.
import type { Hex } from "viem"
import type { Clock } from "../clock.ts"
import { isRefusal, type Refusal, refusal } from "../errors.ts"
import type { Signer } from "../signer.ts"
import type { WorkerModel } from "../worker.ts"
import { questionOf, readAnswer } from "./question.ts"

/** Puts a question and answers with what came back, or why nothing did. It ends soon after the signal is aborted. */
export type Ask = (
  question: string,
  limits: { readonly signal: AbortSignal; readonly late: () => Refusal },
) => Promise<string | Refusal>

export type AskedOptions = {
  readonly name: string
  readonly owner: Hex
  readonly signer: Signer
  /** How long it may take, at most. */
  readonly limitMs: number
  readonly ask: Ask
}

/** Of what is left of the window: the rest is for the answer to reach the members. */
const SHARE = 0.75

export function createAsked(
  { name, owner, signer, limitMs, ask }: AskedOptions,
  { clock }: { readonly clock: Clock },
): WorkerModel {
  return {
    name,
    owner,
    signer,
    async predict(terms, { seconds, signal }) {
      const ms = Math.min(limitMs, seconds * 1_000 * SHARE)
      const timer = new AbortController()
      const cancel = clock.after(ms, () => timer.abort())
      const late = () =>
        signal.aborted
          ? refusal("AnswerLate", "the window closed first", `an answer within ${ms} ms`)
          : refusal("AnswerLate", `none after ${ms} ms`, `an answer within ${ms} ms`)
      try {
        const limits = { signal: AbortSignal.any([signal, timer.signal]), late }
        const answer = await ask(questionOf(terms, owner), limits)
        return isRefusal(answer) ? answer : readAnswer(answer, terms)
      } finally {
        cancel()
      }
    },
  }
}
