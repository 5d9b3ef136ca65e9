import { DeliveryStatus, type DeliveryResource } from '@jethook/contracts'
import { sql, type FragmentSqlToken } from 'slonik'
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
  is_deleted: z.boolean(),
})
export type DeliveryRow = z.infer<typeof DeliveryRow>

/**
 * What waited for a subscription when it was deleted will never be attempted: the calendar forgets it, so no outcome says
 * that it ended. It is said here, as there may be a million of them, and as the deletion and they come from two streams.
 */
const waiting: readonly DeliveryStatus[] = ['pending', 'retrying']

/** `subscriptionId`: the column, or the one of all. */
export const isDeleted = (subscriptionId: FragmentSqlToken): FragmentSqlToken =>
  sql.fragment`EXISTS (SELECT FROM subscriptions AS s WHERE s.id = ${subscriptionId} AND s.deleted_at IS NOT NULL)`

/** How what is shown with this status is stored, where the subscription is deleted or is not. */
export function storedStatuses(status: DeliveryStatus, deleted: boolean): readonly DeliveryStatus[] {
  if (!deleted) return [status]
  if (status === 'cancelled') return ['cancelled', ...waiting]
  return waiting.includes(status) ? [] : [status]
}

/** What a DeliveryRow is read from. */
export const rowOfDelivery: FragmentSqlToken = sql.fragment`*, ${isDeleted(sql.fragment`subscription_id`)} AS is_deleted`

export function deliveryResource(row: DeliveryRow): DeliveryResource {
  const isCancelled = row.is_deleted && waiting.includes(row.status)
  return {
    id: row.id,
    subscriptionId: row.subscription_id,
    eventId: row.event_id,
    event: row.event_type,
    status: isCancelled ? 'cancelled' : row.status,
    reason: isCancelled ? 'subscription_deleted' : row.reason,
    attempts: row.attempts,
    lastStatus: row.last_status,
    lastError: row.last_error,
    nextAttemptAt: isCancelled ? null : isoTimeOrNull(row.next_attempt_at),
    createdAt: isoTime(row.accepted_at),
    updatedAt: isoTime(row.updated_at),
  }
}

/**
 * One delivery by its id. When a producer used an event id again after the deduplication window, its deliveries have
 * the same ids again: then the newest one is meant.
 */
export const deliveryById = (tenant: string, deliveryId: string) => sql.type(DeliveryRow)`
  SELECT ${rowOfDelivery} FROM deliveries
  WHERE id = ${deliveryId} AND tenant = ${tenant}
  ORDER BY accepted_at DESC
  LIMIT 1`
