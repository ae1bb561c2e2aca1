// Step 3, agreement: messages between members as bytes. A packet is JSON: one message and the signed messages it rests
// on, in one flat list, so that nothing is quoted inside a quotation and a certificate that many members hold travels
// once. The signature covers type, era, slot, view and the hash of the body's text as it was sent.
import { createHash } from "node:crypto"
import type { Hex } from "viem"
import { z } from "zod"
import { type Bodies, bodySchemas, hash, signature, TYPES, type Type, uint } from "./bodies.ts"
import type { AgreementParts, Era, Signed } from "./words.ts"

/** Bytes of a packet. A proposal of 7 members for 100 topics with 9 submissions each takes 0.9 MB. */
export const PACKET_LIMIT = 4 * 1024 * 1024
/** Enclosed messages per member of the era: certificates of so many views. Each costs a recovery. */
const ENCLOSED_PER_MEMBER = 64

/** A message whose signature is a member's. SIGN has no body: its content is the batch's root. */
export type Message<T extends Type = Type> = T extends Type
  ? Signed & {
      readonly type: T
      readonly member: number
      readonly body: Bodies[T]
      readonly text: string
    }
  : never

/** Enclosed without its body: enough to convict with. */
export type Header = Signed & { readonly type: Type; readonly member: number }

export type Packet = {
  readonly message: Message
  readonly enclosed: readonly Message[]
  readonly headers: readonly Header[]
}

const head = {
  type: z.enum(TYPES),
  era: uint(32),
  slot: uint(40),
  view: uint(32),
  signature,
}
const withBody = z.strictObject({ ...head, body: z.string() })
const withoutBody = z.strictObject({ ...head, content: hash })
const wireMessage = z.union([withBody, withoutBody])
const wirePacket = z.strictObject({ message: wireMessage, enclosed: z.array(wireMessage) })
export type WireMessage = z.infer<typeof wireMessage>

const ENCLOSES: { readonly [type in Type]?: readonly Type[] } = {
  OBSERVE: ["PREPARE"],
  PROPOSE: ["OBSERVE", "PREPARE"],
  CERTIFY: ["PREPARE"],
}

export type Wire = ReturnType<typeof createWire>

export function createWire(
  era: Era,
  self: number,
  { signer, recover, digests }: Pick<AgreementParts, "signer" | "recover" | "digests">,
) {
  const memberAt = new Map(era.members.map((address, member) => [address, member]))

  // The vote of SIGN is the batch's own signature, so that a quorum of them is the attestation.
  function digestOf({
    type,
    slot,
    view,
    content,
  }: Pick<Signed, "type" | "slot" | "view" | "content">): Hex {
    if (type === "SIGN") return digests.batch({ era: era.number, slot, view, root: content })
    return digests.message(type, { era: era.number, slot, view, content })
  }

  function sign<T extends Type>(
    type: T,
    slot: number,
    view: number,
    body: Bodies[T] | Hex,
  ): Message<T> {
    const text = type === "SIGN" ? "" : JSON.stringify(body)
    const content = type === "SIGN" ? (body as Hex) : contentOf(text)
    const common = { type, slot, view, content }
    return {
      ...common,
      era: era.number,
      signature: signer.sign(digestOf(common)),
      member: self,
      body: type === "SIGN" ? undefined : body,
      text,
    } as Message<T>
  }

  /** Reads one message; the answer is the reason if it is not a member's well-formed one. */
  function read(wire: WireMessage): Message | Header | string {
    if (wire.era !== era.number) return "WrongEra"
    const { type, slot, view, signature } = wire
    const content = "body" in wire ? contentOf(wire.body) : wire.content
    if ("body" in wire && type === "SIGN") return "Malformed"
    const address = recover(digestOf({ type, slot, view, content }), signature as Hex)
    const member = address === undefined ? undefined : memberAt.get(address)
    if (member === undefined) return "NotAMember"
    const header = { type, era: era.number, slot, view, content, signature, member } as Header
    if (type === "SIGN") return { ...header, type, body: undefined, text: "" } as Message<"SIGN">
    if (!("body" in wire)) return header
    const body = bodySchemas[type].safeParse(parseJson(wire.body))
    if (!body.success) return "Malformed"
    return { ...header, body: body.data, text: wire.body } as unknown as Message
  }

  function open(bytes: Uint8Array): Packet | string {
    if (bytes.length > PACKET_LIMIT) return "TooLong"
    const packet = wirePacket.safeParse(parseJson(new TextDecoder().decode(bytes)))
    if (!packet.success) return "Malformed"
    if (packet.data.enclosed.length > ENCLOSED_PER_MEMBER * era.members.length) return "TooLong"
    const message = read(packet.data.message)
    if (typeof message === "string") return message
    if (!("body" in message)) return "Malformed"
    const enclosed: Message[] = []
    const headers: Header[] = []
    for (const wire of packet.data.enclosed) {
      const part = read(wire)
      if (typeof part === "string") return part
      if (part.slot !== message.slot) return "Malformed"
      if (!("body" in part)) headers.push(part)
      else if (ENCLOSES[message.type]?.includes(part.type)) enclosed.push(part)
      else return "Malformed"
    }
    return { message, enclosed, headers }
  }

  return { sign, read, open }
}

export function toBytes(
  message: Message,
  enclosed: readonly Message[] = [],
  headers: readonly Header[] = [],
): Uint8Array {
  const packet = {
    message: toWire(message),
    enclosed: [...enclosed.map(toWire), ...headers.map(signedOf)],
  }
  return new TextEncoder().encode(JSON.stringify(packet))
}

export function toWire(message: Message): WireMessage {
  if (message.type === "SIGN") return signedOf(message)
  const { type, era, slot, view, signature, text } = message
  return { type, era, slot, view, signature, body: text }
}

export function signedOf({ type, era, slot, view, content, signature }: Header | Message) {
  return { type, era, slot, view, content, signature }
}

// SHA-256, which Node has natively: a proposal may have a megabyte, and no contract ever needs a body.
function contentOf(text: string): Hex {
  return `0x${createHash("sha256").update(text).digest("hex")}`
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
