// Chains of random settlements for the twin on chain, with what random epochs seldom have: regrets as wide as 128 bits,
// experienced workers, reputers that have exactly two thirds of the stake.
import {
  CoreError,
  decodeElectorate,
  decodeInclusions,
  decodeRegrets,
  decodeSeats,
  decodeTruths,
  encodeElectorate,
  encodeInclusions,
  encodeParameters,
  encodeRegrets,
  genesis,
  KIND,
  type Parameters,
  type Seated as SeatOwner,
} from "../../../wasm/index.ts"
import { type Random, randomOf } from "../epochs.ts"
import { addressOf, randomParameters, randomStep } from "../settlement/world.ts"
import { honest, type Rows, type Shown } from "./settlements.ts"

export type Epoch = {
  readonly parameters: Parameters
  /** Undefined if the truths do not settle. */
  readonly shown: Shown | undefined
  readonly inputs: Rows
  readonly random: Random
  readonly edges: readonly string[]
}

const WIDEST = 2n ** 127n - 1n

/** The epochs of one chain. */
export function* chainOf(seed: number, epochs: number): Generator<Epoch> {
  // Neighbouring seeds start alike, so they are spread.
  const random = randomOf(Math.imul(seed, 0x9e3779b1))
  const parameters = randomParameters(random)
  const states: Rows[] = [genesis(encodeParameters(parameters))]
  let parent: Shown | undefined
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const edges: string[] = []
    const tip = states.at(-1) as Rows
    const base = states[Math.max(0, states.length - random.integer(1, 3))] as Rows
    const roster = parent ? decodeSeats(base[1] as Uint8Array).seated : first(random, parameters)
    const step = randomStep(random, parameters, base, roster)
    const before = random.chance(0.25) ? widened(random, tip, edges) : tip
    const inputs = random.chance(0.3) ? atTwoThirds(step.inputs, edges) : step.inputs
    const shown = settled(() => honest(epoch, inputs, before, parent))
    yield { parameters, shown, inputs, random, edges: shown ? [...edges, ...met(shown)] : edges }
    if (!shown) continue
    states.push(shown.state)
    parent = shown
  }
}

/** Before the first settlement no state says who sits; the report's roster does. */
function first({ chance }: Random, { seating }: Parameters): SeatOwner[] {
  const upTo = (count: number, from: number) => Array.from({ length: count }, (_, k) => from + k)
  const seats = [...upTo(seating.infererSeats, 0), ...upTo(seating.forecasterSeats, 0x80)]
  const taken = seats.filter(() => chance(0.3))
  return taken.map((seat) => ({ seat, owner: addressOf((seat % 0x80) + 1) }))
}

function settled(run: () => Shown): Shown | undefined {
  try {
    return run()
  } catch (error) {
    if (error instanceof CoreError && error.code === "TruthMissing") return undefined
    throw error
  }
}

/** A state whose regrets are of any size, and whose workers have been there for long. */
function widened(random: Random, state: Rows, edges: string[]): Rows {
  edges.push("widened")
  const size = random.chance(0.5) ? 127 : 64
  const isFull = random.chance(0.4)
  const ends = [-WIDEST, 0n, WIDEST]
  return state.map((row) => {
    if (row[0] === KIND.inclusions) {
      const entries = decodeInclusions(row)
      const count = () => (random.chance(0.1) ? 65_535 : random.integer(0, 40))
      return encodeInclusions(entries.map((entry) => ({ ...entry, count: count() })))
    }
    if (row[0] !== KIND.regrets) return row
    const regrets = decodeRegrets(row)
    const end = () => ends[random.integer(0, 2)] as bigint
    const any = isFull ? end : () => random.signed(size)
    return encodeRegrets({
      ...regrets,
      initialRegret: random.chance(0.8) ? any() : undefined,
      inferers: regrets.inferers.map(({ seat }) => ({ seat, network: any(), naive: any() })),
      forecasters: regrets.forecasters.map(({ seat }) => ({ seat, network: any() })),
    })
  })
}

/** Those that spoke have as much stake each, and together two thirds of it. */
function atTwoThirds(inputs: Rows, edges: string[]): Rows {
  const first = inputs.find((row) => row[0] === KIND.truths)
  const spoke = first ? decodeTruths(first).entries.map(({ reputer }) => reputer) : []
  if (spoke.length === 0 || spoke.length > 31) return inputs
  edges.push("two thirds")
  const silent = { reputer: addressOf(20_000), stake: BigInt(spoke.length) }
  const electorate = [...spoke.map((reputer) => ({ reputer, stake: 2n })), silent]
  return inputs.map((row) => (row[0] === KIND.electorate ? encodeElectorate(electorate) : row))
}

/** What a settlement is an example of. */
function met({ inputs, before, state, head, isMissed, parent }: Shown): string[] {
  const was = decodeRegrets(before[2] as Uint8Array)
  const is = decodeRegrets(state[2] as Uint8Array)
  const of = (kind: number) => inputs.filter((row) => row[0] === kind)
  const sat = decodeSeats(before[1] as Uint8Array)
  const sits = decodeSeats(state[1] as Uint8Array)
  const owner = new Map(sits.seated.map(({ seat, owner }) => [seat, owner]))
  const isFull = [is.scale, is.initialRegret].some((x) => x === WIDEST || x === -WIDEST - 1n)
  const stakes = of(KIND.electorate).flatMap((row) => decodeElectorate(row))
  const edges = {
    missed: isMissed,
    "first of all": !isMissed && !parent,
    "all new": !isMissed && was.initialRegret === undefined,
    saturated: isFull,
    waiting: sits.waiting.length > 0,
    leavers: sat.seated.some(({ seat, owner: name }) => owner.get(seat) !== name),
    newcomers: sits.seated.length > sat.seated.length,
    "one inferer": of(KIND.inferences)[0]?.length === 22,
    "no forecasters": !isMissed && of(KIND.forecast).length === 0,
    forecasters: of(KIND.forecast).length > 1,
    classes: !isMissed && head[1] === 2,
    "many labels": of(KIND.truths).length > 1,
    "equal stakes": stakes.length > 2 && new Set(stakes.map(({ stake }) => stake)).size === 1,
    tables: state.some((row) => row[0] === KIND.oneInRegrets),
  }
  return Object.entries(edges).flatMap(([name, isMet]) => (isMet ? [name] : []))
}
