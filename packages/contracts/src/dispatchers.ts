import { z } from 'zod'
import { DeferralReason } from './deliveries.ts'

/** Said every second by each dispatcher, and at once to one that was not known before. */
export const DispatcherAlive = z.object({
  id: z.string(),
  /** It stops now. */
  leaving: z.boolean().default(false),
})

/** A receiver asked one of the dispatchers to be left alone; it means all of them. */
export const EndpointPaused = z.object({
  /** Which dispatcher says so. */
  id: z.string(),
  tenant: z.string(),
  subscriptionId: z.string(),
  /** From now on; their clocks need not agree. 0: it takes something again. */
  forMs: z.number(),
  /**
   * Of the subscription, as that dispatcher knows it: for whom it is another time, it is another endpoint. Earlier versions
   * do not say it.
   */
  activeSince: z.int().optional(),
})

/**
 * Where limits cannot be shared out, one dispatcher gives out all the turns of a subscription, and the others ask it.
 * `ask` counts the asks of one dispatcher, `turn` the turns that another one lent.
 */
export const TurnMessage = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('ask'),
    from: z.string(),
    ask: z.int(),
    tenant: z.string(),
    subscriptionId: z.string(),
    due: z.boolean(),
    probing: z.boolean(),
    crowded: z.boolean(),
    /** Whoever asked is no longer at it after so long, whatever was heard of it. */
    leaseMs: z.number(),
  }),
  /** There is no turn yet: an answer will follow. */
  z.object({ type: z.literal('in_line'), ask: z.int() }),
  z.object({ type: z.literal('lent'), from: z.string(), ask: z.int(), turn: z.int() }),
  z.object({
    type: z.literal('not_now'),
    ask: z.int(),
    /** When to come again. */
    inMs: z.number(),
    reason: DeferralReason,
  }),
  z.object({
    type: z.literal('given_back'),
    turn: z.int(),
    /** What the attempt showed of the endpoint. */
    shown: z
      .object({
        result: z.enum(['succeeded', 'failed', 'timed_out']),
        overloaded: z.boolean(),
        pauseMs: z.number().optional(),
      })
      .optional(),
  }),
])

export type DispatcherAlive = z.infer<typeof DispatcherAlive>
export type EndpointPaused = z.infer<typeof EndpointPaused>
export type TurnMessage = z.infer<typeof TurnMessage>
