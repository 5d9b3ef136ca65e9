import type { RetryPolicy } from '@jethook/contracts'

export interface RetrySchedule extends RetryPolicy {
  /** When the schedule is used up, its last delay repeats: others wait for this one, and it is never given up. */
  readonly endless?: boolean
}

/** Between attempts that never end, where the schedule has no delay at all. */
const endlessDelayMs = 60_000

/**
 * When to attempt again after a failure, in milliseconds from now; nothing when the schedule is used up.
 * `retries` counts those already made. Jitter only lengthens: never earlier than the schedule says.
 */
export function nextRetryDelayMs(
  retries: number,
  { delaysMs, jitter, endless }: RetrySchedule,
  random: () => number,
): number | undefined {
  const delayMs = delaysMs[retries] ?? (endless ? (delaysMs.at(-1) ?? endlessDelayMs) : undefined)
  return delayMs === undefined ? undefined : Math.round(delayMs * (1 + jitter * random()))
}
