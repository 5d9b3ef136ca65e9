import type { Outcome, RetryPolicy } from '@jethook/contracts'
import { nextRetryDelayMs } from './retry-schedule.ts'

export interface AttemptResult {
  readonly succeeded: boolean
  /** How many retries of the schedule were used up before this attempt. */
  readonly retries: number
}

/** What becomes of a delivery after an attempt. */
export function decideOutcome(
  { succeeded, retries }: AttemptResult,
  policy: RetryPolicy,
  nowMs: number,
  random: () => number,
): Outcome {
  if (succeeded) return { type: 'delivered' }
  const delayMs = nextRetryDelayMs(retries, policy, random)
  return delayMs === undefined
    ? { type: 'gave_up', reason: 'schedule_exhausted' }
    : { type: 'retry', at: nowMs + delayMs }
}
