// The index of a chain on which messages were brought before it: every dispute, and what it made of reports, settlements and
// heads, beside what the contracts answer; in both databases.
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { after, before, describe, it } from "node:test"
import { type Abi, createPublicClient, type Hex, http, parseEventLogs } from "viem"
import { disputesAbi, reportsAbi, settlementsAbi } from "../../contracts/index.ts"
import { CLAIMS } from "../../offchain/dispute/claims.ts"
import { STATUS } from "../../offchain/word.ts"
import { KIND, rowHash, tableRows } from "../../wasm/index.ts"
import { type Indexes, startIndexes } from "../support/indexes.ts"
import { createDisputes, playDisputes } from "../support/played/disputes.ts"
import { wads } from "../support/played/everything.ts"

type Row = Record<string, unknown>
type Page = { readonly totalCount: number; readonly items: readonly Row[] }
type Log = { readonly eventName: string; readonly args: Row; readonly transactionHash: Hex }

const text = (value: unknown): string => String(value).toLowerCase()
const sorted = (rows: readonly Row[]) =>
  rows
    .map((row) => JSON.stringify(row, (_, each) => (typeof each === "bigint" ? `${each}` : each)))
    .sort()

describe("the index of disputes", () => {
  let indexes: Indexes
  let all: Awaited<ReturnType<typeof playDisputes>>
  let logs: readonly Log[]

  before(async () => {
    indexes = await startIndexes(async (played) => {
      all = await playDisputes(played)
      // Too late for the demand, but not for who looks.
      const { context, inputs, outputs, state, lists } = all.withheld.rows
      played.rows.keep([context, ...lists, ...tableRows(state), ...inputs, ...outputs, ...state])
    })
    const { disputes, reports, settlements } = indexes.played.deployment
    logs = parseEventLogs({
      abi: [...disputesAbi, ...reportsAbi, ...settlementsAbi] as Abi,
      logs: await client().getLogs({ address: [disputes, reports, settlements], fromBlock: 0n }),
    }) as unknown as readonly Log[]
  })
  after(() => indexes?.end())

  const client = () => createPublicClient({ transport: http(indexes.played.rpc) })
  const read = <T>(address: Hex, abi: Abi, functionName: string, args: unknown[]) =>
    client().readContract({ address, abi, functionName, args }) as Promise<T>
  const named = (...names: string[]) => logs.filter(({ eventName }) => names.includes(eventName))
  const ask = async (query: string) => indexes.served.ask<Record<string, Page>>(query)

  it("is of a chain on which each of their events has happened", () => {
    const declared = disputesAbi.flatMap((each) => (each.type === "event" ? [each.name] : []))
    assert.equal(declared.length, 10)
    for (const name of [...declared, "WordMarked", "SettlementTakenBack"])
      assert.ok(named(name).length > 0, name)
  })

  it("says the same in the embedded database and in PostgreSQL", async () => {
    const counts = Object.fromEntries(
      Object.entries(await indexes.same()).map(([name, rows]) => [name, rows.length]),
    )
    const {
      disputes,
      demands,
      publications,
      publishedRows,
      bondCollections,
      wordMarks,
      takeBacks,
    } = counts
    assert.deepEqual(
      { disputes, demands, publications, publishedRows, bondCollections, wordMarks, takeBacks },
      {
        disputes: 9,
        demands: 3,
        publications: 1,
        publishedRows: 3,
        bondCollections: 1,
        wordMarks: 6,
        takeBacks: 3,
      },
    )
    // Three reports of the first topic that were posted and one that was not, three of the labels.
    assert.deepEqual([counts.reports, counts.settlements], [7, 6])
  })

  it("knows the claims by the names that the contracts give them", () => {
    const source = readFileSync(new URL("../../contracts/types/Claim.sol", import.meta.url), "utf8")
    const body = /enum Claim \{([\s\S]*?)\}/.exec(source)?.[1] ?? ""
    const names = body.replace(/\/\/.*/g, "").match(/\w+/g)
    assert.deepEqual(names, [...CLAIMS])
  })

  it("holds each dispute with its claim and who signed", async () => {
    const { disputes } = await ask(`{ disputes(limit: 100) { items {
      message outcome topicId epoch label leaf claim era signers memberIds moved caller transaction
    } } }`)
    const { keys, outsider } = indexes.played
    const outcomes: Row = { Proven: "Proven", Refuted: "Refuted", Voided: "Void", Lapsed: "Lapsed" }
    const wanted = logs.flatMap(({ eventName, args, transactionHash }) => {
      const [, message, ending] =
        /^(Report|Settlement)(Proven|Refuted|Voided|Lapsed)$/.exec(eventName) ?? []
      if (!message || !ending) return []
      const places = [...keys.keys()].filter(
        (place) => ((BigInt(String(args.signers ?? 0)) >> BigInt(place)) & 1n) === 1n,
      )
      return {
        message: message.toLowerCase(),
        outcome: outcomes[ending],
        topicId: args.topicId,
        epoch: args.epoch,
        label: args.label ?? null,
        leaf: args.leaf,
        claim: args.claim ? CLAIMS[Number(args.claim)] : null,
        era: args.era ?? null,
        signers: places.map((place) => keys[place]?.address.toLowerCase()),
        memberIds: places.map((place) => place + 1),
        moved: args.moved ?? true,
        caller: outsider.toLowerCase(),
        transaction: transactionHash,
      }
    })
    assert.equal(wanted.length, 9)
    assert.deepEqual(sorted(disputes?.items ?? []), sorted(wanted))
    const refuted = disputes?.items.filter(({ outcome }) => outcome === "Refuted") ?? []
    assert.deepEqual(refuted.map(({ claim, memberIds }) => [claim, memberIds]).sort(), [
      ["QualityWord", [2, 3, 4]],
      ["Value", [1, 2, 3]],
      ["Value", [1, 2, 3]],
      ["Value", [1, 2, 3]],
    ])
  })

  it("gives each label the status that a contract reads", async () => {
    const { reports } = indexes.played.deployment
    const { labels } = await ask(
      "{ labels { items { topicId label status value sigma epoch observedAt } } }",
    )
    assert.equal(labels?.items.length, 4)
    for (const { topicId, label, status, value, epoch, observedAt } of labels?.items ?? []) {
      const args = [topicId, label]
      const [isUsable, reading] = await read<[boolean, Row]>(reports, reportsAbi, "tryRead", args)
      assert.equal(status, STATUS[Number(reading.status)])
      assert.equal(value, isUsable ? String(reading.value) : null)
      assert.deepEqual([epoch, observedAt], [reading.epoch, String(reading.observedAt)])
    }
    const statuses = labels?.items.map(({ status }) => status)
    assert.deepEqual([...(statuses ?? [])].sort(), ["Final", "Refuted", "Refuted", "Void"])
  })

  it("gives each report the status that its disputes left it", async () => {
    const { values, reports, epochs } = await ask(`{
      values(where: { topicId: 1 }, orderBy: "epoch") { items { epoch status value } }
      reports(where: { topicId: 1 }, orderBy: "epoch") { items { epoch wordStatus context } }
      epochs(where: { topicId: 1 }, orderBy: "epoch") { items { epoch status takenBack isMissed } }
    }`)
    const { proven, refuted, withheld, unposted, next } = all
    const value = ({ leaves }: typeof proven) => String(leaves[0]?.value)
    assert.deepEqual(values?.items, [
      { epoch: 1, status: "Proven", value: value(proven) },
      { epoch: 2, status: "Refuted", value: value(refuted) },
      { epoch: 4, status: "Void", value: value(withheld) },
      { epoch: next, status: "Refuted", value: value(unposted) },
    ])
    assert.deepEqual(
      reports?.items.map(({ context }) => context),
      [proven.context, refuted.context, withheld.context, null],
    )
    assert.deepEqual(epochs?.items, [
      { epoch: 1, status: "Proven", takenBack: 0, isMissed: false },
      { epoch: 2, status: "Refuted", takenBack: 1, isMissed: true },
      { epoch: 4, status: "Void", takenBack: 0, isMissed: null },
      { epoch: next, status: "Refuted", takenBack: 0, isMissed: null },
    ])
  })

  it("follows the head back, and the quality", async () => {
    const { settlements } = indexes.played.deployment
    const answer = await ask(`{
      heads(where: { topicId: 1 }) { items {
        leaf epoch generation acceptedAt networkLoss naiveLoss coverage68 coverage95 missed
      } }
      settlements(where: { topicId: 1 }, orderBy: "generation") { items { epoch generation leaf status } }
      takeBacks(orderBy: "generation") { items { epoch leaf generation head } }
      skills(where: { topicId: 1 }) { items { scored missed } }
    }`)
    const head = await read<Row>(settlements, settlementsAbi, "headOf", [1])
    const quality = await read<Row>(settlements, settlementsAbi, "qualityOf", [1])
    const [found] = answer.heads?.items ?? []
    for (const field of ["leaf", "epoch", "generation", "acceptedAt"])
      assert.equal(text(found?.[field]), text(head[field]), field)
    for (const field of ["networkLoss", "naiveLoss", "coverage68", "coverage95", "missed"])
      assert.equal(text(found?.[field]), text(quality[field]), field)
    assert.equal(found?.generation, 3)
    const { first, struck, followed, missed, misjudged, judged } = all
    const settled = [...(answer.settlements?.items ?? [])].sort(
      (a, b) => Number(a.generation) - Number(b.generation) || Number(a.epoch) - Number(b.epoch),
    )
    assert.deepEqual(settled, [
      { epoch: 1, generation: 0, leaf: first.hash, status: "Accepted" },
      { epoch: 2, generation: 0, leaf: struck.hash, status: "Void" },
      { epoch: 3, generation: 0, leaf: followed.hash, status: "TakenBack" },
      { epoch: 2, generation: 1, leaf: missed.hash, status: "Accepted" },
      { epoch: 3, generation: 1, leaf: misjudged.hash, status: "Refuted" },
      { epoch: 3, generation: 2, leaf: judged.hash, status: "Void" },
    ])
    assert.deepEqual(answer.takeBacks?.items, [
      { epoch: 2, leaf: struck.hash, generation: 1, head: first.hash },
      { epoch: 3, leaf: misjudged.hash, generation: 2, head: missed.hash },
      { epoch: 3, leaf: judged.hash, generation: 3, head: missed.hash },
    ])
    assert.deepEqual(answer.skills?.items, [{ scored: 1, missed: 1 }])
  })

  it("knows whose each bond is, and what was published for it", async () => {
    const { demands, publications, publishedRows, bondCollections } = await ask(`{
      demands { items { leaf kind index status bond bondOwner } }
      publications { items { publisher parts } }
      publishedRows { items { hash } }
      bondCollections { items { account amount } }
    }`)
    const owner = indexes.played.outsider.toLowerCase()
    const bond = String(named("RowDemanded")[0]?.args.bond)
    const { withheld, judged } = all
    const shared = { bond, bondOwner: owner }
    const wanted = [
      { leaf: withheld.hashes[0], kind: KIND.inputs, index: 1, status: "Answered", ...shared },
      { leaf: withheld.hashes[0], kind: KIND.outputs, index: 0, status: "Lapsed", ...shared },
      { leaf: judged.hash, kind: 0, index: 0, status: "Lapsed", ...shared },
    ]
    assert.deepEqual(sorted(demands?.items ?? []), sorted(wanted))
    const { context, lists, inputs } = withheld.rows
    const parts = [context, lists[0], inputs[1] as Uint8Array].map(rowHash)
    assert.deepEqual(publications?.items, [{ publisher: owner, parts }])
    assert.deepEqual(sorted(publishedRows?.items ?? []), sorted(parts.map((hash) => ({ hash }))))
    assert.deepEqual(bondCollections?.items, [{ account: owner, amount: bond }])
  })

  it("shows refuted and void values plainly", async () => {
    const page = async (path: string) => (await fetch(`${indexes.served.url}${path}`)).text()
    const topic = await page("/topics/1")
    assert.match(topic, /<h2>Disputes<\/h2>/)
    assert.match(topic, /QualityWord/)
    assert.match(topic, /members 1, 2, 3/)
    assert.match(topic, /<h2>Rows demanded<\/h2>/)
    assert.match(topic, /contracts refuse to read it/)
    const epoch = await page("/topics/1/epochs/2")
    const value = Number(all.refuted.leaves[0]?.value) / 1e18
    const shown = value.toLocaleString("en-US", { maximumFractionDigits: 3 })
    assert.ok(epoch.includes(`<s>${shown}</s>`))
    assert.match(epoch, /taken back/)
    assert.match(await page("/topics/1/epochs/1"), /<span class="chip good">Proven<\/span>/)
  })

  it("undoes a refutation that a reorganisation undid", async () => {
    const { played } = indexes
    const disputes = createDisputes(played)
    const report = await played.report(all.next + 1, wads(100, 101, 103), { lie: 9n })
    const original = await indexes.same()
    const revert = await played.snapshot()
    await disputes.refute(report)
    const during = await indexes.same()
    assert.equal(during.disputes?.length, 10)
    assert.equal(during.wordMarks?.length, 7)
    await revert()
    await disputes.collect()
    // Beyond the blocks that are gone, so that whoever is at the head has seen that they are.
    await played.dev.request("hardhat_mine", ["0x3"])
    const { bondCollections, transfers: _, ...others } = await indexes.same()
    const { bondCollections: before, transfers: __, ...kept } = original
    assert.equal(bondCollections?.length, (before?.length ?? 0) + 1)
    assert.deepEqual(others, kept)
  })
})
