import type { Attempt, Decision, Outcome, RetryPolicy } from '@jethook/contracts'

type GaveUpReason = Extract<Outcome, { type: 'gave_up' }>['reason']

const gaveUp: Record<GaveUpReason, string> = {
  schedule_exhausted: 'no retry is left',
  event_expired: 'the event is no longer kept',
}

/** Why what follows an attempt was chosen; nothing after a success. `retries`: those used up before this attempt. */
export function explainDecision(
  attempt: Attempt,
  outcome: Outcome,
  retries: number,
  { delaysMs: { length: scheduled } }: RetryPolicy,
): Decision | undefined {
  const cause = attempt.error?.code ?? `http_${attempt.response?.status}`
  switch (outcome.type) {
    case 'retry': {
      const place = `${retries + 1}_of_${scheduled}`
      const text = `${causeText(attempt)} Retry ${retries + 1} of ${scheduled} follows.`
      return { code: `${cause}_retry_${place}`, text }
    }
    case 'gave_up': {
      const reason = outcome.reason === 'schedule_exhausted' ? '' : `_${outcome.reason}`
      return { code: `${cause}_gave_up${reason}`, text: `${causeText(attempt)} Given up: ${gaveUp[outcome.reason]}.` }
    }
    case 'delivered':
    case 'deferred':
    case 'cancelled':
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
