// The form in which rows pass into the module and out of it: count 2, then length 2 and bytes of each.

export function frame(rows: readonly Uint8Array[]): Uint8Array {
  const short = (value: number) => [value >> 8, value & 0xff]
  return Uint8Array.from([
    ...short(rows.length),
    ...rows.flatMap((row) => [...short(row.length), ...row]),
  ])
}

export function unframe(bytes: Uint8Array): Uint8Array[] {
  const short = (at: number) => (bytes[at] as number) * 256 + (bytes[at + 1] as number)
  let at = 2
  return Array.from({ length: short(0) }, () => {
    const start = at + 2
    at = start + short(at)
    return bytes.slice(start, at)
  })
}
