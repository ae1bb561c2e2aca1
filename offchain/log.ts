// What a program says about itself, on stderr: one line per event for people, or JSON for machines. No key, seed or
// password is ever written, whatever is passed.
import pino, { type DestinationStream } from "pino"

export type Log = pino.Logger

const LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const
export type Level = (typeof LEVELS)[number]

export type LogOptions = {
  readonly level?: Level
  /** One JSON object per line. */
  readonly json?: boolean
  /** Who speaks, such as "member 2". */
  readonly name?: string
}

const SECRETS = ["key", "privateKey", "secret", "password", "mnemonic", "seed"]

/** Writes to stderr unless a test gives another stream. */
export function createLog(
  { level = "info", json = false, name }: LogOptions = {},
  stream: DestinationStream = pino.destination({ fd: 2, sync: true }),
): Log {
  const options: pino.LoggerOptions = {
    level,
    base: name === undefined ? null : { name },
    redact: {
      paths: SECRETS.flatMap((secret) => [secret, `*.${secret}`, `*.*.${secret}`]),
      censor: "[hidden]",
    },
    formatters: { level: (label) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { error: describe, err: describe },
  }
  // BigInts, which the path is made of, are no JSON: pino would throw them away.
  options.hooks = {
    logMethod(args, method) {
      const [first, ...rest] = args as [unknown, ...unknown[]]
      const fields =
        typeof first === "object" && first !== null && !(first instanceof Error)
          ? plain(first)
          : first
      method.apply(this, [fields, ...rest] as Parameters<typeof method>)
    },
  }
  return pino(options, json ? stream : { write: (line: string) => stream.write(oneLine(line)) })
}

/** `12:03:41 member 2  warn  posting failed  slot=1200 code=NoFunds` */
function oneLine(line: string): string {
  const { time, level, name, msg, ...facts } = JSON.parse(line) as Record<string, unknown>
  const said = Object.entries(facts).map(([key, value]) => `${key}=${inWords(value)}`)
  const head = [
    String(time).slice(11, 19),
    ...(name === undefined ? [] : [name]),
    String(level).padEnd(5),
  ]
  const what = String(msg ?? "").replaceAll(/\s*\n\s*/g, "; ")
  return `${[...head, what, ...said].filter((part) => part !== "").join(" ")}\n`
}

function inWords(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value)
  return /[\s"]/.test(text) && typeof value === "string" ? JSON.stringify(value) : text
}

function plain(fields: object): object {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      typeof value === "bigint" ? value.toString() : value,
    ]),
  )
}

function describe(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const { code, message, stack } = error as Error & { code?: unknown }
  // A named fault says enough; for any other the place is wanted too.
  return typeof code === "string" ? { code, message } : { message, stack }
}
