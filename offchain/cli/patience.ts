// What a command says while something takes long, so that nobody has to wonder whether it hangs.

const EVERY_MS = 2_000

/** Calls `say` with the seconds that it has taken so far, every two seconds until it is done. */
export async function patiently<T>(work: Promise<T>, say: (seconds: number) => void): Promise<T> {
  const start = performance.now()
  const timer = setInterval(() => say(Math.round((performance.now() - start) / 1_000)), EVERY_MS)
  try {
    return await work
  } finally {
    clearInterval(timer)
  }
}
