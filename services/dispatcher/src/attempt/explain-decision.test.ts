import type { Attempt, Outcome } from '@jethook/contracts'
import { expect, test } from 'vitest'
import { explainDecision } from './explain-decision.ts'

const answered = (status: number): Partial<Attempt> => ({
  response: { status, headers: {}, body: '', bodyTruncated: false },
  error: null,
})
const policy = { delaysMs: [1, 2, 3], jitter: 0 }

test.each<[attempt: Partial<Attempt>, outcome: Outcome, code: string, text: string]>([
  [
    answered(503),
    { type: 'retry', at: 0 },
    'http_503_retry_2_of_3',
    'The receiver answered 503. Retry 2 of 3 follows.',
  ],
  [
    { ...answered(429), retryAfterMs: 60_000 },
    { type: 'retry', at: 0 },
    'http_429_retry_2_of_3',
    'The receiver answered 429. Retry 2 of 3 follows, no earlier than the receiver asked for.',
  ],
  [
    answered(302),
    { type: 'retry', at: 0 },
    'http_302_retry_2_of_3',
    'The receiver answered 302, a redirect, which is not followed. Retry 2 of 3 follows.',
  ],
  [
    { response: null, error: { code: 'destination_refused', message: 'No.' } },
    { type: 'retry', at: 0 },
    'destination_refused_retry_2_of_3',
    'No. Retry 2 of 3 follows.',
  ],
  [
    answered(500),
    { type: 'gave_up', reason: 'schedule_exhausted' },
    'http_500_gave_up',
    'The receiver answered 500. Given up: no retry is left.',
  ],
  [
    answered(410),
    { type: 'gave_up', reason: 'receiver_gone' },
    'http_410_gave_up_receiver_gone',
    'The receiver answered 410. Given up: the receiver is gone for good.',
  ],
  [
    answered(500),
    { type: 'cancelled', reason: 'subscription_deleted' },
    'http_500_cancelled_subscription_deleted',
    'The receiver answered 500. Cancelled: the subscription was deleted meanwhile.',
  ],
])('%# %o', (attempt, outcome, code, text) => {
  expect(explainDecision(attempt as Attempt, outcome, 1, policy)).toEqual({ code, text })
})

test('nothing needs explaining after a success', () => {
  expect(explainDecision(answered(200) as Attempt, { type: 'delivered' }, 0, policy)).toBeUndefined()
})
