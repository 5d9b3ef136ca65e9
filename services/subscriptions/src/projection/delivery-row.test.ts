import type { DeliveryOutcome } from '@jethook/contracts'
import { expect, test } from 'vitest'
import { delivered, reference, retried } from '../../test/projection-messages.ts'
import { foldDeliveries } from './delivery-row.ts'

const delivery = reference(1)
const at = delivery.acceptedAt

test.each<[string, readonly DeliveryOutcome[], object]>([
  ['delivered', [delivered(delivery)], { status: 'delivered', attempts: 1, lastStatus: 200, lastError: null }],
  [
    'a retry names its time and the error',
    [retried(delivery, 1, at + 1)],
    { status: 'retrying', nextAttemptAt: at + 5_001, lastStatus: null, lastError: { code: 'ECONNREFUSED' } },
  ],
  [
    'given up',
    [retried(delivery, 1), { ...retried(delivery, 2), outcome: { type: 'gave_up', reason: 'schedule_exhausted' } }],
    { status: 'gave_up', reason: 'schedule_exhausted', nextAttemptAt: null, attempts: 2 },
  ],
  [
    'put off without an attempt',
    [{ ...delivered(delivery), attempt: null, outcome: { type: 'deferred', at: at + 9, reason: 'saturated' } }],
    { status: 'pending', reason: 'saturated', nextAttemptAt: at + 9, attempts: 0, lastStatus: null },
  ],
  [
    'replayed after it was given up: pending, and what came of the latest attempt stays',
    [
      { ...retried(delivery, 3, at + 1), outcome: { type: 'gave_up', reason: 'schedule_exhausted' } },
      { ...delivered(delivery, 1, at + 2), attempt: null, outcome: { type: 'replayed', by: 'key_1' } },
    ],
    { status: 'pending', reason: null, attempts: 3, lastError: { code: 'ECONNREFUSED' } },
  ],
  [
    'an outcome that arrives late does not undo a later one',
    [delivered(delivery, 2, at + 10), retried(delivery, 1, at + 5)],
    { status: 'delivered', nextAttemptAt: null, updatedAt: at + 10, attempts: 2, lastStatus: 200, lastError: null },
  ],
  [
    'of two at the same time the later in the stream counts',
    [retried(delivery, 1, at), delivered(delivery, 2, at)],
    { status: 'delivered', lastStatus: 200 },
  ],
])('%s', (_name, outcomes, expected) => {
  expect(foldDeliveries(outcomes)).toMatchObject([expected])
})

test('each delivery has its own row', () => {
  expect(foldDeliveries([delivered(reference(1)), delivered(reference(2)), retried(reference(1))])).toHaveLength(2)
})
