import { z } from 'zod'

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
  /** Milliseconds since the epoch. */
  until: z.number(),
})

export type DispatcherAlive = z.infer<typeof DispatcherAlive>
export type EndpointPaused = z.infer<typeof EndpointPaused>
