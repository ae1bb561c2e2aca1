// A blend: the mean of what some models say, each counted by its weight.
import type { History, Model } from "../history.ts"

export function blend(parts: readonly { readonly model: Model; readonly weight: number }[]): Model {
  return {
    name: "blend",
    predict(history: History) {
      const total = parts.reduce((sum, { weight }) => sum + weight, 0)
      const all = parts.map(({ model, weight }) => ({
        said: model.predict(history) as readonly number[],
        part: weight / total,
      }))
      return history.labels.map((_, label) =>
        all.reduce((sum, { said, part }) => sum + part * (said[label] as number), 0),
      )
    },
  }
}
