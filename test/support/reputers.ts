// What tests of truths stand on: a chain moved by hand with one topic, where reputers register and stake when a test
// says so.
import { type Hex, numberToHex } from "viem"
import type { Parameters } from "../../contracts/index.ts"
import { createLedger, type Fact, type Settled } from "../../offchain/ledger.ts"
import { topicTemplate } from "../../offchain/models/topics.ts"
import { createSigner, type Signer } from "../../offchain/signer.ts"

export const TOPIC = 7
export const ONE = 10n ** 18n
export const DELAY_SECONDS = 600
export const DOMAIN = {
  name: "Allora",
  version: "1",
  chainId: 31_337,
  verifyingContract: "0x00000000000000000000000000000000000000aa",
} as const

/** The epoch n is about 90,000 + 1,000 n: truths count until 300 s later, or 500 s if some are missing. */
export const SCHEDULE = {
  start: 90_000,
  firstEpoch: 1,
  length: 1_000,
  windowOpens: 100,
  windowLength: 50,
  lag: 1_850,
  truthWindow: 300,
  deadline: 500,
}
export const aboutAt = (epoch: number) => 91_000 + 1_000 * epoch

export const NUMBER: Parameters = { ...topicTemplate("sp500", { start: 1 }), schedule: SCHEDULE }
export const CLASSES: Parameters = {
  ...topicTemplate("seattle-weather", { start: 1 }),
  schedule: SCHEDULE,
}

/** The n-th of them, for small n ascending by address: an owner whose signer is another key. */
export type Person = { readonly owner: Hex; readonly signer: Signer }
export const person = (n: number): Person => ({
  owner: numberToHex(n, { size: 20 }),
  signer: createSigner(numberToHex(0xabc000 + n, { size: 32 })),
})

const REPUTER = 4
const HASH: Hex = `0x${"ab".repeat(32)}`

export function chainOfReputers(parameters = NUMBER) {
  const ledger = createLedger()
  let number = 0
  /** A block of that time with these facts. */
  function at(time: number, ...facts: readonly Fact[]) {
    number += 1
    const block = { number, hash: `0x${number}`, parentHash: `0x${number - 1}`, time } as const
    ledger.apply(
      block,
      facts.map((fact) => ({ block: number, time, fact })),
    )
  }
  const changed = (
    change: "joined" | "left" | "signerChanged",
    { owner, signer }: Person,
    roles = REPUTER,
  ): Fact => ({
    name: "WorkerChanged",
    topicId: TOPIC,
    change,
    roles,
    owner,
    signer: signer.address,
  })
  at(1, { name: "TopicCreated", topicId: TOPIC, parametersHash: HASH, parameters })

  return {
    ledger,
    at,
    joined: (who: Person, roles?: number) => changed("joined", who, roles),
    left: (who: Person, roles?: number) => changed("left", who, roles),
    signerChanged: (who: Person, roles?: number) => changed("signerChanged", who, roles),
    /** What the pool holds then. */
    staked: ({ owner }: Person, stake: bigint): Fact => ({
      name: "StakeChanged",
      topicId: TOPIC,
      reputer: owner,
      stake,
    }),
    settled: (epoch: number): Fact => {
      const hashes = { leaf: HASH, parent: HASH, state: HASH, quality: HASH, context: HASH }
      const rest = { generation: 0, pot: 0n, block: number + 1, transaction: HASH }
      const settlement: Omit<Settled, "acceptedAt"> = { topicId: TOPIC, epoch, ...hashes, ...rest }
      return { name: "SettlementAccepted", ...settlement }
    },
  }
}
