import { sql, type CommonQueryMethods } from 'slonik'
import { z } from 'zod'

export interface StoredEvent {
  id: string
  type: string
  /** Milliseconds since the epoch. */
  acceptedAt: number
  /** In EVENTS, which holds the payload. */
  sequence: number
}

const EventRow = z.object({
  id: z.string(),
  type: z.string(),
  accepted_at: z.int(),
  sequence: z.int(),
})

/** The newest event of this id: a producer may use an id again after the deduplication window. */
export async function getEvent(
  database: CommonQueryMethods,
  tenant: string,
  eventId: string,
): Promise<StoredEvent | undefined> {
  const row = await database.maybeOne(sql.type(EventRow)`
    SELECT id, type, accepted_at, sequence FROM events
    WHERE tenant = ${tenant} AND id = ${eventId}
    ORDER BY accepted_at DESC
    LIMIT 1`)
  return row ? { id: row.id, type: row.type, acceptedAt: row.accepted_at, sequence: row.sequence } : undefined
}
