// The member's loop. It calls the steps in order and holds no rule of its own:
//
//   worker ─► inference.ts ─► synthesis.ts ─► agreement.ts ─► posting.ts ─► Reports.sol ─► readers
//             admit           the wasm core   attestation.ts   in turn      one word
//                                 │
//                                 └─► rows.ts ─► server.ts: every byte by its hash, for anyone
import { join } from "node:path"
import { domain } from "../contracts/index.ts"
import { coreId } from "../wasm/index.ts"
import { type Attested, createAgreement, createDigests } from "./agreement.ts"
import { agreementKey, createApplication, epochOf } from "./application.ts"
import { createArchive } from "./archive.ts"
import { encodeAttestation } from "./attestation.ts"
import { createChain } from "./chain.ts"
import { splitTransport } from "./channels.ts"
import { createClock } from "./clock.ts"
import { isRefusal, refusal } from "./errors.ts"
import { openEvidence } from "./evidence.ts"
import { createIntake, createPool, type Pool } from "./inference.ts"
import { createJournal } from "./journal.ts"
import type { Log } from "./log.ts"
import { membershipOf } from "./membership.ts"
import { createPosting } from "./posting.ts"
import { parseReport } from "./report.ts"
import { openRows } from "./rows.ts"
import { epochAt, isTooLate, POSTING_LIMIT_SECONDS, type Schedule, slotsDue } from "./schedule.ts"
import { createServer } from "./server.ts"
import { createSigner, readKey, recover } from "./signer.ts"
import { termsOf } from "./terms.ts"
import { createTransport } from "./transport.ts"

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
}

export type RunningNode = {
  readonly url: string
  /** Comes when the era ends: who is a member of the next one starts again. */
  readonly eraOver: Promise<void>
  readonly stop: () => Promise<void>
}

/** After a reorganisation so many of the newest batches are looked at again. */
const REPOSTED = 16
/** A submission is passed on once; so many are remembered. */
const PASSED_ON_KEPT = 65_536

/** What a process keeps from one era to the next. */
export type Life = {
  readonly pool: Pool
  /** The chain time that this process saw first: before it it cannot have voted. */
  since: number
}

export function createLife(): Life {
  return { pool: createPool(), since: Number.POSITIVE_INFINITY }
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

  // -- Step 1: inferences --
  const { pool } = life
  const intake = createIntake(pool, async (topicId, epoch) => {
    if (!ledger.topics().includes(topicId))
      return refusal("UnknownTopic", topicId, "a topic on the chain")
    const terms = termsOf(ledger, deployment, { topicId, epoch })
    if (!terms) return refusal("WrongEpoch", epoch, "an epoch of the topic's schedule")
    return { ...terms, domain: home, chainTime: now() }
  })
  const passedOn = new Set<string>()

  async function admit(body: Uint8Array) {
    const taken = await intake.take(body)
    if (!isRefusal(taken) && !passedOn.has(taken.hash)) {
      if (passedOn.size >= PASSED_ON_KEPT) passedOn.clear()
      passedOn.add(taken.hash)
      channels.submissions.passOn(body)
    }
    return taken
  }

  // -- Served to anyone --
  const rows = openRows(join(options.data, "rows.sqlite"))
  const archive = createArchive()
  const ownUrl = new URL(members[self]?.url ?? "")
  const server = await createServer(
    { host: options.host, port: options.port ?? Number(ownUrl.port || 80) },
    { admit, row: rows.get, attestation: archive.get, status, log },
  )
  const transport = createTransport(
    { era: era.number, self, members, domain: home },
    { server, signer, clock, log },
  )
  const channels = splitTransport(transport)
  channels.submissions.onSubmission((body) => void intake.take(body))

  // -- Steps 2 and 3: synthesis and agreement --
  const steps = createApplication(
    {
      domain: home,
      delaySeconds: deployment.delaySeconds,
      rowsForSeconds: Math.max(options.keepSeconds, 2 * deployment.disputeSeconds),
    },
    { ledger, pool, keep: rows.put },
  )
  const evidence = openEvidence(join(options.data, "evidence.jsonl"))
  const faults = Math.floor((era.members.length - 1) / 3)
  const journal = createJournal(join(options.data, `era-${era.number}.journal`))
  const agreement = createAgreement(
    { era: { ...era, faults }, self, timeoutMs: options.timeoutMs, startedAt: life.since },
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
        alarm: ({ key, ...facts }) =>
          log.error({ ...facts, epoch: key }, `ALARM ${facts.code}: look at this first`),
        evidence(found) {
          evidence.record(found)
          log.error(found, `evidence against member ${found.member}`)
        },
      },
    },
  )

  // -- Step 4: reports --
  const posting = createPosting(
    { member: self, members: members.length, staggerMs: options.staggerMs },
    { chain, clock, signer, log },
  )

  function attested({ batch, leaves, signatures }: Attested): void {
    const reports = leaves.flatMap(({ body }) => parseReport(body) ?? [])
    const signed = signatures.map(({ member, signature }) => [member, signature] as const)
    const posted = { batch, reports, attestation: encodeAttestation(new Map(signed)) }
    archive.put(posted)
    const { slot, view } = batch
    log.info({ slot, view, reports: reports.length, signers: signed.length }, "attested")
    posting.post(posted)
  }

  // -- What moves all of it: blocks --
  let dueUntil = now() - POSTING_LIMIT_SECONDS
  let endEra: () => void = () => {}
  const eraOver = new Promise<void>((resolve) => {
    endEra = resolve
  })
  const newestEpoch = (topicId: number) => ledger.newest(topicId, 0)?.epoch ?? -1

  function schedules(): { topicId: number; schedule: Schedule }[] {
    return ledger.topics().flatMap((topicId) => {
      const schedule = ledger.terms(topicId, 0)?.parameters.schedule
      return schedule ? [{ topicId, schedule }] : []
    })
  }

  function blockSeen({ undone }: { undone: number }): void {
    if (undone > 0) {
      // With the blocks reports may have gone: what the chain lacks now is posted again.
      log.warn({ undone }, "the chain took blocks back")
      for (const posted of archive.all().slice(-REPOSTED)) posting.post(posted)
    }
    const time = now()
    const topics = schedules()
    for (const { slot, keys } of slotsDue(topics, dueUntil, time)) {
      // Where nobody sits there is nothing to agree on. Else all keys of a slot go together, so that members whose
      // chains differ by a block agree on them.
      const seated = keys.filter((key) => termsOf(ledger, deployment, key)?.roster.seats.length)
      if (seated.some(({ topicId, epoch }) => newestEpoch(topicId) < epoch))
        agreement.due(slot, seated.map(agreementKey))
    }
    dueUntil = Math.max(dueUntil, time)
    for (const { slot, keys } of agreement.status().slots)
      for (const key of Object.keys(keys)) {
        const { topicId, epoch } = epochOf(key)
        if (newestEpoch(topicId) >= epoch) agreement.accepted(key)
        else if (isTooLate(slot, time)) agreement.tooLate(key)
      }
    for (const { topicId, schedule } of topics)
      pool.prune(topicId, (epochAt(schedule, time) ?? schedule.firstEpoch) - 1)
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
    log.warn({ slots: open.length, oldest: open[0]?.slot }, `no report: ${why}`)
  }

  function status() {
    const { slots, dropped } = agreement.status()
    const running = schedules().flatMap(({ topicId, schedule }) => {
      const epoch = epochAt(schedule, now())
      return epoch === undefined ? [] : [{ topicId, epoch }]
    })
    return {
      member: self,
      members: members.length,
      era: era.number,
      coreId: era.coreId,
      block: ledger.head()?.number,
      chainTime: now(),
      reachable: transport.reachable(),
      // The running epochs' submissions, by "topic/epoch".
      held: Object.fromEntries(
        running.map(({ topicId, epoch }) => [
          `${topicId}/${epoch}`,
          pool.held(topicId, epoch).length,
        ]),
      ),
      slots,
      refusals: intake.refusals(),
      dropped,
      evidence: evidence.count(),
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
