import { setTimeout as delay } from 'node:timers/promises'

/** Resolves when `performance.now()` is at least that: timers may be early. */
export async function waitUntil(at: number): Promise<void> {
  // Looked at once: time passes, and Node warns of a timer that should have gone off before.
  for (let leftMs = at - performance.now(); leftMs > 0; leftMs = at - performance.now()) await delay(leftMs)
}
