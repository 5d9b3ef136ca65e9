import { z } from 'zod'

/** How far the events of one subscription were delivered in order. Sequences are those of EVENTS. */
export const OrderProgress = z.object({
  /** The dispatcher that works on it; nobody when it stopped in peace. */
  holder: z.string().nullable(),
  /** All up to here are through. */
  floor: z.int(),
  /** So are those up to here; what an earlier version stored does not say so, and they are delivered again. */
  upTo: z.int().default(0),
  /** Except for these, as distances from the floor, in order. */
  waiting: z.array(z.int()).default([]),
  /** Those that were attempted without success, and are to be attempted again. */
  stuck: z.array(
    z.object({
      sequence: z.int(),
      /** The number of the attempt to make. */
      attempt: z.int(),
      retries: z.int(),
      /** Not before, milliseconds since the epoch. */
      at: z.int(),
      /** It would come sooner, had the receiver not asked to be left alone. */
      isHeldUp: z.boolean().optional(),
    }),
  ),
})
export type OrderProgress = z.infer<typeof OrderProgress>
