import type { RetryPolicy } from '@jethook/contracts'

/**
 * When to attempt again after a failure, in milliseconds from now; nothing when the schedule is used up.
 * `retries` counts those already made. Jitter only lengthens: never earlier than the schedule says.
 */
export function nextRetryDelayMs(retries: number, policy: RetryPolicy, random: () => number): number | undefined {
  const delayMs = policy.delaysMs[retries]
  return delayMs === undefined ? undefined : Math.round(delayMs * (1 + policy.jitter * random()))
}
