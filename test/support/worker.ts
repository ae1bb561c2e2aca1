// What tests of workers stand on: a chain moved by hand with one topic and some workers registered for it, timers that
// run at once, and waits for sockets.
import assert from "node:assert/strict"
import type { Hex } from "viem"
import type { Clock } from "../../offchain/clock.ts"
import { createLedger } from "../../offchain/ledger.ts"
import { topicTemplate } from "../../offchain/models/topics.ts"
import { createSigner } from "../../offchain/signer.ts"
import { termsOf } from "../../offchain/terms.ts"
import { load } from "../../wasm/index.ts"

// The core says who sits where.
await load()

export const TOPIC = 7
export const EPOCH_START = 1_000_000
export const DAY = 86_400
export const HOUR = 3_600
export const DELAY_SECONDS = HOUR
export const DOMAIN = {
  name: "Allora",
  version: "1",
  chainId: 31_337,
  verifyingContract: "0x00000000000000000000000000000000000000aa",
} as const
export const PARAMETERS = topicTemplate("sp500", { start: EPOCH_START })
export const OPENS = EPOCH_START + PARAMETERS.schedule.windowOpens
/** Registered as inferer, as both, and as the forecaster that stands for another owner. */
export const ALICE = createSigner(`0x${"11".repeat(32)}`)
export const BOB = createSigner(`0x${"22".repeat(32)}`)
export const OUTSIDER = createSigner(`0x${"33".repeat(32)}`)
export const FORECASTING_OWNER: Hex = `0x${"0f".repeat(20)}`
/** Sits first, so that the others do not sit on seat 0. */
export const FIRST_OWNER: Hex = `0x${"0c".repeat(20)}`

/** A chain with the topic and registrations well before the first epoch; `at` moves its newest block. */
export function chainOf(
  urls: readonly string[],
  { joined = OPENS - 2 * HOUR, parameters = PARAMETERS } = {},
) {
  const ledger = createLedger()
  const block = (number: number, time: number) =>
    ({ number, hash: `0x${number}`, parentHash: `0x${number - 1}`, time }) as const
  const worker = (owner: Hex, signer: Hex, roles: number, time: number) => ({
    block: 1,
    time,
    fact: {
      name: "WorkerChanged",
      topicId: TOPIC,
      change: "joined",
      roles,
      owner,
      signer,
    } as const,
  })
  ledger.apply(block(1, joined), [
    {
      block: 1,
      time: 1,
      fact: {
        name: "TopicCreated",
        topicId: TOPIC,
        parametersHash: `0x${"ab".repeat(32)}`,
        parameters,
      },
    },
    worker(FIRST_OWNER, `0x${"0d".repeat(20)}`, 1, 1),
    worker(ALICE.address, ALICE.address, 1, joined),
    worker(BOB.address, BOB.address, 3, joined),
    worker(FORECASTING_OWNER, OUTSIDER.address, 2, joined),
  ])
  return {
    ledger,
    at: (time: number) => ledger.apply(block((ledger.head()?.number ?? 0) + 1, time), []),
    time: () => ledger.head()?.time,
    schedule: (topicId: number) => ledger.terms(topicId, 0)?.parameters.schedule,
    terms: (topicId: number, epoch: number) =>
      termsOf(ledger, { delaySeconds: DELAY_SECONDS }, { topicId, epoch }, () => undefined),
    members: () => urls,
  }
}

/** Timers that run at the next turn; it keeps how long each would have been. */
export function hastyClock(limit = Number.POSITIVE_INFINITY) {
  const waits: number[] = []
  const clock: Clock = {
    now: () => 0,
    after(ms, run) {
      waits.push(ms)
      if (waits.length > limit) return () => undefined
      const timer = setImmediate(run)
      return () => clearImmediate(timer)
    },
  }
  return { clock, waits }
}

/** Lets sockets do their work until `test` holds. */
export async function until(test: () => boolean, limitMs = 5_000) {
  const end = performance.now() + limitMs
  while (!test()) {
    assert.ok(performance.now() < end, `waited for ${limitMs} ms`)
    await new Promise(setImmediate)
  }
}

/** Long enough for a send that must not happen. */
export async function idle() {
  for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate)
}
