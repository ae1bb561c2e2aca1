// Tomorrow is of today's class, as far as that has been so: what every other model of classes is measured by. How often
// the class stayed is counted over all days, and what is left is shared by the other classes alike.
import type { Model } from "../history.ts"

export function persistence(): Model {
  return {
    name: "persistence",
    predict({ labels, values }) {
      const stayed = values.filter((value, day) => day > 0 && value === values[day - 1]).length
      // One day more of each kind, so that neither is ever impossible.
      const lasting = (stayed + 1) / (values.length + 1)
      const rest = (1 - lasting) / (labels.length - 1)
      return labels.map((_, index) => (index === values.at(-1) ? lasting : rest))
    },
  }
}
