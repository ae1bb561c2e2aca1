// What the core takes in Node: the value of an epoch with every seat taken and every forecaster naming all, in the steady
// state (nobody new). The median of many runs, after as many to warm up.
import { infer, load } from "../../wasm/index.ts"
import { randomOf, rowsOf, WAD } from "../support/epochs.ts"
import type { Figure } from "./main.ts"

const INFERERS = 32
const FORECASTERS = 6
const RUNS = 500

/** 32 inferers around 100, 6 forecasters with an opinion of each, regrets of the usual size. */
function fullEpoch() {
  const { bits } = randomOf(7)
  // Within `spread` of 0.
  const near = (spread: bigint) => (bits(64) % (2n * spread)) - spread
  const seats = (count: number, from = 0) => Array.from({ length: count }, (_, i) => from + i)
  const inferers = seats(INFERERS)
  const forecasters = seats(FORECASTERS, 0x80)
  const regrets = () =>
    new Map([...inferers, ...forecasters].map((seat) => [seat, near(WAD / 5n)] as const))
  return rowsOf({
    pNorm: 3n * WAD,
    cNorm: (WAD * 3n) / 4n,
    epsilon: WAD / 100n,
    inferers: inferers.map((seat) => ({ seat, values: [100n * WAD + near(5n * WAD)] })),
    forecasters: forecasters.map((seat) => ({
      seat,
      losses: new Map(inferers.map((of) => [of, near(WAD)])),
    })),
    previousLoss: near(WAD),
    scale: WAD / 10n,
    initialRegret: -WAD / 10n,
    network: regrets(),
    naive: regrets(),
    emaErrors: [WAD],
  })
}

function medianMs(run: () => void): number {
  for (let i = 0; i < RUNS; i += 1) run()
  const times = Array.from({ length: RUNS }, () => {
    const began = performance.now()
    run()
    return performance.now() - began
  }).sort((a, b) => a - b)
  return Number((times[RUNS / 2] as number).toFixed(3))
}

/** The group `core`. The value alone: what it takes to withhold each participant in turn is not computed yet. */
export async function measureCore(): Promise<Figure[]> {
  await load()
  const { inputs, state } = fullEpoch()
  return [
    {
      key: "core.value.32x6",
      value: medianMs(() => infer(inputs, state)),
      unit: "ms",
      goal: 0.2,
      peer: "2.7 Allora's chain v0.6, in Go",
    },
  ]
}
