import type { Attempt, Decision, Outcome } from '@jethook/contracts'
import type { RetrySchedule } from './retry-schedule.ts'

type GaveUpReason = Extract<Outcome, { type: 'gave_up' }>['reason']

const gaveUp: Record<GaveUpReason, string> = {
  schedule_exhausted: 'no retry is left',
  event_expired: 'the event is no longer kept',
  receiver_aborted: 'the receiver does not want this message',
  receiver_disabled: 'the receiver wants no more messages',
  receiver_gone: 'the receiver is gone for good',
}

/** Why what follows an attempt was chosen; nothing after a success. `retries`: those used up before this attempt. */
export function explainDecision(
  attempt: Attempt,
  outcome: Outcome,
  retries: number,
  schedule: RetrySchedule,
): Decision | undefined {
  const cause = attempt.error?.code ?? `http_${attempt.response?.status}`
  switch (outcome.type) {
    case 'retry': {
      const number = retries + 1
      const { length } = schedule.delaysMs
      const wish = attempt.retryAfterMs === undefined ? '' : ', no earlier than the receiver asked for'
      if (schedule.endless && number > length)
        return {
          code: `${cause}_retry_${number}`,
          text: `${causeText(attempt)} Retry ${number} follows${wish}: the events behind this one wait until it is delivered.`,
        }
      return {
        code: `${cause}_retry_${number}_of_${length}`,
        text: `${causeText(attempt)} Retry ${number} of ${length} follows${wish}.`,
      }
    }
    case 'gave_up': {
      const { reason } = outcome
      const code = reason === 'schedule_exhausted' ? `${cause}_gave_up` : `${cause}_gave_up_${reason}`
      return { code, text: `${causeText(attempt)} Given up: ${gaveUp[reason]}.` }
    }
    case 'cancelled':
      return {
        code: `${cause}_cancelled_${outcome.reason}`,
        text: `${causeText(attempt)} Cancelled: the subscription was deleted meanwhile.`,
      }
    case 'delivered':
    case 'deferred':
    case 'replayed':
      return undefined
  }
}

function causeText({ error, response }: Attempt): string {
  if (error) return error.message
  const status = response?.status ?? 0
  const note = status >= 300 && status < 400 ? ', a redirect, which is not followed' : ''
  return `The receiver answered ${status}${note}.`
}
