// How long the core takes in Node: one label, every forecaster naming everybody, every table full. Beside it the same natively
// (wasm/examples/bench, if there is cargo) and Allora's Go chain on the same kind of machine. A topic has at most 32 inferers
// and 6 forecasters; for 128 and 10 a module is built that differs in these bounds alone, which needs the tools of wasm/build.mjs.
import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { encodeParameters, infer, load, values } from "../../wasm/index.ts"
import { parametersOf, randomOf, rowsOf, WAD } from "../support/epochs.ts"
import type { Figure } from "./main.ts"

const ROOT = fileURLToPath(new URL("../..", import.meta.url))
const GLUE = new URL("../../wasm/pkg/allora_core.js", import.meta.url).href
const BATCHES = 60

/** The rows of an epoch of so many inferers and forecasters. */
export function epochOf(infererSeats: number, forecasterSeats: number) {
  const random = randomOf(7)
  const near = (middle: bigint, width: bigint) => middle - width + (random.bits(64) % (2n * width))
  const inferers = Array.from({ length: infererSeats }, (_, i) => i)
  const forecasters = Array.from({ length: forecasterSeats }, (_, k) => 0x80 + k)
  const all = [...inferers, ...forecasters]
  const regrets = (seats: readonly number[]) => new Map(seats.map((seat) => [seat, near(0n, WAD)]))
  const { inputs, state } = rowsOf({
    pNorm: 3n * WAD,
    cNorm: (WAD * 3n) / 4n,
    epsilon: WAD / 100n,
    inferers: inferers.map((seat) => ({ seat, values: [near(3_000n * WAD, 3n * WAD)] })),
    forecasters: forecasters.map((seat) => ({
      seat,
      losses: new Map(inferers.map((of) => [of, near(0n, 2n * WAD)])),
    })),
    previousLoss: WAD / 10n,
    scale: WAD / 2n,
    initialRegret: -WAD / 2n,
    network: regrets(all),
    naive: regrets(all),
    emaErrors: [WAD],
    mads: [WAD],
    oneOut: new Map(all.map((of) => [of, regrets(all.filter((seat) => seat !== of))])),
    oneIn: new Map(forecasters.map((of) => [of, regrets([...inferers, of])])),
  })
  const parameters = parametersOf(1)
  const seating = { ...parameters.seating, infererSeats, forecasterSeats }
  const own = { ...parameters, seating }
  return { parameters: own, inputs: [encodeParameters(own), ...inputs.slice(1)], state }
}

/** Milliseconds of one call, in the quickest of many batches. */
function milliseconds(calls: number, run: () => void): number {
  const batch = () => {
    const start = process.hrtime.bigint()
    for (let i = 0; i < calls; i++) run()
    return Number(process.hrtime.bigint() - start) / 1e6 / calls
  }
  // The engine compiles what is hot while it runs.
  for (let i = 0; i < 10; i++) batch()
  return Number(Math.min(...Array.from({ length: BATCHES }, batch)).toFixed(3))
}

/** The same of a module for more seats; undefined where it cannot be built. */
async function measureWide(): Promise<number | undefined> {
  const folder = mkdtempSync(join(tmpdir(), "allora-core-wide-"))
  try {
    execFileSync(process.execPath, [join(ROOT, "wasm/build.mjs"), "--wide", folder], {
      stdio: "ignore",
    })
    // Another instance of the same glue, beside the one that the door has loaded.
    const core = (await import(`${GLUE}?wide`)) as typeof import("../../wasm/pkg/allora_core.js")
    core.initSync({ module: Uint8Array.from(readFileSync(join(folder, "allora_core_bg.wasm"))) })
    const { inputs, state } = epochOf(128, 10)
    const [framed, past] = [framedRows(inputs), framedRows(state)]
    return milliseconds(1, () => core.infer(framed, past))
  } catch {
    console.error("core.infer.128x10 is left out: node wasm/build.mjs says which tools it needs")
    return undefined
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The form in which rows pass into the module. */
function framedRows(rows: readonly Uint8Array[]): Uint8Array {
  const wide = (value: number) => Uint8Array.of(value >> 8, value & 0xff)
  const parts = rows.flatMap((row) => [wide(row.length), row])
  return Uint8Array.from(Buffer.concat([wide(rows.length), ...parts]))
}

/** The native figures by key, if there is cargo. */
function measureNative(): ReadonlyMap<string, number> {
  const args = ["run", "--release", "--locked", "--quiet", "--example", "bench"]
  try {
    const said = execFileSync("cargo", args, { cwd: join(ROOT, "wasm"), encoding: "utf8" })
    const lines = said.trim().split("\n")
    return new Map(lines.map((line) => JSON.parse(line)).map(({ key, value }) => [key, value]))
  } catch {
    return new Map()
  }
}

export async function measureCore(): Promise<Figure[]> {
  await load()
  const { inputs, state } = epochOf(32, 6)
  const native = measureNative()
  const figure = (key: string, value: number | undefined, goal: number, go: string): Figure[] => {
    if (value === undefined) return []
    const peer = `native Rust ${native.get(key) ?? "not measured"}; ${go} Allora's Go chain v0.6`
    return [{ key, value, unit: "ms", goal, peer }]
  }
  const value = milliseconds(20, () => values(inputs, state))
  const whole = milliseconds(4, () => infer(inputs, state))
  return [
    ...figure("core.value.32x6", value, 0.2, "2.7"),
    ...figure("core.infer.32x6", whole, 4, "566"),
    ...figure("core.infer.128x10", await measureWide(), 80, "13,100"),
  ]
}
