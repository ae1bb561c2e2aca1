// An independent witness of step 2: the synthesis once more, slow and obvious, on plain values and arbitrary integers. It
// shares no code with wasm/; what both say is what the head of wasm/src/synthesis.rs says.

export type WitnessEpoch = {
  readonly pNorm: bigint
  readonly cNorm: bigint
  readonly epsilon: bigint
  /** Values of each label. */
  readonly inferers: readonly { readonly seat: number; readonly values: readonly bigint[] }[]
  readonly forecasters: readonly {
    readonly seat: number
    readonly losses: ReadonlyMap<number, bigint>
  }[]
  readonly previousLoss: bigint | undefined
  readonly scale: bigint
  readonly initialRegret: bigint | undefined
  /** By seat; inferers' and forecasters' alike. */
  readonly network: ReadonlyMap<number, bigint>
  readonly naive: ReadonlyMap<number, bigint>
  /** One a label. */
  readonly emaErrors: readonly (bigint | undefined)[]
  readonly mads: readonly (bigint | undefined)[]
  /** By the seat withheld, and by the one forecaster's: regrets by seat. */
  readonly oneOut: ReadonlyMap<number, ReadonlyMap<number, bigint>>
  readonly oneIn: ReadonlyMap<number, ReadonlyMap<number, bigint>>
}

export type WitnessLabel = {
  readonly combined: bigint
  readonly naive: bigint
  readonly sigma: bigint | undefined
  readonly percentiles: readonly bigint[]
  readonly implied: ReadonlyMap<number, bigint>
  /** By seat. */
  readonly oneOutInferers: ReadonlyMap<number, bigint>
  readonly oneOutForecasters: ReadonlyMap<number, bigint>
  readonly oneInForecasters: ReadonlyMap<number, bigint>
  /** By "forecaster/inferer". */
  readonly oneOutImplied: ReadonlyMap<string, bigint>
}

export type WitnessSynthesis = {
  readonly weights: ReadonlyMap<number, bigint>
  readonly labels: readonly WitnessLabel[]
}

type Weighted = { readonly value: bigint; readonly weight: bigint }

const ONE = 10n ** 18n

/** BigInt division already goes toward zero. */
const mulWad = (x: bigint, y: bigint) => (x * y) / ONE
const divWad = (x: bigint, y: bigint) => (x * ONE) / y

/** Solady's expWad on integers without a width; `>>` rounds down, as the EVM's sar does. */
export function expWad(given: bigint): bigint {
  if (given <= -41446531673892822313n) return 0n
  if (given >= 135305999368893231589n) throw new Error("ExpOverflow")
  let x = (given << 78n) / 5n ** 18n
  const ln2 = 54916777467707473351141471128n
  const k = ((x << 96n) / ln2 + 2n ** 95n) >> 96n
  x -= k * ln2
  let y = x + 1346386616545796478920950773328n
  y = ((y * x) >> 96n) + 57155421227552351082224309758442n
  let p = y + x - 94201549194550492254356042504812n
  p = ((p * y) >> 96n) + 28719021644029726153956944680412240n
  p = p * x + (4385272521454847904659076985693276n << 96n)
  let q = x - 2855989394907223263936484059900n
  q = ((q * x) >> 96n) + 50020603652535783019961831881945n
  q = ((q * x) >> 96n) - 533845033583426703283633433725380n
  q = ((q * x) >> 96n) + 3604857256930695427073651918091429n
  q = ((q * x) >> 96n) - 14423608567350463180887372962807573n
  q = ((q * x) >> 96n) + 26449188498355588339934803723976023n
  return ((p / q) * 3822833074963236453042738258902158003155416615667n) >> (195n - k)
}

function median(values: readonly bigint[]): bigint {
  const sorted = ascending(values)
  const n = sorted.length
  if (n === 0) return 0n
  const upper = sorted[Math.floor(n / 2)] as bigint
  return n % 2 === 1 ? upper : ((sorted[n / 2 - 1] as bigint) + upper) / 2n
}

function ascending(values: readonly bigint[]): bigint[] {
  return [...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
}

function regretScale(regrets: readonly bigint[], epsilon: bigint): bigint {
  const centre = median(regrets)
  const distances = regrets.map((regret) => (regret > centre ? regret - centre : centre - regret))
  return mulWad(1482600000000000000n, median(distances)) + epsilon
}

/** (e^a + 1) / (e^b + 1), in the form that does not overflow. */
function f(a: bigint, b: bigint): bigint {
  if (a <= 0n && b <= 0n) return (ONE * (expWad(a) + ONE)) / (expWad(b) + ONE)
  if (a > 0n && b <= 0n) return (expWad(a) * (expWad(-a) + ONE)) / (expWad(b) + ONE)
  if (a <= 0n && b > 0n) return (expWad(-b) * (expWad(a) + ONE)) / (expWad(-b) + ONE)
  return (expWad(a - b) * (expWad(-a) + ONE)) / (expWad(-b) + ONE)
}

function weightsOf(regrets: readonly bigint[], scale: bigint, { pNorm, cNorm }: WitnessEpoch) {
  const normalised = regrets.map((regret) => divWad(regret, scale))
  const best = normalised.reduce((m, r) => (r > m ? r : m))
  return normalised.map((r) => f(-mulWad(pNorm, best - cNorm), -mulWad(pNorm, r - cNorm)))
}

function mean(weighted: readonly Weighted[]): bigint {
  const products = weighted.reduce((sum, { value, weight }) => sum + value * weight, 0n)
  const weights = weighted.reduce((sum, { weight }) => sum + weight, 0n)
  return products / (weights > 10n ** 11n ? weights : 10n ** 11n)
}

function plainMean(values: readonly bigint[]): bigint {
  return values.reduce((sum, value) => sum + value, 0n) / BigInt(values.length)
}

/** The percentile, in hundredths of a percent; all places are held as integers over 20,000 · sum of weights. */
function percentile(weighted: readonly Weighted[], basisPoints: bigint): bigint {
  const counting = weighted
    .filter(({ weight }) => weight > 0n)
    .sort((a, b) => {
      if (a.value !== b.value) return a.value < b.value ? -1 : 1
      return a.weight < b.weight ? -1 : a.weight > b.weight ? 1 : 0
    })
  let cumulated = 0n
  const placed = counting.map(({ value, weight }) => {
    cumulated += weight
    return { value, place: (2n * cumulated - weight) * 10_000n }
  })
  const target = 2n * basisPoints * cumulated
  const first = placed[0] as { value: bigint; place: bigint }
  const last = placed.at(-1) as { value: bigint; place: bigint }
  if (target <= first.place) return first.value
  if (target >= last.place) return last.value
  const above = placed.findIndex(({ place }) => place >= target)
  const [lower, upper] = placed.slice(above - 1, above + 1) as [typeof first, typeof first]
  const climb = (upper.value - lower.value) * (target - lower.place)
  return lower.value + climb / (upper.place - lower.place)
}

function sigmaOf(
  weighted: readonly Weighted[],
  low: bigint,
  high: bigint,
  past: bigint | undefined,
) {
  const values = weighted.filter(({ weight }) => weight > 0n).map(({ value }) => value)
  if (new Set(values).size < 3) return undefined
  const half = (high - low) / 2n
  return past !== undefined && past > half ? past : half
}

type Inferer = WitnessEpoch["inferers"][number]
type Forecaster = WitnessEpoch["forecasters"][number]

/** What all values of an epoch are made with. */
function maker(epoch: WitnessEpoch) {
  const { inferers, forecasters, initialRegret, previousLoss } = epoch
  const regretOf = (regrets: ReadonlyMap<number, bigint> | undefined, seat: number) =>
    regrets?.get(seat) ?? (initialRegret as bigint)
  const present = [...inferers, ...forecasters].map(({ seat }) => regretOf(epoch.network, seat))
  const scale =
    epoch.scale || regretScale(initialRegret === undefined ? [] : present, epoch.epsilon)

  // The labels share their weights; made anew for each, the tests would take minutes.
  const made = new Map<string, bigint[]>()
  const weighed = (regrets: readonly bigint[]) => {
    const key = regrets.join()
    const weights = made.get(key) ?? weightsOf(regrets, scale, epoch)
    made.set(key, weights)
    return weights
  }

  /** What a forecast implies, if nobody but these inferers had said anything. */
  const impliedOf = ({ losses }: Forecaster, label: number, among: readonly Inferer[]) => {
    const named = among.filter(({ seat }) => losses.has(seat))
    const values = named.map((inferer) => inferer.values[label] as bigint)
    if (values.length === 0) return undefined
    if (initialRegret === undefined) return plainMean(values)
    if (previousLoss === undefined) return undefined
    if (values.length === 1) return values[0]
    const regrets = named.map(({ seat }) => previousLoss - (losses.get(seat) as bigint))
    const weights = weighed(regrets)
    return mean(values.map((value, i) => ({ value, weight: weights[i] as bigint })))
  }

  /** The weighted values of some, in which a forecast implies what it does among the inferers that there are. */
  const weighted = (
    some: readonly Inferer[],
    others: readonly Forecaster[],
    label: number,
    regrets: ReadonlyMap<number, bigint> | undefined,
  ): (Weighted & { seat: number })[] => {
    const said = some.map(({ seat, values }) => ({ seat, value: values[label] as bigint }))
    if (initialRegret === undefined) return said.map((one) => ({ ...one, weight: ONE }))
    for (const forecaster of others) {
      const value = impliedOf(forecaster, label, some)
      if (value !== undefined) said.push({ seat: forecaster.seat, value })
    }
    const weights = weighed(said.map(({ seat }) => regretOf(regrets, seat)))
    return said.map((one, i) => ({ ...one, weight: weights[i] as bigint }))
  }
  return { impliedOf, weighted }
}

type Maker = ReturnType<typeof maker>

function counterfactuals({ impliedOf, weighted }: Maker, epoch: WitnessEpoch, label: number) {
  const { inferers, forecasters, oneOut, oneIn } = epoch
  const [oneOutInferers, oneOutForecasters, oneInForecasters] = [1, 2, 3].map(
    () => new Map<number, bigint>(),
  ) as [Map<number, bigint>, Map<number, bigint>, Map<number, bigint>]
  const oneOutImplied = new Map<string, bigint>()
  const lists = { oneOutInferers, oneOutForecasters, oneInForecasters, oneOutImplied }
  if (inferers.length === 1) return lists
  for (const { seat } of inferers) {
    const others = inferers.filter((inferer) => inferer.seat !== seat)
    const value = mean(weighted(others, forecasters, label, oneOut.get(seat)))
    oneOutInferers.set(seat, value)
  }
  const implying = forecasters.filter((each) => impliedOf(each, label, inferers) !== undefined)
  for (const forecaster of implying) {
    for (const { seat } of inferers) {
      const others = inferers.filter((inferer) => inferer.seat !== seat)
      const value = impliedOf(forecaster, label, others)
      if (value !== undefined) oneOutImplied.set(`${forecaster.seat}/${seat}`, value)
    }
    if (implying.length === 1) continue
    const others = implying.filter((each) => each !== forecaster)
    const { seat } = forecaster
    oneOutForecasters.set(seat, mean(weighted(inferers, others, label, oneOut.get(seat))))
    oneInForecasters.set(seat, mean(weighted(inferers, [forecaster], label, oneIn.get(seat))))
  }
  return lists
}

/** The whole of step 2. */
export function witness(epoch: WitnessEpoch): WitnessSynthesis {
  const { inferers, forecasters, network, naive } = epoch
  const make = maker(epoch)
  const labels = epoch.emaErrors.map((past, label): WitnessLabel => {
    const implied = new Map<number, bigint>()
    for (const forecaster of forecasters) {
      const value = make.impliedOf(forecaster, label, inferers)
      if (value !== undefined) implied.set(forecaster.seat, value)
    }
    const weighted = make.weighted(inferers, forecasters, label, network)
    const percentiles = [228n, 1587n, 5000n, 8413n, 9772n].map((q) => percentile(weighted, q))
    return {
      combined: mean(weighted),
      naive: mean(make.weighted(inferers, [], label, naive)),
      sigma: sigmaOf(weighted, percentiles[1] as bigint, percentiles[3] as bigint, past),
      percentiles,
      implied,
      ...counterfactuals(make, epoch, label),
    }
  })
  const weights = make.weighted(inferers, forecasters, 0, network)
  return { weights: new Map(weights.map(({ seat, weight }) => [seat, weight])), labels }
}

/** The value without outliers, of a regression of one label. */
export function resistantWitness(epoch: WitnessEpoch): bigint | undefined {
  if (epoch.emaErrors.length !== 1) return undefined
  const values = epoch.inferers.map((inferer) => inferer.values[0] as bigint)
  const centre = median(values)
  const off = (value: bigint) => (value > centre ? value - centre : centre - value)
  const deviation = median(values.map(off))
  const before = epoch.mads[0] ?? 0n
  const smoothed = before === 0n ? deviation : (2n * deviation + 8n * before) / 10n
  const near = epoch.inferers.filter(({ values }) => off(values[0] as bigint) <= 11n * smoothed)
  const kept = centre === 0n || smoothed === 0n ? epoch.inferers : near
  return witness({ ...epoch, inferers: kept }).labels[0]?.combined
}
