import type { Subscription } from '@jethook/configuration'
import { expect, test } from 'vitest'
import type { AcceptedEvent } from '../deliver/accepted-event.ts'
import { OrderQueue } from './order-queue.ts'
import { ReadAhead } from './read-ahead.ts'

const event = (sequence: number): AcceptedEvent => ({
  tenant: 'acme',
  eventType: 'order.paid',
  eventId: `evt_${sequence}`,
  sequence,
  acceptedAt: 0,
  configSequence: 1,
  onlySubscription: '',
  content: { payload: Buffer.from('{}'), user: undefined },
  trace: {},
})

test('what was read for a subscription that changed meanwhile is read again', async () => {
  const before = { orderingKey: null, active: false } as Subscription
  const after = { ...before, active: true }
  const asked: Subscription[] = []
  let now = before
  const ahead = new ReadAhead(async (subscription) => {
    asked.push(subscription)
    now = after
    return [{ event: event(10), key: subscription.active ? '' : undefined }]
  })
  const queue = new OrderQueue({ floor: 0, upTo: 0, waiting: [], stuck: [] })
  ahead.nudge(10)
  expect(await ahead.read(before, queue, () => now !== before)).toBe(false)
  expect([queue.readUpTo, queue.ready(0, 1)]).toEqual([0, []])
  expect(await ahead.read(after, queue, () => now !== after)).toBe(false)
  expect(asked).toEqual([before, after])
  expect(queue.ready(0, 1)).toMatchObject([{ sequence: 10 }])
})
