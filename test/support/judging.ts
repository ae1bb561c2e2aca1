// Messages changed as a lying quorum would, before the contracts that judge them: what comparing finds in each, and the chain's
// verdict on a claim with the evidence that goes with it.
import { network } from "hardhat"
import { claimNumber, type Refuting } from "../../offchain/dispute/claims.ts"
import { differencesOfReport, differencesOfSettlement } from "../../offchain/dispute/compare.ts"
import { reportEvidence } from "../../offchain/dispute/evidence/report.ts"
import { settlementEvidence } from "../../offchain/dispute/evidence/settlement.ts"
import type { Evidence } from "../../offchain/dispute/evidence.ts"
import { registrationRows } from "../../offchain/seats.ts"
import { KIND, listHash } from "../../wasm/index.ts"
import type { Disputed } from "./disputed.ts"
import { forgedReport, forgedSettlement } from "./forging.ts"

export type Case = {
  readonly differences: ReturnType<typeof differencesOfReport>["differences"]
  readonly evidence: (refuting: Refuting) => Evidence
  readonly judge: (refuting: Refuting) => Promise<boolean>
}

export type Court = Awaited<ReturnType<typeof openCourt>>

/** The contracts, deployed, and how a topic's messages come before them. */
export async function openCourt(topic: Disputed) {
  const connection = await network.create("home")
  const { viem } = connection
  const settlements = await viem.deployContract("SettlementVerifier")
  const verifier = await viem.deployContract("Verifier", [settlements.address])

  return {
    async report(epoch: number, forge: Parameters<typeof forgedReport>[2]): Promise<Case> {
      const given = await forgedReport(topic, epoch, forge)
      const { bytes, differences } = differencesOfReport(given)
      const { terms, report } = given
      const settled = terms?.settled
      const registrations = registrationRows(terms?.changes ?? [])
      const evidence = (refuting: Refuting) =>
        reportEvidence({ report, bytes, settled, registrations }, refuting)
      return {
        differences,
        evidence,
        judge: async (refuting) => {
          const { claim, at } = refuting
          const asked = [report, claimNumber(claim), at, evidence(refuting)] as const
          return (await verifier.read.judgeReport(asked)) as boolean
        },
      }
    },

    async settlement(epoch: number, forge: Parameters<typeof forgedSettlement>[2]): Promise<Case> {
      const given = await forgedSettlement(topic, epoch, forge)
      const { bytes, differences } = differencesOfSettlement(given)
      const { settlement, missedInputs } = given
      const before = topic.concluded.get(epoch - 1)
      const shown = {
        bytes,
        parent: before?.settlement,
        parentContext: before?.rows[0],
        missedInputs,
        scored: undefined,
      }
      const beforehand = listHash(KIND.state, given.past)
      const evidence = (refuting: Refuting) => settlementEvidence(shown, refuting)
      return {
        differences,
        evidence,
        judge: async (refuting) => {
          const { claim, at } = refuting
          const asked = [
            settlement,
            beforehand,
            claimNumber(claim),
            at,
            evidence(refuting),
          ] as const
          return (await verifier.read.judgeSettlement(asked)) as boolean
        },
      }
    },

    close: () => connection.close(),
  }
}
