import { CalendarEntry, OutcomeBatch } from '@jethook/contracts'
import { expect, test } from 'vitest'
import { replayMessages } from './replay-messages.ts'

const delivery = {
  deliveryId: 'dlv_1',
  tenant: 'acme',
  subscriptionId: 'sub_1',
  eventId: 'evt_1',
  eventType: 'deposit.settled',
  eventSequence: 7,
  acceptedAt: 1_000,
}

test('a replay counts attempts on and starts the retry schedule anew', () => {
  const { entry, outcome } = replayMessages({ ...delivery, attempts: 9 }, 'key_1', 5_000, '00-trace-01')
  expect(CalendarEntry.parse(entry)).toEqual({ ...delivery, attempt: 10, retries: 0, trigger: 'replay' })
  expect(OutcomeBatch.parse([outcome])).toEqual([
    {
      ...delivery,
      at: 5_000,
      outcome: { type: 'replayed', by: 'key_1', attempt: 10 },
      attempt: null,
      traceparent: '00-trace-01',
    },
  ])
})
