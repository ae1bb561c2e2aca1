// The member's loop. It calls the steps in order and holds no rule of its own:
//
//   worker  ─► inference.ts ─► synthesis.ts  ─► agreement.ts  ─► posting.ts ─► Reports.sol ─► readers
//              admit           the wasm core    attestation.ts   in turn       one word
//                                                     │
//   reputer ─► truth.ts ────► settlement.ts ──────────┴─► posting.ts ─► Settlements.sol ─► the next report's state
//              admit          the wasm core                                      │
//                                  │                              states.ts ◄────┘
//                                  └─► rows.ts ─► server.ts: every byte by its hash, for anyone
import { join } from "node:path"
import { domain, verifierAbi } from "../contracts/index.ts"
import { coreId } from "../wasm/index.ts"
import { type Attested, createAgreement, createDigests } from "./agreement.ts"
import { createApplication } from "./application.ts"
import { createArchive } from "./archive.ts"
import { encodeAttestation } from "./attestation.ts"
import { createChain } from "./chain.ts"
import { type Passing, splitTransport } from "./channels.ts"
import { createClock } from "./clock.ts"
import { openData } from "./data.ts"
import { createDue, topicsOf } from "./due.ts"
import { truthTermsOf } from "./electorate.ts"
import { isRefusal, NodeError, refusal } from "./errors.ts"
import { openEvidence } from "./evidence.ts"
import { createSubmissionIntake, createSubmissionPool } from "./inference.ts"
import type { Log } from "./log.ts"
import { membershipOf } from "./membership.ts"
import { createIntake, type Intake } from "./pool.ts"
import { createPosting } from "./posting.ts"
import { createReadmission } from "./readmission.ts"
import { parseReport } from "./report.ts"
import { fetchRow } from "./rowclient.ts"
import { epochAt } from "./schedule.ts"
import { createServer } from "./server.ts"
import { parseSettlement } from "./settlement.ts"
import { createSigner, readKey, recover } from "./signer.ts"
import { createStates } from "./states.ts"
import { statusOf } from "./status.ts"
import { type EpochTerms, type Question, termsOf } from "./terms.ts"
import { createTransport } from "./transport.ts"
import { admitTruth, createTruthPool, parseTruth } from "./truth.ts"
import { type AskTwin, createTwin, TWIN_GAS } from "./twin.ts"

export type NodeOptions = {
  readonly rpc: string
  readonly deployment?: string | undefined
  readonly keyFile: string
  /** The folder of the journal and the rows; made if missing. */
  readonly data: string
  readonly host: string
  /** Default: the port of the member's url on chain. */
  readonly port?: number | undefined
  /** How long rows are served after an epoch's close; at least twice the time for disputes. */
  readonly keepSeconds: number
  readonly pollMs: number
  readonly staggerMs: number
  readonly timeoutMs: number
  /** This member has never run in the era, so it may vote on what was due before it started. */
  readonly isNew?: boolean | undefined
}

export type RunningNode = {
  readonly url: string
  /** Comes when the era ends: who is a member of the next one starts again. */
  readonly eraOver: Promise<void>
  readonly stop: () => Promise<void>
}

/** After a reorganisation so many of the newest batches are looked at again. */
const REPOSTED = 16
/** Settled epochs whose truths are kept: one called missed may be taken back, and its rows hold none. */
const TRUTHS_KEPT = 16
/** Alarms that /status shows, the newest. */
const ALARMS_KEPT = 16
/** A message is passed on once; so many are remembered. */
const PASSED_ON_KEPT = 65_536

/** What a process keeps from one era to the next. */
export type Life = {
  readonly submissions: ReturnType<typeof createSubmissionPool>
  readonly truths: ReturnType<typeof createTruthPool>
  /** The chain time that this process saw first: before it it cannot have voted. */
  since: number
}

export function createLife(): Life {
  return {
    submissions: createSubmissionPool(),
    truths: createTruthPool(),
    since: Number.POSITIVE_INFINITY,
  }
}

/** Starts a member and answers once it listens. Throws `NodeError` where it cannot serve. */
export async function startNode(
  options: NodeOptions,
  log: Log,
  life = createLife(),
): Promise<RunningNode> {
  const signer = createSigner(readKey(options.keyFile))
  const chain = await createChain(options)
  await chain.follow()
  const { ledger, deployment } = chain
  const { era, self, members } = await membershipOf({ ...signer, coreId: coreId() }, chain)
  const clock = createClock()
  const home = domain(deployment)
  const now = () => ledger.head()?.time ?? 0
  life.since = Math.min(life.since, now())
  const { delaySeconds } = deployment
  const rowsForSeconds = Math.max(options.keepSeconds, 2 * deployment.disputeSeconds)
  const { journal, rows, isAnew } = openData({ folder: options.data, era: era.number }, log)

  // -- What stands about an epoch --
  const others = members.flatMap(({ url }, index) => (index === self ? [] : [url]))
  const states = createStates({
    ledger,
    delaySeconds,
    rows,
    keep: (made) => rows.put(made, now() + rowsForSeconds),
    fetchRow: (hash, what) => fetchRow(hash, what, others),
    log,
  })
  // Asked for with every message, and the same from one block to the next.
  const known = new Map<string, EpochTerms>()
  function terms(question: Question): EpochTerms | undefined {
    const name = `${question.topicId}/${question.epoch}`
    const found = known.get(name) ?? termsOf(ledger, deployment, question, states.seatsAfter)
    if (found) known.set(name, found)
    return found
  }

  // -- Step 1: inferences; step 6: truths --
  const submissions = createSubmissionIntake(life.submissions, async (topicId, epoch) => {
    if (!ledger.topics().includes(topicId))
      return refusal("UnknownTopic", topicId, "a topic on the chain")
    const found = terms({ topicId, epoch })
    if (found) return { ...found, domain: home, chainTime: now() }
    // A fault, so that the worker tries again.
    if (!states.isComplete())
      throw new NodeError("StateMissing", {
        sentence: `the state that epoch ${epoch} of topic ${topicId} builds on is not here yet`,
        remedy: "retry",
      })
    return refusal("WrongEpoch", epoch, "an epoch of the topic's schedule")
  })
  const truths = createIntake(life.truths, {
    parse: parseTruth,
    admit(truth) {
      const found = truthTermsOf(ledger, deployment, truth)
      return found
        ? admitTruth(truth, { domain: home, terms: found, chainTime: now() })
        : refusal("UnknownTopic", `${truth.topicId}/${truth.epoch}`, "a topic and its epoch")
    },
  })
  const passedOn = new Set<string>()

  async function admit(intake: Intake, passing: Passing, body: Uint8Array) {
    const taken = await intake.take(body)
    if (!isRefusal(taken) && !passedOn.has(taken.hash)) {
      if (passedOn.size >= PASSED_ON_KEPT) passedOn.clear()
      passedOn.add(taken.hash)
      passing.passOn(body)
    }
    return taken
  }

  const readmission = createReadmission({
    ledger,
    domain: home,
    delaySeconds,
    truths: life.truths,
    fetchRow: states.fetchRow,
    log,
  })

  // -- Served to anyone --
  const archive = createArchive()
  const ownUrl = new URL(members[self]?.url ?? "")
  const server = await createServer(
    { host: options.host, port: options.port ?? Number(ownUrl.port || 80) },
    {
      admit: (body) => admit(submissions, channels.submissions, body),
      admitTruth: (body) => admit(truths, channels.truths, body),
      row: rows.get,
      attestation: archive.get,
      status,
      log,
    },
  )
  const transport = createTransport(
    { era: era.number, self, members, domain: home },
    { server, signer, clock, log },
  )
  const channels = splitTransport(transport)
  for (const [intake, passing] of [
    [submissions, channels.submissions],
    [truths, channels.truths],
  ] as const)
    passing.onBody(
      (body) => void intake.take(body).catch((error: unknown) => log.debug({ error }, "not taken")),
    )

  // -- Steps 2, 3 and 6: synthesis, settlement, agreement --
  const hasTwin = await chain.hasCode(era.verifier)
  const twin = hasTwin ? createTwin({ ask: askTwin, log }) : undefined
  if (!twin)
    log.warn(
      { verifier: era.verifier },
      "there is no contract where the era's verifier should be: no number is compared with the chain's",
    )
  function askTwin(...args: Parameters<AskTwin>): Promise<boolean> {
    const at = { address: era.verifier, abi: verifierAbi, functionName: "confirms" }
    return chain.read({ ...at, args, gas: TWIN_GAS })
  }
  const steps = createApplication(
    { domain: home, delaySeconds, rowsForSeconds },
    {
      ledger,
      submissions: life.submissions,
      truths: life.truths,
      readmission,
      states,
      terms,
      twin,
      now,
      keep: rows.put,
    },
  )
  const evidence = openEvidence(join(options.data, "evidence.jsonl"))
  const alarms: object[] = []
  const faults = Math.floor((era.members.length - 1) / 3)
  const agreement = createAgreement(
    {
      era: { ...era, faults },
      self,
      timeoutMs: options.timeoutMs,
      startedAt: options.isNew && !isAnew ? -1 : life.since,
    },
    {
      signer,
      recover,
      digests: createDigests(home),
      journal,
      transport: channels.agreement,
      clock,
      log,
      application: {
        ...steps,
        attested,
        // The log hides what is called a key, and this one is a topic's epoch.
        alarm({ key, ...facts }) {
          const raised = { ...facts, epoch: key }
          alarms.push(raised)
          if (alarms.length > ALARMS_KEPT) alarms.shift()
          log.error(raised, `ALARM ${facts.code}: look at this first`)
        },
        evidence(found) {
          evidence.record(found)
          log.error(found, `evidence against member ${found.member}`)
        },
      },
    },
  )

  // -- Steps 4 and 6: on chain --
  const posting = createPosting(
    { member: self, members: members.length, staggerMs: options.staggerMs },
    { chain, clock, signer, log },
  )

  function attested({ batch, leaves, signatures }: Attested): void {
    const reports = leaves.flatMap(({ body }) => parseReport(body) ?? [])
    const settlements = leaves.flatMap(({ body }) => parseSettlement(body) ?? [])
    const signed = signatures.map(({ member, signature }) => [member, signature] as const)
    const attestation = encodeAttestation(new Map(signed))
    const posted = { batch, reports, settlements, attestation }
    archive.put(posted)
    const counts = { reports: reports.length, settlements: settlements.length }
    log.info({ slot: batch.slot, view: batch.view, ...counts, signers: signed.length }, "attested")
    posting.post(posted)
  }

  // -- What moves all of it: blocks --
  const due = createDue({ ledger, delaySeconds, agreement, terms }, now())
  let endEra: () => void = () => {}
  const eraOver = new Promise<void>((resolve) => {
    endEra = resolve
  })

  function blockSeen({ undone }: { undone: number }): void {
    known.clear()
    if (undone > 0) {
      // With the blocks reports may have gone: what the chain lacks now is posted again.
      log.warn({ undone }, "the chain took blocks back")
      for (const posted of archive.all().slice(-REPOSTED)) posting.post(posted)
    }
    if (!states.isComplete())
      void states.catchUp().then(() => {
        known.clear()
        agreement.look()
      })
    if (!readmission.isComplete()) void readmission.catchUp().then(agreement.look)
    const time = now()
    due.blockSeen(time)
    for (const { topicId, schedule, settledFrom } of topicsOf(ledger, delaySeconds)) {
      life.submissions.prune(topicId, (epochAt(schedule, time) ?? schedule.firstEpoch) - 1)
      const settled = ledger.newestSettlement(topicId)?.epoch ?? settledFrom - 1
      life.truths.prune(topicId, settled + 1 - TRUTHS_KEPT)
    }
    rows.prune(time)
    if (ledger.eraAt(time)?.number !== era.number) endEra()
  }

  // -- What an operator asks --
  let saidAt = clock.now()

  /** A slot that stays open is said with its reason, at most once in ten time-outs. */
  function sayWhy(): void {
    const open = agreement.status().slots.filter(({ view }) => view > 0)
    if (open.length === 0 || clock.now() - saidAt < 10 * options.timeoutMs) return
    saidAt = clock.now()
    const heard = new Set([self, ...transport.reachable()])
    const missing = members.flatMap((_, index) => (heard.has(index) ? [] : [index]))
    const why =
      heard.size < era.quorum
        ? `${heard.size} of ${members.length} members can talk, the quorum is ${era.quorum}; missing: member ${missing.join(", ")}`
        : "no view has attested it yet"
    log.warn({ slots: open.length, oldest: open[0]?.slot }, `nothing attested: ${why}`)
  }

  function status() {
    const { slots, dropped } = agreement.status()
    return {
      member: self,
      members: members.length,
      era: era.number,
      coreId: era.coreId,
      block: ledger.head()?.number,
      chainTime: now(),
      reachable: transport.reachable(),
      ...statusOf({ ledger, delaySeconds, states, life }, now()),
      slots,
      refusals: { ...submissions.refusals(), ...truths.refusals() },
      dropped,
      evidence: evidence.count(),
      twin: twin?.counts(),
      alarms,
    }
  }

  blockSeen({ undone: 0 })
  const unwatch = chain.watch({ pollMs: options.pollMs }, blockSeen, (error) =>
    log.warn({ code: error.code }, error.message),
  )
  const reasons = setInterval(sayWhy, options.timeoutMs)
  const url = `http://${server.host}:${server.port}`
  log.info(
    { era: era.number, coreId: era.coreId, url },
    `member ${self} of ${members.length} is up`,
  )

  return {
    url,
    eraOver,
    async stop() {
      unwatch()
      clearInterval(reasons)
      posting.stop()
      agreement.stop()
      transport.close()
      await server.close()
      journal.close()
      rows.close()
    },
  }
}
