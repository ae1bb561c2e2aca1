// What the contracts' logs say, as facts for the ledger. The one place that knows the events' names.
import { type Hex, type Log, parseEventLogs } from "viem"
import {
  committeeAbi,
  type Deployment,
  disputesAbi,
  reportsAbi,
  settlementsAbi,
  stakesAbi,
  topicsAbi,
} from "../contracts/index.ts"
import type { Change, Fact } from "./ledger.ts"
import { unpackWord } from "./word.ts"

const abi = [
  ...topicsAbi,
  ...stakesAbi,
  ...committeeAbi,
  ...reportsAbi,
  ...settlementsAbi,
  ...disputesAbi,
] as const
type Event = ReturnType<typeof parseEventLogs<typeof abi>>[number]

const lower = (value: string) => value.toLowerCase() as Hex

/** The contracts whose logs are facts. */
export function homesOf(deployment: Deployment): Hex[] {
  const { topics, stakes, committee, reports, settlements, disputes } = deployment
  return [topics, stakes, committee, reports, settlements, disputes].map(lower)
}

/** The facts in a chain's logs, in order; a log of another contract, or of no use to a member, is no fact. */
export function factsOf(logs: readonly Log[], deployment: Deployment): { log: Log; fact: Fact }[] {
  const homes = homesOf(deployment)
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
    case "WorkerRegistered":
      return changed("joined", log.args, log.args.signer)
    case "WorkerLeft":
      return changed("left", log.args, log.args.signer)
    case "SignerChanged":
      return changed("signerChanged", log.args, log.args.current)
    case "StakeChanged": {
      const { topicId, reputer, stake } = log.args
      return { name: log.eventName, topicId, reputer: lower(reputer), stake }
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
    case "SettlementAccepted": {
      const { blockNumber, transactionHash } = log
      const where = { block: Number(blockNumber), transaction: transactionHash }
      return { name: log.eventName, ...log.args, ...where }
    }
    case "WordMarked": {
      const { topicId, label, word } = log.args
      return { name: log.eventName, topicId, label, epoch: unpackWord(word).epoch, word }
    }
    case "ReportRefuted":
    case "ReportLapsed":
      return log.args.moved ? fell(log.args, log.eventName === "ReportRefuted") : undefined
    case "ReportVoided":
      return fell(log.args, false)
    case "SettlementTakenBack":
      return { name: log.eventName, ...log.args }
    default:
      return undefined
  }
}

type Fallen = Omit<Extract<Fact, { name: "ReportFell" }>, "name" | "status">

function fell({ topicId, label, epoch, leaf }: Fallen, isRefuted: boolean): Fact {
  const status = isRefuted ? "Refuted" : "Void"
  return { name: "ReportFell", topicId, label, epoch, leaf, status }
}

function changed(
  change: Change["change"],
  { topicId, owner, roles }: { topicId: number; owner: Hex; roles: number },
  signer: Hex,
): Fact {
  const who = { owner: lower(owner), signer: lower(signer) }
  return { name: "WorkerChanged", topicId, change, roles, ...who }
}
