import { z } from 'zod'

/** How the attempts of one batch of ATTEMPTS went for one subscription. Times are milliseconds since the epoch. */
export const SubscriptionResults = z.object({
  tenant: z.string(),
  subscriptionId: z.string(),
  /** When the latest success ended; left out when there was none. */
  succeededAt: z.int().optional(),
  /** When the latest successful test began. */
  testedAt: z.int().optional(),
  /**
   * The failures after that success, tests and notices about webhooks not counted: which delivery, or which attempt where
   * the event cannot be to blame, and when it ended.
   */
  failures: z.array(z.tuple([z.string(), z.int()])).optional(),
  /** When the attempts of those failures began, in the same order. Earlier versions neither write nor read it. */
  failuresStartedAt: z.array(z.int()).optional(),
  /** The receiver wants its subscription disabled: when the attempt ended that showed it, and when it began. */
  disables: z.object({ why: z.enum(['gone', 'receiver']), at: z.int(), startedAt: z.int().optional() }).optional(),
})

/** The value of a header of ATTEMPTS, as JSON. */
export const AttemptResults = z.array(SubscriptionResults)

export type SubscriptionResults = z.infer<typeof SubscriptionResults>
