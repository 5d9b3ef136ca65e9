import { sql, type DatabaseTransactionConnection } from 'slonik'
import type { DeliveryRow } from './delivery-row.ts'
import { insertRows, type Columns } from './insert-rows.ts'
import { storableJsonOrNull } from './storable.ts'

const columns: Columns<DeliveryRow> = {
  id: ['text', (row) => row.id],
  tenant: ['text', (row) => row.tenant],
  subscription_id: ['text', (row) => row.subscriptionId],
  event_id: ['text', (row) => row.eventId],
  event_type: ['text', (row) => row.eventType],
  event_sequence: ['int8', (row) => row.eventSequence],
  accepted_at: ['timestamptz', (row) => row.acceptedAt],
  status: ['text', (row) => row.status],
  reason: ['text', (row) => row.reason],
  next_attempt_at: ['timestamptz', (row) => row.nextAttemptAt],
  updated_at: ['timestamptz', (row) => row.updatedAt],
  attempts: ['int4', (row) => row.attempts],
  attempted_at: ['timestamptz', (row) => row.attemptedAt],
  last_status: ['int4', (row) => row.lastStatus],
  last_error: ['jsonb', (row) => storableJsonOrNull(row.lastError)],
}

/** One row per delivery, merged into what is there by the rule of `foldDeliveries`. */
export async function writeDeliveries(
  transaction: DatabaseTransactionConnection,
  rows: readonly DeliveryRow[],
): Promise<void> {
  const isLater = sql.fragment`EXCLUDED.updated_at >= deliveries.updated_at`
  const isLaterAttempt = sql.fragment`EXCLUDED.attempted_at >= COALESCE(deliveries.attempted_at, 'epoch')`
  await transaction.query(sql.unsafe`
    ${insertRows('deliveries', columns, rows)}
    ON CONFLICT (id, accepted_at) DO UPDATE SET
      status = CASE WHEN ${isLater} THEN EXCLUDED.status ELSE deliveries.status END,
      reason = CASE WHEN ${isLater} THEN EXCLUDED.reason ELSE deliveries.reason END,
      next_attempt_at = CASE WHEN ${isLater} THEN EXCLUDED.next_attempt_at ELSE deliveries.next_attempt_at END,
      updated_at = GREATEST(EXCLUDED.updated_at, deliveries.updated_at),
      attempts = GREATEST(EXCLUDED.attempts, deliveries.attempts),
      attempted_at = GREATEST(EXCLUDED.attempted_at, deliveries.attempted_at),
      last_status = CASE WHEN ${isLaterAttempt} THEN EXCLUDED.last_status ELSE deliveries.last_status END,
      last_error = CASE WHEN ${isLaterAttempt} THEN EXCLUDED.last_error ELSE deliveries.last_error END`)
}
