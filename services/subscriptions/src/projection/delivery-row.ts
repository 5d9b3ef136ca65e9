import { statusAfter, type Attempt, type DeliveryOutcome, type DeliveryStatus, type Outcome } from '@jethook/contracts'

/** The state of a delivery as its outcomes tell it. Times are milliseconds since the epoch. */
export interface DeliveryRow {
  readonly id: string
  readonly tenant: string
  readonly subscriptionId: string
  readonly eventId: string
  readonly eventType: string
  readonly eventSequence: number
  readonly acceptedAt: number
  readonly status: DeliveryStatus
  readonly reason: string | null
  readonly nextAttemptAt: number | null
  readonly updatedAt: number
  readonly attempts: number
  readonly attemptedAt: number | null
  readonly lastStatus: number | null
  readonly lastError: Attempt['error']
}

/**
 * One row per delivery, from outcomes in the order of the stream. It does not matter in which batches they come: the
 * latest outcome by its own time wins, and at the same time the one that comes later in the stream. The upsert of
 * `project-outcomes.ts` says the same in SQL for rows that are there already.
 */
export function foldDeliveries(outcomes: readonly DeliveryOutcome[]): DeliveryRow[] {
  const rows = new Map<string, DeliveryRow>()
  for (const outcome of outcomes) {
    const key = `${outcome.deliveryId} ${outcome.acceptedAt}`
    const before = rows.get(key)
    const row = rowOf(outcome)
    rows.set(key, before ? merge(before, row) : row)
  }
  return [...rows.values()]
}

function rowOf({ deliveryId: id, outcome, attempt, at, ...of }: DeliveryOutcome): DeliveryRow {
  return {
    id,
    tenant: of.tenant,
    subscriptionId: of.subscriptionId,
    eventId: of.eventId,
    eventType: of.eventType,
    eventSequence: of.eventSequence,
    acceptedAt: of.acceptedAt,
    status: statusAfter(outcome),
    reason: reasonOf(outcome),
    nextAttemptAt: nextAttemptAfter(outcome),
    updatedAt: at,
    attempts: attempt?.number ?? 0,
    attemptedAt: attempt ? at : null,
    lastStatus: attempt?.response?.status ?? null,
    lastError: attempt?.error ?? null,
  }
}

function merge(before: DeliveryRow, next: DeliveryRow): DeliveryRow {
  const { status, reason, nextAttemptAt, updatedAt } = next.updatedAt >= before.updatedAt ? next : before
  const { attemptedAt, lastStatus, lastError } =
    next.attemptedAt !== null && next.attemptedAt >= (before.attemptedAt ?? 0) ? next : before
  const attempts = Math.max(before.attempts, next.attempts)
  return { ...before, status, reason, nextAttemptAt, updatedAt, attempts, attemptedAt, lastStatus, lastError }
}

function reasonOf(outcome: Outcome): string | null {
  switch (outcome.type) {
    case 'gave_up':
    case 'deferred':
    case 'cancelled':
      return outcome.reason
    case 'delivered':
    case 'retry':
    case 'replayed':
      return null
  }
}

function nextAttemptAfter(outcome: Outcome): number | null {
  switch (outcome.type) {
    case 'retry':
    case 'deferred':
      return outcome.at
    case 'delivered':
    case 'gave_up':
    case 'cancelled':
    case 'replayed':
      return null
  }
}
