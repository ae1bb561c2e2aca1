// The index of a whole chain, in both databases side by side: that it holds every event, what the contracts answer, and what
// the rows say. One file, since it takes most of its time to bring the chain about.
import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import { type Abi, createPublicClient, type Hex, hashStruct, http, parseEventLogs } from "viem"
import {
  alloAbi,
  committeeAbi,
  reportsAbi,
  settlementsAbi,
  stakesAbi,
  topicsAbi,
  types,
} from "../../contracts/index.ts"
import { packSigma } from "../../wasm/index.ts"
import { WAD } from "../support/epochs.ts"
import { type Indexes, startIndexes } from "../support/indexes.ts"
import { playEverything } from "../support/played/everything.ts"

type Page<T> = { readonly totalCount: number; readonly items: readonly T[] }
type Row = Record<string, unknown>

/** Each table that holds events as they came, and whose they are. */
const EVENTS: Readonly<Record<string, readonly string[]>> = {
  topics: ["TopicCreated"],
  parameterSets: ["TopicCreated", "ParametersPatched"],
  topicTransfers: ["TopicTransferred"],
  fundings: ["TopicFunded"],
  registrations: ["WorkerRegistered", "WorkerLeft", "SignerChanged"],
  members: ["MemberAdded"],
  eras: ["EraOpened"],
  ownershipChanges: ["OwnershipTransferStarted", "OwnershipTransferred"],
  reports: ["ReportAccepted"],
  settlements: ["SettlementAccepted"],
  stakeChanges: ["StakeChanged"],
  stakeMovements: ["Deposited", "WithdrawalRequested", "WithdrawalCancelled", "Withdrawn"],
  transfers: ["Transfer"],
  approvals: ["Approval"],
  delegations: ["DelegateChanged"],
}
/** Events that change a row instead, with the arguments that must be found in one. */
const CHANGES: Readonly<Record<string, readonly [table: string, columns: readonly string[]]>> = {
  MemberUpdated: ["members", ["id", "signer", "payee", "url"]],
  DelegateVotesChanged: ["voters", []],
}
/** Brought about by disputes: disputes.test.ts has them. */
const DISPUTED = ["WordMarked", "SettlementTakenBack"]
/** Told by the token's code alone; no function of ours brings it about. */
const NEVER = "EIP712DomainChanged"
/** Tables that name their columns otherwise: there the rows are counted. */
const COUNTED = ["topics", "ownershipChanges"]
/** Columns that stand for now and not for the moment of the event. */
const OF_NOW: Readonly<Record<string, readonly string[]>> = {
  topics: ["creator", "parametersHash"],
  members: ["signer", "payee", "url"],
}

const text = (value: unknown): string =>
  Array.isArray(value) ? value.map(text).join() : String(value).toLowerCase()

describe("the index", () => {
  let indexes: Indexes
  before(async () => {
    indexes = await startIndexes(playEverything)
  })
  after(() => indexes?.end())

  const client = () => createPublicClient({ transport: http(indexes.played.rpc) })
  const read = <T>(address: Hex, abi: Abi, functionName: string, args: unknown[]) =>
    client().readContract({ address, abi, functionName, args }) as Promise<T>

  it("says the same in the embedded database and in PostgreSQL", async () => {
    const all = await indexes.same()
    const counts = Object.fromEntries(
      Object.entries(all).map(([name, rows]) => [name, rows.length]),
    )
    assert.deepEqual(
      { ...counts, transfers: undefined, approvals: undefined },
      {
        topics: 2,
        parameterSets: 3,
        fundings: 1,
        topicTransfers: 1,
        labelNames: 4,
        labels: 4,
        workers: 13,
        registrations: 15,
        members: 5,
        ownershipChanges: 3,
        eras: 1,
        attestations: 7,
        reports: 6,
        settlements: 3,
        reputers: 4,
        stakeChanges: 7,
        stakeMovements: 8,
        delegations: 1,
        voters: 1,
        epochs: 4,
        values: 6,
        inferences: 18,
        forecasts: 12,
        impliedValues: 6,
        truths: 8,
        counterfactuals: 18,
        impliedWithouts: 18,
        contributions: 16,
        leaderboards: 8,
        calibrations: 2,
        skills: 2,
        heads: 2,
        wordMarks: 0,
        takeBacks: 0,
        disputes: 0,
        demands: 0,
        publications: 0,
        publishedRows: 0,
        bondCollections: 0,
        transfers: undefined,
        approvals: undefined,
      },
    )
  })

  it("holds each event of the chain, with what it says", async () => {
    const { deployment } = indexes.played
    const abis = [alloAbi, topicsAbi, stakesAbi, committeeAbi, reportsAbi, settlementsAbi]
    const { allo, topics, stakes, committee, reports, settlements } = deployment
    const address = [allo, topics, stakes, committee, reports, settlements]
    const logs = parseEventLogs({
      abi: abis.flat() as Abi,
      logs: await client().getLogs({ address, fromBlock: 0n }),
    }) as readonly { readonly eventName: string; readonly args: Row }[]
    const known = [...Object.values(EVENTS).flat(), ...Object.keys(CHANGES), NEVER, ...DISPUTED]
    const declared = abis.flat().flatMap((each) => (each.type === "event" ? [each.name] : []))
    assert.deepEqual([...new Set(known)].sort(), [...new Set([...declared, ...DISPUTED])].sort())
    const all = await indexes.served.dump()
    const rowsOf = (table: string) => (all[table] ?? []).map((row) => JSON.parse(row) as Row)
    for (const [table, names] of Object.entries(EVENTS)) {
      const own = logs.filter(({ eventName }) => names.includes(eventName))
      for (const name of names)
        assert.ok(
          own.some(({ eventName }) => eventName === name),
          name,
        )
      const rows = rowsOf(table)
      const columns = Object.keys(rows[0] ?? {}).filter(
        (column) => own.every(({ args }) => column in args) && !OF_NOW[table]?.includes(column),
      )
      assert.equal(columns.length > 0, !COUNTED.includes(table), table)
      const said = (row: Row) => columns.map((column) => text(row[column])).join(" ")
      assert.deepEqual(rows.map(said).sort(), own.map(({ args }) => said(args)).sort(), table)
    }
    for (const [name, [table, columns]] of Object.entries(CHANGES)) {
      const newest = logs.findLast(({ eventName }) => eventName === name)?.args as Row
      const isIt = (row: Row) =>
        columns.every((column) => text(row[column]) === text(newest[column]))
      assert.ok(rowsOf(table).some(isIt), name)
    }
  })

  it("holds what the contracts answer", async () => {
    const { reports, topics, stakes, settlements, allo, committee } = indexes.played.deployment
    const answer = await indexes.served.ask<Record<string, Page<Row>>>(`{
      labels(orderBy: "topicId") { items { topicId label value sigma epoch observedAt aboutAt } }
      registrations(orderBy: "id") { items { topicId registrations } }
      reputers { items { topicId reputer stake } }
      settlements(orderBy: "epoch") {
        items { topicId leaf networkLoss naiveLoss coverage68 coverage95 missed isMissed }
      }
      voters { items { account votes } }
      ownershipChanges(orderBy: "id") { items { isAccepted current } }
      topics(orderBy: "id") { items { id creator metadata } }
    }`)
    const items = (name: string) => answer[name]?.items ?? []
    for (const label of items("labels")) {
      const args = [label.topicId, label.label]
      const reading = await read<Row>(reports, reportsAbi, "read", args)
      for (const field of ["value", "epoch", "observedAt", "aboutAt"])
        assert.equal(String(label[field]), String(reading[field]), field)
      assert.equal(label.sigma, reading.sigmaKnown ? String(reading.sigma) : null)
    }
    const now = Number((await client().getBlock()).timestamp)
    for (const { topicId, reputer, stake } of items("reputers"))
      assert.equal(stake, String(await read(stakes, stakesAbi, "stakeAt", [topicId, reputer, now])))
    for (const topicId of [1, 2]) {
      const isIts = (row: Row) => row.topicId === topicId
      const [hash] = await read<[Hex]>(topics, topicsAbi, "registrationsAt", [topicId, now])
      assert.equal(items("registrations").filter(isIts).at(-1)?.registrations, hash)
      const last = items("settlements").filter(isIts).at(-1) as Row
      const head = await read<Row>(settlements, settlementsAbi, "headOf", [topicId])
      assert.equal(last.leaf, head.leaf)
      const quality = await read<Row>(settlements, settlementsAbi, "qualityOf", [topicId])
      for (const field of ["networkLoss", "naiveLoss", "coverage68", "coverage95", "missed"])
        assert.equal(String(last[field]), String(quality[field]), field)
      const creator = await read<Hex>(topics, topicsAbi, "creatorOf", [topicId])
      assert.equal(items("topics")[topicId - 1]?.creator, creator.toLowerCase())
    }
    for (const { account, votes } of items("voters"))
      assert.equal(votes, String(await read(allo, alloAbi, "getVotes", [account])))
    const owner = await read<Hex>(committee, committeeAbi, "owner", [])
    const last = items("ownershipChanges").at(-1)
    assert.deepEqual(last, { isAccepted: true, current: owner.toLowerCase() })
  })

  it("names the members that signed, by id, and holds the whole leaf", async () => {
    type Reported = Record<"observedAt" | "aboutAt" | "value", string> & {
      readonly topicId: number
      readonly label: number
      readonly epoch: number
      readonly history: number
      readonly context: Hex
      readonly sigma: string | null
      readonly attestation: { readonly memberIds: readonly number[]; readonly root: Hex }
    }
    const { reports } = await indexes.embedded.ask<{ reports: Page<Reported> }>(
      `{ reports(where: { topicId: 1 }, orderBy: "epoch") { items {
        topicId label epoch observedAt aboutAt history value sigma context attestation { memberIds root }
      } } }`,
    )
    assert.deepEqual(
      reports.items.map(({ attestation }) => attestation.memberIds),
      [
        [1, 2, 3],
        [1, 3, 4],
        [1, 2, 3, 4],
      ],
    )
    // One leaf alone is the root that was signed.
    for (const { attestation, observedAt, aboutAt, value, sigma, ...leaf } of reports.items) {
      const data = {
        ...leaf,
        observedAt: Number(observedAt),
        lag: Number(aboutAt) - Number(observedAt),
        value: BigInt(value),
        sigma: packSigma(sigma === null ? undefined : BigInt(sigma)),
      }
      const hash = hashStruct({ data, primaryType: "Report", types: { Report: types.Report } })
      assert.equal(hash, attestation.root)
    }
  })

  it("scores everyone by the truth", async () => {
    const { inferers, forecaster } = indexes.played
    const answer = await indexes.served.ask<Record<string, Page<Row>>>(`{
      inferences(where: { topicId: 1, epoch: 1 }, orderBy: "seat") { items { worker value truth loss } }
      leaderboards(where: { topicId: 1 }, orderBy: "rootMeanSquare") {
        items { worker role epochs scored rootMeanSquare }
      }
      calibrations(where: { topicId: 1 }) {
        items { scored withinOneSigma withinTwoSigma belowP2 belowP50 belowP84 belowP98 }
      }
      skills(where: { topicId: 1 }) { items { scored missed skill } }
      epochs(where: { topicId: 1 }, orderBy: "epoch") { items { epoch isMissed status } }
    }`)
    // The truth is 102: two off is log10(4), one off log10(1).
    const losses = ["60205999", "0", "0"]
    assert.deepEqual(
      answer.inferences?.items.map((row) => ({ ...row, loss: String(row.loss).slice(0, 8) })),
      [100n, 101n, 103n].map((value, seat) => ({
        worker: inferers[seat],
        value: `${value * WAD}`,
        truth: `${102n * WAD}`,
        loss: losses[seat],
      })),
    )
    // The forecaster's first implied value is the plain mean, 101 1/3.
    const standing = (worker: Hex | undefined, role: string, rootMeanSquare: string) => ({
      ...{ worker, role, epochs: 3, scored: 1, rootMeanSquare },
    })
    const standings = answer.leaderboards?.items ?? []
    assert.deepEqual(standings[0], standing(forecaster, "forecaster", "666666666666666667"))
    assert.deepEqual(
      [...standings.slice(1, 3)].sort((a, b) => (text(a.worker) < text(b.worker) ? -1 : 1)),
      [inferers[1], inferers[2]].sort().map((worker) => standing(worker, "inferer", `${WAD}`)),
    )
    assert.deepEqual(standings.slice(3), [standing(inferers[0], "inferer", `${2n * WAD}`)])
    // Value 101 1/3, sigma 1 1/2: 102 is within one. Percentiles: 100, 100, 101, 103, 103.
    const within = { withinOneSigma: 1, withinTwoSigma: 1 }
    const below = { belowP2: 0, belowP50: 0, belowP84: 1, belowP98: 1 }
    assert.deepEqual(answer.calibrations?.items, [{ scored: 1, ...within, ...below }])
    // All were new, so network and naive value are the same.
    assert.deepEqual(answer.skills?.items, [{ scored: 1, missed: 1, skill: "0" }])
    assert.deepEqual(
      answer.epochs?.items.map(({ isMissed }) => isMissed),
      [false, true, null],
    )
  })

  it("says what the network would have been without each", async () => {
    const { inferers, forecaster } = indexes.played
    const where = 'where: { topicId: 1, epoch: 1 }, orderBy: "seat"'
    const answer = await indexes.embedded.ask<Record<string, Page<Row>>>(`{
      counterfactuals(${where}) { items { kind seat worker value loss marginal } }
      impliedWithouts(${where}) { items { seat worker inferer value } }
      contributions(${where}) { items { worker role status value valueWithout marginal } }
      leaderboards(where: { topicId: 1, role: "inferer" }) { items { worker meanMarginal } }
    }`)
    // All are new: plain means of the other two. The truth is 102, and log10 of an error's square at least that of the floor.
    const without = ["102", "101.5", "100.5"].map(
      (value) => BigInt(Number(value) * 10) * (WAD / 10n),
    )
    const floor = 2 * Math.log10(Number(indexes.played.parameters.arithmetic.lossFloor) / 1e18)
    const losses = [floor, 2 * Math.log10(0.5), 2 * Math.log10(1.5)]
    const network = 2 * Math.log10(2 / 3)
    const rounded = (wad: unknown) => Math.round(Number(wad) / 1e12)
    const micro = (value: number) => Math.round(value * 1e6)
    assert.deepEqual(
      answer.counterfactuals?.items.map(({ loss, marginal, ...row }) => ({
        ...row,
        loss: rounded(loss),
        marginal: rounded(marginal),
      })),
      without.map((value, seat) => ({
        ...{ kind: "oneOutInferer", seat, worker: inferers[seat], value: `${value}` },
        loss: micro(losses[seat] as number),
        marginal: micro((losses[seat] as number) - network),
      })),
    )
    assert.deepEqual(
      [...(answer.impliedWithouts?.items ?? [])].sort((a, b) =>
        text(a.value) < text(b.value) ? -1 : 1,
      ),
      without.toReversed().map((value, place) => ({
        ...{ seat: 0x80, worker: forecaster, inferer: inferers[2 - place], value: `${value}` },
      })),
    )
    // Without the one forecaster nothing would be other than it is: there is no such list.
    const contributions = answer.contributions?.items ?? []
    assert.deepEqual(
      contributions.map(({ role, valueWithout }) => [role, valueWithout]),
      [...without.map((value) => ["inferer", `${value}`]), ["forecaster", null]],
    )
    assert.deepEqual(
      contributions.map(({ marginal }) => marginal),
      [...(answer.counterfactuals?.items.map(({ marginal }) => marginal) ?? []), null],
    )
    assert.deepEqual(
      new Map(answer.leaderboards?.items.map(({ worker, meanMarginal }) => [worker, meanMarginal])),
      new Map(contributions.slice(0, 3).map(({ worker, marginal }) => [worker, marginal])),
    )
  })

  it("holds a topic of classes, label by label", async () => {
    const { truths, values, inferences, labels } = await indexes.embedded.ask<
      Record<string, Page<Row>>
    >(`{
      truths(where: { topicId: 2, value_gt: "0" }, orderBy: "stake", orderDirection: "desc") {
        items { label stake }
      }
      values(where: { topicId: 2 }, orderBy: "label") { items { label truth mean } }
      inferences(where: { topicId: 2, seat: 2 }, orderBy: "label") { items { label value loss } }
      labels(where: { topicId: 2 }, orderBy: "label") { items { name } }
    }`)
    // 70 say the first class and 30 the second; a withdrawal took 2000 of the first one's shares, not of the electorate's row.
    assert.deepEqual(
      truths?.items.map(({ label, stake }) => [label, stake]),
      [
        [0, `${70n * WAD}`],
        [1, `${30n * WAD}`],
      ],
    )
    assert.deepEqual(
      values?.items.map(({ truth }) => truth),
      [`${WAD}`, "0", "0"],
    )
    // (0.5 + 0.6 + 0.1) / 3, (0.3 + 0.3 + 0.8) / 3, (0.2 + 0.1 + 0.1) / 3
    assert.deepEqual(
      values?.items.map(({ mean }) => mean),
      ["400000000000000000", "466666666666666667", "133333333333333333"],
    )
    // The third gave the first class a tenth: log10(-ln(0.1)) = 0.362215...
    assert.deepEqual(
      inferences?.items.map(({ value, loss }) => [value, String(loss).slice(0, 6)]),
      ["1", "8", "1"].map((tenths) => [`${tenths}${"0".repeat(17)}`, "362215"]),
    )
    assert.deepEqual(
      labels?.items.map(({ name }) => name),
      ["label 0", "label 1", "label 2"],
    )
  })

  it("shows pages for people", async () => {
    const { served, played } = indexes
    const page = async (path: string) => {
      const response = await fetch(`${served.url}${path}`)
      return { status: response.status, text: await response.text() }
    }
    const home = await page("/")
    assert.equal(home.status, 200)
    assert.match(home.text, /a played topic/)
    const topic = await page("/topics/1")
    assert.match(topic.text, /<svg .*aria-label="values against time"/)
    assert.match(topic.text, new RegExp(`${played.forecaster.slice(0, 8)}…`))
    const [worker] = played.inferers
    assert.match(topic.text, new RegExp(`href="/topics/1/workers/${worker}"`))
    const own = await page(`/topics/1/workers/${worker}`)
    assert.match(own.text, /mean marginal/)
    assert.match(own.text, /<td class="n">100<\/td><td class="n">102<\/td>/)
    assert.equal((await page(`/topics/1/workers/${played.outsider}`)).status, 404)
    const epoch = await page("/topics/1/epochs/2")
    assert.match(epoch.text, /members 1, 3, 4/)
    assert.match(epoch.text, /missed/)
    assert.match((await page("/topics/2/epochs/1")).text, /label 1/)
    assert.equal((await page("/topics/1/epochs/77")).status, 404)
    assert.equal((await page(`/topics/${2 ** 40}`)).status, 404)
  })
})
