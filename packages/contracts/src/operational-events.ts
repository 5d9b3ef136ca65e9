import { z } from 'zod'
import { DisabledReason } from './domain-events.ts'

const about = {
  /** `evt_…`, derived from what it tells: telling it again after a crash is the same event. */
  id: z.string(),
  tenant: z.string(),
  /** When it happened, milliseconds since the epoch. */
  at: z.int(),
  subscriptionId: z.string(),
  url: z.string(),
}

/** Failed attempts in a row, over all its deliveries, and when the first of them was, milliseconds since the epoch. */
const streak = { consecutiveFailures: z.int(), failingSince: z.int().nullable() }

/**
 * A message of OPERATIONS. That a webhook was disabled or enabled is told from CONFIG, by the subscriptions service; that
 * it is failing by who counts failures.
 */
export const OperationalEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('webhook.disabled'), ...about, reason: DisabledReason, ...streak }),
  z.object({ type: z.literal('webhook.enabled'), ...about, by: z.string() }),
  z.object({
    type: z.literal('webhook.failing'),
    ...about,
    /** Which share of the threshold is reached. */
    percent: z.int(),
    /** At so many failures in a row it is disabled. */
    threshold: z.int(),
    ...streak,
  }),
])
export type OperationalEvent = z.infer<typeof OperationalEvent>
