import type { Outcome } from '@jethook/contracts'
import type { ReceiverWishes } from './receiver-wishes.ts'
import { nextRetryDelayMs, type RetrySchedule } from './retry-schedule.ts'

export interface AttemptResult {
  readonly succeeded: boolean
  /** How many retries of the schedule were used up before this attempt. */
  readonly retries: number
  readonly wishes: Pick<ReceiverWishes, 'abort' | 'disables'>
  /** How long the receiver asked to be left alone. */
  readonly retryAfterMs?: number | undefined
  /** Its subscription was deleted meanwhile. */
  readonly isUnwanted: boolean
}

/** What becomes of a delivery after an attempt. */
export function decideOutcome(
  { succeeded, retries, wishes, retryAfterMs, isUnwanted }: AttemptResult,
  schedule: RetrySchedule,
  nowMs: number,
  random: () => number,
): Outcome {
  if (succeeded) return { type: 'delivered' }
  if (wishes.disables)
    return { type: 'gave_up', reason: `receiver_${wishes.disables === 'gone' ? 'gone' : 'disabled'}` }
  if (wishes.abort) return { type: 'gave_up', reason: 'receiver_aborted' }
  const delayMs = nextRetryDelayMs(retries, schedule, random)
  if (delayMs === undefined) return { type: 'gave_up', reason: 'schedule_exhausted' }
  // In the calendar it would wait until it is due, as what is there was purged when the subscription was deleted.
  if (isUnwanted) return { type: 'cancelled', reason: 'subscription_deleted' }
  return { type: 'retry', at: nowMs + Math.max(delayMs, retryAfterMs ?? 0) }
}
