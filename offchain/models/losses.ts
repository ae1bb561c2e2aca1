// How far off an answer was, as the core measures it: log10 of the loss by the topic's method. For forecasts, whose
// losses are guesses and may pass through floats; what counts on the path is computed in wasm/ alone.
import type { Parameters } from "../../contracts/index.ts"

const SQUARED = 1
const ABSOLUTE = 2

/** The mean over labels; of classes the surprise at the one that it was. Nothing below the loss floor counts. */
export function logLoss(
  values: readonly bigint[],
  truths: readonly bigint[],
  { lossMethod, arithmetic }: Pick<Parameters, "lossMethod" | "arithmetic">,
): number {
  const floor = Number(arithmetic.lossFloor) / 1e18
  const atLeast = (value: number) => Math.log10(Math.max(value, floor))
  if (lossMethod === SQUARED || lossMethod === ABSOLUTE) {
    const power = lossMethod === SQUARED ? 2 : 1
    const losses = values.map((value, label) => {
      const distance = Number(value - (truths[label] as bigint)) / 1e18
      return power * atLeast(Math.abs(distance))
    })
    return losses.reduce((sum, loss) => sum + loss, 0) / losses.length
  }
  const happened = truths.findIndex((truth) => truth > 0n)
  const probability = Number(values[happened]) / 1e18
  return atLeast(-Math.log(Math.max(probability, floor)))
}
