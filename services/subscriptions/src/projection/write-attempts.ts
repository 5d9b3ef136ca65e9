import type { Attempt, DeliveryOutcome } from '@jethook/contracts'
import { sql, type DatabaseTransactionConnection } from 'slonik'
import type { Columns } from '../database/column-values.ts'
import { copyRows } from './copy-rows.ts'
import { insertRows } from './insert-rows.ts'

interface AttemptRow {
  readonly of: DeliveryOutcome
  readonly attempt: Attempt
}

/** Nobody looks for attempts by what is in them: they are read with their delivery, so one text holds all of it. */
const columns: Columns<AttemptRow> = {
  delivery_id: ['text', ({ of }) => of.deliveryId],
  id: ['text', ({ attempt }) => attempt.id],
  accepted_at: ['timestamptz', ({ of }) => of.acceptedAt],
  outcome: ['text', ({ of }) => of.outcome.type],
  // Escapes what Postgres knows no text for: NUL, and halves of surrogate pairs.
  attempt: ['text', ({ attempt }) => JSON.stringify(attempt)],
}

/** One row per HTTP request that was made, whatever its delivery became. */
export async function writeAttempts(
  transaction: DatabaseTransactionConnection,
  outcomes: readonly DeliveryOutcome[],
): Promise<void> {
  const rows = rowsOf(outcomes)
  if (rows.length === 0) return
  await transaction.query(sql.unsafe`${insertRows('attempts', columns, rows)} ON CONFLICT DO NOTHING`)
}

/** The same for outcomes of deliveries that are new, whose attempts are then new as well. */
export async function addAttempts(
  transaction: DatabaseTransactionConnection,
  outcomes: readonly DeliveryOutcome[],
): Promise<void> {
  await copyRows(transaction, 'attempts', columns, rowsOf(outcomes))
}

const rowsOf = (outcomes: readonly DeliveryOutcome[]): AttemptRow[] =>
  outcomes.flatMap((of) => (of.attempt ? [{ of, attempt: of.attempt }] : []))
