// Step 3, agreement: messages for a slot that is not due here yet, because this chain's next block has not come. Few are
// kept, each sender having room of its own, so that nobody can crowd out another or fill the memory.
import type { Packet } from "./wire.ts"

const SLOTS_PER_MEMBER = 8
const BYTES_PER_MEMBER = 8 * 1024 * 1024

type Kept = { readonly packet: Packet; readonly bytes: number }

export function createEarly() {
  // By member, then by slot and type, oldest first.
  const kept = new Map<number, Map<string, Kept>>()

  /** Keeps one of each sort per member and slot; false if the member's room is full. */
  function keep(packet: Packet, bytes: number): boolean {
    const { member, slot, type } = packet.message
    const own = kept.get(member) ?? new Map<string, Kept>()
    kept.set(member, own)
    const name = `${slot} ${type}`
    own.delete(name)
    const slots = new Set([...own.keys()].map((other) => other.split(" ")[0]))
    const used = [...own.values()].reduce((sum, entry) => sum + entry.bytes, 0)
    if (slots.size + (slots.has(String(slot)) ? 0 : 1) > SLOTS_PER_MEMBER) return false
    if (used + bytes > BYTES_PER_MEMBER) return false
    own.set(name, { packet, bytes })
    return true
  }

  /** Hands out what came for a slot, and forgets what came for earlier ones. */
  function takeFor(slot: number): readonly Packet[] {
    const packets: Packet[] = []
    for (const own of kept.values()) {
      for (const [name, { packet }] of own) {
        if (packet.message.slot > slot) continue
        own.delete(name)
        if (packet.message.slot === slot) packets.push(packet)
      }
    }
    return packets
  }

  return { keep, takeFor }
}
