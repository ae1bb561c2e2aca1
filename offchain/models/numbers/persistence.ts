// Tomorrow is as today: what every other model is measured by.
import type { Model } from "../history.ts"

export function persistence(): Model {
  return { name: "persistence", predict: ({ values }) => values.at(-1) as number }
}
