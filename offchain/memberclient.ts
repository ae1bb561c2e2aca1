// How workers and reputers talk to a committee member: one message by HTTP, one answer. Members are not trusted: what they
// say back is bounded in length and time, and believed only as far as a log line goes.
import type { Clock } from "./clock.ts"
import { NodeError, type Refusal } from "./errors.ts"

export type Answer =
  | { readonly outcome: "taken" }
  | { readonly outcome: "refused"; readonly refusal: Refusal }
  /** Nobody there, no answer in time, or none that makes sense: worth another try. */
  | { readonly outcome: "failed"; readonly reason: string }

export type MemberClient = {
  readonly submit: (url: string, body: string, signal: AbortSignal) => Promise<Answer>
}

export type Delivery = { readonly url: string; readonly body: string; readonly signal: AbortSignal }

const BODY_LIMIT_BYTES = 4_096
const TEXT_LIMIT = 200
const FIRST_RETRY_MS = 100
const LONGEST_RETRY_MS = 5_000
/** What a member says whose newest block is older than ours: it will think otherwise soon. */
const EARLY: readonly string[] = ["WindowNotOpen", "WrongEpoch", "TruthTooEarly"]

/** Where a member takes which message. */
export type Path = "submissions" | "truths"

export function createMemberClient({
  timeoutMs,
  path = "submissions",
}: {
  readonly timeoutMs: number
  readonly path?: Path
}): MemberClient {
  return {
    async submit(url, body, signal) {
      try {
        const response = await fetch(`${url.replace(/\/+$/, "")}/${path}`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body,
          // A member answers itself or not at all.
          redirect: "error",
          signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
        })
        const text = await bounded(response)
        if (response.ok) return { outcome: "taken" }
        const refusal = refusalOf(text)
        // Too busy, or broken: its fault and not the message's.
        if (response.status >= 500 || response.status === 429 || !refusal)
          return { outcome: "failed", reason: `HTTP ${response.status}` }
        return { outcome: "refused", refusal }
      } catch (error) {
        return { outcome: "failed", reason: reasonOf(error) }
      }
    },
  }
}

/** Sends to one member until it has answered for good, or the signal says that it is too late: then undefined. */
export async function deliver(
  { url, body, signal }: Delivery,
  { members, clock, seen }: { members: MemberClient; clock: Clock; seen: (answer: Answer) => void },
): Promise<Answer | undefined> {
  for (let wait = FIRST_RETRY_MS; !signal.aborted; wait = Math.min(2 * wait, LONGEST_RETRY_MS)) {
    const answer = await members.submit(url, body, signal)
    seen(answer)
    if (answer.outcome === "taken") return answer
    if (answer.outcome === "refused" && !EARLY.includes(answer.refusal.code)) return answer
    await pause(wait, { clock, signal })
  }
  return undefined
}

/** Waits, or until the signal says that there is nothing to wait for. */
export function pause(ms: number, { clock, signal }: { clock: Clock; signal: AbortSignal }) {
  return new Promise<void>((resolve) => {
    if (signal.aborted) return resolve()
    const cancel = clock.after(ms, end)
    signal.addEventListener("abort", end)
    function end() {
      cancel()
      signal.removeEventListener("abort", end)
      resolve()
    }
  })
}

async function bounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > BODY_LIMIT_BYTES)
      throw new NodeError("AnswerTooLong", {
        sentence: "a member's answer is longer than any refusal",
        remedy: "retry",
        given: `more than ${BODY_LIMIT_BYTES} bytes`,
        required: `at most ${BODY_LIMIT_BYTES} bytes`,
      })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString("utf8")
}

function refusalOf(text: string): Refusal | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== "object" || value === null) return undefined
  const { code, given, required } = value as Record<string, unknown>
  // Codes become names of counts, so nothing but a code may pass for one.
  if (typeof code !== "string" || !/^[A-Z][A-Za-z]{0,63}$/.test(code)) return undefined
  return {
    code,
    ...(typeof given === "string" ? { given: given.slice(0, TEXT_LIMIT) } : {}),
    ...(typeof required === "string" ? { required: required.slice(0, TEXT_LIMIT) } : {}),
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof NodeError) return error.code
  if (!(error instanceof Error)) return String(error)
  if (error.name === "TimeoutError") return "no answer in time"
  // fetch says only that it failed; the cause has the system's word, such as ECONNREFUSED.
  const cause = error.cause as { code?: unknown; message?: unknown } | undefined
  return String(cause?.code ?? cause?.message ?? error.message)
}
