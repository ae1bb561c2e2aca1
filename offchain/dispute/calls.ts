// Step 7: the calls of `Disputes`, one for each thing that can be done about a message.
import { type Abi, encodeFunctionData, type Hex } from "viem"
import { disputesAbi } from "../../contracts/index.ts"
import type { Call } from "../chain.ts"
import type { Settlement } from "../settlement.ts"
import type { Message, ReportMessage } from "./attested.ts"
import { claimNumber, type Refuting } from "./claims.ts"
import type { Evidence } from "./evidence.ts"

export type Demanded = { readonly kind: number; readonly index: number }

/** The way to a row; what it does not need is left empty. */
export type Answer = {
  readonly context: Hex
  readonly list: Hex
  readonly tables: Hex
  readonly row: Hex
}

export type Calls = ReturnType<typeof disputesCalls>

export function disputesCalls(address: Hex) {
  const call = (functionName: string, args: readonly unknown[], value?: bigint): Call => ({
    address,
    abi: disputesAbi as Abi,
    functionName,
    args,
    ...(value === undefined ? {} : { value }),
  })
  const of = (message: Message, report: string, settlement: string) =>
    message.kind === "report" ? report : settlement
  const parents = (parent: Settlement | undefined) => (parent ? [parent] : [])

  return {
    address,

    refute: ({ message, attested, ...rest }: Message, refuting: Refuting, evidence: Evidence) =>
      call(rest.kind === "report" ? "refuteReport" : "refuteSettlement", [
        message,
        attested,
        claimNumber(refuting.claim),
        refuting.at,
        evidence,
      ]),

    /** `contextRow` is left empty where the context has a verdict already. */
    strike(one: Message, contextRow: Hex, parent?: Settlement) {
      const args = [one.message, one.attested, contextRow]
      return one.kind === "report"
        ? call("strikeReport", args)
        : call("strikeSettlement", [...args, parents(parent)])
    },

    prove: ({ message, attested }: ReportMessage, evidence: Evidence) =>
      call("prove", [message, attested, evidence]),

    demand: (one: Message, { kind, index }: Demanded, bond: bigint) =>
      call(
        of(one, "demandReport", "demandSettlement"),
        [one.message, one.attested, BigInt(kind), BigInt(index)],
        bond,
      ),

    publish: (one: Message, { kind, index }: Demanded, answer: Answer) =>
      call(of(one, "publishReport", "publishSettlement"), [
        one.message,
        BigInt(kind),
        BigInt(index),
        answer,
      ]),

    lapse(one: Message, { kind, index }: Demanded, parent?: Settlement) {
      const args = [one.message, one.attested, BigInt(kind), BigInt(index)]
      return one.kind === "report"
        ? call("lapseReport", args)
        : call("lapseSettlement", [...args, parents(parent)])
    },

    collect: () => call("collect", []),
    bond: () => call("bond", []),
    bondsOf: (account: Hex) => call("bondsOf", [account]),

    /** Several in one transaction: all go through, or none. */
    together(calls: readonly Call[]): Call {
      const [only] = calls
      if (calls.length === 1 && only) return only
      const data = calls.map((each) => encodeFunctionData({ ...each, args: [...each.args] }))
      return call("multicall", [data])
    },
  }
}
