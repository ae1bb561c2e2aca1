// What the deploy command is told: flags and files become the plan of a network, and every fault in them is named before
// anything is sent.
import { readFileSync } from "node:fs"
import { type Address, formatEther, type Hex, isAddress, isHex, parseEther } from "viem"
import { DeployError } from "./deployer.ts"
import type { Member, NetworkPlan } from "./network.ts"

const CAP = 1_000_000_000n
const UINT32 = 0xffff_ffff

export type PlanFlags = {
  readonly members?: string
  readonly holders?: string
  readonly ecosystem?: string
  readonly delay: string
  readonly window: string
  readonly "withdraw-delay": string
  readonly expiry: string
  readonly "create-fee": string
  readonly "registration-fee": string
  readonly "minimum-bond": string
  readonly "core-id"?: string
}

export function readJson(file: string, what: string): unknown {
  let text: string
  try {
    text = readFileSync(file, "utf8")
  } catch (cause) {
    throw new DeployError("FileMissing", `the ${what} ${file} cannot be read`, { cause })
  }
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new DeployError("FileMalformed", `the ${what} ${file} is not JSON`, { cause })
  }
}

export function malformed(what: string, given: unknown, required: string): DeployError {
  return new DeployError(
    "InputMalformed",
    `${what} is ${JSON.stringify(given) ?? "missing"}, required ${required}`,
  )
}

export function whole(text: string, flag: string): number {
  if (/^\d+$/.test(text) && Number(text) <= UINT32) return Number(text)
  throw malformed(flag, text, `a whole number of at most ${UINT32}`)
}

function amount(text: unknown, what: string, unit: string): bigint {
  if (typeof text === "string" && /^\d+(\.\d{1,18})?$/.test(text)) return parseEther(text)
  throw malformed(what, text, `an amount of ${unit} in quotes, such as "1.5"`)
}

const allo = (text: unknown, what: string) => amount(text, what, "ALLO")
const coin = (text: unknown, what: string) => amount(text, what, "the chain's own coin")

export function readAddress(value: unknown, what: string): Address {
  if (typeof value === "string" && isAddress(value, { strict: false }))
    return value.toLowerCase() as Address
  throw malformed(what, value, "an address")
}

function readList(file: string, what: string): Record<string, unknown>[] {
  const json = readJson(file, what)
  if (Array.isArray(json)) return json.map(Object)
  throw new DeployError("FileMalformed", `the ${what} ${file} is not a list`)
}

function readMembers(file: string | undefined): Member[] {
  if (file === undefined) return []
  const members = readList(file, "members file").map((member, index): Member => {
    const what = (field: string) => `${field} of member ${index} in ${file}`
    const { url } = member
    if (typeof url !== "string" || !URL.canParse(url)) throw malformed(what("url"), url, "a URL")
    return {
      owner: readAddress(member.owner, what("owner")),
      signer: readAddress(member.signer, what("signer")),
      payee: readAddress(member.payee, what("payee")),
      url,
    }
  })
  if (members.length < 4 || members.length > 64)
    throw malformed(`the number of members in ${file}`, members.length, "4 to 64")
  return members
}

async function readCoreId(given: string | undefined): Promise<Hex> {
  if (given !== undefined && isHex(given) && given.length === 66) return given
  if (given !== undefined) throw malformed("--core-id", given, "0x and 64 hex digits")
  try {
    const core = await import("../wasm/index.ts")
    await core.load()
    return core.coreId()
  } catch (cause) {
    throw new DeployError(
      "CoreMissing",
      "wasm/pkg cannot be loaded; or name its hash with --core-id",
      {
        cause,
      },
    )
  }
}

function readHolders(file: string): NetworkPlan["holders"] {
  const holders = readList(file, "holders file").map(({ holder, amount }) => ({
    holder: readAddress(holder, `a holder in ${file}`),
    amount: allo(amount, `an amount in ${file}`),
  }))
  const sum = holders.reduce((total, { amount }) => total + amount, 0n)
  if (sum !== CAP * 10n ** 18n)
    throw malformed(`the sum in ${file}`, `${formatEther(sum)} ALLO`, `${CAP} ALLO`)
  return holders
}

export async function readPlan(
  flags: PlanFlags,
  deployer: Address,
  local: boolean,
): Promise<NetworkPlan> {
  const members = readMembers(flags.members)
  const disputeSeconds = whole(flags.window, "--window")
  if (disputeSeconds === 0) throw malformed("--window", flags.window, "at least 1 second")
  const withdrawDelaySeconds = whole(flags["withdraw-delay"], "--withdraw-delay")
  if (withdrawDelaySeconds === 0)
    throw malformed("--withdraw-delay", flags["withdraw-delay"], "at least 1 second")
  const minimumBond = coin(flags["minimum-bond"], "--minimum-bond")
  if (minimumBond === 0n) throw malformed("--minimum-bond", flags["minimum-bond"], "more than 0")
  return {
    members,
    holders: flags.holders
      ? readHolders(flags.holders)
      : [{ holder: deployer, amount: CAP * 10n ** 18n }],
    ecosystem: flags.ecosystem ? readAddress(flags.ecosystem, "--ecosystem") : deployer,
    createFee: allo(flags["create-fee"], "--create-fee"),
    registrationFee: allo(flags["registration-fee"], "--registration-fee"),
    delaySeconds: whole(flags.delay, "--delay"),
    disputeSeconds,
    withdrawDelaySeconds,
    minimumBond,
    expirySeconds: whole(flags.expiry, "--expiry"),
    local,
    coreId: members.length > 0 ? await readCoreId(flags["core-id"]) : undefined,
  }
}
