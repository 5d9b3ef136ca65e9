import type { DisablePolicy } from '@jethook/contracts'

/** Failed attempts in a row at one subscription. Times are milliseconds since the epoch. */
export interface Streak {
  readonly failures: number
  readonly firstFailureAt: number
  readonly lastFailureAt: number
  /** Of the deliveries that failed, each once, and of the attempts that never arrived, as many as matter: see `enough`. */
  readonly deliveries: readonly string[]
}

/** One bad event fails however often it is attempted: only so many different deliveries show that it is the endpoint. */
const differentDeliveries = 3
/** Which ones they are does not matter any more. Of all who fail a single message tells, and ids are most of what it would hold. */
const enough: readonly string[] = Array.from({ length: differentDeliveries }, () => '')

export function continueStreak(streak: Streak | undefined, deliveryId: string, at: number): Streak {
  if (!streak) return { failures: 1, firstFailureAt: at, lastFailureAt: at, deliveries: [deliveryId] }
  const { deliveries } = streak
  const different = deliveries.includes(deliveryId) ? deliveries : [...deliveries, deliveryId]
  return {
    failures: streak.failures + 1,
    // Two dispatchers' batches may come in either order.
    firstFailureAt: Math.min(streak.firstFailureAt, at),
    lastFailureAt: Math.max(streak.lastFailureAt, at),
    deliveries: different.length < differentDeliveries ? different : enough,
  }
}

/** Which share of what the policy asks for is reached, in percent: at 100 the subscription is disabled. */
export function percentOf(
  { failures, firstFailureAt, lastFailureAt, deliveries }: Streak,
  policy: DisablePolicy,
): number {
  if (deliveries.length < Math.min(differentDeliveries, policy.consecutiveFailures)) return 0
  const ofCount = failures / policy.consecutiveFailures
  const ofSpan = policy.minimumSpanMs > 0 ? (lastFailureAt - firstFailureAt) / policy.minimumSpanMs : 1
  return Math.min(100, 100 * ofCount, 100 * ofSpan)
}
