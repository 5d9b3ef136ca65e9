import { monotonicMs } from '../measure/monotonic.ts'
import { followBeat } from './metronome.ts'
import { createPayload } from './payload.ts'
import type { Publish } from './publish-burst.ts'

export interface Pace {
  readonly perSecond: number
  readonly count: number
}

/** The thread that keeps time takes so long to be there, at most. */
const leadMs = 200

/**
 * Publishes each event when it is due, whatever became of those before: a system that stalls meets the events that come
 * meanwhile (no coordinated omission). The payload says when its event was due, so being late here counts as latency.
 * Resolves when all are stored.
 */
export async function publishPaced(publish: Publish, run: number, { perSecond, count }: Pace): Promise<void> {
  const sending: Promise<void>[] = []
  const gapMs = 1_000 / perSecond
  const startMs = monotonicMs() + leadMs
  let number = 0
  await followBeat({ startMs, gapMs, count }, (due) => {
    for (; number < due; number++) {
      const sent = publish([createPayload(run, number, startMs + number * gapMs)], number)
      // A failure is told at the end.
      sent.catch(() => undefined)
      sending.push(sent)
    }
  })
  await Promise.all(sending)
}
