import type { SubscriptionResults } from '@jethook/contracts'
import { z } from 'zod'
import { continueStreak, type Streak } from './streak.ts'

const Times = z.int()

/** What is known of a subscription that does not just work. Times are milliseconds since the epoch. */
export const Condition = z.object({
  tenant: z.string(),
  streak: z
    .object({ failures: z.int(), firstFailureAt: Times, lastFailureAt: Times, deliveries: z.array(z.string()) })
    .optional(),
  /** Of its streak: the highest share that was told, in percent. */
  toldPercent: z.number(),
  /** Its receiver wants nothing any more. */
  disables: z.object({ why: z.enum(['gone', 'receiver']), at: Times, startedAt: Times.optional() }).optional(),
  /** When a test began that succeeded. */
  testedAt: Times.optional(),
})
export type Condition = z.infer<typeof Condition>

/** By subscription. Those that just work are not in it: there may be very many. */
export type Conditions = Map<string, Condition>

/** Folds results in; returns whether there is something about the subscription that may have to be acted upon. */
export function foldResults(
  conditions: Conditions,
  results: SubscriptionResults,
  isActiveSince: number | undefined,
): boolean {
  const { tenant, subscriptionId, succeededAt, testedAt, failures = [], failuresStartedAt = [], disables } = results
  const before = conditions.get(subscriptionId)
  // What failed before it was made active or got its URL, or while it is not active, says nothing about it now.
  const isOver = succeededAt !== undefined || (before?.streak?.firstFailureAt ?? 0) < (isActiveSince ?? 0)
  let streak: Streak | undefined = isOver ? undefined : before?.streak
  if (isActiveSince !== undefined) {
    for (const [index, [deliveryId, at]] of failures.entries())
      if ((failuresStartedAt[index] ?? at) >= isActiveSince) streak = continueStreak(streak, deliveryId, at)
  }

  const condition: Condition = {
    tenant,
    ...(streak && { streak: { ...streak, deliveries: [...streak.deliveries] } }),
    toldPercent: isOver ? 0 : (before?.toldPercent ?? 0),
    ...((disables ?? before?.disables) && { disables: disables ?? before?.disables }),
    ...((testedAt ?? before?.testedAt) !== undefined && { testedAt: testedAt ?? before?.testedAt }),
  }
  if (condition.streak || condition.disables || condition.testedAt !== undefined) {
    conditions.set(subscriptionId, condition)
    return true
  }
  conditions.delete(subscriptionId)
  return false
}
