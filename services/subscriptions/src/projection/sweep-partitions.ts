import { setTimeout as delay } from 'node:timers/promises'
import type { Partitions } from './partitions.ts'
import type { RetryForEver } from './retry-for-ever.ts'

const everyMs = 600_000

/** Drops what is older than the retention, now and every now and then, until it is told to stop. */
export async function sweepPartitions(options: {
  readonly partitions: Partitions
  readonly retry: RetryForEver
  readonly signal: AbortSignal
}): Promise<void> {
  const { partitions, retry, signal } = options
  while (!signal.aborted) {
    await retry(() => partitions.dropExpired())
    await delay(everyMs, undefined, { signal }).catch(() => undefined)
  }
}
