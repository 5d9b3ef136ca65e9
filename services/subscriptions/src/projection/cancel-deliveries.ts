import type { DomainEvent } from '@jethook/contracts'
import { sql, type DatabaseTransactionConnection } from 'slonik'
import { z } from 'zod'
import type { DeliveryRow } from './delivery-row.ts'

/**
 * What waited for a subscription when it was deleted will never be attempted: the calendar forgets it, so no outcome
 * says that it ended. The deletion says it, from two sides, as the two streams are projected independently: when it is
 * projected, for the deliveries that wait in the log by then, and when a delivery that waits is projected later. Both
 * lock the subscription's row, so one of them sees what the other wrote.
 */
export async function cancelDeliveriesOfDeleted(
  transaction: DatabaseTransactionConnection,
  events: readonly DomainEvent[],
): Promise<void> {
  const ids = events.flatMap((event) => (event.type === 'SubscriptionDeleted' ? event.subscriptionId : []))
  if (ids.length > 0) await cancelWaiting(transaction, ids)
}

/** See `cancelDeliveriesOfDeleted`. */
export async function cancelIfDeleted(
  transaction: DatabaseTransactionConnection,
  rows: readonly DeliveryRow[],
): Promise<void> {
  const waiting = rows.filter(({ status }) => status === 'pending' || status === 'retrying')
  if (waiting.length === 0) return
  const ids = [...new Set(waiting.map(({ subscriptionId }) => subscriptionId))]
  const deleted = await transaction.any(
    sql.type(z.object({ id: z.string(), deleted: z.boolean() }))`
      SELECT id, deleted_at IS NOT NULL AS deleted FROM subscriptions WHERE id = ANY(${sql.array(ids, 'text')})
      ORDER BY id FOR SHARE`,
  )
  const deletedIds = deleted.flatMap((row) => (row.deleted ? row.id : []))
  if (deletedIds.length > 0) await cancelWaiting(transaction, deletedIds)
}

/** `<> 'delivered'` says nothing new, but lets Postgres use the small index of what is not delivered. */
async function cancelWaiting(transaction: DatabaseTransactionConnection, ids: readonly string[]): Promise<void> {
  await transaction.query(sql.unsafe`
    UPDATE deliveries SET status = 'cancelled', reason = 'subscription_deleted', next_attempt_at = NULL
    WHERE subscription_id = ANY(${sql.array(ids, 'text')}) AND status <> 'delivered' AND status IN ('pending', 'retrying')`)
}
