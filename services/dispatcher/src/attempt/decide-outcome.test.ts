import { expect, test } from 'vitest'
import { decideOutcome, type AttemptResult } from './decide-outcome.ts'

const policy = { delaysMs: [5_000], jitter: 0 }
const failure: AttemptResult = {
  succeeded: false,
  retries: 0,
  wishes: { abort: false, disables: undefined },
  isUnwanted: false,
}

test.each<[name: string, result: Partial<AttemptResult>, outcome: object]>([
  ['a success is delivered', { succeeded: true }, { type: 'delivered' }],
  ['a failure is retried when the schedule says', {}, { type: 'retry', at: 6_000 }],
  ['a failure after the last retry gives up', { retries: 1 }, { type: 'gave_up', reason: 'schedule_exhausted' }],
  ['a pause that the receiver asked for is kept', { retryAfterMs: 60_000 }, { type: 'retry', at: 61_000 }],
  ['a short one does not make the schedule faster', { retryAfterMs: 1 }, { type: 'retry', at: 6_000 }],
  [
    'a message that the receiver does not want is not retried',
    { wishes: { abort: true, disables: undefined } },
    { type: 'gave_up', reason: 'receiver_aborted' },
  ],
  [
    'nothing is retried when the receiver is gone',
    { wishes: { abort: false, disables: 'gone' } },
    { type: 'gave_up', reason: 'receiver_gone' },
  ],
  [
    'nothing is retried when the receiver wants nothing any more',
    { wishes: { abort: false, disables: 'receiver' } },
    { type: 'gave_up', reason: 'receiver_disabled' },
  ],
  [
    'nothing is retried whose subscription was deleted meanwhile',
    { isUnwanted: true },
    { type: 'cancelled', reason: 'subscription_deleted' },
  ],
  ['what was taken is delivered all the same', { succeeded: true, isUnwanted: true }, { type: 'delivered' }],
  [
    'what was taken is delivered, whatever the receiver says about the next ones',
    { succeeded: true, wishes: { abort: true, disables: 'receiver' } },
    { type: 'delivered' },
  ],
])('%s', (_name, result, outcome) => {
  expect(decideOutcome({ ...failure, ...result }, policy, 1_000, () => 0)).toEqual(outcome)
})
