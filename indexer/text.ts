// Texts from the chain, before they are stored.

/** A text may hold a NUL, which no text column takes: it becomes the sign for what cannot be shown. */
export function storable(text: string): string {
  return text.replaceAll("\u0000", "\ufffd")
}
