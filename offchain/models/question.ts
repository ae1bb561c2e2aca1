// What a program of anybody's is asked, and how its answer is read: JSON both ways, strictly. A number becomes a Wad
// from its own digits, whether it stands in quotes or not; no float lies between.
import type { Hex } from "viem"
import { z } from "zod"
import type { Prediction } from "../answers.ts"
import { decimal } from "../decimal.ts"
import { isRefusal, type Refusal, refusal } from "../errors.ts"
import { truthTimes } from "../schedule.ts"
import { FIRST_FORECASTER_SEAT } from "../seats.ts"
import type { EpochTerms } from "../terms.ts"

/** The longest answer that is read at all. */
export const ANSWER_LIMIT_BYTES = 65_536
const TEXT_LIMIT = 80

const inferersOf = ({ roster }: EpochTerms) =>
  roster.seats.filter(({ seat }) => seat < FIRST_FORECASTER_SEAT)

/** One line of JSON: what is asked, of whom, until when. */
export function questionOf(terms: EpochTerms, owner: Hex): string {
  const { topicId, epoch, parameters, opensAt, closesAt, roster } = terms
  const { metadata, labels, schedule, arithmetic } = parameters
  const worker = roster.workers.get(owner)
  const roles = [
    ...(worker?.infererSeat === undefined ? [] : ["inferer"]),
    ...(worker?.forecasterSeat === undefined ? [] : ["forecaster"]),
  ]
  return JSON.stringify({
    topicId,
    epoch,
    metadata,
    labels,
    minimum: decimal(arithmetic.minimum),
    maximum: decimal(arithmetic.maximum),
    opensAt,
    closesAt,
    observedAt: closesAt,
    aboutAt: truthTimes(schedule, epoch).aboutAt,
    owner,
    roles,
    inferers: inferersOf(terms).map((taken) => ({ seat: taken.seat, owner: taken.owner })),
  })
}

const shape = z.strictObject({
  value: z.string().exactOptional(),
  values: z.record(z.string(), z.string()).exactOptional(),
  forecasts: z.record(z.string(), z.string()).exactOptional(),
})
const REQUIRED =
  '{"value": "1.5"} or {"values": {"a label": "0.5"}}, and for a forecaster {"forecasts": {"an owner": "-1.2"}}'

/** Reads an answer. What the topic allows of it is not looked at here. */
export function readAnswer(text: string, terms: EpochTerms): Prediction | Refusal {
  const given = parse(text)
  const parsed = shape.safeParse(given)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const where = issue?.path.length ? `at ${issue.path.join(".")}: ` : ""
    const what = given === undefined ? "no JSON" : `${where}${issue?.message}`
    return refusal("AnswerMalformed", `${what}, in ${shown(text)}`, REQUIRED)
  }
  const { value, values, forecasts } = parsed.data
  if (value === undefined && !values && !forecasts)
    return refusal("AnswerMalformed", shown(text), REQUIRED)
  if (value !== undefined && values)
    return refusal("AnswerMalformed", "both value and values", "one of them")
  const inference =
    value === undefined ? values && inferenceOf(values, terms) : singleOf(value, terms)
  if (isRefusal(inference)) return inference
  const forecast = forecasts && forecastOf(forecasts, terms)
  if (isRefusal(forecast)) return forecast
  return { ...(inference && { inference }), ...(forecast && { forecast }) }
}

function singleOf(text: string, { parameters: { labels } }: EpochTerms) {
  if (labels.length > 1)
    return refusal("WrongLabels", "one value", `values for ${labels.join(", ")}`)
  const wad = wadOf(text)
  return wad === undefined ? notANumber("value", text) : [wad]
}

/** A label that is left out has the topic's default; a topic of one label has none to leave out. */
function inferenceOf(
  values: Readonly<Record<string, string>>,
  { parameters: { labels, arithmetic } }: EpochTerms,
): readonly bigint[] | Refusal {
  const named = Object.keys(values)
  const unknown = named.find((label) => !labels.includes(label))
  if (unknown !== undefined || named.length === 0)
    return refusal("WrongLabels", unknown ?? "no label", labels.join(", "))
  const inference: bigint[] = []
  for (const label of labels) {
    const text = values[label]
    const wad = text === undefined ? arithmetic.labelDefault : wadOf(text)
    if (wad === undefined) return notANumber(`values.${label}`, text as string)
    inference.push(wad)
  }
  return inference
}

/** By seat, which is what a submission names; an owner stands for its seat of this epoch. */
function forecastOf(
  forecasts: Readonly<Record<string, string>>,
  terms: EpochTerms,
): Prediction["forecast"] | Refusal {
  const seats = new Map(inferersOf(terms).map((taken) => [taken.owner as string, taken.seat]))
  const forecast = new Map<number, bigint>()
  for (const [owner, text] of Object.entries(forecasts)) {
    const seat = seats.get(owner.toLowerCase())
    if (seat === undefined || forecast.has(seat))
      return refusal(
        "WrongInferers",
        shown(owner),
        "each owner among the inferers asked about, once",
      )
    const loss = wadOf(text)
    if (loss === undefined) return notANumber(`forecasts.${owner}`, text)
    forecast.set(seat, loss)
  }
  if (forecast.size === 0) return undefined
  return [...forecast].sort(([a], [b]) => a - b).map(([seat, loss]) => ({ seat, loss }))
}

/** The JSON with each number as the text that it stands as; undefined if it is none. */
function parse(text: string): unknown {
  // TypeScript's library does not know of the third argument, the source text of a number.
  type Reviver = (key: string, value: unknown, context: { source: string }) => unknown
  const parseJson = JSON.parse as (text: string, reviver: Reviver) => unknown
  try {
    return parseJson(text, (_, value, { source }) => (typeof value === "number" ? source : value))
  } catch {
    return undefined
  }
}

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/

/** The Wad of a decimal, also one with an exponent; what lies beyond 18 places is cut off, toward zero. */
export function wadOf(text: string): bigint | undefined {
  const match = NUMBER.exec(text)
  if (!match) return undefined
  const [, sign, whole, fraction = "", exponent = "0"] = match
  const digits = BigInt(`${whole}${fraction}`)
  const places = 18 + Number(exponent) - fraction.length
  const wad = places < 0 ? digits / 10n ** BigInt(-places) : digits * 10n ** BigInt(places)
  return sign ? -wad : wad
}

const notANumber = (where: string, text: string) =>
  refusal("AnswerNotANumber", `${where} ${shown(text)}`, "a decimal number, such as 1.5 or -2e-3")

/** Text from outside as far as a log line goes. */
export function shown(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is taken out
  const line = text.replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, " ").trim()
  return line.length > TEXT_LIMIT ? `"${line.slice(0, TEXT_LIMIT)}..."` : `"${line}"`
}

/** All bytes of a stream as text, or undefined once they are more than an answer may have. */
export async function collect(chunks: AsyncIterable<Uint8Array>): Promise<string | undefined> {
  const all: Uint8Array[] = []
  let size = 0
  for await (const chunk of chunks) {
    size += chunk.length
    if (size > ANSWER_LIMIT_BYTES) return undefined
    all.push(chunk)
  }
  return Buffer.concat(all).toString("utf8")
}

export const tooLong = (): Refusal =>
  refusal("AnswerTooLong", `more than ${ANSWER_LIMIT_BYTES} bytes`, `at most ${ANSWER_LIMIT_BYTES}`)
