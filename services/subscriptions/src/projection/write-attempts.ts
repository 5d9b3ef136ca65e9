import type { Attempt, DeliveryOutcome } from '@jethook/contracts'
import { sql, type DatabaseTransactionConnection } from 'slonik'
import { storableJson, storableJsonOrNull, storableText, storableTime } from './storable.ts'

/** One row per HTTP request that was made, whatever its delivery became. */
export async function writeAttempts(
  transaction: DatabaseTransactionConnection,
  outcomes: readonly DeliveryOutcome[],
): Promise<void> {
  const rows = outcomes.flatMap((outcome) => (outcome.attempt ? [attemptRow(outcome, outcome.attempt)] : []))
  if (rows.length === 0) return
  await transaction.query(sql.unsafe`
    INSERT INTO attempts (
      delivery_id, id, accepted_at, number, trigger, outcome, url, started_at, duration_ms,
      request_headers, status, response_headers, response_body, body_truncated, error
    )
    SELECT * FROM ${sql.unnest(rows, [
      ...['text', 'text', 'timestamptz', 'int4', 'text', 'text', 'text', 'timestamptz', 'float8'],
      ...['jsonb', 'int4', 'jsonb', 'text', 'bool', 'jsonb'],
    ])}
    ON CONFLICT DO NOTHING`)
}

function attemptRow({ deliveryId, acceptedAt, outcome }: DeliveryOutcome, attempt: Attempt) {
  const { response } = attempt
  return [
    deliveryId,
    attempt.id,
    storableTime(acceptedAt),
    attempt.number,
    attempt.trigger,
    outcome.type,
    storableText(attempt.url),
    storableTime(attempt.startedAt),
    attempt.durationMs,
    storableJson(attempt.requestHeaders),
    response && response.status,
    response && storableJson(response.headers),
    response && storableText(response.body),
    response && response.bodyTruncated,
    storableJsonOrNull(attempt.error),
  ]
}
