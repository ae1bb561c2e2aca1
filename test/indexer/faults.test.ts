// The index while members are down, when the chain is reorganised, when it is itself ended or killed, and where it must not
// start or not be believed; in both databases side by side.
import assert from "node:assert/strict"
import { once } from "node:events"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { after, before, describe, it } from "node:test"
import { committeeAbi } from "../../contracts/index.ts"
import { until } from "../../offchain/demo/network.ts"
import { freePorts } from "../../offchain/demo/processes.ts"
import { type Lag, spawnIndexer, startIndexer } from "../support/indexer.ts"
import { type Indexes, startIndexes } from "../support/indexes.ts"
import { wads } from "../support/played/everything.ts"
import type { Played } from "../support/played.ts"

/** Further back than Ponder can undo. */
const TOO_DEEP = 70
/** Nearly as far as it can. */
const DEEP = 25

type Page<T> = { readonly items: readonly T[] }

async function play({ report, settle }: Played): Promise<void> {
  await report(1, wads(100, 101, 103))
  await settle(1, wads(102, 102))
  await report(2, wads(100, 101, 103), { losses: wads(1, 0, -1) })
}

const ended = async (started: ReturnType<typeof spawnIndexer>) => {
  const [code] = (await once(started.child, "exit")) as [number]
  return { code, said: started.log() }
}

describe("the index among faults", () => {
  let indexes: Indexes
  let played: Played
  before(async () => {
    indexes = await startIndexes(play)
    played = indexes.played
  })
  after(() => indexes?.end())

  const head = async () => Number(await played.dev.request<string>("eth_blockNumber"))
  /** Block by block: those of `hardhat_mine` do not name the one before. */
  async function mine(blocks: number): Promise<void> {
    for (let mined = 0; mined < blocks; mined += 1) await played.dev.request("evm_mine")
  }
  /** Until both are at the head, which may be lower than where they were. */
  const bothAt = (block: number) =>
    until(
      "both indexes at the head",
      async () => {
        const lags = await Promise.all(indexes.both().map((each) => each.lag()))
        return lags.every(({ index }) => index?.block === block) ? true : undefined
      },
      60_000,
    )

  it("has a report at once while no member answers, and its rows when one does", async () => {
    await indexes.same()
    played.rows.state.isUp = false
    const { value } = await played.report(3, wads(99, 104, 105))
    const query = `{
      reports(where: { epoch: 3 }) { items { value } }
      epochs(where: { epoch: 3 }) { items { isPending inferers } }
      values(where: { epoch: 3 }) { items { value naive mean isPending } }
      inferences(where: { epoch: 3 }) { totalCount }
    }`
    const asked = played.rows.state.asked
    for (const each of indexes.both()) {
      await each.caughtUp()
      await until("the rows to be asked for", async () =>
        (await each.lag()).pendingContexts === 1 && played.rows.state.asked > asked
          ? true
          : undefined,
      )
      assert.deepEqual(await each.ask(query), {
        reports: { items: [{ value: `${value}` }] },
        epochs: { items: [{ isPending: true, inferers: null }] },
        values: { items: [{ value: `${value}`, naive: null, mean: null, isPending: true }] },
        inferences: { totalCount: 0 },
      })
    }
    const block = await head()
    played.rows.state.isUp = true
    await indexes.same()
    // Nothing had to happen on the chain for it.
    assert.equal(await head(), block)
    const { epochs, values } = await indexes.served.ask<{
      epochs: Page<unknown>
      values: Page<{ mean: string }>
    }>(query)
    assert.deepEqual(epochs.items, [{ isPending: false, inferers: 3 }])
    assert.equal(values.items[0]?.mean, "102666666666666666667")
  })

  it("undoes what a reorganisation undid, as a fresh index would have it", async () => {
    const { call, owner, deployment } = played
    const original = await indexes.same()
    const revert = await played.snapshot()
    await played.report(4, wads(1, 2, 3))
    await played.settle(2, wads(101, 101))
    const member = [owner, `0x${"ab".repeat(20)}`, owner, "http://127.0.0.1:1"]
    await call(owner, deployment.committee, committeeAbi, "addMember", member)
    await mine(DEEP)
    const during = await indexes.same()
    assert.equal(during.reports?.length, 4)
    assert.equal(during.truths?.length, 4)
    assert.equal(during.members?.length, 5)
    await revert()
    await bothAt(await head())
    assert.deepEqual(await indexes.same(), original)
    await played.report(4, wads(97, 98, 99))
    await played.settle(2, [])
    const afterwards = await indexes.same()
    assert.equal(afterwards.truths?.length, 2)
    const fresh = await startIndexer(played)
    await fresh.complete()
    assert.deepEqual(afterwards, await fresh.dump())
    await fresh.stop()
  })

  it("is exact after being told to end, and in PostgreSQL after a crash", async () => {
    await Promise.all([indexes.embedded.stop("SIGTERM"), indexes.served.stop("SIGKILL")])
    await played.report(5, wads(100, 100, 101))
    await played.settle(3, wads(104, 104))
    // Ponder starts only on a chain that is as long again as it was before the reorganisation.
    await mine(DEEP)
    await indexes.restart()
    const all = await indexes.same()
    assert.equal(all.reports?.length, 5)
    assert.equal(all.settlements?.length, 3)
    assert.equal(all.truths?.length, 4)
  })

  it("says where it answers, once it does", () => {
    for (const { url, log } of indexes.both()) assert.ok(log().includes(`ready      ${url}/\n`))
  })

  it("refuses a port that is taken, and a folder in use", async () => {
    const port = Number(new URL(indexes.served.url).port)
    const taken = await ended(spawnIndexer(played, { port }))
    assert.equal(taken.code, 1)
    assert.match(taken.said, /^PortInUse: /m)
    const [free] = (await freePorts(1)) as [number]
    const held = await ended(spawnIndexer(played, { port: free, data: indexes.data }))
    assert.equal(held.code, 1)
    assert.match(held.said, /^IndexRunning: /m)
  })

  it("refuses a database of another chain, and takes another folder for it", async () => {
    const { databaseUrl, data } = indexes
    // The same contracts, but another first block: for the index another chain.
    const other = { ...played.deployment, startBlock: played.deployment.startBlock + 1 }
    const deploymentFile = join(played.folder, "other.json")
    writeFileSync(deploymentFile, JSON.stringify(other))
    const where = { rpc: played.rpc, deploymentFile }
    const [port] = (await freePorts(1)) as [number]
    const refused = await ended(spawnIndexer(where, { port, databaseUrl }))
    assert.equal(refused.code, 1)
    assert.match(refused.said, /^DatabaseOfAnotherChain: /m)
    const started = spawnIndexer(where, { port, data })
    const folder = await until("its words", async () => /embedded, (.*)/.exec(started.log())?.[1])
    started.child.kill("SIGKILL")
    await once(started.child, "exit")
    const [, own] = /embedded, (.*)/.exec(indexes.embedded.log()) as RegExpExecArray
    assert.notEqual(folder, own)
  })

  it("says so when more of the chain is replaced than it can undo, and begins afresh when told to", async () => {
    const revert = await played.snapshot()
    await played.report(6, wads(7, 8, 9))
    await mine(TOO_DEEP)
    await bothAt(await head())
    await revert()
    for (const each of indexes.both()) {
      await until("the word for it", async () =>
        (await each.lag()).state === "replaced" ? true : undefined,
      )
      assert.equal((await fetch(`${each.url}/lag`)).status, 503)
    }
    await indexes.embedded.stop()
    indexes.embedded = await startIndexer(played, { data: indexes.data, isFresh: true })
    await indexes.embedded.complete()
    const { reports } = await indexes.embedded.dump()
    assert.equal(reports?.length, 5)
  })

  it("says so when the chain is gone", async () => {
    await played.processes.kill("chain")
    const response = await fetch(`${indexes.embedded.url}/lag`)
    assert.equal(response.status, 503)
    assert.equal(((await response.json()) as Lag).state, "silent")
  })
})
