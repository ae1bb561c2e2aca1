// What a worker has answered, kept through restarts: one synced line a model and epoch, written before anything is
// sent. So a worker never gives two values for one epoch; whoever does misses the epoch. Step 1 of the path.
import {
  closeSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeSync,
} from "node:fs"
import { dirname } from "node:path"
import { z } from "zod"
import { NodeError } from "./errors.ts"
import type { Submission } from "./submission.ts"

/** What a worker says of an epoch: a Wad a label, or the losses that it expects of inferers, or both. */
export type Prediction = Pick<Submission, "inference" | "forecast">

export type Answers = {
  /** What was answered under that name, if anything. */
  readonly of: (name: string) => Prediction | undefined
  /** Keeps an answer and gives it back; when this returns, the line is on the disk. */
  readonly keep: (name: string, prediction: Prediction) => Prediction
  readonly close: () => void
}

/** Epochs come one after another, so only the newest answers are ever asked for again. */
const KEPT = 4_096

const wad = z
  .string()
  .regex(/^-?\d{1,39}$/)
  .transform(BigInt)
const shape = z
  .strictObject({
    answer: z.string().min(1),
    values: z.array(wad).exactOptional(),
    forecast: z.array(z.strictObject({ seat: z.int().min(0), loss: wad })).exactOptional(),
  })
  .refine(({ values, forecast }) => values || forecast)

/** Opens the file, or makes it. */
export function createAnswers(file: string): Answers {
  mkdirSync(dirname(file), { recursive: true })
  const descriptor = openSync(file, "a+", 0o600)
  const kept = new Map<string, Prediction>()
  const remember = (name: string, prediction: Prediction) => {
    kept.set(name, prediction)
    if (kept.size > KEPT) kept.delete(kept.keys().next().value as string)
  }
  const text = readFileSync(file, "utf8")
  // A line that a crash cut off was never synced, so nothing was sent on it.
  const whole = text.slice(0, text.lastIndexOf("\n") + 1)
  if (whole !== text) ftruncateSync(descriptor, Buffer.byteLength(whole))
  for (const [index, line] of whole.split("\n").entries()) {
    if (line === "") continue
    const { answer, values, forecast } = parseLine(line, file, index + 1)
    remember(answer, { ...(values && { inference: values }), ...(forecast && { forecast }) })
  }
  return {
    of: (name) => kept.get(name),
    keep(name, prediction) {
      const { inference: values, forecast } = prediction
      const line = JSON.stringify({ answer: name, values, forecast }, (_, value) =>
        typeof value === "bigint" ? value.toString() : value,
      )
      writeSync(descriptor, `${line}\n`)
      fsyncSync(descriptor)
      remember(name, prediction)
      return prediction
    },
    close: () => closeSync(descriptor),
  }
}

function parseLine(line: string, file: string, number: number): z.infer<typeof shape> {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    value = undefined
  }
  const parsed = shape.safeParse(value)
  if (parsed.success) return parsed.data
  // Going on without it could mean a second value for one epoch.
  throw new NodeError("AnswersMalformed", {
    sentence: `line ${number} of ${file} is no answer; mend the file, or move it away if no epoch of it is still open`,
    remedy: "stop",
    facts: { file, line: number },
    given: line.slice(0, 80),
    required: '{"answer":"...","values":["..."]}, or "forecast":[{"seat":0,"loss":"..."}]',
  })
}
