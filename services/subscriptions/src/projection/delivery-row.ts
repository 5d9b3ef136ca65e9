import {
  statusAfter,
  type Attempt,
  type DeliveryReference,
  type DeliveryStatus,
  type Outcome,
  type OutcomeHead,
  type StoredOutcome,
} from '@jethook/contracts'

/** What one outcome says about its delivery. Times are milliseconds since the epoch. */
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
  /** The number of the attempt; 0 when there was none. */
  readonly attempts: number
  /** Somebody started the delivery anew: attempts with lower numbers say nothing about it any more. 0 otherwise. */
  readonly runFrom: number
  readonly attemptedAt: number | null
  readonly lastStatus: number | null
  readonly lastError: Attempt['error']
}

/**
 * Outcomes, in the order of the stream, as rows to write one round after the other: a round holds each delivery at most
 * once, so that what a row becomes never depends on which outcomes came in the same batch. Nearly always it is one round.
 */
export function inRounds(outcomes: readonly StoredOutcome[]): DeliveryRow[][] {
  const rounds: DeliveryRow[][] = []
  const seen = new Map<string, number>()
  for (const { head } of outcomes) {
    const key = deliveryKey(head)
    const round = seen.get(key) ?? 0
    seen.set(key, round + 1)
    const rows = (rounds[round] ??= [])
    rows.push(deliveryRow(head))
  }
  return rounds
}

/** An id alone is not enough: see `deliveryById`. */
export const deliveryKey = ({ deliveryId, acceptedAt }: Pick<DeliveryReference, 'deliveryId' | 'acceptedAt'>): string =>
  `${deliveryId} ${acceptedAt}`

/** Outcomes from before replays said with which attempt they begin: it was the one after those known. */
export const unknownNumber = -1

export function deliveryRow({ deliveryId: id, outcome, attempt, at, ...of }: OutcomeHead): DeliveryRow {
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
    runFrom: outcome.type === 'replayed' ? (outcome.attempt ?? unknownNumber) : 0,
    attemptedAt: attempt ? at : null,
    lastStatus: attempt?.status ?? null,
    lastError: attempt?.error ?? null,
  }
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
