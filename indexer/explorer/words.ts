// Numbers, times and addresses as the pages write them.
import { html } from "hono/html"
import type { Html } from "./layout.ts"

/** A Wad with as many decimals as are worth reading. */
export function number(wad: string | bigint | null | undefined): string {
  if (wad === null || wad === undefined) return "–"
  return plain(asFloat(wad))
}

export function plain(value: number): string {
  const size = Math.abs(value)
  const digits = size >= 1000 ? 2 : size >= 1 ? 3 : 4
  return value.toLocaleString("en-US", { maximumFractionDigits: digits })
}

export const asFloat = (wad: string | bigint): number => Number(wad) / 1e18

/** 2026-11-21 10:05 of seconds; in UTC, as the schedules are. */
export function time(seconds: string | number | bigint | null): string {
  if (seconds === null) return "–"
  return new Date(Number(seconds) * 1000).toISOString().slice(0, 16).replace("T", " ")
}

export const day = (seconds: number) => new Date(seconds * 1000).toISOString().slice(0, 10)

export const short = (hex: string | null) => (hex ? `${hex.slice(0, 8)}…${hex.slice(-4)}` : "–")

/** A worker, leading to all that it did for the topic. */
export const workerLink = (topicId: number, worker: string | null): Html | string =>
  worker === null ? "–" : html`<a href="/topics/${topicId}/workers/${worker}">${short(worker)}</a>`

export const percent = (part: number, of: number) =>
  of === 0 ? "–" : `${((100 * part) / of).toFixed(1)} %`

/** A Wad from 0 to 1 as a bar, so long at 1. */
export const bar = (wad: string | null, pixels: number): Html =>
  html`<span class="bar" style="width:${Math.round(asFloat(wad ?? "0") * pixels)}px"></span>`
