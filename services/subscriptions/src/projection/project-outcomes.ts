import { OutcomeBatch, StreamName, type DeliveryOutcome } from '@jethook/contracts'
import type { Tracing } from '@jethook/runtime'
import { sql, type DatabaseTransactionConnection } from 'slonik'
import { foldDeliveries, type DeliveryRow } from './delivery-row.ts'
import { observeDeliveries } from './observe-deliveries.ts'
import type { Projection } from './projection.ts'
import { readJson } from './read-json.ts'
import { storableJsonOrNull, storableTime, storableTimeOrNull } from './storable.ts'
import { TimeMs } from './time-ms.ts'
import { writeAttempts } from './write-attempts.ts'

/** ATTEMPTS into `deliveries` and `attempts`. */
export function outcomesProjection(tracing: Tracing): Projection<DeliveryOutcome> {
  return {
    stream: StreamName.attempts,
    partitioned: { tables: ['deliveries', 'attempts'], timeOf: ({ acceptedAt }) => acceptedAt },
    read(message) {
      const outcomes = OutcomeBatch.parse(readJson(message))
      for (const { acceptedAt } of outcomes) TimeMs.parse(acceptedAt)
      return outcomes
    },
    async write(transaction, outcomes) {
      await writeDeliveries(transaction, foldDeliveries(outcomes))
      await writeAttempts(transaction, outcomes)
    },
    ...(tracing.enabled && { observe: (outcomes) => observeDeliveries(tracing, outcomes) }),
  }
}

async function writeDeliveries(
  transaction: DatabaseTransactionConnection,
  rows: readonly DeliveryRow[],
): Promise<void> {
  const isLater = sql.fragment`EXCLUDED.updated_at >= deliveries.updated_at`
  const isLaterAttempt = sql.fragment`EXCLUDED.attempted_at >= COALESCE(deliveries.attempted_at, 'epoch')`
  await transaction.query(sql.unsafe`
    INSERT INTO deliveries (
      id, tenant, subscription_id, event_id, event_type, event_sequence, accepted_at, status, reason,
      next_attempt_at, updated_at, attempts, attempted_at, last_status, last_error
    )
    SELECT * FROM ${sql.unnest(
      rows.map((row) => [
        row.id,
        row.tenant,
        row.subscriptionId,
        row.eventId,
        row.eventType,
        row.eventSequence,
        storableTime(row.acceptedAt),
        row.status,
        row.reason,
        storableTimeOrNull(row.nextAttemptAt),
        storableTime(row.updatedAt),
        row.attempts,
        storableTimeOrNull(row.attemptedAt),
        row.lastStatus,
        storableJsonOrNull(row.lastError),
      ]),
      [
        ...['text', 'text', 'text', 'text', 'text', 'int8', 'timestamptz', 'text', 'text'],
        ...['timestamptz', 'timestamptz', 'int4', 'timestamptz', 'int4', 'jsonb'],
      ],
    )}
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
