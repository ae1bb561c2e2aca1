// Keys and signatures: 64 bytes, EIP-2098 compact (r, then the parity of y in the high bit of s), low s only.
// Used by every step that is signed. secp256k1 is the Rust library as WASM; it makes the nonce from key and digest.
import { randomBytes } from "node:crypto"
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import {
  isPrivate,
  pointFromScalar,
  recover as recoverPoint,
  signRecoverable,
} from "tiny-secp256k1"
import { type Hex, keccak256 } from "viem"
import { NodeError } from "./errors.ts"

export type Signer = {
  readonly address: Hex
  /** Signs a 32-byte digest; the answer has 64 bytes. */
  readonly sign: (digest: Hex) => Hex
}

const HALF_ORDER = Buffer.from(
  "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0",
  "hex",
)
const RECOVERED_LIMIT = 8192

export function createSigner(privateKey: Hex): Signer {
  const key = keyBytes(privateKey)
  const point = key && isPrivate(key) ? pointFromScalar(key, false) : null
  if (!key || !point) {
    throw new NodeError("KeyMalformed", {
      sentence: "a private key is not a scalar of secp256k1",
      remedy: "stop",
      required: "0x and 64 hex digits, not zero and below the curve's order",
    })
  }
  return {
    address: addressOf(point),
    sign(digest) {
      const { signature, recoveryId } = signRecoverable(bytes(digest), key)
      const compact = Buffer.from(signature)
      if (recoveryId & 1) compact[32] = (compact[32] as number) | 0x80
      return `0x${compact.toString("hex")}`
    },
  }
}

// Recovering costs a quarter of a millisecond and the same signature is met several times on its way, so the last
// answers are kept; the oldest go first.
const recovered = new Map<string, Hex | undefined>()

/** The lower-case address that signed `digest`, or undefined if these are not 64 bytes of a low-s signature. */
export function recover(digest: Hex, signature: Hex): Hex | undefined {
  const id = digest + signature
  if (recovered.has(id)) {
    const known = recovered.get(id)
    recovered.delete(id)
    recovered.set(id, known)
    return known
  }
  const address = recoverUncached(digest, signature)
  recovered.set(id, address)
  if (recovered.size > RECOVERED_LIMIT) recovered.delete(recovered.keys().next().value as string)
  return address
}

function recoverUncached(digest: Hex, signature: Hex): Hex | undefined {
  if (!/^0x[0-9a-f]{64}$/i.test(digest) || !/^0x[0-9a-f]{128}$/i.test(signature)) return undefined
  const rs = bytes(signature)
  const parity = (rs[32] as number) >> 7
  rs[32] = (rs[32] as number) & 0x7f
  // A second form with n - s would verify too; only the lower one counts, as in the contracts.
  if (Buffer.compare(rs.subarray(32), HALF_ORDER) > 0) return undefined
  try {
    const point = recoverPoint(bytes(digest), rs, parity as 0 | 1, false)
    return point ? addressOf(point) : undefined
  } catch {
    // The library throws where r or s is zero or beyond the order, or r is on no point: no signature.
    return undefined
  }
}

/** Reads a key file: one line, 0x and 64 hex digits, for its owner alone. Nothing of it is ever printed. */
export function readKey(file: string): Hex {
  const { mode, text } = readKeyFile(file)
  // Windows keeps no such bits.
  if (process.platform !== "win32" && (mode & 0o077) !== 0) {
    throw new NodeError("KeyFileExposed", {
      sentence: `others than its owner may use the key file ${file}; run: chmod 600 ${file}`,
      remedy: "stop",
      facts: { file },
      given: `mode ${(mode & 0o777).toString(8)}`,
      required: "mode 600",
    })
  }
  const key = keyBytes(text.trim())
  if (!key || !isPrivate(key)) {
    throw new NodeError("KeyFileMalformed", {
      sentence: `the file ${file} holds no private key`,
      remedy: "stop",
      facts: { file },
      required: "one line of 0x and 64 hex digits",
    })
  }
  return `0x${key.toString("hex")}`
}

/** Makes a key, writes it to a file that must not exist yet, and answers with its address. */
export function newKeyFile(file: string): Hex {
  let key = randomBytes(32)
  while (!isPrivate(key)) key = randomBytes(32)
  mkdirSync(dirname(file), { recursive: true })
  try {
    // "wx" creates or fails: a key is never written over another.
    writeFileSync(file, `0x${key.toString("hex")}\n`, { mode: 0o600, flag: "wx" })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause
    throw new NodeError("KeyFileExists", {
      sentence: `the key file ${file} exists and is never overwritten`,
      remedy: "stop",
      facts: { file },
      cause,
    })
  }
  return createSigner(`0x${key.toString("hex")}`).address
}

function readKeyFile(file: string): { mode: number; text: string } {
  try {
    return { mode: statSync(file).mode, text: readFileSync(file, "utf8") }
  } catch (cause) {
    throw new NodeError("KeyFileMissing", {
      sentence: `there is no key file ${file} that can be read`,
      remedy: "stop",
      facts: { file },
      given: (cause as NodeJS.ErrnoException).code,
      cause,
    })
  }
}

function keyBytes(text: string): Buffer | undefined {
  return /^0x[0-9a-f]{64}$/i.test(text) ? bytes(text as Hex) : undefined
}

function addressOf(point: Uint8Array): Hex {
  return `0x${keccak256(point.subarray(1)).slice(26)}`
}

function bytes(hex: Hex): Buffer {
  return Buffer.from(hex.slice(2), "hex")
}
