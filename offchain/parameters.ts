// A topic's parameters as people write them: JSON with decimals as text, so that no digit passes a float.
import { z } from "zod"
import type { Parameters } from "../contracts/index.ts"
import { decimal, parseDecimal } from "./decimal.ts"
import { NodeError } from "./errors.ts"

const TOPIC_TYPES = ["regression", "classification"] as const
const TRUTH_SOURCES = ["reputers", "chain"] as const
const LOSS_METHODS = ["mse", "mae", "crossEntropy"] as const

const wad = z.string().transform((text, context) => {
  const value = parseDecimal(text)
  if (value === undefined) context.addIssue(`given "${text}", required a decimal such as "0.1"`)
  return value ?? 0n
})
const seconds = z.int().min(0).max(0xffff_ffff)
const count = z.int().min(0).max(255)

const shape = z.strictObject({
  topicType: z.enum(TOPIC_TYPES),
  truthSource: z.enum(TRUTH_SOURCES),
  lossMethod: z.enum(LOSS_METHODS),
  weightRule: count,
  maxLabels: z.int().min(0).max(65_535),
  allowNegative: z.boolean(),
  rowsPublished: z.boolean(),
  history: count,
  metadata: z.string(),
  labels: z.array(z.string()),
  schedule: z.strictObject({
    start: seconds,
    firstEpoch: seconds,
    length: seconds,
    windowOpens: seconds,
    windowLength: seconds,
    lag: seconds,
    truthWindow: seconds,
    deadline: seconds,
  }),
  arithmetic: z.strictObject({
    pNorm: wad,
    cNorm: wad,
    alphaRegret: wad,
    alphaScore: wad,
    alphaError: wad,
    epsilon: wad,
    lossFloor: wad,
    minimum: wad,
    maximum: wad,
    requireUnity: z.boolean(),
    unityTolerance: wad,
    labelDefault: wad,
    infererQuantile: wad,
    forecasterQuantile: wad,
    reputerQuantile: wad,
  }),
  seating: z.strictObject({
    infererSeats: count,
    forecasterSeats: count,
    newcomerSeats: count,
    benchSize: count,
    rewardedInferers: count,
    workersListed: z.boolean(),
    reputersListed: z.boolean(),
  }),
  money: z.strictObject({
    truthTolerance: wad,
    slashTolerance: wad,
    workerBond: wad,
    reputerMinimum: wad,
  }),
})

/** Reads parameters from JSON text; a wrong field is named with its path. The contract checks the bounds. */
export function parametersFromJson(text: string): Parameters {
  const parsed = shape.safeParse(parseJson(text))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new NodeError("ParametersMalformed", {
      sentence: `the topic's parameters do not fit at ${issue?.path.join(".") || "the top"}: ${issue?.message}`,
      remedy: "stop",
    })
  }
  const { topicType, truthSource, lossMethod, ...rest } = parsed.data
  return {
    ...rest,
    topicType: TOPIC_TYPES.indexOf(topicType) + 1,
    truthSource: TRUTH_SOURCES.indexOf(truthSource) + 1,
    lossMethod: LOSS_METHODS.indexOf(lossMethod) + 1,
  }
}

/** The same JSON back, two spaces deep. */
export function parametersToJson(parameters: Parameters): string {
  const named = {
    ...parameters,
    topicType: TOPIC_TYPES[parameters.topicType - 1],
    truthSource: TRUTH_SOURCES[parameters.truthSource - 1],
    lossMethod: LOSS_METHODS[parameters.lossMethod - 1],
  }
  const text = (_: string, value: unknown) => (typeof value === "bigint" ? decimal(value) : value)
  return `${JSON.stringify(named, text, 2)}\n`
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new NodeError("ParametersMalformed", {
      sentence: "the topic's parameters are not JSON",
      remedy: "stop",
      cause,
    })
  }
}
