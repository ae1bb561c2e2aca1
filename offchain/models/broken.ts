// A worker that is broken on purpose for some epochs, to see what the network makes of it: it answers as far from what
// its model says as the topic admits. The message is in order, so nothing but the truth shows that it is wrong.
import type { Parameters } from "../../contracts/index.ts"
import { isRefusal, NodeError } from "../errors.ts"
import type { WorkerModel } from "../worker.ts"
import { probabilityWads } from "./prediction.ts"

/** Broken from one epoch on until another, from which it is whole again. */
export type Break = { readonly model: string; readonly from: number; readonly to: number }

/** Each number at the farther end of the topic's range; of classes all but certain of the one thought least likely. */
export function contrary(
  values: readonly bigint[],
  { arithmetic: { minimum, maximum, requireUnity } }: Pick<Parameters, "arithmetic">,
): readonly bigint[] {
  if (!requireUnity)
    return values.map((value) => (value - minimum > maximum - value ? minimum : maximum))
  const least = values.reduce(
    (at, value, label) => (value < (values[at] as bigint) ? label : at),
    0,
  )
  return probabilityWads(values.map((_, label) => (label === least ? 1 : 0)))
}

/** The models, with that one broken in its epochs. */
export function breakModel(
  models: readonly WorkerModel[],
  { model: name, from, to }: Break,
): readonly WorkerModel[] {
  if (!models.some((model) => model.name === name))
    throw new NodeError("ModelUnknown", {
      sentence: "no model of that name runs here, so none can be broken",
      remedy: "stop",
      given: name,
      required: models.map((model) => model.name).join(" or "),
    })
  return models.map((model) => {
    if (model.name !== name) return model
    return {
      ...model,
      async predict(terms, limits) {
        const said = await model.predict(terms, limits)
        const isBroken = terms.epoch >= from && terms.epoch < to
        if (!isBroken || isRefusal(said) || !said.inference) return said
        return { ...said, inference: contrary(said.inference, terms.parameters) }
      },
    }
  })
}
