import type { StoredOutcome } from '@jethook/contracts'
import { sql, type DatabaseTransactionConnection } from 'slonik'
import type { Columns } from '../database/column-values.ts'
import { copyRows } from './copy-rows.ts'
import { insertRows } from './insert-rows.ts'

/** Nobody looks for attempts by what is in them: they are read with their delivery, so one text holds all of it. */
const columns: Columns<StoredOutcome> = {
  delivery_id: ['text', ({ head }) => head.deliveryId],
  id: ['text', ({ head }) => head.attempt?.id ?? null],
  accepted_at: ['timestamptz', ({ head }) => head.acceptedAt],
  outcome: ['text', ({ head }) => head.outcome.type],
  // JSON escapes what Postgres knows no text for: NUL, and halves of surrogate pairs.
  attempt: ['text', ({ attempt }) => attempt],
}

/** One row per HTTP request that was made, whatever its delivery became. */
export async function writeAttempts(
  transaction: DatabaseTransactionConnection,
  outcomes: readonly StoredOutcome[],
): Promise<void> {
  const rows = outcomes.filter(withAttempt)
  if (rows.length === 0) return
  await transaction.query(sql.unsafe`${insertRows('attempts', columns, rows)} ON CONFLICT DO NOTHING`)
}

/** The same for outcomes of deliveries that are new, whose attempts are then new as well. */
export async function addAttempts(
  transaction: DatabaseTransactionConnection,
  outcomes: readonly StoredOutcome[],
): Promise<void> {
  await copyRows(transaction, 'attempts', columns, outcomes.filter(withAttempt))
}

const withAttempt = ({ attempt }: StoredOutcome): boolean => attempt !== null
