// Step 7: what a report says beside what the chain knows: schedule, parameters, the settlement it starts from, who was
// registered, what each worker signed.
import {
  decodeForecast,
  decodeInferences,
  decodeRegistrations,
  decodeSignatures,
  KIND,
  rowHash,
} from "../../wasm/index.ts"
import { type Domain, digestOf } from "../message.ts"
import type { Report } from "../report.ts"
import { NO_REGISTRATIONS, registrationsHash } from "../seats.ts"
import { recover } from "../signer.ts"
import { submissionHash } from "../submission.ts"
import { NO_LEAF } from "../synthesis.ts"
import type { EpochTerms } from "../terms.ts"
import { decoded, type ReportBytes } from "./bytes.ts"
import { type Difference, difference, refuting } from "./claims.ts"
import { isComplete, placesOf, rowsOfKind } from "./shape.ts"

export type ReportGiven = {
  readonly report: Report
  /** The slot of the batch that was signed. */
  readonly slot: number
  /** Undefined: the chain has no such topic or epoch. */
  readonly terms: EpochTerms | undefined
  readonly bytes: ReportBytes
  readonly domain: Domain
}

/** What stands in the leaf itself. */
export function scheduleDifferences({ report, slot, terms }: ReportGiven): Difference[] {
  const { topicId, epoch, label } = report
  if (!terms || label >= terms.parameters.labels.length)
    return [
      difference(
        {
          what: "the topic, epoch or label",
          given: `topic ${topicId}, epoch ${epoch}, label ${label}`,
          required: terms ? `a label below ${terms.parameters.labels.length}` : "one that there is",
        },
        [refuting("Schedule")],
      ),
    ]
  const { closesAt, parameters } = terms
  const expected = {
    observedAt: closesAt,
    lag: parameters.schedule.lag,
    history: parameters.history,
  }
  const found = (["observedAt", "lag", "history"] as const).flatMap((name) =>
    report[name] === expected[name]
      ? []
      : [
          difference({ what: name, given: report[name], required: expected[name] }, [
            refuting("Schedule"),
          ]),
        ],
  )
  // The leaf does not say in which slot it was signed, so the chain cannot refute it.
  const ofSlot = { what: "the slot in which it was signed", given: slot, required: closesAt }
  return slot === closesAt ? found : [...found, difference(ofSlot, [])]
}

/** Parameters, and the settlement whose state the report starts from. */
export function originDifferences({ terms, bytes }: ReportGiven): Difference[] {
  const { context, beforehand } = bytes
  if (!context || !terms) return []
  const { settled, parametersHash } = terms
  const found: Difference[] = []
  if (context.parametersHash !== parametersHash)
    found.push(
      difference(
        { what: "the parameters", given: context.parametersHash, required: parametersHash },
        [refuting("Parameters")],
      ),
    )
  const leaf = settled?.leaf ?? NO_LEAF
  if (context.settledLeaf !== leaf)
    found.push({
      ...difference(
        { what: "the settlement that it starts from", given: context.settledLeaf, required: leaf },
        [],
      ),
      strikes: true,
    })
  else {
    const said = [context.settledEpoch, context.stateHash]
    const required = [settled?.epoch ?? 0, rowHash(beforehand.list.row)]
    if (said.join() !== required.join())
      found.push(
        difference({ what: "the state that it starts from", given: said, required }, [
          refuting("State"),
        ]),
      )
  }
  return found
}

/** The registrations that the rows carry, and the signatures of those who were seated. */
export function submissionDifferences(given: ReportGiven): Difference[] {
  const { terms, bytes } = given
  if (!terms || !bytes.context || !isComplete(bytes.inputs)) return []
  return [...registrationDifferences(terms, bytes), ...signatureDifferences(given, terms)]
}

function registrationDifferences({ changes, settled }: EpochTerms, { inputs }: ReportBytes) {
  const rows = rowsOfKind(inputs, KIND.registrations)
  const entries = rows.flatMap((row) => decoded(() => decodeRegistrations(row))?.entries ?? [])
  const given = registrationsHash(entries)
  const required = settled ? NO_REGISTRATIONS : registrationsHash(changes)
  if (given === required) return []
  const [place = 0] = placesOf(inputs, settled ? KIND.registrations : KIND.signatures)
  const what = "the running hash of the registrations in the inputs"
  return [difference({ what, given, required }, [refuting("Registrations", place)])]
}

/** Every seat with entries stands under one signature of who sits there, at the lowest seat that has entries. */
function signatureDifferences(
  { bytes: { inputs }, domain }: ReportGiven,
  { topicId, epoch, roster }: EpochTerms,
): Difference[] {
  const rows = (kind: number) => rowsOfKind(inputs, kind)
  const read = <T>(kind: number, decode: (row: Uint8Array) => T) =>
    rows(kind).flatMap((row) => decoded(() => [decode(row)]) ?? [])
  const byLabel = read(KIND.inferences, decodeInferences)
  const forecasts = read(KIND.forecast, decodeForecast)
  const signatures = new Map(
    read(KIND.signatures, decodeSignatures)
      .flat()
      .map((entry) => [entry.seat, entry]),
  )
  const inferred = new Set(byLabel.flatMap(({ entries }) => entries.map(({ seat }) => seat)))
  const forecasting = new Set(forecasts.map(({ seat }) => seat))
  const hasEntries = (seat: number | undefined) =>
    seat !== undefined && (inferred.has(seat) || forecasting.has(seat))
  const fault = (seat: number): { given: unknown; required: unknown } | undefined => {
    const owner = roster.seats.find((taken) => taken.seat === seat)?.owner
    const worker = owner && roster.workers.get(owner)
    if (!worker) return { given: "entries or a signature", required: "a registered worker" }
    const lowest = hasEntries(worker.infererSeat) ? worker.infererSeat : worker.forecasterSeat
    if (!hasEntries(lowest)) return { given: "a signature", required: "none without entries" }
    const signed = signatures.get(seat)
    if (seat !== lowest)
      return signed && { given: "a signature", required: `one under seat ${lowest}` }
    if (!signed) return { given: "no signature", required: worker.signer }
    const values = byLabel.flatMap(({ entries }) => entries.filter((entry) => entry.seat === seat))
    const forecast = forecasts.find((row) => row.seat === worker.forecasterSeat)
    const submission = {
      topicId,
      epoch,
      worker: worker.owner,
      extra: signed.extra,
      ...(values.length > 0 ? { inference: values.map(({ value }) => value) } : {}),
      ...(forecast ? { forecast: forecast.entries } : {}),
    }
    const signer = recover(digestOf(domain, submissionHash(submission, worker)), signed.signature)
    return signer === worker.signer ? undefined : { given: signer, required: worker.signer }
  }
  const seats = [...new Set([...inferred, ...forecasting, ...signatures.keys()])]
  return seats
    .sort((a, b) => a - b)
    .flatMap((seat) => {
      const wrong = fault(seat)
      const what = `the submission of seat ${seat}`
      return wrong ? [difference({ what, ...wrong }, [refuting("Submission", seat)])] : []
    })
}
