// What the contracts' logs say, as facts for the ledger. The one place that knows the events' names.
import { type Hex, type Log, parseEventLogs } from "viem"
import { committeeAbi, type Deployment, reportsAbi, topicsAbi } from "../contracts/index.ts"
import type { Fact } from "./ledger.ts"
import { unpackWord } from "./word.ts"

const abi = [...topicsAbi, ...committeeAbi, ...reportsAbi] as const
type Event = ReturnType<typeof parseEventLogs<typeof abi>>[number]

const lower = (value: string) => value.toLowerCase() as Hex

/** The facts in a chain's logs, in order; a log of another contract, or of no use to a member, is no fact. */
export function factsOf(logs: readonly Log[], deployment: Deployment): { log: Log; fact: Fact }[] {
  const homes = [deployment.topics, deployment.committee, deployment.reports].map(lower)
  const ours = logs.filter((log) => homes.includes(lower(log.address)))
  return parseEventLogs({ abi, logs: ours }).flatMap((log) => {
    const fact = factOf(log)
    return fact ? [{ log, fact }] : []
  })
}

function factOf(log: Event): Fact | undefined {
  switch (log.eventName) {
    case "TopicCreated":
      return { name: log.eventName, ...log.args }
    case "ParametersPatched":
      return { name: log.eventName, ...log.args }
    case "WorkerRegistered": {
      const { topicId, owner, signer, roles } = log.args
      return {
        name: "WorkerChanged",
        topicId,
        change: "joined",
        roles,
        owner: lower(owner),
        signer: lower(signer),
      }
    }
    case "WorkerLeft": {
      const { topicId, owner, signer, roles } = log.args
      return {
        name: "WorkerChanged",
        topicId,
        change: "left",
        roles,
        owner: lower(owner),
        signer: lower(signer),
      }
    }
    case "SignerChanged": {
      const { topicId, owner, current, roles } = log.args
      return {
        name: "WorkerChanged",
        topicId,
        change: "signerChanged",
        roles,
        owner: lower(owner),
        signer: lower(current),
      }
    }
    case "EraOpened": {
      const { era, memberIds, signers, quorum, coreId, verifier, startsAt, expiresAt } = log.args
      const members = signers.map(lower)
      return {
        name: log.eventName,
        number: era,
        memberIds,
        members,
        quorum,
        coreId,
        verifier,
        startsAt,
        expiresAt,
      }
    }
    case "MemberAdded":
    case "MemberUpdated": {
      const { id, signer, url } = log.args
      return { name: "MemberListed", id, signer: lower(signer), url }
    }
    case "ReportAccepted": {
      const { topicId, label, word, context } = log.args
      const { epoch } = unpackWord(word)
      const { blockNumber, transactionHash } = log
      return {
        name: log.eventName,
        topicId,
        label,
        epoch,
        word,
        context,
        block: Number(blockNumber),
        transaction: transactionHash,
      }
    }
    default:
      return undefined
  }
}
