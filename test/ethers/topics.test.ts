// Topics as a wallet sees it: events, custom errors, and the packed row against a packing of its own.
import { expect } from "chai"
import { network } from "hardhat"

const { ethers, networkHelpers } = await network.create("home")

const WAD = 10n ** 18n
const CREATE_FEE = 10n * WAD
const REGISTRATION_FEE = WAD
const DELAY_SECONDS = 3_600
const DAY = 86_400
const FIRST_EPOCH = 5

/** Fields in the order of the struct, each with the type it is packed as. */
const SCHEDULE = [
  "start",
  "firstEpoch",
  "length",
  "windowOpens",
  "windowLength",
  "lag",
  "truthWindow",
  "deadline",
]
const ARITHMETIC = [
  ["pNorm", "int128", 3n * WAD],
  ["cNorm", "int128", (3n * WAD) / 4n],
  ["alphaRegret", "int128", WAD / 10n],
  ["alphaScore", "int128", WAD / 10n],
  ["alphaError", "int128", WAD / 10n],
  ["epsilon", "int128", WAD / 100n],
  ["lossFloor", "int128", WAD / 20n],
  ["minimum", "int128", -60n * WAD],
  ["maximum", "int128", 60n * WAD],
  ["requireUnity", "bool", false],
  ["unityTolerance", "int128", 0n],
  ["labelDefault", "int128", 0n],
  ["infererQuantile", "int128", WAD / 4n],
  ["forecasterQuantile", "int128", WAD / 4n],
  ["reputerQuantile", "int128", WAD / 4n],
] as const
const SEATING = [
  ["infererSeats", "uint8", 8],
  ["forecasterSeats", "uint8", 2],
  ["newcomerSeats", "uint8", 1],
  ["benchSize", "uint8", 4],
  ["rewardedInferers", "uint8", 8],
  ["workersListed", "bool", false],
  ["reputersListed", "bool", false],
] as const
const MONEY = [
  ["truthTolerance", "int128", WAD / 10n],
  ["slashTolerance", "int128", WAD],
  ["workerBond", "uint128", 0n],
  ["reputerMinimum", "uint128", 0n],
] as const

const struct = (fields: readonly (readonly [string, string, unknown])[]) =>
  Object.fromEntries(fields.map(([name, , value]) => [name, value]))

function exampleParameters(start: number) {
  const schedule = [start, FIRST_EPOCH, DAY, 20 * 3_600, 3_600, DAY, 7_200, 43_200]
  return {
    topicType: 1,
    truthSource: 1,
    lossMethod: 1,
    weightRule: 1,
    maxLabels: 1,
    allowNegative: false,
    rowsPublished: false,
    history: 0,
    metadata: "tomorrow's maximum",
    labels: ["y"],
    schedule: Object.fromEntries(SCHEDULE.map((name, index) => [name, schedule[index] as number])),
    arithmetic: struct(ARITHMETIC),
    seating: struct(SEATING),
    money: struct(MONEY),
  }
}

type Example = ReturnType<typeof exampleParameters>

/** The row 0x11 by ethers' packing, field after field as the table of rows lists them. */
function packedRow(parameters: Example): string {
  const text = (value: string) => ethers.keccak256(ethers.toUtf8Bytes(value))
  const columns: [string, unknown][] = [
    ["uint8", 0x11],
    ["uint8", parameters.topicType],
    ["uint8", parameters.truthSource],
    ["uint8", parameters.lossMethod],
    ["uint8", parameters.weightRule],
    ["uint16", parameters.labels.length],
    ["uint16", parameters.maxLabels],
    ["bool", parameters.allowNegative],
    ["bool", parameters.rowsPublished],
    ["uint8", parameters.history],
    ["bytes32", text(parameters.metadata)],
    ["bytes32", ethers.keccak256(ethers.concat(parameters.labels.map(text)))],
    ...SCHEDULE.map((name): [string, unknown] => ["uint32", parameters.schedule[name]]),
    ...ARITHMETIC.map(([name, type]): [string, unknown] => [type, parameters.arithmetic[name]]),
    ...SEATING.map(([name, type]): [string, unknown] => [type, parameters.seating[name]]),
    ...MONEY.map(([name, type]): [string, unknown] => [type, parameters.money[name]]),
  ]
  return ethers.solidityPacked(
    columns.map(([type]) => type),
    columns.map(([, value]) => value),
  )
}

async function deployed() {
  const [creator, alice, bob, ecosystem] = await ethers.getSigners()
  const allo = await ethers.deployContract("Allo", [
    [creator.address, alice.address, bob.address],
    [999_999_800n * WAD, 100n * WAD, 100n * WAD],
  ])
  const topics = await ethers.deployContract("Topics", [
    await allo.getAddress(),
    ecosystem.address,
    CREATE_FEE,
    REGISTRATION_FEE,
    DELAY_SECONDS,
  ])
  for (const signer of [creator, alice, bob])
    await allo.connect(signer).getFunction("approve")(await topics.getAddress(), ethers.MaxUint256)
  const now = await networkHelpers.time.latest()
  const parameters = exampleParameters(now + DAY)
  const as = (signer: typeof alice, method: string) => topics.connect(signer).getFunction(method)
  return { allo, topics, creator, alice, bob, ecosystem, parameters, as }
}

async function withTopic() {
  const context = await deployed()
  await context.as(context.creator, "create")(context.parameters)
  return context
}

describe("topics", () => {
  it("announces a topic with its whole parameters and the hash of their packed row", async () => {
    const { allo, topics, creator, ecosystem, parameters, as } =
      await networkHelpers.loadFixture(deployed)
    const row = packedRow(parameters)
    expect(ethers.dataLength(row)).to.equal(404)
    const hash = ethers.keccak256(row)

    const creating = as(creator, "create")(parameters)
    await expect(creating)
      .to.emit(topics, "TopicCreated")
      .withArgs(1, creator.address, hash, (given: unknown) => {
        expect(JSON.stringify(given, text)).to.equal(JSON.stringify(values(parameters), text))
        return true
      })
    await expect(creating).to.changeTokenBalances(
      ethers,
      allo,
      [creator, ecosystem],
      [-CREATE_FEE, CREATE_FEE],
    )
    expect(await topics.getFunction("parametersAt")(1, FIRST_EPOCH)).to.equal(hash)
    expect(await topics.getFunction("parametersRow")(hash)).to.equal(row)
  })

  it("refuses by name what is not built", async () => {
    const { topics, creator, parameters, as } = await networkHelpers.loadFixture(deployed)
    const name = ethers.encodeBytes32String
    for (const [field, refused] of [
      ["truthSource", { ...parameters, truthSource: 2 }],
      ["allowNegative", { ...parameters, allowNegative: true }],
      ["rowsPublished", { ...parameters, rowsPublished: true }],
      ["workersListed", { ...parameters, seating: { ...parameters.seating, workersListed: true } }],
      ["workerBond", { ...parameters, money: { ...parameters.money, workerBond: 1n } }],
    ] as const)
      await expect(as(creator, "create")(refused))
        .to.be.revertedWithCustomError(topics, "NotBuilt")
        .withArgs(name(field))
  })

  it("names given and required when a parameter is out of its range", async () => {
    const { topics, creator, parameters, as } = await networkHelpers.loadFixture(deployed)
    const arithmetic = { ...parameters.arithmetic, pNorm: 11n * WAD }
    await expect(as(creator, "create")({ ...parameters, arithmetic }))
      .to.be.revertedWithCustomError(topics, "PNormOutOfRange")
      .withArgs(11n * WAD, WAD, 10n * WAD)
  })

  it("patches from an epoch that opens late enough, and no sooner", async () => {
    const { topics, creator, alice, parameters, as } = await networkHelpers.loadFixture(withTopic)
    const patched = { ...parameters, history: 4 }
    const hash = ethers.keccak256(packedRow(patched))
    await expect(as(alice, "patch")(1, patched, 7))
      .to.be.revertedWithCustomError(topics, "NotCreator")
      .withArgs(alice.address, creator.address)
    await expect(as(creator, "patch")(1, patched, 7))
      .to.emit(topics, "ParametersPatched")
      .withArgs(1, 7, hash, () => true)
    const at = topics.getFunction("parametersAt")
    expect(await at(1, 6)).to.equal(ethers.keccak256(packedRow(parameters)))
    expect(await at(1, 7)).to.equal(hash)

    const [opensAt] = await topics.getFunction("windowOf")(1, 8)
    await networkHelpers.time.setNextBlockTimestamp(opensAt - BigInt(DELAY_SECONDS))
    await expect(as(creator, "patch")(1, parameters, 8))
      .to.be.revertedWithCustomError(topics, "PatchTooSoon")
      .withArgs(opensAt, opensAt)
  })

  it("registers, changes a key and lets go, each entry under the running hash", async () => {
    const { topics, alice, bob, ecosystem, allo, as } = await networkHelpers.loadFixture(withTopic)
    const [key, other] = [
      ethers.Wallet.createRandom().address,
      ethers.Wallet.createRandom().address,
    ]
    const next = (hash: string, change: number, signer: string) =>
      ethers.solidityPackedKeccak256(
        ["bytes32", "uint8", "uint8", "address", "address"],
        [hash, change, 3, alice.address, signer],
      )
    const joined = next(ethers.ZeroHash, 1, key)
    const changed = next(joined, 3, other)
    const left = next(changed, 2, other)

    const registering = as(alice, "register")(1, key, bob.address, 3)
    await expect(registering)
      .to.emit(topics, "WorkerRegistered")
      .withArgs(1, alice.address, key, bob.address, 3, joined)
    await expect(registering).to.changeTokenBalances(
      ethers,
      allo,
      [alice, ecosystem],
      [-REGISTRATION_FEE, REGISTRATION_FEE],
    )
    await expect(as(bob, "register")(1, key, bob.address, 1))
      .to.be.revertedWithCustomError(topics, "SignerTaken")
      .withArgs(key, alice.address)
    const changing = as(alice, "changeSigner")(1, other)
    await expect(changing)
      .to.emit(topics, "SignerChanged")
      .withArgs(1, alice.address, key, other, 3, changed)
    await expect(changing).to.changeTokenBalances(
      ethers,
      allo,
      [alice, ecosystem],
      [-REGISTRATION_FEE, REGISTRATION_FEE],
    )
    await expect(as(alice, "leave")(1))
      .to.emit(topics, "WorkerLeft")
      .withArgs(1, alice.address, other, 3, left)
    const now = await networkHelpers.time.latest()
    expect(await topics.getFunction("registrationsAt")(1, now)).to.deep.equal([left, 3n])
    await expect(as(alice, "leave")(1))
      .to.be.revertedWithCustomError(topics, "NotRegistered")
      .withArgs(1, alice.address)
  })

  it("funds in a topic's name and passes a topic on", async () => {
    const { topics, alice, bob, creator, as } = await networkHelpers.loadFixture(withTopic)
    await expect(as(alice, "fund")(1, 7n))
      .to.emit(topics, "TopicFunded")
      .withArgs(1, alice.address, 7n)
    expect(await topics.getFunction("feesOf")(1)).to.equal(CREATE_FEE + 7n)
    await expect(as(alice, "fund")(2, 7n))
      .to.be.revertedWithCustomError(topics, "TopicUnknown")
      .withArgs(2)
    await expect(as(creator, "transfer")(1, bob.address))
      .to.emit(topics, "TopicTransferred")
      .withArgs(1, creator.address, bob.address)
    expect(await topics.getFunction("creatorOf")(1)).to.equal(bob.address)
  })
})

/** A struct as ethers answers it: the values alone, nested. */
function values(fields: object): unknown[] {
  return Object.values(fields).map((value) =>
    value instanceof Object && !Array.isArray(value) ? values(value) : value,
  )
}

/** bigint and number alike, since ethers answers every integer as a bigint. */
function text(_: string, value: unknown) {
  return typeof value === "bigint" || typeof value === "number" ? String(value) : value
}
