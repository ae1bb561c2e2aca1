// A played chain on which every event of every contract has happened, with three epochs of a topic of one value, of which one is
// settled, one missed and one open, and a settled one of a topic of classes.
import { alloAbi, committeeAbi, stakesAbi, topicsAbi } from "../../../contracts/index.ts"
import { WAD } from "../epochs.ts"
import type { Played } from "../played.ts"
import { WITHDRAW_DELAY } from "./world.ts"

export const wads = (...values: number[]) => values.map((value) => BigInt(value) * WAD)
const shares = (...tenths: number[]) => tenths.map((part) => (BigInt(part) * WAD) / 10n)

/** Everything that the contracts let happen, apart from reports and settlements. */
async function happen({ call, owner, outsider, reputers, deployment, dev, classes }: Played) {
  const { allo, topics, stakes, committee } = deployment
  const [reputer] = reputers
  const topicId = classes.topicId
  const fee = 1_000n * WAD
  await call(owner, allo, alloAbi, "transfer", [outsider, fee])
  await call(outsider, allo, alloAbi, "approve", [topics, fee])
  await call(owner, allo, alloAbi, "delegate", [outsider])
  await call(outsider, topics, topicsAbi, "register", [topicId, outsider, outsider, 3])
  await call(outsider, topics, topicsAbi, "changeSigner", [topicId, owner])
  await call(outsider, topics, topicsAbi, "leave", [topicId])
  await call(outsider, topics, topicsAbi, "fund", [topicId, 5n * WAD])
  const { parameters } = classes
  const patched = { ...parameters, metadata: "three patched classes" }
  await call(owner, topics, topicsAbi, "patch", [topicId, patched, 90])
  await call(owner, topics, topicsAbi, "transfer", [topicId, outsider])
  await call(reputer, stakes, stakesAbi, "requestWithdrawal", [topicId, 1_000n])
  await call(reputer, stakes, stakesAbi, "cancelWithdrawal", [topicId])
  await call(reputer, stakes, stakesAbi, "requestWithdrawal", [topicId, 2_000n])
  await dev.mineAt((await dev.time()) + WITHDRAW_DELAY)
  await call(reputer, stakes, stakesAbi, "withdraw", [topicId])
  const added = [owner, outsider, owner, "http://127.0.0.1:1"]
  await call(owner, committee, committeeAbi, "addMember", added)
  const changed = [5, outsider, outsider, "http://127.0.0.1:2"]
  await call(owner, committee, committeeAbi, "updateMember", changed)
  await call(owner, committee, committeeAbi, "transferOwnership", [outsider])
  await call(outsider, committee, committeeAbi, "acceptOwnership", [])
}

export async function playEverything(played: Played): Promise<void> {
  const { classes } = played
  await happen(played)
  await played.report(1, wads(100, 101, 103))
  await classes.report(1, [shares(5, 3, 2), shares(6, 3, 1), shares(1, 8, 1)])
  await played.settle(1, wads(102, 102))
  await classes.settle(1, [wads(1, 0, 0), wads(0, 1, 0)])
  await played.report(2, wads(100, 101, 103), { losses: wads(1, 0, -1), signers: [0, 2, 3] })
  await played.settle(2, [])
  await played.report(3, wads(90, 101, 102), { signers: [0, 1, 2, 3] })
}
