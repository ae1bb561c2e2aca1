// What the agreement asks of a member: which messages it holds, what the core makes of them, which leaf a body describes.
// Between agreement.ts, which knows hashes alone, and the steps that know what they mean: reports and settlements.
import type { Application, Key } from "./agreement.ts"
import { createReportSteps } from "./application/reports.ts"
import { createSettlementSteps } from "./application/settlements.ts"
import type { Ledger } from "./ledger.ts"
import type { Domain } from "./message.ts"
import type { Pool } from "./pool.ts"
import type { Readmission } from "./readmission.ts"
import { REPORT_KIND } from "./report.ts"
import type { Key as Due } from "./schedule.ts"
import { SETTLEMENT_KIND } from "./settlement.ts"
import type { States } from "./states.ts"
import type { Submission } from "./submission.ts"
import type { EpochTerms } from "./terms.ts"
import type { Truth } from "./truth.ts"
import type { Twin } from "./twin.ts"

/** One kind of key: what the agreement asks about it. */
export type Steps = Required<
  Pick<Application, "held" | "ready" | "mandatory" | "check" | "compute" | "confirm">
> & { readonly leaf: (body: string) => ReturnType<Application["leaf"]> }

export type ApplicationOptions = {
  readonly domain: Domain
  readonly delaySeconds: number
  /** Seconds after an epoch's close for which its rows are kept. */
  readonly rowsForSeconds: number
}

export type ApplicationParts = {
  readonly ledger: Ledger
  readonly submissions: Pool<Submission>
  readonly truths: Pool<Truth>
  readonly readmission: Pick<Readmission, "isDone">
  readonly states: States
  /** The twin of the core on the chain, if the era has one. */
  readonly twin?: Twin | undefined
  /** What stands about an epoch; undefined while it is not known here. */
  readonly terms: (epoch: Epoch) => EpochTerms | undefined
  /** The newest block's time. */
  readonly now: () => number
  /** Keeps rows until that time, in chain seconds. */
  readonly keep: (rows: readonly Uint8Array[], until: number) => void
}

export type Epoch = { readonly topicId: number; readonly epoch: number }

const KINDS = { report: REPORT_KIND, settlement: SETTLEMENT_KIND } as const

/** What is due, and which generation of a settlement; 0 of a report. */
export type DueAgain = Due & { readonly generation: number }

/** A topic's epoch as the agreement names what is due then; a settlement's key carries its generation. */
export function agreementKey({ kind, topicId, epoch, generation }: DueAgain): Key {
  const key = `${KINDS[kind]}/${topicId}/${epoch}`
  return kind === "settlement" ? `${key}/${generation}` : key
}

/** The same apart again. */
export function dueOf(key: Key): DueAgain {
  const [kind, topicId, epoch, generation = 0] = key.split("/").map(Number) as [
    number,
    number,
    number,
    number?,
  ]
  return { kind: kind === SETTLEMENT_KIND ? "settlement" : "report", topicId, epoch, generation }
}

export function createApplication(
  options: ApplicationOptions,
  parts: ApplicationParts,
): Required<Omit<Application, "forced" | "attested" | "alarm" | "evidence">> {
  const steps: Record<Due["kind"], Steps> = {
    report: createReportSteps(options, parts),
    settlement: createSettlementSteps(options, parts),
  }
  const of = (key: Key) => steps[dueOf(key).kind]

  return {
    held: (key) => of(key).held(key),
    ready: (key) => of(key).ready(key),
    mandatory: (key) => of(key).mandatory(key),
    check: (key, bytes) => of(key).check(key, bytes),
    compute: (key, inputs) => of(key).compute(key, inputs),
    confirm: (key, leaves) => of(key).confirm(key, leaves),
    leaf(kind, body) {
      const name = (["report", "settlement"] as const).find((each) => KINDS[each] === kind)
      return name && steps[name].leaf(body)
    },
  }
}
