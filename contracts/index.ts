// The door of contracts: ABIs, where a deployment lies, and the EIP-712 types of what is signed. Nothing else in the
// repository names an address, a start block or an ABI.
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { type Address, type ContractFunctionArgs, isAddress, type TypedDataDomain } from "viem"
import type { topicsAbi } from "./generated/abi.ts"

export {
  alloAbi,
  committeeAbi,
  consumerAbi,
  disputesAbi,
  factsAbi,
  qualityConsumerAbi,
  reportsAbi,
  settlementsAbi,
  stakesAbi,
  topicsAbi,
  verifierAbi,
} from "./generated/abi.ts"

/** A topic's parameters as `Topics.create` takes them; the units stand in types/Parameters.sol. */
export type Parameters = ContractFunctionArgs<typeof topicsAbi, "nonpayable", "create">[0]

/** Where one network's contracts lie on one chain. `startBlock` is the first block that can hold an event of theirs. */
export type Deployment = {
  chainId: number
  startBlock: number
  allo: Address
  topics: Address
  stakes: Address
  committee: Address
  reports: Address
  settlements: Address
  disputes: Address
  facts: Address
  /** The verifier of the era that was opened with the deployment; later eras may name others. */
  verifier: Address
  consumer?: Address
  ecosystem: Address
  /** Seconds before its window opens from which an epoch's registrations and parameters stand. */
  delaySeconds: number
  /** Seconds for which a reading can be refuted. */
  disputeSeconds: number
}

export class DeploymentError extends Error {
  override name = "DeploymentError"
  readonly code: "DeploymentMissing" | "DeploymentMalformed" | "ChainMismatch"
  readonly sentence: string
  readonly given: string
  readonly required: string

  constructor(
    code: DeploymentError["code"],
    sentence: string,
    facts: { given: string; required: string },
  ) {
    super(`${code}: ${sentence}\n  given:    ${facts.given}\n  required: ${facts.required}`)
    this.code = code
    this.sentence = sentence
    this.given = facts.given
    this.required = facts.required
  }
}

/** The file that holds the deployment on a chain: `file`, else $ALLORA_DEPLOYMENT, else contracts/deployments/<chainId>.json. */
export function deploymentFile(chainId: number, file?: string): string {
  return (
    file ??
    process.env.ALLORA_DEPLOYMENT ??
    fileURLToPath(new URL(`deployments/${chainId}.json`, import.meta.url))
  )
}

/** Reads a deployment and refuses one of another chain. Throws `DeploymentError`. */
export function deployment(chainId: number, file?: string): Deployment {
  const path = deploymentFile(chainId, file)
  let text: string
  try {
    text = readFileSync(path, "utf8")
  } catch {
    throw new DeploymentError(
      "DeploymentMissing",
      `no deployment is recorded for chain ${chainId}`,
      {
        given: path,
        required: "a file written by `npm run deploy`",
      },
    )
  }
  const found = parse(text, path)
  if (found.chainId !== chainId) {
    throw new DeploymentError("ChainMismatch", `${path} is of another chain`, {
      given: String(found.chainId),
      required: String(chainId),
    })
  }
  return found
}

function parse(text: string, path: string): Deployment {
  const malformed = (field: string, given: unknown, required: string) =>
    new DeploymentError("DeploymentMalformed", `\`${field}\` in ${path} is not what it must be`, {
      given: given === undefined ? "nothing" : JSON.stringify(given),
      required,
    })
  let json: Record<string, unknown>
  try {
    json = Object(JSON.parse(text))
  } catch {
    throw malformed("the whole", text.slice(0, 40), "JSON")
  }
  const number = (field: string): number => {
    const value = json[field]
    if (Number.isSafeInteger(value) && Number(value) >= 0) return Number(value)
    throw malformed(field, value, "an integer of at least 0")
  }
  const address = (field: string): Address => {
    const value = json[field]
    if (typeof value === "string" && isAddress(value, { strict: false }))
      return value.toLowerCase() as Address
    throw malformed(field, value, "an address")
  }
  return {
    chainId: number("chainId"),
    startBlock: number("startBlock"),
    allo: address("allo"),
    topics: address("topics"),
    stakes: address("stakes"),
    committee: address("committee"),
    reports: address("reports"),
    settlements: address("settlements"),
    disputes: address("disputes"),
    facts: address("facts"),
    verifier: address("verifier"),
    ...(json.consumer === undefined ? {} : { consumer: address("consumer") }),
    ecosystem: address("ecosystem"),
    delaySeconds: number("delaySeconds"),
    disputeSeconds: number("disputeSeconds"),
  }
}

/** The EIP-712 domain of everything signed: the home chain and its `Reports`. */
export function domain(home: Pick<Deployment, "chainId" | "reports">) {
  return {
    name: "Allora",
    version: "1",
    chainId: home.chainId,
    verifyingContract: home.reports,
  } as const satisfies TypedDataDomain
}

/** The EIP-712 types: what the committee signs, its leaves, and what workers and reputers sign. */
export const types = {
  Batch: [
    { name: "era", type: "uint32" },
    { name: "slot", type: "uint40" },
    { name: "view", type: "uint32" },
    { name: "root", type: "bytes32" },
  ],
  Report: [
    { name: "topicId", type: "uint32" },
    { name: "label", type: "uint16" },
    { name: "epoch", type: "uint32" },
    { name: "observedAt", type: "uint32" },
    { name: "lag", type: "uint24" },
    { name: "history", type: "uint8" },
    { name: "value", type: "int128" },
    { name: "sigma", type: "uint24" },
    { name: "context", type: "bytes32" },
  ],
  Settlement: [
    { name: "topicId", type: "uint32" },
    { name: "epoch", type: "uint32" },
    { name: "generation", type: "uint16" },
    { name: "parent", type: "bytes32" },
    { name: "state", type: "bytes32" },
    { name: "pot", type: "uint256" },
    { name: "quality", type: "bytes32" },
    { name: "context", type: "bytes32" },
  ],
  Submission: [
    { name: "topicId", type: "uint32" },
    { name: "epoch", type: "uint32" },
    { name: "inference", type: "bytes32" },
    { name: "forecast", type: "bytes32" },
    { name: "extra", type: "bytes32" },
  ],
  Truth: [
    { name: "topicId", type: "uint32" },
    { name: "epoch", type: "uint32" },
    { name: "values", type: "bytes32" },
    { name: "extra", type: "bytes32" },
  ],
} as const
