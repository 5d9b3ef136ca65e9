import type { DisablePolicy } from '@jethook/contracts'

/** Failed attempts in a row at one subscription. Times are milliseconds since the epoch. */
export interface Streak {
  readonly failures: number
  readonly firstFailureAt: number
  readonly lastFailureAt: number
  /** Ends of the ids of deliveries that failed, each once, and of attempts that never arrived, as many as matter: see `enough`. */
  readonly deliveries: readonly string[]
}

/** One bad event fails however often it is attempted: only so many different deliveries show that it is the endpoint. */
const differentDeliveries = 3
/** Which ones they are does not matter any more. Of all who fail a single message tells, and ids are most of what it would hold. */
const enough: readonly string[] = Array.from({ length: differentDeliveries }, () => '')
/** Ids end at random: so much tells two from each other. Where it does not, one more has to fail. */
const toldApartBy = 4

export function continueStreak(streak: Streak | undefined, deliveryId: string, at: number): Streak {
  const end = deliveryId.slice(-toldApartBy)
  if (!streak) return { failures: 1, firstFailureAt: at, lastFailureAt: at, deliveries: [end] }
  const { deliveries } = streak
  // An earlier version stored whole ids.
  const isKnown = deliveries.some((known) => known.endsWith(end))
  const different = isKnown ? deliveries : [...deliveries, end]
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
