// Staking as a wallet sees it: events that a follower can build everything from, balances, custom errors.
import { expect } from "chai"
import { network } from "hardhat"
import { parametersOf } from "../support/epochs.ts"

const { ethers, networkHelpers } = await network.create("home")

const WAD = 10n ** 18n
const DAY = 86_400
const DELAY = 21 * DAY
const PER_UNIT = 1_000_000n

async function deployed() {
  const [owner, alice, bob] = await ethers.getSigners()
  const allo = await ethers.deployContract("Allo", [
    [owner.address, alice.address, bob.address],
    [999_999_800n * WAD, 100n * WAD, 100n * WAD],
  ])
  const topics = await ethers.deployContract("Topics", [allo, owner.address, 1n, 1n, 3_600])
  await allo.getFunction("approve")(topics, ethers.MaxUint256)
  await topics.getFunction("create")(parametersOf(1))
  const stakes = await ethers.deployContract("Stakes", [allo, topics, DELAY])
  for (const signer of [alice, bob])
    await allo.connect(signer).getFunction("approve")(stakes, ethers.MaxUint256)
  const as = (signer: typeof alice, method: string) => stakes.connect(signer).getFunction(method)
  return { allo, topics, stakes, alice, bob, as }
}

describe("Stakes", () => {
  it("takes stake in and pays it out after the delay", async () => {
    const { allo, stakes, alice, as } = await networkHelpers.loadFixture(deployed)
    const depositing = as(alice, "deposit")(1, alice.address, 7n * WAD)
    await expect(depositing)
      .to.emit(stakes, "Deposited")
      .withArgs(1, alice.address, alice.address, 7n * WAD, 7n * WAD * PER_UNIT, 7n * WAD)
    await expect(depositing).to.changeTokenBalances(
      ethers,
      allo,
      [alice, stakes],
      [-7n * WAD, 7n * WAD],
    )
    const shares = await stakes.getFunction("sharesFor")(1, alice.address, 3n * WAD)
    const asking = await as(alice, "requestWithdrawal")(1, shares)
    const availableAt = ((await asking.getBlock())?.timestamp ?? 0) + DELAY
    await expect(asking)
      .to.emit(stakes, "WithdrawalRequested")
      .withArgs(1, alice.address, alice.address, shares, availableAt, 4n * WAD)
    await expect(as(alice, "withdraw")(1)).to.be.revertedWithCustomError(
      stakes,
      "WithdrawalTooSoon",
    )
    await networkHelpers.time.increaseTo(availableAt)
    const paying = as(alice, "withdraw")(1)
    await expect(paying)
      .to.emit(stakes, "Withdrawn")
      .withArgs(1, alice.address, alice.address, shares, 3n * WAD, 4n * WAD)
    await expect(paying).to.changeTokenBalances(
      ethers,
      allo,
      [alice, stakes],
      [3n * WAD, -3n * WAD],
    )
  })

  it("refuses by name what it does not do", async () => {
    const { topics, stakes, alice, bob, as } = await networkHelpers.loadFixture(deployed)
    await expect(as(alice, "deposit")(1, bob.address, 1n))
      .to.be.revertedWithCustomError(stakes, "DelegationNotBuilt")
      .withArgs(alice.address, bob.address)
    await expect(as(alice, "deposit")(2, alice.address, 1n))
      .to.be.revertedWithCustomError(topics, "TopicUnknown")
      .withArgs(2)
    await expect(as(alice, "requestWithdrawal")(1, 1n))
      .to.be.revertedWithCustomError(stakes, "SharesNotEnough")
      .withArgs(0, 1)
  })

  it("lets a follower know every stake from one event alone", async () => {
    const { stakes, alice, bob, as } = await networkHelpers.loadFixture(deployed)
    const first = await ethers.provider.getBlockNumber()
    const actions = [
      () => as(alice, "deposit")(1, alice.address, 5n),
      () => as(bob, "deposit")(1, bob.address, 3n),
      () => as(alice, "requestWithdrawal")(1, 2n * PER_UNIT + 1n),
      () => as(bob, "requestWithdrawal")(1, 3n * PER_UNIT),
      () => as(bob, "cancelWithdrawal")(1),
      () => as(alice, "withdraw")(1),
    ]
    for (const act of actions) {
      await networkHelpers.time.increase(DELAY)
      await act()
    }
    const last = await ethers.provider.getBlockNumber()

    const timeOf = async (block: number) => (await ethers.provider.getBlock(block))?.timestamp
    let total = 0n
    const followed = new Map<string, bigint>()
    const changes = await stakes.queryFilter("StakeChanged", first, last)
    expect(changes.length).to.equal(actions.length - 1)
    for (let block = first; block <= last; block++) {
      for (const change of changes.filter(({ blockNumber }) => blockNumber === block)) {
        if (!("args" in change)) throw new Error("an event without its arguments")
        followed.set(change.args.reputer, change.args.stake)
        total = change.args.total
      }
      const time = await timeOf(block)
      // What stood at a time is what its last block left.
      if (block < last && (await timeOf(block + 1)) === time) continue
      expect(await stakes.getFunction("totalAt")(1, time)).to.equal(total)
      for (const { address } of [alice, bob])
        expect(await stakes.getFunction("stakeAt")(1, address, time)).to.equal(
          followed.get(address) ?? 0n,
        )
    }
    // A share more than two units' leaves a little less than three, counted as two.
    expect(followed.get(alice.address)).to.equal(2n)
    expect(total).to.equal(5n)
  })
})
