import { sql, type DatabaseTransactionConnection } from 'slonik'
import type { Columns } from '../database/column-values.ts'
import { copyRows } from './copy-rows.ts'
import { unknownNumber, type DeliveryRow } from './delivery-row.ts'
import { insertRows } from './insert-rows.ts'
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
  run_from: ['int4', (row) => row.runFrom],
  attempted_at: ['timestamptz', (row) => row.attemptedAt],
  last_status: ['int4', (row) => row.lastStatus],
  last_error: ['jsonb', (row) => storableJsonOrNull(row.lastError)],
}

/** Writes rows of deliveries that are not in the log yet. */
export async function addDeliveries(
  transaction: DatabaseTransactionConnection,
  rows: readonly DeliveryRow[],
): Promise<void> {
  await copyRows(transaction, 'deliveries', columns, rows)
}

/**
 * Writes rows, each delivery at most once, into what is there. No clock decides: attempts are made by different hosts,
 * and replays asked for at others. What counts is the order of the stream and the numbers of the attempts:
 *
 * - a replay counts, and from then on only what belongs to it does: no attempt with a lower number. One that begins with
 *   the first attempt says that a test was sent; its attempt may have been quicker, and then it says nothing new;
 * - `delivered` stays until a replay: a slow attempt that fails later, beside the one that was taken, changes nothing;
 * - of failed attempts the one with the highest number counts, and of those with the same the last one;
 * - an outcome without an attempt (put off, cancelled, …) counts.
 */
export async function writeDeliveries(
  transaction: DatabaseTransactionConnection,
  rows: readonly DeliveryRow[],
): Promise<void> {
  const isReplay = sql.fragment`(EXCLUDED.run_from <> 0 AND NOT (EXCLUDED.run_from = 1 AND deliveries.attempts > 0))`
  const isAttempt = sql.fragment`EXCLUDED.attempts > 0`
  const isOfThisRun = sql.fragment`EXCLUDED.attempts >= deliveries.run_from`
  const isLatest = sql.fragment`(EXCLUDED.status = 'delivered' OR EXCLUDED.attempts >= deliveries.attempts)`
  const counts = sql.fragment`(${isReplay} OR deliveries.status <> 'delivered' AND
    (NOT ${isAttempt} AND EXCLUDED.run_from = 0 OR ${isOfThisRun} AND ${isLatest}))`
  const isLatestAttempt = sql.fragment`(${isAttempt} AND
    (EXCLUDED.attempts > deliveries.attempts OR EXCLUDED.attempts = deliveries.attempts AND ${counts}))`
  await transaction.query(sql.unsafe`
    ${insertRows('deliveries', columns, rows)}
    ON CONFLICT (id, accepted_at) DO UPDATE SET
      status = CASE WHEN ${counts} THEN EXCLUDED.status ELSE deliveries.status END,
      reason = CASE WHEN ${counts} THEN EXCLUDED.reason ELSE deliveries.reason END,
      next_attempt_at = CASE WHEN ${counts} THEN EXCLUDED.next_attempt_at ELSE deliveries.next_attempt_at END,
      updated_at = GREATEST(EXCLUDED.updated_at, deliveries.updated_at),
      attempts = GREATEST(EXCLUDED.attempts, deliveries.attempts),
      run_from = CASE EXCLUDED.run_from
        WHEN 0 THEN deliveries.run_from
        WHEN ${unknownNumber} THEN deliveries.attempts + 1
        ELSE EXCLUDED.run_from END,
      attempted_at = CASE WHEN ${isLatestAttempt} THEN EXCLUDED.attempted_at ELSE deliveries.attempted_at END,
      last_status = CASE WHEN ${isLatestAttempt} THEN EXCLUDED.last_status ELSE deliveries.last_status END,
      last_error = CASE WHEN ${isLatestAttempt} THEN EXCLUDED.last_error ELSE deliveries.last_error END`)
}
