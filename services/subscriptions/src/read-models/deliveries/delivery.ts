import { DeliveryStatus, type DeliveryResource } from '@jethook/contracts'
import { sql } from 'slonik'
import { z } from 'zod'
import { isoTime, isoTimeOrNull } from '../times.ts'

/** A row of `deliveries`. Times are milliseconds since the epoch. */
export const DeliveryRow = z.object({
  id: z.string(),
  tenant: z.string(),
  subscription_id: z.string(),
  event_id: z.string(),
  event_type: z.string(),
  event_sequence: z.int(),
  accepted_at: z.int(),
  status: DeliveryStatus,
  reason: z.string().nullable(),
  next_attempt_at: z.int().nullable(),
  updated_at: z.int(),
  attempts: z.int(),
  last_status: z.int().nullable(),
  last_error: z.object({ code: z.string(), message: z.string() }).nullable(),
})
export type DeliveryRow = z.infer<typeof DeliveryRow>

export function deliveryResource(row: DeliveryRow): DeliveryResource {
  return {
    id: row.id,
    subscriptionId: row.subscription_id,
    eventId: row.event_id,
    event: row.event_type,
    status: row.status,
    reason: row.reason,
    attempts: row.attempts,
    lastStatus: row.last_status,
    lastError: row.last_error,
    nextAttemptAt: isoTimeOrNull(row.next_attempt_at),
    createdAt: isoTime(row.accepted_at),
    updatedAt: isoTime(row.updated_at),
  }
}

/**
 * One delivery by its id. When a producer used an event id again after the deduplication window, its deliveries have
 * the same ids again: then the newest one is meant.
 */
export const deliveryById = (tenant: string, deliveryId: string) => sql.type(DeliveryRow)`
  SELECT * FROM deliveries
  WHERE id = ${deliveryId} AND tenant = ${tenant}
  ORDER BY accepted_at DESC
  LIMIT 1`
