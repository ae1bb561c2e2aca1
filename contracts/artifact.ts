// The compiler's output for one contract, and its constructor's arguments from JSON.
import { globSync } from "node:fs"
import { basename } from "node:path"
import { fileURLToPath } from "node:url"
import type { Abi, AbiParameter, Address, Hex } from "viem"
import { DeployError } from "./deployer.ts"
import { malformed, readAddress, readJson } from "./plan.ts"

export type Artifact = { readonly contractName: string; readonly abi: Abi; readonly bytecode: Hex }

const ARTIFACTS = fileURLToPath(new URL("../artifacts/contracts/", import.meta.url))

/** The compiler's output for the contract of this name, wherever under contracts/ it stands. */
export function readArtifact(name: string): Artifact {
  const found = globSync(`**/*.sol/${basename(name)}.json`, { cwd: ARTIFACTS })
  const [path] = found
  if (path === undefined)
    throw new DeployError(
      "ContractUnknown",
      `no compiled contract is named ${name}; run \`npm run build\``,
    )
  if (found.length > 1)
    throw new DeployError(
      "ContractAmbiguous",
      `${name} is the name of ${found.length} contracts: ${found.join(", ")}`,
    )
  const artifact = readJson(`${ARTIFACTS}${path}`, "artifact") as Artifact
  if (artifact.bytecode === "0x")
    throw new DeployError("ContractAbstract", `${name} has no code of its own to deploy`)
  return artifact
}

/** Turns JSON into what the ABI type wants: numbers may be written as text, "@reports" names a deployed contract. */
function argument(type: AbiParameter, value: unknown, named: (name: string) => unknown): unknown {
  const of = (element: AbiParameter, item: unknown) => argument(element, item, named)
  const array = type.type.match(/^(.*)\[\d*\]$/)
  if (array && Array.isArray(value))
    return value.map((item) => of({ ...type, type: array[1] as string }, item))
  if (type.type === "tuple" && "components" in type && value instanceof Object) {
    const fields = value as Record<string, unknown>
    return Object.fromEntries(
      type.components.map((part) => [part.name, of(part, fields[part.name ?? ""])]),
    )
  }
  if (type.type === "address")
    return typeof value === "string" && value.startsWith("@")
      ? named(value.slice(1))
      : readAddress(value, `${type.name} in --args`)
  if (!/^u?int/.test(type.type)) return value
  if (/^-?\d+$/.test(String(value)) && (typeof value === "string" || Number.isSafeInteger(value)))
    return BigInt(String(value))
  throw malformed(`${type.name} in --args`, value, `${type.type}, in quotes from 2^53 on`)
}

/** The constructor's arguments from a JSON list; `named` answers the address behind "@name". */
export function readArguments(abi: Abi, text: string, named: (name: string) => Address): unknown[] {
  const wanted = abi.find((item) => item.type === "constructor")?.inputs ?? []
  const signature = wanted.map(({ type, name }) => `${type} ${name}`).join(", ")
  let given: unknown
  try {
    given = JSON.parse(text)
  } catch {
    throw malformed("--args", text, `a JSON list of (${signature})`)
  }
  if (!Array.isArray(given) || given.length !== wanted.length)
    throw malformed("--args", given, `a list of (${signature})`)
  return wanted.map((type, index) => argument(type, given[index], named))
}
