// The deploy command: puts a network, or one compiled contract, on a chain and records where it lies.
import { existsSync, mkdirSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import { parseArgs } from "node:util"
import { readArguments, readArtifact } from "./artifact.ts"
import { createDeployer, DeployError, type Deployer } from "./deployer.ts"
import { DeploymentError, deployment, deploymentFile } from "./index.ts"
import { deployNetwork } from "./network.ts"
import { readAddress, readPlan, whole } from "./plan.ts"

const LOCAL_CHAINS = [31337, 31338]

const OPTIONS = {
  rpc: { type: "string", default: process.env.ALLORA_RPC ?? "http://127.0.0.1:8545" },
  "chain-id": { type: "string" },
  deployment: { type: "string" },
  "key-file": { type: "string" },
  members: { type: "string" },
  holders: { type: "string" },
  ecosystem: { type: "string" },
  // An hour is beyond any reorganisation; three days are three times the forced inclusion of most rollups.
  delay: { type: "string", default: "3600" },
  window: { type: "string", default: "259200" },
  // The reference's 604800 blocks of 3 s: three weeks, far longer than a wrong truth can stay unseen.
  "withdraw-delay": { type: "string", default: "1814400" },
  expiry: { type: "string", default: "31536000" },
  // Prices that keep spam out and nobody else; the reference's 75000 and 200 units of 1e-18 ALLO would not.
  "create-fee": { type: "string", default: "10" },
  "registration-fee": { type: "string", default: "1" },
  // A demand for a row costs twice what publishing it does, but never less: where gas is free, spam still is not.
  "minimum-bond": { type: "string", default: "0.001" },
  "core-id": { type: "string" },
  contract: { type: "string" },
  args: { type: "string", default: "[]" },
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const

const USAGE = `npm run deploy -- [--rpc URL] [--chain-id ID] [--key-file FILE] [--deployment FILE] [--json]

a network:     [--members FILE] [--holders FILE] [--ecosystem ADDRESS] [--core-id HASH]
               [--delay SECONDS] [--window SECONDS] [--withdraw-delay SECONDS] [--expiry SECONDS]
               [--create-fee ALLO] [--registration-fee ALLO] [--minimum-bond COIN]
one contract:  --contract NAME [--args JSON]; in it "@reports", "@topics", ... are the deployment's addresses

members file:  [{"owner": ADDRESS, "signer": ADDRESS, "payee": ADDRESS, "url": URL}, ...], 4 to 64 of them
holders file:  [{"holder": ADDRESS, "amount": "ALLO"}, ...], in all 1000000000; without one the deployer has all
`

type Flags = ReturnType<typeof readFlags>

function readFlags() {
  try {
    return parseArgs({ options: OPTIONS }).values
  } catch (cause) {
    const [sentence] = (cause as Error).message.split("\n")
    throw new DeployError("FlagUnknown", `${sentence}; see --help`, { cause })
  }
}

async function network(deployer: Deployer, flags: Flags): Promise<string> {
  const file = deploymentFile(deployer.chainId, flags.deployment)
  const local = LOCAL_CHAINS.includes(deployer.chainId)
  if (!local && existsSync(file))
    throw new DeployError("DeploymentExists", `${file} records one; move it away to deploy another`)
  const plan = await readPlan(flags, deployer.address, local)
  const made = await deployNetwork(deployer, plan)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify(made, null, 2)}\n`)
  if (flags.json) return JSON.stringify(made)
  const rows = Object.entries({ ...made, members: plan.members.length, recorded: file })
  return rows.map(([name, value]) => `${name.padEnd(16)}${value}`).join("\n")
}

async function contract(deployer: Deployer, name: string, flags: Flags): Promise<string> {
  const artifact = readArtifact(name)
  const named = (entry: string) => {
    const home: Record<string, unknown> = deployment(deployer.chainId, flags.deployment)
    return readAddress(home[entry], `@${entry} of the deployment`)
  }
  const args = readArguments(artifact.abi, flags.args, named)
  const { address } = await deployer.deploy(artifact, args)
  return flags.json
    ? JSON.stringify({ contract: name, chainId: deployer.chainId, address })
    : address
}

async function main(): Promise<string> {
  const flags = readFlags()
  if (flags.help) return USAGE
  const deployer = await createDeployer({
    rpc: flags.rpc,
    keyFile: flags["key-file"],
    chainId: flags["chain-id"] === undefined ? undefined : whole(flags["chain-id"], "--chain-id"),
  })
  if (deployer.unlocked)
    console.error(
      `No --key-file: using the node's first unlocked account ${deployer.address} (${deployer.balance} ETH).`,
    )
  return flags.contract === undefined
    ? network(deployer, flags)
    : contract(deployer, flags.contract, flags)
}

try {
  console.log(await main())
} catch (error) {
  const known = error instanceof DeployError || error instanceof DeploymentError
  const [first, ...more] = (error as Error).message.split("\n")
  console.error(
    known ? [first, ...more.map((line) => line.trim())].join("; ") : (error as Error).stack,
  )
  process.exitCode = 1
}
