// The models that the bundled workers run, four a series. Their settings are customary ones, not fitted to the days
// that they predict. Add a model here and `allora worker` runs it.
import { autoregression } from "./autoregression.ts"
import type { Model } from "./history.ts"
import { patterns } from "./patterns.ts"
import { persistence } from "./persistence.ts"
import { seasonal } from "./seasonal.ts"
import type { SeriesName } from "./series.ts"
import { smoothing } from "./smoothing.ts"

export const CATALOGUE: Readonly<Record<SeriesName, readonly Model[]>> = {
  sp500: [
    persistence(),
    smoothing({ days: 250, alphas: [0.5, 0.6, 0.7, 0.8, 0.9, 1] }),
    autoregression({ order: 5, days: 500, of: "growth", ridge: 0.1 }),
    patterns({ length: 5, neighbours: 50, of: "growth" }),
  ],
  "seattle-temperature": [
    persistence(),
    seasonal({ halfWidth: 10, days: 365 }),
    autoregression({ order: 5, days: 365, of: "value", ridge: 0 }),
    patterns({ length: 3, neighbours: 50, of: "difference" }),
  ],
}
