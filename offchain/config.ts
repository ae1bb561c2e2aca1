// What is read from a program's flags and stands for an address to listen on.
import { NodeError } from "./errors.ts"

/** This machine alone, unless somebody asks for more. */
const LOOPBACK = "127.0.0.1"

/** "host:port", "[::1]:port" or nothing: then loopback, with the port left to the caller. */
export function listenAddress(text: string | undefined): { host: string; port?: number } {
  if (text === undefined) return { host: LOOPBACK }
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^:\s]+)):(\d{1,5})$/.exec(text)
  const port = Number(match?.[3])
  if (!match || port > 65_535)
    throw new NodeError("NotAnAddress", {
      sentence: "an address to listen on is a host and a port",
      remedy: "stop",
      given: text,
      required: "such as 127.0.0.1:9000",
    })
  return { host: (match[1] ?? match[2]) as string, port }
}
