import { expect, test } from 'vitest'
import { defaultDeliveryRules } from './delivery-rules.ts'
import { DomainEvent } from './domain-events.ts'

const about = { tenant: 'acme', at: 1_000, by: 'operator', subscriptionId: 'sub_1' }
const settings = {
  url: 'https://example.com',
  events: ['deposit.settled'],
  description: null,
  active: true,
  retryScheduleMs: null,
  timeoutMs: null,
}

test('a subscription created before there were delivery rules has the default ones', () => {
  const event = { type: 'SubscriptionCreated', ...about, settings, secret: 'k1.sealed' }
  expect(DomainEvent.parse(event)).toMatchObject({ settings: { ...settings, ...defaultDeliveryRules } })
})

test('a change says nothing of what it leaves out', () => {
  const event = { type: 'SubscriptionUpdated', ...about, changes: { active: false, ordered: true } }
  expect(DomainEvent.parse(event)).toEqual(event)
})
