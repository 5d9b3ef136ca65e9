import type { CalendarEntry, DeliveryOutcome, DeliveryReference } from '@jethook/contracts'

export interface Replayable extends DeliveryReference {
  /** How many requests were made so far. */
  readonly attempts: number
}

export interface ReplayMessages {
  /** The line in the log: pending again, on somebody's request. */
  readonly outcome: DeliveryOutcome
  /** What the dispatcher will attempt. */
  readonly entry: CalendarEntry
}

/** A delivery started anew: attempts go on counting, its retry schedule begins again. */
export function replayMessages(
  { attempts, ...delivery }: Replayable,
  by: string,
  now: number,
  traceparent: string | undefined,
): ReplayMessages {
  const attempt = attempts + 1
  return {
    outcome: {
      ...delivery,
      at: now,
      outcome: { type: 'replayed', by, attempt },
      attempt: null,
      ...(traceparent !== undefined && { traceparent }),
    },
    entry: { ...delivery, attempt, retries: 0, trigger: 'replay' },
  }
}
