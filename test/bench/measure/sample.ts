import { setTimeout as delay } from 'node:timers/promises'

/** Takes samples until the work has ended, however it ends. */
export async function sampleDuring<T>(work: Promise<unknown>, everyMs: number, take: () => Promise<T>): Promise<T[]> {
  const samples: T[] = []
  const ended = new AbortController()
  const end = (): void => ended.abort()
  work.then(end, end)
  while (!ended.signal.aborted) {
    samples.push(await take())
    await delay(everyMs, undefined, { signal: ended.signal }).catch(() => undefined)
  }
  return samples
}
