// What rows are made of: fields of fixed width, big-endian, and their compositions. Each field both writes and reads, and
// whatever it would not write it refuses to read.
import { bytesToHex, type Hex } from "viem"
import { malformed } from "./errors.ts"

export type Field<T> = {
  write(value: T, out: number[]): void
  read(source: Source): T
}

/** Bytes being read, from `at` on. */
export type Source = { readonly bytes: Uint8Array; at: number }

function take(source: Source, width: number): Uint8Array {
  const { bytes, at } = source
  if (at + width > bytes.length) {
    malformed(`given ${bytes.length} bytes, required at least ${at + width}`)
  }
  source.at = at + width
  return bytes.subarray(at, at + width)
}

/** An unsigned integer of at most 4 bytes, from `least` to `most`. */
export function integer(width: 1 | 2 | 4, least = 0, most = 256 ** width - 1): Field<number> {
  const within = (value: number) =>
    Number.isInteger(value) && value >= least && value <= most
      ? value
      : malformed(`given ${value}, required an integer from ${least} to ${most}`)
  return {
    write(value, out) {
      let rest = within(value)
      const at = out.length
      for (let i = width - 1; i >= 0; i--) {
        out[at + i] = rest % 256
        rest = Math.floor(rest / 256)
      }
    },
    read: (source) => within(take(source, width).reduce((value, byte) => value * 256 + byte, 0)),
  }
}

function wide(
  width: 16 | 32,
  least: bigint,
  most: bigint,
  fitted: (bits: bigint) => bigint,
): Field<bigint> {
  const within = (value: bigint) =>
    typeof value === "bigint" && value >= least && value <= most
      ? value
      : malformed(`given ${value}, required an integer from ${least} to ${most}`)
  return {
    write(value, out) {
      const bits = BigInt.asUintN(8 * width, within(value))
      for (let shift = BigInt(8 * width - 8); shift >= 0n; shift -= 8n)
        out.push(Number((bits >> shift) & 0xffn))
    },
    read: (source) =>
      within(fitted(take(source, width).reduce((bits, byte) => (bits << 8n) | BigInt(byte), 0n))),
  }
}

/** A Wad: a two's complement int128 with 18 decimals. */
export const wad = wide(16, -(2n ** 127n), 2n ** 127n - 1n, (bits) => BigInt.asIntN(128, bits))

/** A Wad wider than rows have it: a two's complement int256. */
export const int256 = wide(32, -(2n ** 255n), 2n ** 255n - 1n, (bits) => BigInt.asIntN(256, bits))

/** An amount: a uint128. */
export const amount = wide(16, 0n, 2n ** 128n - 1n, (bits) => bits)

/** An amount above zero. */
export const stake = wide(16, 1n, 2n ** 128n - 1n, (bits) => bits)

/** Bytes of a fixed width, written as hex. */
export function hex(width: number): Field<Hex> {
  const shape = new RegExp(`^0x[0-9a-fA-F]{${2 * width}}$`)
  return {
    write(value, out) {
      if (typeof value !== "string" || !shape.test(value)) {
        malformed(`given ${value}, required ${width} bytes in hex`)
      }
      for (let i = 2; i < value.length; i += 2) out.push(Number.parseInt(value.slice(i, i + 2), 16))
    },
    read: (source) => bytesToHex(take(source, width)),
  }
}

const flag = integer(1, 0, 1)

/** A flag, read as a boolean. */
export const boolean: Field<boolean> = {
  write(value, out) {
    if (typeof value !== "boolean") malformed(`given ${value}, required a boolean`)
    flag.write(value ? 1 : 0, out)
  },
  read: (source) => flag.read(source) === 1,
}

/** A flag, then the value if there is one. */
export function optional<T>(field: Field<T>): Field<T | undefined> {
  return {
    write(value, out) {
      flag.write(value === undefined ? 0 : 1, out)
      if (value !== undefined) field.write(value, out)
    },
    read: (source) => (flag.read(source) === 1 ? field.read(source) : undefined),
  }
}

/** One of some names, written as its place in the list counted from 1. */
export function name<const Names extends readonly string[]>(names: Names): Field<Names[number]> {
  const place = integer(1, 1, names.length)
  return {
    write: (value, out) => place.write(names.indexOf(value) + 1, out),
    read: (source) => names[place.read(source) - 1] as Names[number],
  }
}

/** Fields one after the other, in the order in which they are named. */
export function record<T>(fields: { readonly [K in keyof T]: Field<T[K]> }): Field<T> {
  const named = Object.entries(fields) as [keyof T, Field<T[keyof T]>][]
  return {
    write(value, out) {
      for (const [key, field] of named) field.write(value[key], out)
    },
    read: (source) =>
      Object.fromEntries(named.map(([key, field]) => [key, field.read(source)])) as T,
  }
}

/** A count, then as many entries. */
export function list<T>(entry: Field<T>, least = 0, most = 65_535): Field<readonly T[]> {
  const count = integer(2, least, most)
  return {
    write(entries, out) {
      count.write(entries.length, out)
      for (const each of entries) entry.write(each, out)
    },
    read: (source) => Array.from({ length: count.read(source) }, () => entry.read(source)),
  }
}

/** A list whose entries stand strictly ascending by seat. */
export function seated<T extends { readonly seat: number }>(entry: Field<T>): Field<readonly T[]> {
  return ascending(list(entry), ({ seat }) => seat)
}

/** A list whose entries stand strictly ascending by the reputer's address. */
export function byReputer<T extends { readonly reputer: Hex }>(
  entry: Field<T>,
  most: number,
): Field<readonly T[]> {
  return ascending(list(entry, 0, most), ({ reputer }) => reputer.toLowerCase())
}

/** A list whose entries stand strictly ascending by a key. */
export function ascending<T, Key extends number | string>(
  entries: Field<readonly T[]>,
  key: (entry: T) => Key,
): Field<readonly T[]> {
  const checked = (given: readonly T[]) => {
    given.slice(1).forEach((entry, i) => {
      const before = key(given[i] as T)
      if (key(entry) <= before) {
        malformed(`given ${key(entry)} after ${before}, required ascending entries`)
      }
    })
    return given
  }
  return {
    write: (given, out) => entries.write(checked(given), out),
    read: (source) => checked(entries.read(source)),
  }
}
