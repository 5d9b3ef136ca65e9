import { z } from 'zod'

/** Milliseconds since the epoch that make a date of four-digit year. */
export const TimeMs: z.ZodInt = z
  .int()
  .min(0)
  .max(Date.UTC(9999, 11, 30))
