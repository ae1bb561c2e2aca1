// The hashing of signed messages (EIP-712) that every step shares: structs with fields of one word each.
// Written out because the leaves and votes of a slot are hashed by the hundred; tests hold it to viem's.
import { type Hex, keccak256, stringToHex } from "viem"
import { NodeError } from "./errors.ts"

export type Field = { readonly name: string; readonly type: string }

export type Domain = {
  readonly name: string
  readonly version: string
  readonly chainId: number | bigint
  readonly verifyingContract: Hex
}

type Value = number | bigint | string

/** A function from a message to its struct hash: keccak256(type hash ‖ one word per field). */
export function structHasher<Message extends object>(
  name: string,
  fields: readonly Field[],
): (message: Message) => Hex {
  const signature = `${name}(${fields.map((field) => `${field.type} ${field.name}`).join(",")})`
  const typeHash = keccak256(stringToHex(signature)).slice(2)
  const encoders = fields.map((field) => ({ field: field.name, encode: wordEncoder(name, field) }))
  return (message) => {
    let words = typeHash
    for (const { field, encode } of encoders) {
      words += encode((message as Record<string, Value>)[field] as Value)
    }
    return keccak256(Buffer.from(words, "hex"))
  }
}

const separators = new WeakMap<Domain, string>()

/** What is signed: keccak256(0x1901 ‖ domain separator ‖ struct hash). */
export function digestOf(domain: Domain, structHash: Hex): Hex {
  let separator = separators.get(domain)
  if (separator === undefined) {
    separator = separatorOf(domain).slice(2)
    separators.set(domain, separator)
  }
  return keccak256(Buffer.from(`1901${separator}${structHash.slice(2)}`, "hex"))
}

const hashDomain = structHasher<Record<keyof Domain, Value>>("EIP712Domain", [
  { name: "name", type: "string" },
  { name: "version", type: "string" },
  { name: "chainId", type: "uint256" },
  { name: "verifyingContract", type: "address" },
])

function separatorOf(domain: Domain): Hex {
  return hashDomain(domain)
}

function wordEncoder(message: string, { name, type }: Field): (value: Value) => string {
  const integer = /^(u?)int(\d+)$/.exec(type)
  const refuse = (value: unknown): never => {
    throw new NodeError("MalformedMessage", {
      sentence: `the field ${name} of a ${message} does not fit its type`,
      remedy: "refuse",
      facts: { message, field: name },
      given: value,
      required: type,
    })
  }
  if (integer) {
    const bits = Number(integer[2])
    const [low, high] = integer[1]
      ? [0n, 1n << BigInt(bits)]
      : [-(1n << BigInt(bits - 1)), 1n << BigInt(bits - 1)]
    return (value) => {
      if (typeof value !== "bigint" && !Number.isSafeInteger(value)) refuse(value)
      const number = BigInt(value)
      if (number < low || number >= high) refuse(value)
      return BigInt.asUintN(256, number).toString(16).padStart(64, "0")
    }
  }
  if (type === "string") return (value) => keccak256(stringToHex(String(value))).slice(2)
  const digits = type === "address" ? 40 : type === "bytes32" ? 64 : 0
  if (digits === 0) throw new Error(`a field of type ${type} has no word of its own`)
  const pattern = new RegExp(`^0x[0-9a-fA-F]{${digits}}$`)
  return (value) => {
    if (typeof value !== "string" || !pattern.test(value)) refuse(value)
    return (value as string).slice(2).toLowerCase().padStart(64, "0")
  }
}
