import { z } from 'zod'

/**
 * What Jethook itself tells about webhooks. Subscriptions may name these event types beside those of any catalogue;
 * `*` does not take them in, for receivers of a provider's events do not expect them.
 */
export const operationalEventTypes = ['webhook.disabled', 'webhook.enabled', 'webhook.failing'] as const
export type OperationalEventType = (typeof operationalEventTypes)[number]

const names: ReadonlySet<string> = new Set(operationalEventTypes)

export const isOperationalEventType = (eventType: string): eventType is OperationalEventType => names.has(eventType)

const about = {
  /** `evt_…`, derived from what it tells: telling it again after a crash is the same event. */
  id: z.string(),
  tenant: z.string(),
  /** When it happened, milliseconds since the epoch. */
  at: z.int(),
  subscriptionId: z.string(),
  url: z.string(),
}

/** How it fails: failed attempts in a row, over all its deliveries. */
const streak = {
  consecutiveFailures: z.int(),
  /** At so many it is disabled. */
  threshold: z.int(),
  /** The first of them, milliseconds since the epoch. */
  failingSince: z.int(),
}

/** A message of OPERATIONS. */
export const OperationalEvent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('webhook.disabled'),
    ...about,
    /** `failing`: too many failures in a row. `gone`: it answered 410. `receiver`: it asked for it. `manual`: somebody did. */
    reason: z.enum(['failing', 'gone', 'receiver', 'manual']),
    streak: z.object(streak).optional(),
  }),
  z.object({ type: z.literal('webhook.enabled'), ...about, by: z.string() }),
  z.object({
    type: z.literal('webhook.failing'),
    ...about,
    /** Which share of the threshold is reached. */
    percent: z.int(),
    streak: z.object(streak),
  }),
])
export type OperationalEvent = z.infer<typeof OperationalEvent>
