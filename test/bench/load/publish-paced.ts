import { setImmediate as nextTurn } from 'node:timers/promises'
import { monotonicMs } from '../measure/monotonic.ts'
import { createPayload } from './payload.ts'
import type { Publish } from './publish-burst.ts'

export interface Pace {
  readonly perSecond: number
  readonly count: number
}

const cell = new Int32Array(new SharedArrayBuffer(4))
/** So long the event loop may stand still at most: acknowledgements have to be read too. */
const longestSleepMs = 2

/**
 * Publishes each event when it is due, whatever became of those before: a system that stalls meets the events that come
 * meanwhile (no coordinated omission). The payload says when its event was due, so being late here counts as latency.
 * Timers are too coarse for a millisecond; the thread sleeps on a futex instead.
 */
export async function publishPaced(publish: Publish, run: number, { perSecond, count }: Pace): Promise<void> {
  const underway = new Set<Promise<void>>()
  const gapMs = 1_000 / perSecond
  const start = monotonicMs() + 50
  for (let number = 0; number < count;) {
    const dueMs = start + number * gapMs
    const waitMs = dueMs - monotonicMs()
    if (waitMs > 0) {
      Atomics.wait(cell, 0, 0, Math.min(waitMs, longestSleepMs))
    } else {
      const sent = publish([createPayload(run, number, dueMs)])
      underway.add(sent)
      void sent.finally(() => underway.delete(sent))
      number++
    }
    await nextTurn()
  }
  await Promise.all(underway)
}
