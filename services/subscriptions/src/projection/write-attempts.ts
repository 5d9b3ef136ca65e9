import type { Attempt, DeliveryOutcome } from '@jethook/contracts'
import { sql, type DatabaseTransactionConnection } from 'slonik'
import { insertRows, type Columns } from './insert-rows.ts'
import { storableJson, storableJsonOrNull, storableText, storableTime } from './storable.ts'

interface AttemptRow {
  readonly of: DeliveryOutcome
  readonly attempt: Attempt
  readonly response: Attempt['response']
}

const columns: Columns<AttemptRow> = {
  delivery_id: ['text', ({ of }) => of.deliveryId],
  id: ['text', ({ attempt }) => attempt.id],
  accepted_at: ['timestamptz', ({ of }) => storableTime(of.acceptedAt)],
  number: ['int4', ({ attempt }) => attempt.number],
  trigger: ['text', ({ attempt }) => attempt.trigger],
  outcome: ['text', ({ of }) => of.outcome.type],
  url: ['text', ({ attempt }) => storableText(attempt.url)],
  started_at: ['timestamptz', ({ attempt }) => storableTime(attempt.startedAt)],
  duration_ms: ['float8', ({ attempt }) => attempt.durationMs],
  request_headers: ['jsonb', ({ attempt }) => storableJson(attempt.requestHeaders)],
  status: ['int4', ({ response }) => response && response.status],
  response_headers: ['jsonb', ({ response }) => response && storableJson(response.headers)],
  response_body: ['text', ({ response }) => response && storableText(response.body)],
  body_truncated: ['bool', ({ response }) => response && response.bodyTruncated],
  error: ['jsonb', ({ attempt }) => storableJsonOrNull(attempt.error)],
}

/** One row per HTTP request that was made, whatever its delivery became. */
export async function writeAttempts(
  transaction: DatabaseTransactionConnection,
  outcomes: readonly DeliveryOutcome[],
): Promise<void> {
  const rows = outcomes.flatMap((of) =>
    of.attempt ? [{ of, attempt: of.attempt, response: of.attempt.response }] : [],
  )
  if (rows.length === 0) return
  await transaction.query(sql.unsafe`${insertRows('attempts', columns, rows)} ON CONFLICT DO NOTHING`)
}
