// The models that the bundled workers run. Their settings are customary ones, not fitted to the days that they predict.
// Add a model here and `allora worker` runs it. The forecaster is a worker of another kind: see forecaster.ts.
import { blend } from "./classes/blend.ts"
import { climatology as classClimatology } from "./classes/climatology.ts"
import { logistic } from "./classes/logistic.ts"
import { markov } from "./classes/markov.ts"
import { nearest } from "./classes/nearest.ts"
import { persistence as classPersistence } from "./classes/persistence.ts"
import { recent } from "./classes/recent.ts"
import type { Model } from "./history.ts"
import { autoregression } from "./numbers/autoregression.ts"
import { climatology } from "./numbers/climatology.ts"
import { holt } from "./numbers/holt.ts"
import { median } from "./numbers/median.ts"
import { momentum } from "./numbers/momentum.ts"
import { patterns } from "./numbers/patterns.ts"
import { persistence } from "./numbers/persistence.ts"
import { regression } from "./numbers/regression.ts"
import { seasonal } from "./numbers/seasonal.ts"
import { smoothing } from "./numbers/smoothing.ts"
import { theta } from "./numbers/theta.ts"
import type { SeriesName } from "./series.ts"

/** The worker that predicts the losses of the others. No series has a model of that name. */
export const FORECASTER = "forecaster"

export const CATALOGUE: Readonly<Record<SeriesName, readonly Model[]>> = {
  sp500: [
    persistence(),
    smoothing({ days: 250, alphas: [0.5, 0.6, 0.7, 0.8, 0.9, 1] }),
    autoregression({ order: 5, days: 500, of: "growth", ridge: 0.1 }),
    patterns({ length: 5, neighbours: 50, of: "growth" }),
    momentum({ days: 20 }),
    holt({ days: 250, alpha: 0.8, beta: 0.2, damping: 0.8 }),
    median({ days: 3 }),
  ],
  "seattle-temperature": [
    persistence(),
    seasonal({ halfWidth: 10, days: 365 }),
    autoregression({ order: 5, days: 365, of: "value", ridge: 0 }),
    patterns({ length: 3, neighbours: 50, of: "difference" }),
    climatology({ halfWidth: 10, days: 14 }),
    theta({ days: 30, alpha: 0.6 }),
    regression({ days: 365, ridge: 0.01 }),
  ],
  "seattle-weather": [
    classPersistence(),
    classClimatology({ halfWidth: 15 }),
    markov({ name: "markov" }),
    recent({ halfLife: 10 }),
    nearest({ neighbours: 60 }),
    logistic({ passes: 2, step: 0.05, decay: 0.001 }),
    blend([
      { model: markov({ name: "season", halfWidth: 45 }), weight: 1 },
      { model: recent({ halfLife: 5 }), weight: 1 },
    ]),
  ],
}
