import { z } from 'zod'

/**
 * What an API key may do: `admin` everything of its tenant, `publisher` publish events, `support` read and replay.
 * `owner` is an admin who may also do what a profile leaves to the owner alone, and make keys of owners.
 */
export const Role = z.enum(['owner', 'admin', 'publisher', 'support'])
export type Role = z.infer<typeof Role>
