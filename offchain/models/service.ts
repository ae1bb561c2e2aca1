// Anybody's model as an HTTP server: it gets the question as a POST and answers with a body, once an epoch.
import { refusal } from "../errors.ts"
import type { Ask } from "./asked.ts"
import { collect, shown, tooLong } from "./question.ts"

export function createService(url: string): Ask {
  return async (question, { signal, late }) => {
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: question,
        // Who was named answers, or nobody does.
        redirect: "error",
        signal,
      })
      const answer = response.body ? await collect(response.body) : ""
      if (answer === undefined) return tooLong()
      if (response.ok) return answer
      const given = `HTTP ${response.status}, ${shown(answer)}`
      return refusal("ServiceFailed", given, "HTTP 200")
    } catch (error) {
      if (signal.aborted) return late()
      // fetch says only that it failed; the cause has the system's word, such as ECONNREFUSED.
      const cause = (error as Error).cause as { code?: unknown } | undefined
      return refusal(
        "ServiceFailed",
        cause?.code ?? (error as Error).message,
        `an answer at ${url}`,
      )
    }
  }
}
