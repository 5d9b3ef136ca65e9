import type { DisablePolicy } from '@jethook/contracts'

/** Failed attempts in a row at one subscription. Times are milliseconds since the epoch. */
export interface Streak {
  readonly failures: number
  readonly firstFailureAt: number
  readonly lastFailureAt: number
  /** Some of the deliveries that failed, each once, and of the attempts that never arrived; as many as matter. */
  readonly deliveries: readonly string[]
}

/** One bad event fails however often it is attempted: only so many different deliveries show that it is the endpoint. */
const differentDeliveries = 3

export function continueStreak(streak: Streak | undefined, deliveryId: string, at: number): Streak {
  if (!streak) return { failures: 1, firstFailureAt: at, lastFailureAt: at, deliveries: [deliveryId] }
  const { deliveries } = streak
  const isKnown = deliveries.includes(deliveryId) || deliveries.length >= differentDeliveries
  return {
    failures: streak.failures + 1,
    // Two dispatchers' batches may come in either order.
    firstFailureAt: Math.min(streak.firstFailureAt, at),
    lastFailureAt: Math.max(streak.lastFailureAt, at),
    deliveries: isKnown ? deliveries : [...deliveries, deliveryId],
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
